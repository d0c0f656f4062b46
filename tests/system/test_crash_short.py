"""The short crash test: every fault once, observed, and three planted faults found."""

import re

import pytest

from tests.chaos.options import PLANTS, SIX
from tests.stack.programs import run
from tests.stack.servers import session_instance

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SECONDS = 420  # a hard end; it takes two minutes on a machine that has nothing else to do


@pytest.fixture(scope="module")
def told() -> str:
    """What a quick run with all plants prints; its exit code is told as the last line."""
    instance = session_instance("crash")
    output, code = run(
        "tests.chaos", "--quick", "--plant", "all", "--instance", instance.name, seconds=SECONDS
    )
    if code == 0:
        instance.forget()
    return f"{output}\nexit code {code}"


def test_the_product_keeps_its_word_while_it_is_broken_at_random(told: str) -> None:
    assert "HELD: nothing lost, nothing twice, in order, views equal to their source" in told, told
    assert told.endswith("exit code 0"), told


def test_each_fault_was_seen_to_hit_work_in_flight(told: str) -> None:
    seen = re.findall(r"^\S+ +(\d+) observed: ", told, re.MULTILINE)
    assert len(seen) >= len(SIX), told
    assert all(int(times) >= 1 for times in seen), told


@pytest.mark.parametrize("plant", PLANTS)
def test_a_fault_planted_in_the_running_product_is_found(told: str, plant: str) -> None:
    assert f"planted {plant}: found as" in told, told
