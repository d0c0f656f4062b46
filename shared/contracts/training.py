"""What training tells: activities, cohorts, sessions, who takes part, and certificates."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fact import Fact, Part, published
from shared.contracts.values import Code, Count, KelurahanCode, Line, Quantity

ACTIVITY = "training.activity"
COHORT = "training.cohort"
SESSION = "training.session"
ENROLMENT = "training.enrolment"
CERTIFICATE = "training.certificate"

EnrolmentState = Literal["enrolled", "present", "excused", "absent"]
CertificateStatus = Literal["issued", "revoked"]
Year = Annotated[int, Field(ge=1990, le=2100)]
Score = Annotated[int, Field(ge=1, le=5)]  # 1 not at all … 5 very much
# Letters and dashes only: no spreadsheet takes it for a number, a date or a formula.
CertificateNumber = Annotated[
    str, StringConstraints(pattern=r"^[BCDFGHJKLMNPQRSTVWX]{4}(-[BCDFGHJKLMNPQRSTVWX]{4}){2}$")
]


@published("id.binaan.training.activity.planned.v1", topic=ACTIVITY, key="activity_id")
class ActivityPlanned(Fact):
    """An office plans a training activity in a year; cohorts take part in it."""

    activity_id: UUID
    title: Line
    year: Year
    organising_office: Code


@published("id.binaan.training.cohort.opened.v1", topic=COHORT, key="cohort_id")
class CohortOpened(Fact):
    """A group that goes through the sessions of an activity together."""

    cohort_id: UUID
    activity_id: UUID
    title: Line
    year: Year
    organising_office: Code


class Session(Fact):
    """A training session, as it stands after the event."""

    session_id: UUID
    title: Line
    topics: tuple[Code, ...]
    held_on: date
    kelurahan: KelurahanCode  # the venue
    capacity: Count
    organising_office: Code
    cohort_id: UUID | None = None
    headcount: Count | None = None  # as counted or estimated in the room; not the roster


@published("id.binaan.training.session.scheduled.v1", topic=SESSION, key="session_id")
class SessionScheduled(Session):
    """A training session was put on the calendar."""


@published("id.binaan.training.session.headcount-reported.v1", topic=SESSION, key="session_id")
class SessionHeadcountReported(Session):
    """Somebody counted the room. The named roster is another fact; the two are compared."""

    approximate: bool  # "about 80"


class Learning(Part):
    """How much she says that she learned about a topic."""

    topic: Code
    score: Score


class Enrolment(Fact):
    """A place of one business's owner in one session, as it stands after the event."""

    enrolment_id: UUID
    session_id: UUID
    session_title: Line
    person_id: UUID
    business_id: UUID
    state: EnrolmentState
    hours: Quantity | None  # attended hours, when she was there
    cohort_id: UUID | None = None
    confidence_before: Score | None = None  # the same question, before and after
    confidence_after: Score | None = None
    learning: tuple[Learning, ...] = ()


@published("id.binaan.training.enrolment.made.v1", topic=ENROLMENT, key="enrolment_id")
class EnrolmentMade(Enrolment):
    """She has a place in the session."""


@published("id.binaan.training.enrolment.attended.v1", topic=ENROLMENT, key="enrolment_id")
class EnrolmentAttended(Enrolment):
    """She was there."""


@published("id.binaan.training.enrolment.missed.v1", topic=ENROLMENT, key="enrolment_id")
class EnrolmentMissed(Enrolment):
    """She was not there, excused or absent."""


@published(
    "id.binaan.training.enrolment.attendance-corrected.v1", topic=ENROLMENT, key="enrolment_id"
)
class AttendanceCorrected(Enrolment):
    """A wrong entry of attendance was put right."""


@published("id.binaan.training.enrolment.assessed.v1", topic=ENROLMENT, key="enrolment_id")
class EnrolmentAssessed(Enrolment):
    """She answered for her confidence, or for what she learned."""


class Certificate(Fact):
    """A certificate of one cohort, as it stands after the event."""

    certificate_id: UUID
    number: CertificateNumber
    cohort_id: UUID
    person_id: UUID
    business_id: UUID
    issued_on: date
    status: CertificateStatus


@published("id.binaan.training.certificate.issued.v1", topic=CERTIFICATE, key="certificate_id")
class CertificateIssued(Certificate):
    """She was present at every session of the cohort and has a certificate."""


@published("id.binaan.training.certificate.revoked.v1", topic=CERTIFICATE, key="certificate_id")
class CertificateRevoked(Certificate):
    """The certificate holds no more: it was given wrongly, or her attendance was corrected."""
