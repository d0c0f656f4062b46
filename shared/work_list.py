"""What staff ask of the events that did not end: a page of them, their groups, one's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from shared.db import Connection
from shared.parked import IN_AREAS, NO_TRIAL


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
_HISTORY = """
select at, actor, act, pointer, reason from parked_audit where parked_id = $1 order by audit_id
"""


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


async def history(conn: Connection, parked_id: UUID) -> list[asyncpg.Record]:
    """Who did what to an event."""
    return list(await conn.fetch(_HISTORY, parked_id))
