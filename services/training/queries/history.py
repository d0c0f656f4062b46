"""What a business's owner was taught, by the programme and by other offices."""

from datetime import date
from uuid import UUID

from services.training.domain.history import Taught, count
from services.training.queries.views import View
from shared.db import Connection


class TaughtView(View):
    """One training. `counted`: false where another office names the same days for her."""

    training_id: UUID
    ours: bool
    by_office: str
    title: str
    topics: tuple[str, ...]
    began_on: date
    ended_on: date
    hours: str
    counted: bool


class HistoryView(View):
    """Everything that she was taught up to a day, oldest first, and the figures.

    `hours`: decimal string. `never_served`: nobody had taught her anything by then.
    """

    on: date
    business_id: UUID
    person_id: UUID
    by_us: int
    by_others: int
    hours: str
    never_served: bool
    trainings: tuple[TaughtView, ...]


async def history(conn: Connection, business_id: UUID, on: date) -> HistoryView | None:
    """Of the owner of a business, by its last day; None when registry hasn't told of it."""
    person_id = await conn.fetchval(
        "select owner_id from known_business_now where business_id = $1", business_id
    )
    if person_id is None:
        return None
    rows = await conn.fetch(
        """
        select s.session_id as id, true as ours, s.organising_office as by_office, s.title,
               array_to_string(s.topics, ' ') as topics, s.held_on as began_on,
               s.held_on as ended_on, e.hours
        from enrolment e join session s using (session_id)
        where e.person_id = $1 and e.state = 'present' and s.held_on <= $2
        union all
        select outside_training_id, false, by_office, title, topics, began_on, ended_on, hours
        from known_outside_training_now where person_id = $1 and ended_on <= $2
        order by began_on, id
        """,
        person_id,
        on,
    )
    counted = count(
        Taught(r["id"], r["ours"], r["by_office"], r["began_on"], r["ended_on"], r["hours"])
        for r in rows
    )
    return HistoryView(
        on=on,
        business_id=business_id,
        person_id=person_id,
        by_us=counted.by_us,
        by_others=counted.by_others,
        hours=f"{counted.hours.normalize():f}",
        never_served=counted.never_served,
        trainings=tuple(
            TaughtView(
                training_id=row["id"],
                ours=row["ours"],
                by_office=row["by_office"],
                title=row["title"],
                topics=tuple(row["topics"].split()),
                began_on=row["began_on"],
                ended_on=row["ended_on"],
                hours=f"{row['hours'].normalize():f}",
                counted=row["id"] not in counted.claimed_again,
            )
            for row in rows
        ),
    )
