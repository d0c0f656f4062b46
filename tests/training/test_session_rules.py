"""Seats of a session, without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.training.domain.refusals import AlreadyEnrolled, SessionFull, SessionLengthWrong
from services.training.domain.session import Roster, Session, admit

SESSION = Session(
    id=uuid4(),
    title="Keterampilan industri rumahan",
    topics=("marketing",),
    held_on=date(2017, 7, 31),
    hours=Decimal(6),
    kelurahan="36.74.06.1001",
    capacity=80,
    organising_office="dp3ap2kb",
)


def test_the_last_seat_is_given() -> None:
    admit(SESSION, Roster(taken=79, has_business=False))


@pytest.mark.parametrize("taken", [80, 81])
def test_a_full_session_says_how_many_seats_it_has(taken: int) -> None:
    with pytest.raises(SessionFull) as refused:
        admit(SESSION, Roster(taken=taken, has_business=False))
    assert refused.value.facts == {"capacity": 80}


def test_a_business_that_has_a_seat_hears_that_rather_than_that_the_session_is_full() -> None:
    with pytest.raises(AlreadyEnrolled) as refused:
        admit(SESSION, Roster(taken=80, has_business=True))
    assert refused.value.pointer == "/business_id"


@pytest.mark.parametrize("hours", ["0", "-1", "24.01"])
def test_a_session_lasts_between_nothing_and_a_day(hours: str) -> None:
    with pytest.raises(SessionLengthWrong):
        replace(SESSION, hours=Decimal(hours))


def test_a_session_may_last_a_whole_day() -> None:
    assert replace(SESSION, hours=Decimal(24)).hours == 24
