"""What training tells the others: domain values as published facts, ids and codes only."""

from datetime import date
from typing import Any

from services.training.domain.enrolment import Enrolment, State
from services.training.domain.session import Session
from shared.contracts.training import (
    AttendanceCorrected,
    EnrolmentAttended,
    EnrolmentMade,
    EnrolmentMissed,
    SessionScheduled,
)
from shared.contracts.values import quantity


def session_scheduled(session: Session, today: date) -> SessionScheduled:
    """The session is on the calendar."""
    return SessionScheduled(
        occurred_on=today,
        session_id=session.id,
        title=session.title,
        topics=session.topics,
        held_on=session.held_on,
        kelurahan=session.kelurahan,
        capacity=session.capacity,
        organising_office=session.organising_office,
    )


def enrolment_made(enrolment: Enrolment, session: Session, today: date) -> EnrolmentMade:
    """She has a seat. A roster written up later says: by the session's day at the latest."""
    return EnrolmentMade(occurred_on=min(today, session.held_on), **_state(enrolment, session))


def attendance_recorded(
    enrolment: Enrolment, session: Session
) -> EnrolmentAttended | EnrolmentMissed:
    """She was there or wasn't, on the session's day, whenever that was written down."""
    fact = EnrolmentAttended if enrolment.state is State.PRESENT else EnrolmentMissed
    return fact(occurred_on=session.held_on, **_state(enrolment, session))


def attendance_corrected(
    enrolment: Enrolment, session: Session, today: date
) -> AttendanceCorrected:
    """The entry was wrong and is right now; the reason stays here."""
    return AttendanceCorrected(occurred_on=today, **_state(enrolment, session))


def _state(enrolment: Enrolment, session: Session) -> dict[str, Any]:
    return {
        "enrolment_id": enrolment.id,
        "session_id": session.id,
        "session_title": session.title,
        "person_id": enrolment.person_id,
        "business_id": enrolment.business_id,
        "state": enrolment.state.value,
        "hours": None if enrolment.hours is None else quantity(enrolment.hours),
    }
