"""Who had the machine's cores for how long, and how long each waited for one: Linux counts both."""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.ground import Ground

SERVERS = ("postgres", "kafka")


@dataclass(frozen=True)
class Counted:
    """Of one process: seconds on a core, seconds ready without one, how often it ran."""

    ran: float = 0.0
    waited: float = 0.0
    turns: int = 0

    def since(self, before: "Counted") -> "Counted":
        return Counted(
            self.ran - before.ran, self.waited - before.waited, self.turns - before.turns
        )


@dataclass
class Shares:
    """What each process got while it was looked at."""

    seconds: float = 0.0
    found: dict[str, Counted] = field(default_factory=dict)

    def table(self) -> str:
        """For a report."""
        lines = [f"{'':20} {'on a core':>10} {'waited':>8} {'turns':>8} {'wait a turn':>12}"]
        for name, each in sorted(self.found.items(), key=lambda item: -item[1].ran):
            share, waited = each.ran / self.seconds, each.waited / self.seconds
            a_turn = each.waited / max(each.turns, 1) * 1000
            lines.append(
                f"{name:20} {share:>10.0%} {waited:>8.0%} {each.turns:>8,} {a_turn:>9.2f} ms"
            )
        whole = sum(each.ran for each in self.found.values()) / self.seconds
        lines.append(f"{'together':20} {whole:>10.0%} of {os.cpu_count()} cores")
        return "\n".join(lines)


@contextmanager
def shared_out(ground: Ground, names: Sequence[str]) -> Iterator[Shares]:
    """Look at the services `names` (a relay apart from its worker), the servers and the load."""
    shares = Shares()
    before, began = _all(ground, names), time.monotonic()
    try:
        yield shares
    finally:
        shares.seconds = time.monotonic() - began
        after = _all(ground, names)
        shares.found = {n: each.since(before.get(n, Counted())) for n, each in after.items()}


def _all(ground: Ground, names: Sequence[str]) -> dict[str, Counted]:
    found = {"the load": _counted(psutil.Process())}
    for name in (*names, *SERVERS):
        process = ground.stack.processes.find(name)
        if process is None:
            continue
        children = [_counted(child) for child in process.children(recursive=True)]
        if name in SERVERS:
            children.append(_counted(process))
            found[name] = _sum(children)
            continue
        found[name] = _counted(process)
        if children:
            found[name.replace("worker", "relay")] = _sum(children)
    return found


def _sum(parts: Sequence[Counted]) -> Counted:
    return Counted(
        sum(p.ran for p in parts), sum(p.waited for p in parts), sum(p.turns for p in parts)
    )


def _counted(process: psutil.Process) -> Counted:
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                ran, waited, turns = (task / "schedstat").read_text().split()
                found.append(Counted(int(ran) / 1e9, int(waited) / 1e9, int(turns)))
    return _sum(found)
