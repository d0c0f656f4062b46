"""What one batch writes: the position, the inbox, and a projection's rows, in one statement.

The position is advanced by compare-and-set. If it isn't where this process left it, the statement
fails as a whole (BN001) and nothing of the batch was written: a zombie can't write, and a COMMIT
whose answer was lost is noticed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from shared import arrays
from shared.cloudevents import Fault, Item
from shared.consumers import Projection
from shared.db import Connection
from shared.ids import uuid7s
from shared.parked import records, waiting
from shared.privacy import Keys

FENCED = "BN001"
ID_REUSED = "BN002"
REUSED = Fault("id_reused", "/id")
DEADLINE = timedelta(days=30)
"""How long an event waits for what it is about, before it goes to the work list."""

SLICE = 200
Aside = tuple[Any, ...]
"""Events to be put aside, ready for `park`; empty where there are none."""
Place = tuple[str, int]
"""A topic and a partition."""


@dataclass(frozen=True, slots=True)
class Move:
    """One partition's step: from the first offset not yet handled to the next one."""

    topic: str
    partition: int
    old: int
    new: int


def moves(items: Sequence[Item], positions: Mapping[Place, int]) -> list[Move]:
    """The steps that a batch makes, given where each partition is."""
    ends: dict[Place, int] = {}
    for item in items:
        ends[item.topic, item.partition] = item.offset + 1
    return [Move(*place, positions[place], end) for place, end in ends.items()]


# $1 consumer, $2-$5 the moves, $6-$13 the batch: arrays as text, the digests behind one another
_MOVED_AND_FRESH = """
with batch as (
    select event_id, source, substring($8::bytea from 16 * n::int - 15 for 16) as digest,
           topic, partition, record_offset,
           to_timestamp(milliseconds::float8 / 1000) as recorded_at, outcome
    from unnest($6::text::text[], $7::text::text[], $9::text::text[], $10::text::int[],
                $11::text::bigint[], $12::text::bigint[], $13::text::text[]) with ordinality
        as b (event_id, source, topic, partition, record_offset, milliseconds, outcome, n)
), moved as (
    update position p
    set next_offset = m.new_offset, moved_at = now(), last_offset = m.new_offset - 1,
        last_record_at = (
            select max(b.recorded_at) from batch b
            where b.topic = m.topic and b.partition = m.partition
              and b.record_offset = m.new_offset - 1)
    from unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[])
        as m (topic, partition, old_offset, new_offset)
    where p.consumer = $1 and p.topic = m.topic and p.partition = m.partition
      and p.next_offset = m.old_offset
    returning 1
), fresh as (
    insert into inbox (consumer, event_id, source, digest, topic, partition, record_offset,
                       recorded_at, outcome)
    select $1, b.* from batch b
    on conflict do nothing
    returning event_id, source
)"""

_ALL_FRESH = "(select count(*) from fresh) = (select count(*) from batch)"
_REUSED = """exists (
    select from stale s join inbox i on i.event_id = s.event_id and i.source = s.source
    where i.consumer = $1 and i.digest <> s.digest
      -- digests of different keys (a rotation) can't be compared
      and substr(i.digest, 1, 2) = substr(s.digest, 1, 2)
)"""

# Repeated events are few, and nothing is looked up or sent back for the others.
_ANSWER = f""", stale as materialized (
    select event_id, source, digest from batch b
    where not exists (select from fresh f where f.event_id = b.event_id and f.source = b.source)
)
select case when (select count(*) from moved) <> cardinality($2::text[]) then refuse('{FENCED}')
            when {_ALL_FRESH} then true
            when {_REUSED} then refuse('{ID_REUSED}')
            else false end as all_fresh,
       case when {_ALL_FRESH} then null
            else (select array_agg(array[event_id, source]) from stale) end as stale"""

# $14 topics and $15 keys of the batch. The lock makes the worker and a drain of the same key
# follow one another; a drain that emptied the key has removed its row.
_REACTION = (
    _MOVED_AND_FRESH
    + """, held as (
    select k.topic, k.key from parked_key k
    where k.consumer = $1
      and (k.topic, k.key) in (select * from unnest($14::text::text[], $15::text::text[]))
    order by k.topic, k.key
    for update
)"""
    + _ANSWER
    + ", (select array_agg(array[topic, key]) from held) as held"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the statement found in the inbox, and which keys it found held."""

    stale: frozenset[tuple[str, str]] = frozenset()
    """(event id, source) of events that were there before this batch."""
    held: frozenset[tuple[str, str]] = frozenset()
    """(topic, key) of keys behind whose parked events later ones must queue."""

    def is_new(self, item: Item) -> bool:
        """Whether the item is no duplicate."""
        return not self.stale or _identity(item) not in self.stale


async def see(
    conn: Connection, consumer: str, steps: Sequence[Move], items: Sequence[Item]
) -> Seen:
    """Advance the position, note the batch in the inbox, lock held keys: one round trip.

    Raises asyncpg.PostgresError with sqlstate FENCED or ID_REUSED.
    """
    keys = sorted({(i.topic, i.key) for i in items if i.key is not None})
    row = await conn.fetchrow(
        _REACTION,
        *_batch(consumer, steps, items),
        arrays.texts([topic for topic, _ in keys]),
        arrays.texts([key for _, key in keys]),
    )
    return Seen(_pairs(row["stale"]), _pairs(row["held"]))


def _pairs(found: Sequence[tuple[str, str]] | None) -> frozenset[tuple[str, str]]:
    return frozenset((one, other) for one, other in found or ())


def _batch(consumer: str, steps: Sequence[Move], items: Sequence[Item]) -> tuple[Any, ...]:
    noted = [i for i in items if not i.ignored]
    identities = [_identity(i) for i in noted]
    return (
        consumer,
        [s.topic for s in steps],
        [s.partition for s in steps],
        [s.old for s in steps],
        [s.new for s in steps],
        arrays.texts([event_id for event_id, _ in identities]),
        arrays.texts([source for _, source in identities]),
        b"".join([i.digest for i in noted]),
        arrays.texts([i.topic for i in noted]),
        arrays.plain([i.partition for i in noted]),
        arrays.plain([i.offset for i in noted]),
        arrays.plain([i.record.timestamp for i in noted]),
        arrays.texts(["done" if i.fault is None else i.fault.state for i in noted]),
    )


def _identity(item: Item) -> tuple[str, str]:
    """By what the inbox knows it. One that names no id, or another's, is known by its place.

    It would else be taken for a new one after a restore, and hold its key once more.
    """
    reused = item.fault is not None and item.fault.code == REUSED.code
    if item.event_id and item.source and not reused:
        return item.event_id, item.source
    return f"{item.topic}/{item.partition}/{item.offset}/{item.digest.hex()}", ""


class Table:
    """A projection's table: its columns' types, and the one statement that writes a batch."""

    def __init__(self, projection: Projection, types: Mapping[str, str], generation: int) -> None:
        self._projection, self._generation = projection, generation
        columns = list(projection.columns)
        numbered = enumerate([*(types[c] for c in columns), "bigint"], start=15)
        unnested = ", ".join(f"${n}::text::{kind}[]" for n, kind in numbered)
        self._columns = [(get, arrays.writer(types[c])) for c, get in projection.columns.items()]
        names = ", ".join([*columns, "version"])
        taken = ", ".join(
            f"{c} = excluded.{c}" for c in [*columns, "version"] if c != projection.key
        )
        self._sql = f"""{_MOVED_AND_FRESH}, rows as (
    insert into {projection.table} as t (generation, {names})
    select $14::smallint, r.* from unnest({unnested}) as r ({names})
    on conflict (generation, {projection.key}) do update set {taken}
    where t.version < excluded.version
){_ANSWER}"""

    async def write(
        self, conn: Connection, consumer: str, steps: Sequence[Move], items: Sequence[Item]
    ) -> Seen:
        """Write a batch; returns which of its events were new.

        Each key is folded to its highest version first: one statement can't touch a row twice.
        Raises asyncpg.PostgresError with sqlstate FENCED or ID_REUSED.
        """
        latest: dict[Any, tuple[int, Item]] = {}
        key_of = self._projection.columns[self._projection.key]
        version = self._projection.version
        for item in items:
            if item.event is not None and item.fault is None:
                key, number = key_of(item.event), version(item.event)
                known = latest.get(key)
                if known is None or known[0] < number:
                    latest[key] = (number, item)
        events = [item.event for _, item in latest.values() if item.event is not None]
        row = await conn.fetchrow(
            self._sql,
            *_batch(consumer, steps, items),
            self._generation,
            *(write([get(event) for event in events]) for get, write in self._columns),
            arrays.plain([number for number, _ in latest.values()]),
        )
        return Seen(_pairs(row["stale"]))


_TYPES = """
select attname, format_type(atttypid, atttypmod) as type from pg_attribute
where attrelid = $1::text::regclass and attnum > 0 and not attisdropped
"""


async def table(conn: Connection, projection: Projection, generation: int) -> Table:
    """The table of a projection as the database has it. KeyError for a column that it lacks."""
    rows = await conn.fetch(_TYPES, projection.table)
    return Table(projection, {r["attname"]: r["type"] for r in rows}, generation)


_PARK = """
with batch as (
    select parked_id, topic, partition, record_offset, key, source, event_id, sequence, state,
           code, pointer, detail, substring($13::bytea from begins for length) as record,
           substring($14::bytea from 16 * n::int - 15 for 16) as digest, due_at, deadline,
           detail_english, suggestions::jsonb, area
    from unnest($1::text::uuid[], $2::text::text[], $3::text::int[], $4::text::bigint[],
                $5::text::text[], $6::text::text[], $7::text::text[], $8::text::bigint[],
                $9::text::text[], $10::text::text[], $11::text::text[], $12::text::text[],
                $15::text::timestamptz[], $16::text::timestamptz[], $20::text::int[],
                $21::text::int[], $22::text::text[], $23::text::text[], $24::text::text[])
        with ordinality
        as b (parked_id, topic, partition, record_offset, key, source, event_id, sequence, state,
              code, pointer, detail, due_at, deadline, begins, length, detail_english, suggestions,
              area, n)
), held as (
    insert into parked_key (consumer, topic, key)
    select distinct $17, topic, key from batch
    where $19 and key is not null and state <> 'rejected'
    on conflict do nothing
), noted as (
    update inbox i set outcome = k.state
    from unnest($9::text::text[], $25::text::text[], $26::text::text[])
        as k (state, event_id, source)
    where i.consumer = $17 and i.event_id = k.event_id and i.source = k.source
      and i.outcome <> k.state
)
insert into parked (parked_id, topic, partition, record_offset, key, source, event_id, sequence,
                    state, code, pointer, detail, record, digest, due_at, deadline,
                    detail_english, suggestions, area, consumer, parked_at, ended_at)
select b.parked_id, b.topic, b.partition, b.record_offset, b.key, b.source, b.event_id, b.sequence,
       b.state, b.code, b.pointer, b.detail, b.record, b.digest, b.due_at, b.deadline,
       b.detail_english, b.suggestions,
       case when b.area is null and b.state = 'behind' then (
           -- whose it is that is in front
           select p.area from parked p
           where p.consumer = $17 and p.topic = b.topic and p.key = b.key and p.ended_at is null
             and p.area is not null
           limit 1) else b.area end,
       $17, $18, case when b.state = 'rejected' then $18::timestamptz end from batch b
on conflict do nothing
"""


async def park(conn: Connection, aside: Aside) -> None:
    """Put events aside: one round trip, whatever their number."""
    if aside:
        await conn.execute(_PARK, *aside)


async def put_aside(
    keys: Keys,
    consumer: str,
    faulty: Sequence[tuple[Item, Fault]],
    now: datetime,
    *,
    hold_keys: bool,
    waits: timedelta = DEADLINE,
) -> Aside:
    """What `park` writes about events that are parked, wait, or are behind another of their key.

    `hold_keys`: later events of these keys queue behind (reactions). A projection doesn't need
    it, since an older version never overwrites a newer one. Lets others have the loop meanwhile.
    """
    if not faulty:
        return ()
    known_as = [_identity(i) for i, _ in faulty]
    deadline, until = now + waits, str(now + waits)
    records_ = []
    for start in range(0, len(faulty), SLICE):
        records_ += [records.seal(keys, i.record) for i, _ in faulty[start : start + SLICE]]
        await asyncio.sleep(0)
    sealed, begins, lengths = arrays.joined(records_)
    return (
        arrays.uuids(uuid7s(len(faulty))),
        arrays.texts([i.topic for i, _ in faulty]),
        arrays.plain([i.partition for i, _ in faulty]),
        arrays.plain([i.offset for i, _ in faulty]),
        arrays.texts([i.key for i, _ in faulty]),
        arrays.texts([i.source for i, _ in faulty]),
        arrays.texts([i.event_id for i, _ in faulty]),
        arrays.plain([i.sequence for i, _ in faulty]),
        arrays.texts([f.state for _, f in faulty]),
        arrays.texts([f.code for _, f in faulty]),
        arrays.texts([f.pointer for _, f in faulty]),
        arrays.texts([f.waits_for or f.detail for _, f in faulty]),
        sealed,
        b"".join([i.digest for i, _ in faulty]),
        arrays.plain(
            [
                waiting.next_try(f.waits_for, now, deadline) if f.waits_for else None
                for _, f in faulty
            ]
        ),
        arrays.plain([until if f.waits_for else None for _, f in faulty]),
        consumer,
        now,
        hold_keys,
        begins,
        lengths,
        arrays.texts([f.staff.english for _, f in faulty]),
        arrays.texts([suggestions(f) for _, f in faulty]),
        arrays.texts([f.staff.area or None for _, f in faulty]),
        arrays.texts([event_id for event_id, _ in known_as]),
        arrays.texts([source for _, source in known_as]),
    )


def suggestions(fault: Fault) -> str:
    """What staff may choose from, as JSON."""
    return orjson.dumps([s._asdict() for s in fault.staff.suggestions]).decode()


class Position(NamedTuple):
    """Where a consumer is in a partition."""

    next_offset: int
    topic_id: UUID | None
    last_record_at: datetime | None
    """When the record before it was written to the topic, where that is known."""


async def positions(conn: Connection, consumer: str) -> dict[Place, Position]:
    """Where a consumer is, for each partition it ever had."""
    rows: list[asyncpg.Record] = await conn.fetch(
        """select topic, partition, next_offset, topic_id,
                  case when last_offset = next_offset - 1 then last_record_at end as last_record_at
           from position where consumer = $1""",
        consumer,
    )
    return {
        (r["topic"], r["partition"]): Position(r["next_offset"], r["topic_id"], r["last_record_at"])
        for r in rows
    }
