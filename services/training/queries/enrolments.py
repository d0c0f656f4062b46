"""What training can be asked about seats: rosters, attendance and its history."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.training.queries.views import View, plain
from shared.actor import Actor
from shared.db import Connection


class SeatView(View):
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


class Roster(View):
    """One page of a session's seats, in the order of enrolment."""

    items: tuple[SeatView, ...]


class Entry(View):
    """What somebody wrote about the seat, and when. Entries are never changed."""

    version: int
    state: str
    hours: str | None
    reason: str | None
    occurred_on: date
    recorded_at: datetime
    recorded_by: str


class Learned(View):
    """How much she learned about a topic, 1 to 5."""

    topic: str
    score: int


class Answers(View):
    """What she answered one time. Answers are never changed."""

    version: int
    confidence_before: int | None
    confidence_after: int | None
    learning: tuple[Learned, ...]
    recorded_at: datetime
    recorded_by: str


class EnrolmentView(SeatView):
    """A seat with its session and the whole history of its attendance.

    `overridden`: what barred it; whoever wrote the first entry of `attendance` allowed it.
    """

    session_id: UUID
    session_title: str
    held_on: date
    venue: str
    overridden: tuple[str, ...]
    override_reason: str | None
    confidence_before: int | None
    confidence_after: int | None
    learning: tuple[Learned, ...]
    attendance: tuple[Entry, ...]
    answers: tuple[Answers, ...]


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
    return [SeatView(**plain(row)) for row in rows]


async def enrolment(conn: Connection, enrolment_id: UUID) -> EnrolmentView | None:
    """One seat with its history; None when there is no such enrolment."""
    row = await conn.fetchrow(
        """
        select e.enrolment_id, e.business_id, e.person_id, b.kelurahan, e.state, e.hours,
               e.version, e.confidence_before, e.confidence_after, e.learning,
               e.overridden, e.override_reason, s.session_id, s.title as session_title, s.held_on,
               s.kelurahan as venue
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
    answers = await conn.fetch(
        """
        select version, confidence_before, confidence_after, learning, recorded_at, recorded_by
        from assessment where enrolment_id = $1 order by version
        """,
        enrolment_id,
    )
    seat = plain(row)
    return EnrolmentView(
        **seat | {"learning": _learned(seat["learning"])},
        attendance=tuple(Entry(**plain(entry)) for entry in entries),
        answers=tuple(
            Answers(**dict(answer) | {"learning": _learned(answer["learning"])})
            for answer in answers
        ),
    )


def _learned(learning: Sequence[str]) -> tuple[Learned, ...]:
    return tuple(
        Learned(topic=topic, score=int(score))
        for topic, _, score in (entry.partition(":") for entry in learning)
    )
