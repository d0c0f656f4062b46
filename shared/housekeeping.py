"""What the worker does by the clock: due events, gauges from the database, old rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
from prometheus_client import Gauge

from shared import feeds, metrics
from shared.actor import service_actor
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Reaction
from shared.contracts import topics
from shared.contracts.topics import TRIAL
from shared.db import Database
from shared.http import idempotency
from shared.parked import waiting
from shared.parked.due import drain_due
from shared.parked.work_list import NO_TRIAL

PURGE_ROWS = 5_000

_BY_STATE = {
    "parked": (metrics.parked_rows, metrics.parked_oldest_age_seconds),
    "waiting": (metrics.waiting_rows, metrics.waiting_oldest_age_seconds),
    "behind": (metrics.behind_rows, metrics.behind_oldest_age_seconds),
}

_OPEN = f"""
select split_part(consumer, '@', 1) as consumer, state, count(*) as rows,
       min(parked_at) as oldest, count(*) filter (where deadline <= now()) as overdue
from parked where ended_at is null and {NO_TRIAL} group by 1, 2
"""  # noqa: S608 - our own constant
_OUTBOX = (
    "select count(*) as rows, min(j.time) as oldest from outbox join journal j using (event_id)"
)
_PURGE = """
delete from inbox where (consumer, event_id, source) in (
    select consumer, event_id, source from inbox
    where topic = any($1) and handled_at < $2 limit $3)
"""


async def drain(db: Database, work: Sequence[tuple[Writer, Reader]]) -> None:
    """Try again what waits and is due. Two workers at once share the keys."""
    actor = service_actor(db.service)
    async with db.pool.acquire() as conn:
        await waiting.let_go_the_late(conn)
    for writer, reader in work:
        if isinstance(writer.consumer, Reaction):
            async with db.pool.acquire() as conn:
                await drain_due(writer, reader, conn, actor)


async def gauges(db: Database, consumers: Sequence[str]) -> None:
    """Set the gauges of rows and ages, so that they are right after a restart too."""
    now = datetime.now(UTC)
    row = await db.pool.fetchrow(_OUTBOX)
    metrics.outbox_pending_rows.set(row["rows"])
    metrics.outbox_oldest_age_seconds.set(_age(now, row["oldest"]))
    found = {(r["consumer"], r["state"]): r for r in await db.pool.fetch(_OPEN)}
    for consumer in consumers:
        if consumer.endswith(TRIAL):
            continue
        for state, (rows, ages) in _BY_STATE.items():
            _set(rows, ages, consumer, now, found.get((consumer, state)))
        late = sum(r["overdue"] for (name, _), r in found.items() if name == consumer)
        metrics.overdue_rows.labels(consumer).set(late)


async def purge(pool: asyncpg.Pool) -> None:
    """Forget, a chunk at a time, what can't be asked for any more.

    Answers of idempotent requests after 48 hours. Inbox rows after twice their topic's retention:
    the record can't come again. Topics that keep their records for ever keep their inbox rows too.
    """
    async with pool.acquire() as conn:
        await idempotency.purge(conn, PURGE_ROWS)
        await conn.execute(
            "delete from arrival where arrived_at < now() - $1::interval", waiting.KEPT
        )
        await conn.execute(
            "delete from feed_activity where since < now() - $1::interval", feeds.KEPT
        )
    for topic in topics.TOPICS:
        if topic.retention_days is not None and not topic.operations:
            before = datetime.now(UTC) - timedelta(days=2 * topic.retention_days)
            await pool.execute(_PURGE, [topic.name], before, PURGE_ROWS)


def _set(
    rows: Gauge, ages: Gauge, consumer: str, now: datetime, found: asyncpg.Record | None
) -> None:
    rows.labels(consumer).set(found["rows"] if found else 0)
    ages.labels(consumer).set(_age(now, found["oldest"]) if found else 0)


def _age(now: datetime, oldest: datetime | None) -> float:
    return 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0)
