"""Starting, watching and ending the processes of one instance, and none but its own."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.bootstrap import Stop
from deploy.local.places import Instance

_STATE = "processes"
_TAIL_LINES, _TAIL_WIDTH = 8, 300


@dataclass
class Processes:
    """The processes of an instance, remembered by pid and start time across our own runs."""

    instance: Instance
    _started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path,
        uid: int | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Starts `command` in a session of its own, so that Ctrl-C in our terminal spares it."""
        with self.instance.log(name).open("ab") as log:
            running = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
                user=uid,
                group=uid,
                extra_groups=None if uid is None else [],
            )
        self._started[name] = running
        listed = self.instance.remembered(_STATE)
        listed[name] = {
            "pid": running.pid,
            "born": _born(running.pid),
            "signal": int(stop_signal),
        }
        self.instance.remember(_STATE, listed)

    def find(self, name: str) -> psutil.Process | None:
        """The live process of that name, or None; never a stranger that got its pid."""
        entry = self.instance.remembered(_STATE).get(name)
        if entry is None:
            return None
        started = self._started.get(name)
        if started is not None and started.poll() is not None:
            return None
        try:
            process = psutil.Process(entry["pid"])
            if _same(process.create_time(), entry["born"]) and process.status() != "zombie":
                return process
        except psutil.NoSuchProcess:
            pass
        return None

    def running(self) -> list[str]:
        return [name for name in self.instance.remembered(_STATE) if self.find(name)]

    def send(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to the process and its children. LookupError when it doesn't run."""
        process = self.find(name)
        if process is None:
            raise LookupError(f"{name} doesn't run")
        for one in (process, *process.children(recursive=True)):
            _signal(one, number)

    def kill(self, name: str) -> None:
        """SIGKILL to the process and its children; returns when all are gone."""
        process = self.find(name)
        if process is None:
            return
        family = [process, *process.children(recursive=True)]
        for one in family:
            _signal(one, signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
        self._reap(name)

    def stop(self, name: str, grace: float = 30) -> float:
        """Asks the process to end, kills it after `grace` seconds; seconds that it took."""
        began = time.monotonic()
        self.stop_together([name], grace)
        return time.monotonic() - began

    def stop_all(self, order: Iterable[Iterable[str]], grace: float = 30) -> None:
        """Stops everything: what `order` doesn't name first, then one group after the other."""
        groups = [list(group) for group in order]
        known = {name for group in groups for name in group}
        others = [name for name in self.instance.remembered(_STATE) if name not in known]
        for group in [others, *groups]:
            self.stop_together(group, grace)

    def stop_together(self, names: Iterable[str], grace: float = 30) -> None:
        """Asks all of them to end at once, kills what is left after `grace` seconds."""
        listed = self.instance.remembered(_STATE)
        alive = {name: process for name in names if (process := self.find(name))}
        for name, process in alive.items():
            _signal(process, signal.SIGCONT)
            _signal(process, signal.Signals(listed[name]["signal"]))
        psutil.wait_procs(list(alive.values()), timeout=grace)
        for name in names:
            self.kill(name)
            self._reap(name)

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float) -> None:
        """Waits for `ready`; raises Stop with the log's end when the process dies or is late."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.find(name) is None:
                raise Stop(f"{name} ended while starting:\n{self._tail(name)}")
            if time.monotonic() > deadline:
                raise Stop(f"{name} wasn't ready after {seconds:.0f} s:\n{self._tail(name)}")
            time.sleep(0.05)

    def _tail(self, name: str) -> str:
        log = self.instance.log(name)
        lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join([*(line[:_TAIL_WIDTH] for line in lines), f"(all of it: {log})"])

    def _reap(self, name: str) -> None:
        started = self._started.pop(name, None)
        if started is not None:
            started.wait()
        listed = self.instance.remembered(_STATE)
        if listed.pop(name, None) is not None:
            self.instance.remember(_STATE, listed)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _born(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:  # it ended at once; wait_until tells why
        return 0.0


def _same(one: float, other: float) -> bool:
    return abs(one - other) < 1.5  # the boot time that both are counted from is rounded


def plain_environment() -> dict[str, str]:
    """Our environment without our own settings, which each process gets afresh."""
    left_out = "PYTHONDONTWRITEBYTECODE"  # compiling everything anew at each start costs seconds
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BINAAN_") and name != left_out
    }
