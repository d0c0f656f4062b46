"""An enrolment and its attendance: which state may follow which, and why."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

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


class State(StrEnum):
    """What is known of a woman's attendance."""

    ENROLLED = "enrolled"
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Attendance:
    """What staff say about one seat. `hours` only with PRESENT."""

    state: State
    hours: Decimal | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A business's seat in a session."""

    id: UUID
    session_id: UUID
    business_id: UUID
    person_id: UUID
    state: State = State.ENROLLED
    hours: Decimal | None = None
    confidence_before: int | None = None  # 1 to 5, the same question before and after
    confidence_after: int | None = None
    learning: tuple[tuple[str, int], ...] = ()  # topic, score from 1 to 5
    version: int = 1


def record(enrolment: Enrolment, session: Session, told: Attendance, today: date) -> Enrolment:
    """Take the first entry. Raises AttendanceAlreadyRecorded, ReasonMissing and `_taken`'s."""
    if enrolment.state is not State.ENROLLED:
        raise AttendanceAlreadyRecorded
    if told.state is State.EXCUSED and not told.reason:
        raise ReasonMissing(pointer="/reason")
    return _taken(enrolment, session, told, today)


def correct(enrolment: Enrolment, session: Session, told: Attendance, today: date) -> Enrolment:
    """Put a wrong entry right; always with a reason, and only when something differs.

    Raises AttendanceNotRecorded, ReasonMissing, NothingCorrected and the refusals of `_taken`.
    """
    if enrolment.state is State.ENROLLED:
        raise AttendanceNotRecorded
    if not told.reason:
        raise ReasonMissing(pointer="/reason")
    if (told.state, told.hours) == (enrolment.state, enrolment.hours):
        raise NothingCorrected
    return _taken(enrolment, session, told, today)


def _taken(enrolment: Enrolment, session: Session, told: Attendance, today: date) -> Enrolment:
    if today < session.held_on:
        raise SessionNotHeldYet(held_on=session.held_on)
    _check_hours(session, told)
    return replace(enrolment, state=told.state, hours=told.hours, version=enrolment.version + 1)


def _check_hours(session: Session, told: Attendance) -> None:
    if told.state is not State.PRESENT:
        if told.hours is not None:
            raise HoursWithoutPresence(pointer="/hours")
        return
    if told.hours is None or told.hours <= 0:
        raise HoursMissing(pointer="/hours")
    if told.hours > session.hours:
        raise HoursExceedSession(pointer="/hours", hours=told.hours, session_hours=session.hours)
