"""The crash test's own rules: what it may import, and that its checks tell right from wrong."""

import ast
import random
from pathlib import Path

import pytest

from tests.chaos.check import Finding, first_occurrences_in_order
from tests.chaos.ledger import Ledger
from tests.chaos.observe import Session, all_topics
from tests.chaos.options import parse
from tests.chaos.picture import Event, Picture
from tests.chaos.residents import CivilRegistry
from tests.chaos.views import _counted

TOPIC = "registry.business"


def event(sequence: int, *, event_id: str = "", key: str = "k", partition: int = 0) -> Event:
    name = event_id or f"e{sequence}"
    return Event(TOPIC, partition, 0, name, "s", "t", key, sequence, None, b'{"name": "n"}')


async def found(tmp_path: Path, *events: Event) -> list[Finding]:
    picture = Picture({t: list(events) if t == TOPIC else [] for t in all_topics()}, None)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    try:
        return [finding async for finding in first_occurrences_in_order(picture, ledger)]
    finally:
        ledger.close()


def test_nothing_of_the_product_is_imported() -> None:
    for file in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            wrong = [n for n in names if n.split(".")[0] in ("shared", "services")]
            assert not wrong, f"{file.name} imports {wrong}"
            if any(n.startswith("deploy") for n in names):
                assert file.name == "stack.py", f"only the adapter knows deploy: {file.name}"


async def test_versions_in_order_are_fine_and_so_are_late_repetitions(tmp_path: Path) -> None:
    assert await found(tmp_path, event(1), event(2), event(1), event(3), event(2)) == []


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ((event(2), event(1)), "order"),
        ((event(1), event(3)), "lost"),
        ((event(1), event(2), event(2, event_id="other")), "twice"),
        ((event(1), event(2, partition=1)), "order"),
    ],
    ids=["an inversion", "a gap", "a version twice", "two partitions"],
)
async def test_what_is_wrong_on_a_topic_is_found(
    tmp_path: Path, events: tuple[Event, ...], kind: str
) -> None:
    assert kind in {finding.kind for finding in await found(tmp_path, *events)}


def test_an_overtaken_fact_of_the_office_has_no_effect_of_its_own() -> None:
    (heard, changes, status, _), causes = _counted([event(1), event(3), event(2)])
    assert (heard, changes, status) == (3, 2, "open")
    assert causes == {"e1", "e3"}


def test_an_open_transaction_is_not_a_finished_one() -> None:
    session = Session("registry.journey@1", "intake", "idle in transaction", "COMMIT;", 1, 0.0)
    assert session.in_transaction
    assert not session.just_committed
    assert session.consumer == "registry.journey"


def test_what_follows_about_a_resident_is_sent_apart_and_later(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    office = CivilRegistry({}, ledger, random.Random(1), 2_000)
    while office.left:
        sent = [office._told(*planned)[0] for planned in office._next(500)]
        assert len({record.ref for record in sent}) == len(sent) <= 500
    ledger.close()
    first: dict[str, str] = {}
    for record in ledger.sent:
        if record.fate == "good" and record.ref not in first:
            assert record.kind == "verified"
            first[record.ref] = record.id
        if record.fate == "reused":
            assert record.id == first[record.ref]
    assert len(first) == 2_000
    assert {(r.kind, r.fate) for r in ledger.sent} == {
        ("verified", "good"), ("moved", "good"), ("verified", "reused"), ("verified", "broken"),
    }  # fmt: skip


def test_a_run_tells_about_half_as_many_residents_as_it_has_events() -> None:
    assert [parse(given).residents for given in ([], ["--quick"], ["--residents", "0"])] == [
        50_000, 1_500, 0,
    ]  # fmt: skip


def test_an_unknown_fault_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse(["--faults", "earthquake"])
    assert "unknown: earthquake; there are after-commit" in capsys.readouterr().err
