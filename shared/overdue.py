"""What has waited in vain for something that somebody would have announced.

Such events come by the hundred thousand: a civil registry tells about everybody. They needn't be
tried again, since what they wait for would have let them go; so they are brought to their end in
bulk, where `drain.py` takes a key at a time.
"""

from collections.abc import Sequence

import asyncpg

from shared import receipts
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.contracts.receipts import Outcome
from shared.db import Tx

CHUNK = 1_000
TOO_LONG = "waited_too_long"
STRANGER = "not_registered"
"""What the sender is told of an event about somebody who did not become registered in time."""

# Keys are locked by one statement and read by the next: what was seen before the lock may be over.
_DUE = """
with due as (
    select topic, key from parked
    where consumer = $1 and ended_at is null and state = 'waiting' and due_at <= now()
      and deadline <= now() and starts_with(detail, 'until ')
    order by due_at limit $2
)
select k.topic, k.key from parked_key k
where k.consumer = $1 and (k.topic, k.key) in (select topic, key from due)
order by k.topic, k.key for update skip locked
"""
_OVERDUE = """
select p.*, exists (select from parked_audit a where a.parked_id = p.parked_id) as looked_at
from parked p join unnest($2::text[], $3::text[]) as held (topic, key) using (topic, key)
where p.consumer = $1 and p.ended_at is null and p.state = 'waiting' and p.deadline <= now()
  and starts_with(p.detail, 'until ')
order by p.parked_id
"""
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


async def end_overdue(tx: Tx, writer: Writer, reader: Reader) -> int:
    """Bring a chunk of them to their end; returns how many.

    They go to staff; on a topic that tells about everybody they are forgotten, unless somebody
    has looked at them already.
    """
    held = await tx.conn.fetch(_DUE, writer.name, CHUNK)
    if not held:
        return 0
    keys = [row["topic"] for row in held], [row["key"] for row in held]
    rows = await tx.conn.fetch(_OVERDUE, writer.name, *keys)
    strangers: list[asyncpg.Record] = []
    others: list[asyncpg.Record] = []
    for row in rows:
        forgets = reader.catalogue(row["topic"]).about_everybody and not row["looked_at"]
        (strangers if forgets else others).append(row)
    await tx.conn.execute(_TO_STAFF, [row["parked_id"] for row in others], TOO_LONG)
    await tx.conn.execute(_FORGET, [row["parked_id"] for row in strangers])
    if strangers:
        await tx.conn.execute(
            _NEXT,
            writer.name,
            [row["topic"] for row in strangers],
            [row["key"] for row in strangers],
        )
    await _tell(tx, reader, others, "waiting", TOO_LONG)
    await _tell(tx, reader, strangers, "discarded", STRANGER)
    return len(rows)


async def _tell(
    tx: Tx, reader: Reader, rows: Sequence[asyncpg.Record], outcome: Outcome, code: str
) -> None:
    to = [(row, reader.catalogue(row["topic"]).receipts) for row in rows]
    await receipts.give(tx, [receipts.of_row(row, name, outcome, code) for row, name in to if name])
