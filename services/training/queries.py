"""Everything that training can be asked: SQL to frozen views, no domain object between."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.actor import Actor
from shared.db import Connection


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SessionView(_View):
    """A session and how many of its seats are taken. `hours` is a decimal string."""

    session_id: UUID
    title: str
    topics: tuple[str, ...]
    held_on: date
    hours: str
    kelurahan: str
    capacity: int
    taken: int
    organising_office: str
    version: int


class Sessions(_View):
    """One page of the calendar, by date."""

    items: tuple[SessionView, ...]


class SeatView(_View):
    """One line of a roster. `kelurahan` is the business's, as registry says now.

    It may lie far from the venue.
    """

    enrolment_id: UUID
    business_id: UUID
    person_id: UUID
    kelurahan: str | None
    state: str
    hours: str | None
    version: int


class Roster(_View):
    """One page of a session's seats, in the order of enrolment."""

    items: tuple[SeatView, ...]


class Entry(_View):
    """What somebody wrote about the seat, and when. Entries are never changed."""

    version: int
    state: str
    hours: str | None
    reason: str | None
    occurred_on: date
    recorded_at: datetime
    recorded_by: str


class EnrolmentView(SeatView):
    """A seat with its session and the whole history of its attendance."""

    session_id: UUID
    session_title: str
    held_on: date
    venue: str
    attendance: tuple[Entry, ...]


_SESSION = """
select s.session_id, s.title, s.topics, s.held_on, s.hours, s.kelurahan, s.capacity,
       s.organising_office, s.version,
       (select count(*) from enrolment e where e.session_id = s.session_id) as taken
from session s
"""


async def session(conn: Connection, session_id: UUID) -> SessionView | None:
    """One session; None when there is no such session."""
    row = await conn.fetchrow(_SESSION + "where s.session_id = $1", session_id)
    return SessionView(**_plain(row)) if row else None


async def sessions(
    conn: Connection,
    *,
    held_from: date | None,
    kelurahan: str | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[SessionView]:
    """Sessions by date from `held_from` on; `kelurahan`: only with this venue."""
    day, last = after or (None, None)
    rows = await conn.fetch(
        _SESSION
        + """
        where ($1::date is null or s.held_on >= $1)
          and ($2::text is null or s.kelurahan = $2)
          and ($3::date is null or (s.held_on, s.session_id) > ($3, $4::uuid))
        order by s.held_on, s.session_id limit $5
        """,
        held_from,
        kelurahan,
        day,
        last,
        limit,
    )
    return [SessionView(**_plain(row)) for row in rows]


async def roster(
    conn: Connection, session_id: UUID, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[SeatView] | None:
    """The seats of a session; None when there is no such session.

    Who reaches the venue sees every seat, wherever the business lies; who doesn't, sees the seats
    of businesses in their own area.
    """
    venue = await conn.fetchval("select kelurahan from session where session_id = $1", session_id)
    if venue is None:
        return None
    rows = await conn.fetch(
        """
        select e.enrolment_id, e.business_id, e.person_id, b.kelurahan, e.state, e.hours, e.version
        from enrolment e left join known_business_now b using (business_id)
        where e.session_id = $1 and ($2 or b.kelurahan like any ($3::text[]))
          and ($4::uuid is null or e.enrolment_id > $4)
        order by e.enrolment_id limit $5
        """,
        session_id,
        actor.reaches(venue),
        actor.patterns(),
        after,
        limit,
    )
    return [SeatView(**_plain(row)) for row in rows]


async def enrolment(conn: Connection, enrolment_id: UUID) -> EnrolmentView | None:
    """One seat with its history; None when there is no such enrolment."""
    row = await conn.fetchrow(
        """
        select e.enrolment_id, e.business_id, e.person_id, b.kelurahan, e.state, e.hours,
               e.version, s.session_id, s.title as session_title, s.held_on, s.kelurahan as venue
        from enrolment e join session s using (session_id)
        left join known_business_now b using (business_id)
        where e.enrolment_id = $1
        """,
        enrolment_id,
    )
    if row is None:
        return None
    entries = await conn.fetch(
        """
        select version, state, hours, reason, occurred_on, recorded_at, recorded_by
        from attendance where enrolment_id = $1 order by version
        """,
        enrolment_id,
    )
    return EnrolmentView(
        **_plain(row), attendance=tuple(Entry(**_plain(entry)) for entry in entries)
    )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with decimals as the shortest string: '4.50' is shown as '4.5'."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in row.items()
    }
