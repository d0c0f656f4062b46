"""docs/programme.md claims nothing that isn't there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.marketing import api as marketing
from services.registry import api as registry
from services.training import api as training
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs/programme.md").read_text()
ROUTES = {
    f"{route.method} {route.path}"
    for service in (registry, training, marketing)
    for route in service.ROUTES
}


@dataclass(frozen=True)
class Row:
    """One fact of the report, and what is there for it."""

    fact: str
    now: str
    by: str
    tests: tuple[str, ...]


def rows() -> Iterator[Row]:
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"F\d+", cells[0]):
            yield Row(cells[0], cells[3], cells[4], tuple(re.findall(r"`(test_\w+)`", cells[5])))


ROWS = list(rows())


def test_all_thirty_facts_have_a_row() -> None:
    assert [row.fact for row in ROWS] == [f"F{number}" for number in range(1, 31)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fact)
def test_a_fact_is_answered_by_something_tested_or_says_not_yet(row: Row) -> None:
    assert re.match(r"(yes$|part: \w|not yet$)", row.now)
    if row.now == "not yet":
        assert not row.by
        assert not row.tests
    else:
        assert row.by
        assert row.tests


@pytest.mark.parametrize("route", re.findall(r"`((?:GET|POST) [^`]+)`", TEXT))
def test_a_route_that_is_named_exists(route: str) -> None:
    assert route in ROUTES
