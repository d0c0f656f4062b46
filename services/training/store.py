"""SQL on training's own tables. Sessions are locked before seats are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from services.training.domain.enrolment import Enrolment, State
from services.training.domain.session import Roster, Session
from shared.db import Connection, Tx


@dataclass(frozen=True, slots=True)
class KnownBusiness:
    """What registry told about a business."""

    business_id: UUID
    owner_id: UUID
    kelurahan: str


class Seat(NamedTuple):
    """An enrolment in its session; `home` is the business's kelurahan, as registry says now."""

    enrolment: Enrolment
    session: Session
    home: str | None


async def known_business(conn: Connection, business_id: UUID) -> KnownBusiness | None:
    """A business as registry told it; None when it isn't known here (yet)."""
    row = await conn.fetchrow(
        "select business_id, owner_id, kelurahan from known_business_now where business_id = $1",
        business_id,
    )
    return KnownBusiness(**row) if row else None


async def insert_session(tx: Tx, session: Session) -> None:
    """A new session."""
    await tx.conn.execute(
        """
        insert into session (session_id, title, topics, held_on, hours, kelurahan, capacity,
                             organising_office, version, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        session.id,
        session.title,
        list(session.topics),
        session.held_on,
        session.hours,
        session.kelurahan,
        session.capacity,
        session.organising_office,
        session.version,
        tx.now,
        tx.actor.subject,
    )


async def lock_session(conn: Connection, session_id: UUID) -> Session | None:
    """The session, its row locked until the transaction ends."""
    row = await conn.fetchrow("select * from session where session_id = $1 for update", session_id)
    return _session(row) if row else None


async def roster(conn: Connection, session_id: UUID, business_id: UUID) -> Roster:
    """The seats taken. A statement of its own, after the lock: it must see what others
    committed while this transaction waited, and a statement keeps the snapshot it began with.
    """
    row = await conn.fetchrow(
        """
        select count(*) as taken, coalesce(bool_or(business_id = $2), false) as has_business
        from enrolment where session_id = $1
        """,
        session_id,
        business_id,
    )
    return Roster(**row)


async def insert_enrolment(tx: Tx, enrolment: Enrolment) -> None:
    """A new seat and the first line of its history."""
    await tx.conn.execute(
        """
        with seat as (
            insert into enrolment (enrolment_id, session_id, business_id, person_id, state,
                                   version)
            values ($1, $2, $3, $4, $5, $6)
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
    )


async def lock_enrolment(conn: Connection, enrolment_id: UUID) -> Seat | None:
    """The enrolment, its row locked, with its session and the business's kelurahan as they are."""
    row = await conn.fetchrow(
        """
        select s.*, e.enrolment_id, e.business_id, e.person_id, b.kelurahan as home, e.state,
               e.hours as attended, e.version as enrolment_version
        from enrolment e join session s using (session_id)
        left join known_business_now b using (business_id)
        where e.enrolment_id = $1 for update of e
        """,
        enrolment_id,
    )
    return Seat(_enrolment(row), _session(row), row["home"]) if row else None


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


def _session(row: Mapping[str, Any]) -> Session:
    return Session(
        id=row["session_id"],
        title=row["title"],
        topics=tuple(row["topics"]),
        held_on=row["held_on"],
        hours=row["hours"],
        kelurahan=row["kelurahan"],
        capacity=row["capacity"],
        organising_office=row["organising_office"],
        version=row["version"],
    )


def _enrolment(row: Mapping[str, Any]) -> Enrolment:
    return Enrolment(
        id=row["enrolment_id"],
        session_id=row["session_id"],
        business_id=row["business_id"],
        person_id=row["person_id"],
        state=State(row["state"]),
        hours=row["attended"],
        version=row["enrolment_version"],
    )
