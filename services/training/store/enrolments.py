"""Seats and attendance, and what registry told about the businesses in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from services.training.domain.eligibility import Known
from services.training.domain.enrolment import Enrolment, State
from services.training.domain.learning import Assessment
from services.training.domain.session import Session
from services.training.store import sessions
from shared.db import Connection, Tx


@dataclass(frozen=True, slots=True)
class KnownBusiness:
    """What registry told about a business."""

    business_id: UUID
    owner_id: UUID
    kelurahan: str
    eligibility: Known


class Seat(NamedTuple):
    """An enrolment in its session."""

    enrolment: Enrolment
    session: Session


async def known_business(conn: Connection, business_id: UUID) -> KnownBusiness | None:
    """A business as registry told it; None when it isn't known here (yet)."""
    row = await conn.fetchrow(
        """
        select business_id, owner_id, kelurahan, guided, guided_by, business_class
        from known_business_now where business_id = $1
        """,
        business_id,
    )
    if row is None:
        return None
    known = Known(row["business_id"], row["guided"], row["guided_by"], row["business_class"])
    return KnownBusiness(row["business_id"], row["owner_id"], row["kelurahan"], known)


async def insert(
    tx: Tx, enrolment: Enrolment, overridden: Sequence[str], override_reason: str | None
) -> None:
    """A new seat and the first line of its history; with a reason if it was given in spite."""
    await tx.conn.execute(
        """
        with seat as (
            insert into enrolment (enrolment_id, session_id, business_id, person_id, state,
                                   version, overridden, override_reason)
            values ($1, $2, $3, $4, $5, $6, $10, $11)
        )
        insert into attendance (enrolment_id, version, state, occurred_on, recorded_at,
                                recorded_by)
        values ($1, $6, $5, $7, $8, $9)
        """,
        enrolment.id,
        enrolment.session_id,
        enrolment.business_id,
        enrolment.person_id,
        enrolment.state.value,
        enrolment.version,
        tx.today,
        tx.now,
        tx.actor.subject,
        list(overridden),
        override_reason,
    )


async def lock(conn: Connection, enrolment_id: UUID) -> Seat | None:
    """The enrolment, its row locked, with its session as it is."""
    row = await conn.fetchrow(
        """
        select s.*, e.enrolment_id, e.business_id, e.person_id, e.state,
               e.hours as attended, e.confidence_before, e.confidence_after, e.learning,
               e.version as enrolment_version
        from enrolment e join session s using (session_id)
        where e.enrolment_id = $1 for update of e
        """,
        enrolment_id,
    )
    return Seat(_enrolment(row), sessions.read(row)) if row else None


async def save_attendance(tx: Tx, enrolment: Enrolment, reason: str | None) -> None:
    """The seat's new state and one more line of its history."""
    await tx.conn.execute(
        """
        with seat as (
            update enrolment set state = $2, hours = $3, version = $4 where enrolment_id = $1
        )
        insert into attendance (enrolment_id, version, state, hours, reason, occurred_on,
                                recorded_at, recorded_by)
        values ($1, $4, $2, $3, $5, $6, $7, $8)
        """,
        enrolment.id,
        enrolment.state.value,
        enrolment.hours,
        enrolment.version,
        reason,
        tx.today,
        tx.now,
        tx.actor.subject,
    )


async def save_assessment(tx: Tx, enrolment: Enrolment, told: Assessment) -> None:
    """The seat with the newest answers, and what was answered this time."""
    await tx.conn.execute(
        """
        with seat as (
            update enrolment set confidence_before = $3, confidence_after = $4, learning = $5,
                                 version = $2
            where enrolment_id = $1
        )
        insert into assessment (enrolment_id, version, confidence_before, confidence_after,
                                learning, recorded_at, recorded_by)
        values ($1, $2, $6, $7, $8, $9, $10)
        """,
        enrolment.id,
        enrolment.version,
        enrolment.confidence_before,
        enrolment.confidence_after,
        _written(enrolment.learning),
        told.confidence_before,
        told.confidence_after,
        _written(told.learning),
        tx.now,
        tx.actor.subject,
    )


def _written(learning: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{topic}:{score}" for topic, score in learning]


def _read(learning: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple((topic, int(score)) for topic, _, score in (e.partition(":") for e in learning))


def _enrolment(row: Mapping[str, Any]) -> Enrolment:
    return Enrolment(
        id=row["enrolment_id"],
        session_id=row["session_id"],
        business_id=row["business_id"],
        person_id=row["person_id"],
        state=State(row["state"]),
        hours=row["attended"],
        confidence_before=row["confidence_before"],
        confidence_after=row["confidence_after"],
        learning=_read(row["learning"]),
        version=row["enrolment_version"],
    )
