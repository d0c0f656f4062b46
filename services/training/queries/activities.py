"""What training can be asked about activities and cohorts."""

from uuid import UUID

from services.training.queries.sessions import SESSION, SessionView
from services.training.queries.views import View, plain
from shared.db import Connection


class CohortLine(View):
    """A cohort in its activity's list."""

    cohort_id: UUID
    title: str
    sessions: int
    certificates: int


class ActivityView(View):
    """An activity and its cohorts."""

    activity_id: UUID
    title: str
    year: int
    organising_office: str
    cohorts: tuple[CohortLine, ...]
    version: int


class Learned(View):
    """The mean of the answers about one topic, 1 to 5, a decimal string."""

    topic: str
    answers: int
    mean: str


class CohortView(View):
    """A cohort: its sessions, its businesses, and what changed.

    `attended_all`: present at every session. Confidence: of those who answered before and after.
    """

    cohort_id: UUID
    activity_id: UUID
    activity_title: str
    title: str
    year: int
    organising_office: str
    businesses: int
    attended_all: int
    certificates: int
    confidence_answers: int
    confidence_before: str | None
    confidence_after: str | None
    learning: tuple[Learned, ...]
    sessions: tuple[SessionView, ...]
    version: int


async def activity(conn: Connection, activity_id: UUID) -> ActivityView | None:
    """One activity with its cohorts; None when there is no such activity."""
    row = await conn.fetchrow(
        "select activity_id, title, year, organising_office, version from activity "
        "where activity_id = $1",
        activity_id,
    )
    if row is None:
        return None
    cohorts = await conn.fetch(
        """
        select c.cohort_id, c.title,
               (select count(*) from session s where s.cohort_id = c.cohort_id) as sessions,
               (select count(*) from certificate t
                where t.cohort_id = c.cohort_id and t.status = 'issued') as certificates
        from cohort c where c.activity_id = $1 order by c.cohort_id
        """,
        activity_id,
    )
    return ActivityView(**row, cohorts=tuple(CohortLine(**cohort) for cohort in cohorts))


async def cohort(conn: Connection, cohort_id: UUID) -> CohortView | None:
    """One cohort; None when there is no such cohort."""
    row = await conn.fetchrow(
        """
        select c.cohort_id, c.activity_id, a.title as activity_title, c.title, a.year,
               a.organising_office, c.version,
               (select count(*) from certificate t
                where t.cohort_id = c.cohort_id and t.status = 'issued') as certificates,
               b.*, k.*
        from cohort c join activity a using (activity_id)
        cross join lateral (
            select count(*) as businesses,
                   count(*) filter (where present = sessions) as attended_all
            from (select count(*) filter (where e.state = 'present') as present,
                         (select count(*) from session o where o.cohort_id = $1) as sessions
                  from enrolment e join session s using (session_id)
                  where s.cohort_id = $1 group by e.business_id) each) b
        cross join lateral (
            select count(*) as confidence_answers, round(avg(confidence_before), 2)
                       as confidence_before, round(avg(confidence_after), 2) as confidence_after
            from (select min(e.confidence_before) as confidence_before,
                         max(e.confidence_after) as confidence_after
                  from enrolment e join session s using (session_id)
                  where s.cohort_id = $1 group by e.business_id
                  having min(e.confidence_before) is not null
                     and max(e.confidence_after) is not null) each) k
        where c.cohort_id = $1
        """,
        cohort_id,
    )
    if row is None:
        return None
    learned = await conn.fetch(
        """
        select split_part(l, ':', 1) as topic, count(*) as answers,
               round(avg(split_part(l, ':', 2)::int), 2) as mean
        from enrolment e join session s using (session_id) cross join unnest(e.learning) l
        where s.cohort_id = $1 group by 1 order by 1
        """,
        cohort_id,
    )
    held = await conn.fetch(
        SESSION + "where s.cohort_id = $1 order by s.held_on, s.session_id", cohort_id
    )
    return CohortView(
        **plain(row),
        learning=tuple(Learned(**plain(line)) for line in learned),
        sessions=tuple(SessionView(**plain(session)) for session in held),
    )
