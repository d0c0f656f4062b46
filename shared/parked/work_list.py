"""What staff ask of the events that did not end: a page of them, their groups, one's content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka.structs import ConsumerRecord

from shared.actor import Actor
from shared.batch import Writer
from shared.contracts.areas import CITY
from shared.contracts.topics import TRIAL
from shared.db import Connection
from shared.parked import records
from shared.parked.refusals import NotOpen

CHUNK = 100
NO_TRIAL = f"consumer not like '%{TRIAL}'"
"""What is tried out only is nobody's work."""
IN_AREAS = f"coalesce(area, '{CITY}') like any ({{}}::text[])"
"""Of what lies nobody knows where: it is for whoever works for the whole city."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open events. `areas`: patterns of the caller's; None: any."""

    areas: Sequence[str]
    state: str | None = None
    topics: Sequence[str] | None = None
    source: str | None = None
    code: str | None = None
    area: str | None = None

    def arguments(self) -> tuple[Any, ...]:
        """What stands for $1 to $6."""
        within = None if self.area is None else [self.area, f"{self.area}.%"]
        return self.areas, self.state, self.topics, self.source, self.code, within


_WANTED = f"""
ended_at is null and {NO_TRIAL} and {IN_AREAS.format("$1")}
and ($2::text is null or state = $2) and ($3::text[] is null or topic = any ($3))
and ($4::text is null or source = $4) and ($5::text is null or code = $5)
and ($6::text[] is null or area like any ($6))
"""
_BEHIND = """
(select count(*) from parked b
 where b.consumer = p.consumer and b.topic = p.topic and b.key = p.key
   and b.ended_at is null and b.state = 'behind'
   and (coalesce(b.sequence, -1), b.partition, b.record_offset)
       > (coalesce(p.sequence, -1), p.partition, p.record_offset))
"""
_PAGE = f"""
select parked_id, consumer, topic, key, source, event_id, sequence, state, code, pointer, detail,
       detail_english, suggestions, area, parked_at, deadline, tries, {_BEHIND} as behind
from parked p
where {_WANTED} and ($7::uuid is null or parked_id > $7)
order by parked_id limit $8
"""  # noqa: S608 - our own constants, here and below
_GROUPS = f"""
select topic, code, state, count(*) as events, min(parked_at) as oldest, max(parked_at) as newest
from parked where {_WANTED} group by topic, code, state order by events desc, topic, code, state
"""  # noqa: S608
_LIST = f"""
select parked_id, consumer, topic, partition, record_offset, key, source, event_id, sequence,
       state, code, pointer, detail, parked_at, due_at, deadline, tries
from parked
where ended_at is null and (consumer = $1 or $1::text is null and {NO_TRIAL})
  and ($2::text is null or state = $2)
  and ($3::uuid is null or parked_id > $3)
order by parked_id limit $4
"""  # noqa: S608 - our own constant


async def page(
    conn: Connection, wanted: Wanted, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Open events, oldest first, without their content; `behind`: how many queue behind each."""
    return list(await conn.fetch(_PAGE, *wanted.arguments(), after, limit))


async def groups(conn: Connection, wanted: Wanted) -> list[asyncpg.Record]:
    """How many open events there are by topic, code and state; the largest group first."""
    return list(await conn.fetch(_GROUPS, *wanted.arguments()))


async def queued(conn: Connection, parked_id: UUID) -> int:
    """How many events of its key queue behind an event."""
    found = await conn.fetchval(
        f"select {_BEHIND} from parked p where parked_id = $1",  # noqa: S608
        parked_id,
    )
    return int(found or 0)


async def listed(
    conn: Connection,
    *,
    consumer: str | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int = CHUNK,
) -> list[asyncpg.Record]:
    """The open events, oldest first: everything but their content. Trials by their consumer."""
    return list(await conn.fetch(_LIST, consumer, state, after, limit))


async def looked_at(
    conn: Connection, parked_id: UUID, actor: Actor, patterns: Sequence[str] = ("%",)
) -> asyncpg.Record:
    """The row of an event, open or ended, within these areas. Raises NotOpen.

    That somebody looked is written by the statement that reads: no content without it.
    """
    row = await conn.fetchrow(
        f"""
        with looked as (
            insert into parked_audit (parked_id, at, actor, act)
            select parked_id, now(), $2, 'shown' from parked
            where parked_id = $1 and {IN_AREAS.format("$3")} and {NO_TRIAL}
            returning parked_id
        )
        select p.* from looked join parked p using (parked_id)
        """,  # noqa: S608 - our own constants
        parked_id,
        actor.subject,
        patterns,
    )
    if row is None:
        raise NotOpen(parked_id=parked_id)
    return row


async def shown(writer: Writer, conn: Connection, parked_id: UUID, actor: Actor) -> ConsumerRecord:
    """The raw record of an event. That somebody looked is written down. Raises NotOpen."""
    return records.unseal(writer.keys, await looked_at(conn, parked_id, actor))
