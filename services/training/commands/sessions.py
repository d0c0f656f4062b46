"""What training can be told about sessions and the counts of their rooms."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.training import events
from services.training.commands.forms import Command, Hours
from services.training.domain.headcount import Counted, report
from services.training.domain.refusals import (
    CohortCertified,
    CohortNotFound,
    SessionNotFound,
    UnknownVenue,
)
from services.training.domain.session import Session
from services.training.store import activities, sessions
from shared.contracts.areas import area
from shared.contracts.values import Code, Count, KelurahanCode, Line
from shared.db import Tx
from shared.ids import uuid7


class ScheduleSession(Command):
    """Put a session on the calendar. `hours`: its length as a decimal string."""

    title: Line
    topics: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    held_on: date
    hours: Hours
    kelurahan: KelurahanCode
    capacity: Annotated[int, Field(ge=1, le=10_000)]
    organising_office: Code
    cohort_id: UUID | None = None


class ReportHeadcount(Command):
    """Say how many were in the room. `source`: who counted; `approximate`: "about 80"."""

    headcount: Count
    approximate: bool = False
    source: Code


class SessionSaved(BaseModel):
    """The session as it is now."""

    session_id: UUID
    version: int


async def schedule_session(tx: Tx, command: ScheduleSession) -> SessionSaved:
    """Raises UnknownVenue, SessionLengthWrong, CohortNotFound or CohortCertified."""
    if area(command.kelurahan) is None:
        raise UnknownVenue(pointer="/kelurahan", kelurahan=command.kelurahan)
    if command.cohort_id is not None:
        await _open_cohort(tx, command.cohort_id)
    session = Session(
        id=uuid7(),
        title=command.title,
        topics=command.topics,
        held_on=command.held_on,
        hours=Decimal(command.hours),
        kelurahan=command.kelurahan,
        capacity=command.capacity,
        organising_office=command.organising_office,
        cohort_id=command.cohort_id,
    )
    await sessions.insert(tx, session)
    tx.emit(events.session_scheduled(session, tx.today), key=session.id, version=session.version)
    return SessionSaved(session_id=session.id, version=session.version)


async def report_headcount(tx: Tx, session_id: UUID, command: ReportHeadcount) -> SessionSaved:
    """Raises SessionNotFound or SessionNotHeldYet."""
    before = await sessions.lock(tx.conn, session_id)
    if before is None:
        raise SessionNotFound
    counted = Counted(command.headcount, command.approximate, command.source)
    after = report(before, counted, tx.today)
    await sessions.save_headcount(tx, after, counted)
    tx.emit(events.headcount_reported(after, counted), key=after.id, version=after.version)
    return SessionSaved(session_id=after.id, version=after.version)


async def _open_cohort(tx: Tx, cohort_id: UUID) -> None:
    """Another session would take from certificates what they say. Raises as above."""
    if not await activities.lock_cohort(tx.conn, cohort_id):
        raise CohortNotFound(pointer="/cohort_id")
    if await activities.has_certificates(tx.conn, cohort_id):
        raise CohortCertified(pointer="/cohort_id")
