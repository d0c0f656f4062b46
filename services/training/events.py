"""What training tells the others: domain values as published facts, ids and codes only."""

from datetime import date
from typing import Any

from services.training.domain.activity import Activity, Cohort
from services.training.domain.certificate import Certificate
from services.training.domain.enrolment import Enrolment, State
from services.training.domain.headcount import Counted
from services.training.domain.session import Session
from shared.contracts.training import (
    ActivityPlanned,
    AttendanceCorrected,
    CertificateIssued,
    CertificateRevoked,
    CohortOpened,
    EnrolmentAssessed,
    EnrolmentAttended,
    EnrolmentMade,
    EnrolmentMissed,
    Learning,
    SessionHeadcountReported,
    SessionScheduled,
)
from shared.contracts.values import quantity


def activity_planned(activity: Activity, today: date) -> ActivityPlanned:
    """An office plans an activity."""
    return ActivityPlanned(
        occurred_on=today,
        activity_id=activity.id,
        title=activity.title,
        year=activity.year,
        organising_office=activity.organising_office,
    )


def cohort_opened(cohort: Cohort, today: date) -> CohortOpened:
    """A group of the activity is open."""
    return CohortOpened(
        occurred_on=today,
        cohort_id=cohort.id,
        activity_id=cohort.activity.id,
        title=cohort.title,
        year=cohort.activity.year,
        organising_office=cohort.activity.organising_office,
    )


def session_scheduled(session: Session, today: date) -> SessionScheduled:
    """The session is on the calendar."""
    return SessionScheduled(occurred_on=today, **_session(session))


def headcount_reported(session: Session, counted: Counted) -> SessionHeadcountReported:
    """So many were there on the session's day, whenever that was written down."""
    return SessionHeadcountReported(
        occurred_on=session.held_on, approximate=counted.approximate, **_session(session)
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


def enrolment_assessed(enrolment: Enrolment, session: Session, today: date) -> EnrolmentAssessed:
    """She answered for her confidence, or for what she learned."""
    return EnrolmentAssessed(occurred_on=today, **_state(enrolment, session))


def certificate_issued(certificate: Certificate) -> CertificateIssued:
    """She has the cohort's certificate."""
    return CertificateIssued(occurred_on=certificate.issued_on, **_certificate(certificate))


def certificate_revoked(certificate: Certificate, today: date) -> CertificateRevoked:
    """It holds no more; the reason stays here."""
    return CertificateRevoked(occurred_on=today, **_certificate(certificate))


def _session(session: Session) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "title": session.title,
        "topics": session.topics,
        "held_on": session.held_on,
        "kelurahan": session.kelurahan,
        "capacity": session.capacity,
        "organising_office": session.organising_office,
        "cohort_id": session.cohort_id,
        "headcount": session.headcount,
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "certificate_id": certificate.id,
        "number": certificate.number,
        "cohort_id": certificate.cohort_id,
        "person_id": certificate.person_id,
        "business_id": certificate.business_id,
        "issued_on": certificate.issued_on,
        "status": certificate.status.value,
    }


def _state(enrolment: Enrolment, session: Session) -> dict[str, Any]:
    return {
        "enrolment_id": enrolment.id,
        "session_id": session.id,
        "session_title": session.title,
        "person_id": enrolment.person_id,
        "business_id": enrolment.business_id,
        "state": enrolment.state.value,
        "hours": None if enrolment.hours is None else quantity(enrolment.hours),
        "cohort_id": session.cohort_id,
        "confidence_before": enrolment.confidence_before,
        "confidence_after": enrolment.confidence_after,
        "learning": tuple(Learning(topic=t, score=score) for t, score in enrolment.learning),
    }
