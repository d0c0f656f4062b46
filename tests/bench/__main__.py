"""`python -m tests.bench`: measure on servers of its own, write docs/benchmarks.md."""

import argparse
import gc
import os
import signal
import sys
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.places import CLONE
from shared import logs
from tests.bench import report, sections
from tests.bench.ground import Ground, open_ground


def main() -> int:
    asked = _parse()
    size = sections.TINY if asked.tiny else sections.QUICK if asked.quick else sections.Size()
    if asked.memory_minutes is not None:
        size = replace(size, memory_seconds=60 * asked.memory_minutes)
    if asked.events is not None:
        size = replace(size, events=asked.events)
    if asked.residents is not None:
        size = replace(size, residents=asked.residents)
    if asked.rounds is not None:
        size = replace(size, rounds=asked.rounds)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended
    logs.configure("bench", "CRITICAL")
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)  # as in a worker, and for every contestant alike
    ground = open_ground(asked.instance)
    found: list[report.Found] = []
    failed = False
    try:
        for name in asked.only or sections.SECTIONS:
            try:
                found.append(_measured(name, ground, size))
            except Exception:  # noqa: BLE001 - the other sections are worth having
                traceback.print_exc()
                failed = True
    except KeyboardInterrupt:
        failed = True
        print("Stopped; nothing was left running.")
    finally:
        ground.stack.down()
        ground.stack.instance.forget()
        before = asked.output.read_text() if asked.output.exists() else ""
        asked.output.write_text(report.document(found, before))
        print(f"\nWritten to {asked.output}")
    return 1 if failed else 0


def _measured(name: str, ground: Ground, size: sections.Size) -> report.Found:
    began, load = datetime.now(UTC), os.getloadavg()[0]
    section = sections.run(name, ground, size)
    seconds = (datetime.now(UTC) - began).total_seconds()
    section.when = (
        f"Measured on {began:%Y-%m-%d} at {began:%H:%M} UTC in {seconds:.0f} s; "
        f"load before {load:.1f}, after {os.getloadavg()[0]:.1f}."
    )
    _tell(section)
    return section


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    names = list(sections.SECTIONS)
    parser.add_argument("--only", nargs="+", choices=names, help="these sections only")
    parser.add_argument("--quick", action="store_true", help="three short rounds, five minutes")
    parser.add_argument("--tiny", action="store_true", help="only to see that it runs")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--events", type=int)
    parser.add_argument("--residents", type=int, help="of the resync; 1,500,000 unless said")
    parser.add_argument("--memory-minutes", type=float)
    parser.add_argument("--output", type=Path, default=CLONE / "docs" / "benchmarks.md")
    parser.add_argument("--instance", default="bench", help="the name of the stack's folder")
    return parser.parse_args()


def _tell(section: report.Found) -> None:
    print(f"\n{section.title}")
    for result in section.results:
        print(f"  {result.row()}")
    for name, numbers in section.rounds.items():
        print(f"    {name:36} {' '.join(f'{n:10,.1f}' for n in numbers)}", flush=True)
    for name, rounds in section.spent.items():
        print(f"    CPU µs/event {name:24}", *(tuple(map(round, spent)) for spent in rounds))


if __name__ == "__main__":
    sys.exit(main())
