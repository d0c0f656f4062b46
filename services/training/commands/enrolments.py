"""What training can be told about seats: enrolment, attendance, what was learned."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.training import events
from services.training.commands.forms import Command, Hours, Reason, Score
from services.training.domain import certificate, eligibility, learning
from services.training.domain import enrolment as rules
from services.training.domain.eligibility import OpenPoint
from services.training.domain.enrolment import Attendance, Enrolment, State
from services.training.domain.learning import Assessment
from services.training.domain.refusals import (
    BusinessNotFound,
    BusinessNotKnownYet,
    EnrolmentChanged,
    EnrolmentNotFound,
    OutsideArea,
    OverrideNotYours,
    SessionNotFound,
)
from services.training.domain.session import Session, admit
from services.training.store import certificates, enrolments, sessions
from shared.contracts.values import Code
from shared.db import Tx
from shared.ids import is_fresh, uuid7

CORRECTED = "kehadiran-dikoreksi"


class Enrol(Command):
    """Give a business a seat.

    `override_reason`: why it gets one although it isn't eligible; of a head of section.
    """

    business_id: UUID
    override_reason: Annotated[Reason, StringConstraints(min_length=3)] | None = None


class RecordAttendance(Command):
    """Say whether she was there. `hours`: decimal string, only when present."""

    state: Literal["present", "excused", "absent"]
    hours: Hours | None = None
    reason: Reason | None = None


class CorrectAttendance(RecordAttendance):
    """Put a wrong entry right; the reason is required by the rule, so that it can say so."""


class Learned(Command):
    """How much she learned about a topic of the session."""

    topic: Code
    score: Score


class Assess(Command):
    """Her answers from 1 to 5. The question of confidence is the same before and after."""

    confidence_before: Score | None = None
    confidence_after: Score | None = None
    learning: Annotated[tuple[Learned, ...], Field(max_length=20)] = ()


class EnrolmentSaved(BaseModel):
    """The enrolment as it is now."""

    enrolment_id: UUID
    version: int
    state: State


class SeatGiven(EnrolmentSaved):
    """A new seat. `open_points`: what makes it doubtful that the business is eligible.

    `overridden`: those of them that barred it, and the head of section allowed.
    """

    open_points: tuple[OpenPoint, ...]
    overridden: tuple[OpenPoint, ...]


async def enrol(tx: Tx, session_id: UUID, command: Enrol) -> SeatGiven:
    """Raises SessionNotFound, those of `business_of`, OutsideArea, OverrideNotYours and `admit`'s.

    Who reaches the venue or the business may enrol: attending outside one's own kecamatan is legal.
    """
    reason = command.override_reason
    if reason is not None and "kasi" not in tx.actor.roles:
        raise OverrideNotYours(pointer="/override_reason")
    business = await business_of(tx, command.business_id)
    session = await sessions.lock(tx.conn, session_id)
    if session is None:
        raise SessionNotFound
    if not (tx.actor.reaches(session.kelurahan) or tx.actor.reaches(business.kelurahan)):
        raise OutsideArea
    known = business.eligibility
    eligibility.admit(known, allowed=reason is not None)
    admit(session, await sessions.roster(tx.conn, session_id, business.business_id))
    enrolment = Enrolment(
        id=uuid7(),
        session_id=session_id,
        business_id=business.business_id,
        person_id=business.owner_id,
    )
    await enrolments.insert(tx, enrolment, known.barred, reason if known.barred else None)
    fact = events.enrolment_made(enrolment, session, tx.today)
    tx.emit(fact, key=enrolment.id, version=enrolment.version)
    return SeatGiven(
        **_saved(enrolment).model_dump(), open_points=known.open_points, overridden=known.barred
    )


async def record_attendance(
    tx: Tx, enrolment_id: UUID, version: int, command: RecordAttendance
) -> EnrolmentSaved:
    """Raises EnrolmentNotFound, EnrolmentChanged and the refusals of `record`."""
    before, session = await _seat(tx, enrolment_id, version)
    after = rules.record(before, session, _attendance(command), tx.today)
    await enrolments.save_attendance(tx, after, command.reason or None)
    tx.emit(events.attendance_recorded(after, session), key=after.id, version=after.version)
    return _saved(after)


async def correct_attendance(
    tx: Tx, enrolment_id: UUID, version: int, command: CorrectAttendance
) -> EnrolmentSaved:
    """Raises EnrolmentNotFound, EnrolmentChanged and the refusals of `correct`.

    Who wasn't there after all keeps no certificate of the cohort.
    """
    before, session = await _seat(tx, enrolment_id, version)
    after = rules.correct(before, session, _attendance(command), tx.today)
    await enrolments.save_attendance(tx, after, command.reason)
    fact = events.attendance_corrected(after, session, tx.today)
    tx.emit(fact, key=after.id, version=after.version)
    if after.state is not State.PRESENT and session.cohort_id is not None:
        await _take_back(tx, session.cohort_id, after.business_id)
    return _saved(after)


async def assess(tx: Tx, enrolment_id: UUID, version: int, command: Assess) -> EnrolmentSaved:
    """Raises EnrolmentNotFound, EnrolmentChanged and those of `learning.assess`."""
    before, session = await _seat(tx, enrolment_id, version)
    told = Assessment(
        command.confidence_before,
        command.confidence_after,
        tuple((learned.topic, learned.score) for learned in command.learning),
    )
    after = learning.assess(before, session, told)
    await enrolments.save_assessment(tx, after, told)
    fact = events.enrolment_assessed(after, session, tx.today)
    tx.emit(fact, key=after.id, version=after.version)
    return _saved(after)


async def _take_back(tx: Tx, cohort_id: UUID, business_id: UUID) -> None:
    """Revoke the certificate that the corrected attendance was the ground of, if there is one."""
    held = await certificates.lock_held(tx.conn, cohort_id, business_id)
    if held is None:
        return
    revoked = certificate.revoke(held)
    await certificates.save_revoked(tx, revoked, CORRECTED)
    fact = events.certificate_revoked(revoked, tx.today)
    tx.emit(fact, key=revoked.id, version=revoked.version)


async def business_of(tx: Tx, business_id: UUID) -> enrolments.KnownBusiness:
    """Raises BusinessNotKnownYet for an id of the last minute, else BusinessNotFound."""
    business = await enrolments.known_business(tx.conn, business_id)
    if business is not None:
        return business
    refusal = BusinessNotKnownYet if is_fresh(business_id, tx.now) else BusinessNotFound
    raise refusal(pointer="/business_id")


async def _seat(tx: Tx, enrolment_id: UUID, version: int) -> tuple[Enrolment, Session]:
    found = await enrolments.lock(tx.conn, enrolment_id)
    if found is None:
        raise EnrolmentNotFound
    enrolment, session = found
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
