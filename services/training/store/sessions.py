"""Sessions and the counts of their rooms. Sessions are locked before seats are counted."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.training.domain.headcount import Counted
from services.training.domain.session import Roster, Session
from shared.db import Connection, Tx


async def insert(tx: Tx, session: Session) -> None:
    """A new session."""
    await tx.conn.execute(
        """
        insert into session (session_id, title, topics, held_on, hours, kelurahan, capacity,
                             organising_office, cohort_id, version, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        session.id,
        session.title,
        list(session.topics),
        session.held_on,
        session.hours,
        session.kelurahan,
        session.capacity,
        session.organising_office,
        session.cohort_id,
        session.version,
        tx.now,
        tx.actor.subject,
    )


async def lock(conn: Connection, session_id: UUID) -> Session | None:
    """The session, its row locked until the transaction ends."""
    row = await conn.fetchrow("select * from session where session_id = $1 for update", session_id)
    return read(row) if row else None


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


async def save_headcount(tx: Tx, session: Session, counted: Counted) -> None:
    """The locked session's newest count, and one more line of its history."""
    await tx.conn.execute(
        """
        with counted as (
            update session set headcount = $2, version = $3 where session_id = $1
        )
        insert into headcount (session_id, version, headcount, approximate, source, recorded_at,
                               recorded_by)
        values ($1, $3, $2, $4, $5, $6, $7)
        """,
        session.id,
        counted.headcount,
        session.version,
        counted.approximate,
        counted.source,
        tx.now,
        tx.actor.subject,
    )


def read(row: Mapping[str, Any]) -> Session:
    """A row of the table as the rules see it."""
    return Session(
        id=row["session_id"],
        title=row["title"],
        topics=tuple(row["topics"]),
        held_on=row["held_on"],
        hours=row["hours"],
        kelurahan=row["kelurahan"],
        capacity=row["capacity"],
        organising_office=row["organising_office"],
        cohort_id=row["cohort_id"],
        headcount=row["headcount"],
        version=row["version"],
    )
