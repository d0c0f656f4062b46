"""Everything that training can be told: the command, and the function that obeys or refuses."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.training import events, store
from services.training.domain import enrolment as enrolments
from services.training.domain.enrolment import Attendance, Enrolment, State
from services.training.domain.refusals import (
    BusinessNotFound,
    BusinessNotKnownYet,
    EnrolmentChanged,
    EnrolmentNotFound,
    OutsideArea,
    SessionNotFound,
    UnknownVenue,
)
from services.training.domain.session import Session, admit
from shared.contracts.areas import area
from shared.contracts.values import Code, KelurahanCode, Line
from shared.db import Tx
from shared.ids import is_fresh, uuid7

Hours = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
# Free text of staff; it stays in training. Line breaks are fine, other control characters not.
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ScheduleSession(_Command):
    """Put a session on the calendar. `hours`: its length as a decimal string."""

    title: Line
    topics: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    held_on: date
    hours: Hours
    kelurahan: KelurahanCode
    capacity: Annotated[int, Field(ge=1, le=10_000)]
    organising_office: Code


class Enrol(_Command):
    """Give a business a seat."""

    business_id: UUID


class RecordAttendance(_Command):
    """Say whether she was there. `hours`: decimal string, only when present."""

    state: Literal["present", "excused", "absent"]
    hours: Hours | None = None
    reason: Reason | None = None


class CorrectAttendance(RecordAttendance):
    """Put a wrong entry right; the reason is required by the rule, so that it can say so."""


class SessionSaved(BaseModel):
    """The session is on the calendar."""

    session_id: UUID
    version: int


class EnrolmentSaved(BaseModel):
    """The enrolment as it is now."""

    enrolment_id: UUID
    version: int
    state: State


async def schedule_session(tx: Tx, command: ScheduleSession) -> SessionSaved:
    """Raises UnknownVenue or SessionLengthWrong."""
    if area(command.kelurahan) is None:
        raise UnknownVenue(pointer="/kelurahan", kelurahan=command.kelurahan)
    session = Session(
        id=uuid7(),
        title=command.title,
        topics=command.topics,
        held_on=command.held_on,
        hours=Decimal(command.hours),
        kelurahan=command.kelurahan,
        capacity=command.capacity,
        organising_office=command.organising_office,
    )
    await store.insert_session(tx, session)
    tx.emit(events.session_scheduled(session, tx.today), key=session.id, version=session.version)
    return SessionSaved(session_id=session.id, version=session.version)


async def enrol(tx: Tx, session_id: UUID, command: Enrol) -> EnrolmentSaved:
    """Raises SessionNotFound, the refusals of `_business`, OutsideArea and those of `admit`.

    Who reaches the venue or the business may enrol: attending outside one's own kecamatan is legal.
    """
    business = await _business(tx, command.business_id)
    session = await store.lock_session(tx.conn, session_id)
    if session is None:
        raise SessionNotFound
    if not (tx.actor.reaches(session.kelurahan) or tx.actor.reaches(business.kelurahan)):
        raise OutsideArea
    admit(session, await store.roster(tx.conn, session_id, business.business_id))
    enrolment = Enrolment(
        id=uuid7(),
        session_id=session_id,
        business_id=business.business_id,
        person_id=business.owner_id,
    )
    await store.insert_enrolment(tx, enrolment)
    fact = events.enrolment_made(enrolment, session, tx.today)
    tx.emit(fact, key=enrolment.id, version=enrolment.version)
    return _saved(enrolment)


async def record_attendance(
    tx: Tx, enrolment_id: UUID, version: int, command: RecordAttendance
) -> EnrolmentSaved:
    """Raises EnrolmentNotFound, OutsideArea, EnrolmentChanged and the refusals of `record`."""
    before, session = await _seat(tx, enrolment_id, version)
    after = enrolments.record(before, session, _attendance(command), tx.today)
    await store.save_attendance(tx, after, command.reason or None)
    tx.emit(events.attendance_recorded(after, session), key=after.id, version=after.version)
    return _saved(after)


async def correct_attendance(
    tx: Tx, enrolment_id: UUID, version: int, command: CorrectAttendance
) -> EnrolmentSaved:
    """Raises EnrolmentNotFound, OutsideArea, EnrolmentChanged and the refusals of `correct`."""
    before, session = await _seat(tx, enrolment_id, version)
    after = enrolments.correct(before, session, _attendance(command), tx.today)
    await store.save_attendance(tx, after, command.reason)
    fact = events.attendance_corrected(after, session, tx.today)
    tx.emit(fact, key=after.id, version=after.version)
    return _saved(after)


async def _business(tx: Tx, business_id: UUID) -> store.KnownBusiness:
    """Raises BusinessNotKnownYet for an id of the last minute, else BusinessNotFound."""
    business = await store.known_business(tx.conn, business_id)
    if business is not None:
        return business
    refusal = BusinessNotKnownYet if is_fresh(business_id, tx.now) else BusinessNotFound
    raise refusal(pointer="/business_id")


async def _seat(tx: Tx, enrolment_id: UUID, version: int) -> tuple[Enrolment, Session]:
    found = await store.lock_enrolment(tx.conn, enrolment_id)
    if found is None:
        raise EnrolmentNotFound
    enrolment, session, home = found
    if not any(tx.actor.reaches(place) for place in (session.kelurahan, home) if place):
        raise OutsideArea
    if enrolment.version != version:
        raise EnrolmentChanged
    return enrolment, session


def _attendance(command: RecordAttendance) -> Attendance:
    hours = None if command.hours is None else Decimal(command.hours)
    return Attendance(State(command.state), hours, command.reason or None)


def _saved(enrolment: Enrolment) -> EnrolmentSaved:
    return EnrolmentSaved(
        enrolment_id=enrolment.id, version=enrolment.version, state=enrolment.state
    )
