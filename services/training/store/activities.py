"""Activities and cohorts."""

from uuid import UUID

from services.training.domain.activity import Activity, Cohort
from shared.db import Connection, Tx


async def insert(tx: Tx, activity: Activity) -> None:
    """A new activity."""
    await tx.conn.execute(
        """
        insert into activity (activity_id, title, year, organising_office, version, created_at,
                              created_by)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        activity.id,
        activity.title,
        activity.year,
        activity.organising_office,
        activity.version,
        tx.now,
        tx.actor.subject,
    )


async def find(conn: Connection, activity_id: UUID) -> Activity | None:
    """The activity; None when there is none."""
    row = await conn.fetchrow("select * from activity where activity_id = $1", activity_id)
    if row is None:
        return None
    return Activity(
        row["activity_id"], row["title"], row["year"], row["organising_office"], row["version"]
    )


async def insert_cohort(tx: Tx, cohort: Cohort) -> None:
    """A new cohort of an activity."""
    await tx.conn.execute(
        """
        insert into cohort (cohort_id, activity_id, title, version, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6)
        """,
        cohort.id,
        cohort.activity.id,
        cohort.title,
        cohort.version,
        tx.now,
        tx.actor.subject,
    )


async def lock_cohort(conn: Connection, cohort_id: UUID) -> bool:
    """Lock the cohort's row: its sessions and its certificates stand still. False: none there."""
    row = await conn.fetchrow("select from cohort where cohort_id = $1 for update", cohort_id)
    return row is not None


async def has_certificates(conn: Connection, cohort_id: UUID) -> bool:
    """Whether anybody of the (locked) cohort holds its certificate."""
    held: bool = await conn.fetchval(
        "select exists (select from certificate where cohort_id = $1 and status = 'issued')",
        cohort_id,
    )
    return held
