"""What training tells: sessions, and who takes part in them."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.contracts.fact import Fact, published
from shared.contracts.values import Code, Count, KelurahanCode, Line, Quantity

SESSION = "training.session"
ENROLMENT = "training.enrolment"

EnrolmentState = Literal["enrolled", "present", "excused", "absent"]


@published("id.binaan.training.session.scheduled.v1", topic=SESSION, key="session_id")
class SessionScheduled(Fact):
    """A training session was put on the calendar."""

    session_id: UUID
    title: Line
    topics: tuple[Code, ...]
    held_on: date
    kelurahan: KelurahanCode  # the venue
    capacity: Count
    organising_office: Code


class Enrolment(Fact):
    """A place of one business's owner in one session, as it stands after the event."""

    enrolment_id: UUID
    session_id: UUID
    session_title: Line
    person_id: UUID
    business_id: UUID
    state: EnrolmentState
    hours: Quantity | None  # attended hours, when she was there


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
