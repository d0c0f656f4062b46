"""What the clock brings to its end: waiting events that are due, and what waited in vain.

What waits for something that somebody will announce is due at its deadline only, and then by the
hundred thousand: a civil registry tells about everybody. So those end in bulk, where `drain.py`
takes a key at a time.
"""

import asyncpg

from shared.actor import Actor
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.db import Connection, Tx
from shared.parked import waiting
from shared.parked.desks import Desk, opened
from shared.parked.drain import drain, tell

KEYS, CHUNK = 100, 1_000
"""Tried at a time, and ended in bulk."""
STRANGER = "not_registered"
"""What the sender is told of an event about somebody who did not become registered in time."""

_WAITING = """
select topic, key from parked
where ended_at is null and state = 'waiting' and due_at <= now() and consumer = $1
order by due_at limit $2
"""
# Keys are locked by one statement and read by the next: what was seen before the lock may be over.
_OVERDUE_KEYS = f"""
with due as (
    select topic, key from parked
    where consumer = $1 and ended_at is null and state = 'waiting' and due_at <= now()
      and deadline <= now() and starts_with(detail, '{waiting.UNTIL}')
    order by due_at limit $2
)
select k.topic, k.key from parked_key k
where k.consumer = $1 and (k.topic, k.key) in (select topic, key from due)
order by k.topic, k.key for update skip locked
"""  # noqa: S608 - our own constant
_OVERDUE = f"""
select p.*, exists (select from parked_audit a where a.parked_id = p.parked_id) as looked_at
from parked p join unnest($2::text[], $3::text[]) as held (topic, key) using (topic, key)
where p.consumer = $1 and p.ended_at is null and p.state = 'waiting' and p.deadline <= now()
  and starts_with(p.detail, '{waiting.UNTIL}')
order by p.parked_id
"""  # noqa: S608
_TO_STAFF = """
update parked set state = 'parked', code = $2, due_at = null where parked_id = any($1::uuid[])
"""
# Nothing of it stays but what the sender was told: she is no concern of the programme's.
_FORGET = """
with gone as (
    delete from parked where parked_id = any($1::uuid[])
    returning consumer, topic, key, event_id, source
)
update inbox i set outcome = 'discarded' from gone g
where i.consumer = g.consumer and i.event_id = g.event_id and i.source = g.source
"""
_NEXT = """
with next as (
    select distinct on (topic, key) parked_id, topic, key from parked
    where consumer = $1 and ended_at is null
      and (topic, key) in (select * from unnest($2::text[], $3::text[]))
    order by topic, key, sequence nulls first, partition, record_offset
), on_their_way as (
    update parked p set state = 'waiting', due_at = now() from next n
    where p.parked_id = n.parked_id and p.state <> 'parked'
)
delete from parked_key k
where k.consumer = $1 and (k.topic, k.key) in (select * from unnest($2::text[], $3::text[]))
  and (k.topic, k.key) not in (select topic, key from next)
"""


async def drain_due(writer: Writer, reader: Reader, conn: Connection, actor: Actor) -> int:
    """Bring waiting events whose time has come to their end, or try them; returns how many ended.

    Any number of workers may do this at once: a key that another one holds is left to it.
    """
    due = await conn.fetch(_WAITING, writer.name, KEYS)
    if not due:
        return 0
    desk = Desk.of(writer, reader)
    async with opened(writer, conn, actor) as tx:
        ended = await end_overdue(tx, desk)
    if ended:
        due = await conn.fetch(_WAITING, writer.name, KEYS)
    for topic, key in dict.fromkeys(map(tuple, due)):
        async with opened(writer, conn, actor) as tx:
            lock = "select true from parked_key where consumer = $1 and topic = $2 and key = $3"
            if await conn.fetchval(f"{lock} for update skip locked", writer.name, topic, key):
                ended += len((await drain(tx, desk, topic, key)).ended)
    return ended


async def end_overdue(tx: Tx, desk: Desk) -> int:
    """Bring a chunk of those that have waited in vain to their end; returns how many.

    What they wait for would have let them go, so they aren't tried again. They go to staff; on a
    topic that tells about everybody they are forgotten, unless somebody has looked at them already.
    """
    held = await tx.conn.fetch(_OVERDUE_KEYS, desk.name, CHUNK)
    keys = [row["topic"] for row in held], [row["key"] for row in held]
    strangers: list[asyncpg.Record] = []
    others: list[asyncpg.Record] = []
    for row in await tx.conn.fetch(_OVERDUE, desk.name, *keys) if held else ():
        forgets = desk.reader.catalogue(row["topic"]).about_everybody and not row["looked_at"]
        (strangers if forgets else others).append(row)
    if others:
        ids = [row["parked_id"] for row in others]
        await tx.conn.execute(_TO_STAFF, ids, waiting.TOO_LONG)
        await tell(tx, desk, others, "waiting", waiting.TOO_LONG)
    if strangers:
        await tx.conn.execute(_FORGET, [row["parked_id"] for row in strangers])
        places = [row["topic"] for row in strangers], [row["key"] for row in strangers]
        await tx.conn.execute(_NEXT, desk.name, *places)
        await tell(tx, desk, strangers, "discarded", STRANGER)
    return len(others) + len(strangers)
