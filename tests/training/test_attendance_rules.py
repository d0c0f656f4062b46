"""Which state of attendance may follow which, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from services.training.domain.enrolment import Attendance, Enrolment, State, correct, record
from services.training.domain.refusals import (
    AttendanceAlreadyRecorded,
    AttendanceNotRecorded,
    HoursExceedSession,
    HoursMissing,
    HoursWithoutPresence,
    NothingCorrected,
    ReasonMissing,
    SessionNotHeldYet,
)
from services.training.domain.session import Session
from shared.errors import Refusal

DAY = date(2017, 7, 31)
SESSION = Session(
    id=uuid4(),
    title="Keterampilan industri rumahan",
    topics=("marketing",),
    held_on=DAY,
    hours=Decimal(6),
    kelurahan="36.74.06.1001",
    capacity=80,
    organising_office="dp3ap2kb",
)
SEAT = Enrolment(
    id=uuid4(),
    session_id=SESSION.id,
    business_id=uuid4(),
    person_id=uuid4(),
)
PRESENT = Attendance(State.PRESENT, Decimal(6), None)
ABSENT = Attendance(State.ABSENT, None, None)
EXCUSED = Attendance(State.EXCUSED, None, "Anak sakit")


def seat(told: Attendance) -> Enrolment:
    return record(SEAT, SESSION, told, DAY)


@pytest.mark.parametrize("told", [PRESENT, ABSENT, EXCUSED])
def test_attendance_is_recorded_on_the_day_of_the_session(told: Attendance) -> None:
    after = record(SEAT, SESSION, told, DAY)
    assert (after.state, after.hours, after.version) == (told.state, told.hours, 2)


def test_attendance_may_be_written_up_long_afterwards() -> None:
    assert record(SEAT, SESSION, PRESENT, DAY + timedelta(days=400)).state is State.PRESENT


@pytest.mark.parametrize("told", [PRESENT, ABSENT, EXCUSED])
def test_nobody_has_attended_before_the_day(told: Attendance) -> None:
    with pytest.raises(SessionNotHeldYet) as refused:
        record(SEAT, SESSION, told, DAY - timedelta(days=1))
    assert refused.value.facts == {"held_on": DAY}


@pytest.mark.parametrize("first", [PRESENT, ABSENT, EXCUSED])
@pytest.mark.parametrize("second", [PRESENT, ABSENT, EXCUSED])
def test_a_second_entry_is_a_correction_and_not_another_record(
    first: Attendance, second: Attendance
) -> None:
    with pytest.raises(AttendanceAlreadyRecorded):
        record(seat(first), SESSION, second, DAY)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (Attendance(State.PRESENT, None, None), HoursMissing),
        (Attendance(State.PRESENT, Decimal(0), None), HoursMissing),
        (Attendance(State.PRESENT, Decimal("6.01"), None), HoursExceedSession),
        (Attendance(State.ABSENT, Decimal(1), None), HoursWithoutPresence),
        (Attendance(State.EXCUSED, Decimal(0), "Sakit"), HoursWithoutPresence),
        (Attendance(State.EXCUSED, None, None), ReasonMissing),
    ],
)
def test_hours_and_reasons_fit_the_state(told: Attendance, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        record(SEAT, SESSION, told, DAY)


def test_hours_up_to_the_length_of_the_session_are_fine() -> None:
    assert seat(Attendance(State.PRESENT, Decimal("6.00"), None)).hours == 6


def test_what_was_not_recorded_cannot_be_corrected() -> None:
    with pytest.raises(AttendanceNotRecorded):
        correct(SEAT, SESSION, replace(PRESENT, reason="Salah"), DAY)


@pytest.mark.parametrize("reason", [None, ""])
def test_a_correction_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(ReasonMissing) as refused:
        correct(seat(ABSENT), SESSION, replace(PRESENT, reason=reason), DAY)
    assert refused.value.pointer == "/reason"


@pytest.mark.parametrize("told", [PRESENT, ABSENT, EXCUSED])
def test_a_correction_changes_something(told: Attendance) -> None:
    with pytest.raises(NothingCorrected):
        correct(seat(told), SESSION, replace(told, reason="Salah catat"), DAY)


@pytest.mark.parametrize("before", [PRESENT, ABSENT, EXCUSED])
@pytest.mark.parametrize("after", [PRESENT, ABSENT, EXCUSED])
def test_every_state_can_be_corrected_into_every_other(
    before: Attendance, after: Attendance
) -> None:
    if before is after:
        return
    now = correct(seat(before), SESSION, replace(after, reason="Salah catat"), DAY)
    assert (now.state, now.hours, now.version) == (after.state, after.hours, 3)


def test_hours_alone_can_be_corrected() -> None:
    told = Attendance(State.PRESENT, Decimal("2.5"), "Pulang lebih awal")
    assert correct(seat(PRESENT), SESSION, told, DAY).hours == Decimal("2.5")


def test_a_correction_keeps_to_the_length_of_the_session() -> None:
    with pytest.raises(HoursExceedSession):
        correct(seat(PRESENT), SESSION, Attendance(State.PRESENT, Decimal(7), "Lembur"), DAY)
