"""Headcount against roster, and what she says of herself, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.training.domain.enrolment import Enrolment, State
from services.training.domain.headcount import Counted, Verdict, reconcile, report
from services.training.domain.learning import Assessment, assess
from services.training.domain.refusals import (
    AssessmentEmpty,
    NotPresent,
    SessionNotHeldYet,
    TopicNotTaught,
    TopicTwice,
)
from services.training.domain.session import Session
from shared.errors import Refusal

DAY = date(2017, 7, 31)
SESSION = Session(
    uuid4(), "Keterampilan", ("marketing", "packaging"), DAY, Decimal(6), "36.74.06.1001", 80, "x"
)
SEAT = Enrolment(uuid4(), SESSION.id, uuid4(), uuid4())
THERE = replace(SEAT, state=State.PRESENT, hours=Decimal(6))
counts = st.integers(0, 200)


@pytest.mark.parametrize(
    ("counted", "present", "unrecorded", "verdict", "difference"),
    [
        (None, 70, 0, Verdict.NOT_COUNTED, None),
        (Counted(80, True, "x"), 78, 0, Verdict.AGREES, 2),
        (Counted(80, True, "x"), 72, 0, Verdict.AGREES, 8),
        (Counted(80, True, "x"), 71, 0, Verdict.UNNAMED, 9),
        (Counted(80, False, "x"), 78, 0, Verdict.UNNAMED, 2),
        (Counted(80, False, "x"), 78, 2, Verdict.NOT_RECORDED, 2),
        (Counted(80, False, "x"), 78, 1, Verdict.UNNAMED, 2),
        (Counted(80, False, "x"), 81, 9, Verdict.MORE_NAMED, -1),
        (Counted(80, True, "x"), 89, 0, Verdict.MORE_NAMED, -9),
    ],
)
def test_a_count_of_the_room_is_compared_with_the_names(
    counted: Counted | None,
    present: int,
    unrecorded: int,
    verdict: Verdict,
    difference: int | None,
) -> None:
    assert reconcile(counted, present, unrecorded) == (verdict, difference)


@given(counts, counts, counts)
def test_an_exact_count_agrees_only_with_as_many_names(
    headcount: int, present: int, unrecorded: int
) -> None:
    verdict, difference = reconcile(Counted(headcount, False, "x"), present, unrecorded)
    assert (verdict is Verdict.AGREES) == (headcount == present)
    assert difference == headcount - present


def test_a_room_is_counted_from_the_day_on() -> None:
    counted = report(SESSION, Counted(80, True, "x"), DAY)
    assert (counted.headcount, counted.version) == (80, 2)
    with pytest.raises(SessionNotHeldYet):
        report(SESSION, Counted(80, True, "x"), DAY - timedelta(days=1))


def test_confidence_before_is_asked_of_whoever_has_a_seat() -> None:
    asked = assess(SEAT, SESSION, Assessment(2, None, ()))
    assert (asked.confidence_before, asked.confidence_after, asked.version) == (2, None, 2)


def test_the_newest_answer_counts_and_the_others_stay() -> None:
    first = assess(THERE, SESSION, Assessment(2, 3, (("packaging", 3), ("marketing", 4))))
    second = assess(first, SESSION, Assessment(None, 5, (("packaging", 5),)))
    assert (second.confidence_before, second.confidence_after) == (2, 5)
    assert dict(second.learning) == {"packaging": 5, "marketing": 4}


@pytest.mark.parametrize(
    ("seat", "told", "refusal"),
    [
        (THERE, Assessment(None, None, ()), AssessmentEmpty),
        (SEAT, Assessment(None, 4, ()), NotPresent),
        (SEAT, Assessment(2, None, (("packaging", 5),)), NotPresent),
        (THERE, Assessment(None, None, (("packaging", 5), ("packaging", 4))), TopicTwice),
        (THERE, Assessment(None, None, (("finance", 5),)), TopicNotTaught),
    ],
)
def test_an_answer_is_refused(seat: Enrolment, told: Assessment, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        assess(seat, SESSION, told)
