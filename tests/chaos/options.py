"""The command line."""

import argparse
import random
from dataclasses import dataclass

from tests.chaos.faults import FAULTS
from tests.chaos.spoils import SPOILS

SIX = ("after-commit", "before-mark", "zombie", "database", "broker", "rebalance")
PLANTS = ("loss", "double", "inversion", *SPOILS)


@dataclass(frozen=True)
class Options:
    """What is asked of a run."""

    seconds: float
    events: int
    residents: int
    faults: tuple[str, ...]
    times: int
    seed: int
    officers: int
    plants: tuple[str, ...]
    instance: str
    keep: bool


def parse(arguments: list[str] | None = None) -> Options:
    """Exits with a sentence for what can't be."""
    parser = argparse.ArgumentParser("make chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, help="of load and faults (960; quick: 90)")
    parser.add_argument("--events", type=int, help="facts to be caused (100000; quick: 3000)")
    parser.add_argument("--residents", type=int, help="of the resync (half of the events); 0: none")
    parser.add_argument("--times", type=int, help="each fault, observed (10; quick: 1)")
    parser.add_argument("--faults", help=f"of {', '.join(FAULTS)}; none; quick: the first six")
    parser.add_argument("--seed", type=int, help="what is random follows from it")
    parser.add_argument("--officers", type=int, default=8, help="who work over HTTP at a time")
    parser.add_argument("--quick", action="store_true", help="the short run of make test")
    parser.add_argument("--plant", default="", help="afterwards, to be found: loss, … or all")
    parser.add_argument("--instance", default="chaos", help="of the local stack")
    parser.add_argument("--keep", action="store_true", help="leave the data and logs there")
    given = parser.parse_args(arguments)
    events = given.events or (3_000 if given.quick else 100_000)
    usual = SIX if given.quick else tuple(FAULTS)
    return Options(
        seconds=given.seconds or (90 if given.quick else 960),
        events=events,
        residents=events // 2 if given.residents is None else given.residents,
        times=given.times or (1 if given.quick else 10),
        faults=_known(parser, given.faults or ",".join(usual), tuple(FAULTS)),
        seed=random.randrange(1 << 32) if given.seed is None else given.seed,
        officers=given.officers,
        plants=_known(parser, PLANTS_ALL if given.plant == "all" else given.plant, PLANTS),
        instance=given.instance,
        keep=given.keep,
    )


def _known(parser: argparse.ArgumentParser, text: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(n.strip() for n in text.split(",") if n.strip() and n.strip() != "none")
    if unknown := [n for n in names if n not in choices]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(choices)}")
    return names


PLANTS_ALL = ",".join(PLANTS)
