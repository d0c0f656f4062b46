"""What training can be asked about sessions: the calendar, and the room against the roster."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.training.domain.headcount import Counted, reconcile
from services.training.queries.views import View, plain
from shared.actor import Actor
from shared.db import Connection


class SessionView(View):
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
    cohort_id: UUID | None
    headcount: int | None
    version: int


class Sessions(View):
    """One page of the calendar, by date."""

    items: tuple[SessionView, ...]


class FromKecamatan(View):
    """How many came from one kecamatan, by where the business lies."""

    kecamatan: str | None
    enrolled: int
    present: int


class Count(View):
    """One count of the room, and who counted."""

    headcount: int
    approximate: bool
    source: str
    recorded_at: datetime
    recorded_by: str


class HeadcountView(View):
    """The newest count of the room beside the roster. `difference`: counted, less named."""

    session_id: UUID
    held_on: date
    kelurahan: str
    headcount: int | None
    approximate: bool | None
    enrolled: int
    present: int
    excused: int
    absent: int
    unrecorded: int
    difference: int | None
    verdict: str
    by_kecamatan: tuple[FromKecamatan, ...]
    counts: tuple[Count, ...]


class TopicView(View):
    """A topic, what it is meant to ease, how many in the caller's areas have that, and sessions."""

    topic: str
    constraints: tuple[str, ...]
    businesses: int
    sessions: int


class Topics(View):
    """All topics, those that ease what holds back most businesses first."""

    items: tuple[TopicView, ...]


SESSION = """
select s.session_id, s.title, s.topics, s.held_on, s.hours, s.kelurahan, s.capacity,
       s.organising_office, s.cohort_id, s.headcount, s.version,
       (select count(*) from enrolment e where e.session_id = s.session_id) as taken
from session s
"""


async def session(conn: Connection, session_id: UUID) -> SessionView | None:
    """One session; None when there is no such session."""
    row = await conn.fetchrow(SESSION + "where s.session_id = $1", session_id)
    return SessionView(**plain(row)) if row else None


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
        SESSION
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
    return [SessionView(**plain(row)) for row in rows]


async def headcount(conn: Connection, session_id: UUID) -> HeadcountView | None:
    """The room against the roster; None when there is no such session. One statement a part."""
    row = await conn.fetchrow(
        """
        select s.session_id, s.held_on, s.kelurahan,
               count(e.*) as enrolled,
               count(e.*) filter (where e.state = 'present') as present,
               count(e.*) filter (where e.state = 'excused') as excused,
               count(e.*) filter (where e.state = 'absent') as absent,
               count(e.*) filter (where e.state = 'enrolled') as unrecorded
        from session s left join enrolment e using (session_id)
        where s.session_id = $1 group by s.session_id
        """,
        session_id,
    )
    if row is None:
        return None
    counts = await conn.fetch(
        """
        select headcount, approximate, source, recorded_at, recorded_by from headcount
        where session_id = $1 order by version desc
        """,
        session_id,
    )
    places = await conn.fetch(
        """
        select substr(b.kelurahan, 1, 8) as kecamatan, count(*) as enrolled,
               count(*) filter (where e.state = 'present') as present
        from enrolment e left join known_business_now b using (business_id)
        where e.session_id = $1 group by 1 order by 1
        """,
        session_id,
    )
    newest = counts[0] if counts else None
    counted = (
        Counted(newest["headcount"], newest["approximate"], newest["source"]) if newest else None
    )
    verdict, difference = reconcile(counted, row["present"], row["unrecorded"])
    return HeadcountView(
        **row,
        headcount=counted.headcount if counted else None,
        approximate=counted.approximate if counted else None,
        difference=difference,
        verdict=verdict.value,
        by_kecamatan=tuple(FromKecamatan(**place) for place in places),
        counts=tuple(Count(**count) for count in counts),
    )


async def topics(conn: Connection, actor: Actor) -> Sequence[TopicView]:
    """Every topic with how often it is needed in the actor's areas and how often it was taught."""
    rows = await conn.fetch(
        """
        select t.topic, t.constraints,
               (select count(*) from known_business_now b
                where b.kelurahan like any ($1::text[])
                  and string_to_array(b.constraints, ' ') && t.constraints) as businesses,
               (select count(*) from session s where t.topic = any (s.topics)) as sessions
        from topic t order by businesses desc, t.topic
        """,
        actor.patterns(),
    )
    return [TopicView(**row) for row in rows]
