"""What an office's facts make of a market event, in whatever order they arrive."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis.strategies import (
    DataObject,
    booleans,
    builds,
    data,
    integers,
    lists,
    sampled_from,
)
from hypothesis.strategies import permutations as permuted

from services.marketing.domain.market_event import (
    Details,
    MarketEvent,
    Status,
    Told,
    hear,
    market_event_id,
)
from services.marketing.domain.refusals import EndsBeforeItStarts, SequenceMissing

DETAILS = Details(
    host_city="32.71",
    name="Pasar Kreatif Bogor",
    place="Alun-Alun Kota Bogor",
    starts_on=date(2027, 1, 9),
    ends_on=date(2027, 1, 10),
    time_zone="Asia/Jakarta",
    stands=20,
)
SOURCE = "urn:binaan:32.71:perdagangan"
UNHEARD = MarketEvent(uuid4(), SOURCE, "2027/pasar-1", DETAILS)


def told(sequence: int, *, stands: int = 20, cancels: bool = False) -> Told:
    return Told(sequence, replace(DETAILS, stands=stands), cancels)


def heard(facts: tuple[Told, ...]) -> MarketEvent:
    event = UNHEARD
    for fact in facts:
        event = hear(event, fact)
    return event


def seen(event: MarketEvent) -> tuple[int, Status, int]:
    """What others see of it; our own count of changes depends on the order, as it should."""
    return event.details.stands, event.status, event.heard


@pytest.mark.parametrize(
    "facts",
    [
        (told(1), told(2, stands=10), told(3, stands=10, cancels=True)),
        (told(1), told(2, cancels=True), told(3, stands=5)),
        (told(1), told(2, stands=10), told(3, stands=5), told(4, stands=7)),
        (told(1), told(7, stands=3)),
    ],
)
def test_every_order_of_arrival_ends_the_same(facts: tuple[Told, ...]) -> None:
    assert {seen(heard(order)) for order in permutations(facts)} == {seen(heard(facts))}


@given(data())
def test_any_facts_in_any_order_end_the_same(drawn: DataObject) -> None:
    facts = drawn.draw(
        lists(
            builds(told, integers(1, 9), stands=integers(0, 5), cancels=booleans()),
            unique_by=lambda fact: fact.sequence,
        )
    )
    repeated = facts + drawn.draw(lists(sampled_from(facts), max_size=3)) if facts else []
    assert seen(heard(tuple(drawn.draw(permuted(repeated))))) == seen(heard(tuple(facts)))


def test_the_highest_sequence_gives_the_details() -> None:
    assert seen(heard((told(1), told(2, stands=10)))) == (10, Status.OPEN, 2)


def test_a_fact_that_is_not_newer_changes_nothing() -> None:
    event = heard((told(2, stands=10),))
    assert hear(event, told(1)) is event
    assert hear(event, told(2, stands=99)) is event


def test_a_gap_in_the_sequence_is_no_hindrance_since_facts_carry_the_full_state() -> None:
    assert seen(heard((told(41, stands=4),))) == (4, Status.OPEN, 41)


def test_a_cancellation_counts_even_when_a_later_change_overtook_it() -> None:
    assert seen(heard((told(3, stands=5), told(2, cancels=True)))) == (5, Status.CANCELLED, 3)


def test_each_change_raises_our_version_by_one() -> None:
    assert heard((told(1), told(1), told(2), told(1, cancels=True), told(2))).version == 3


def test_an_event_that_ends_before_it_starts_cannot_be() -> None:
    with pytest.raises(EndsBeforeItStarts) as refused:
        replace(DETAILS, ends_on=date(2027, 1, 8))
    assert refused.value.pointer == "/data/ends_on"


def test_an_event_may_last_one_day() -> None:
    assert replace(DETAILS, ends_on=DETAILS.starts_on).ends_on == DETAILS.starts_on


@pytest.mark.parametrize("sequence", [0, -1])
def test_a_fact_without_a_sequence_cannot_be_placed(sequence: int) -> None:
    with pytest.raises(SequenceMissing):
        told(sequence)


def test_our_id_depends_on_who_tells_and_on_their_reference() -> None:
    ids = {
        market_event_id(SOURCE, "a"),
        market_event_id(SOURCE, "b"),
        market_event_id("urn:binaan:32.76:perdagangan", "a"),
    }
    assert len(ids) == 3
    assert market_event_id(SOURCE, "a") in ids
