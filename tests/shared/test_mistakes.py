"""The table of mistakes names a test for each, and the test is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
TABLE = CLONE / "docs" / "mistakes.md"
_ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(test_\w+)`")
_DEFINED = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
_FILE = re.compile(r"\[([\w/.-]+\.\w+)\]")


def rows() -> dict[int, list[str]]:
    """The cells of each numbered row."""
    return {int(n): cells.split(" | ") for n, cells in _ROW.findall(TABLE.read_text())}


@cache
def names() -> frozenset[str]:
    """The names of all tests of the repository."""
    files = (CLONE / "tests").rglob("test_*.py")
    return frozenset(name for path in files for name in _DEFINED.findall(path.read_text()))


def test_every_mistake_has_a_row_with_a_guard_a_test_and_how_it_was_seen_red() -> None:
    assert sorted(rows()) == list(range(1, 21))
    for number, cells in rows().items():
        assert len(cells) == 4, number
        _mistake, guard, named, red = cells
        assert _FILE.findall(guard), number
        assert _TEST.findall(named), number
        assert red.strip(), number


def test_every_test_that_the_page_names_is_there() -> None:
    named = _TEST.findall(TABLE.read_text())
    assert len(named) > 40
    assert sorted(set(named) - names()) == []


def test_every_file_that_the_page_names_is_there() -> None:
    named = _FILE.findall(TABLE.read_text())
    assert sorted(name for name in set(named) if not (CLONE / name).exists()) == []
