"""Who did what to an event that did not end. (That somebody looked: `work_list.looked_at`.)"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.db import Connection, Tx

_HISTORY = """
select at, actor, act, pointer, reason from parked_audit where parked_id = $1 order by audit_id
"""


async def note(
    tx: Tx, parked_ids: Sequence[UUID], act: str, reason: str, pointer: str = ""
) -> None:
    """Write down who did what to these events, and to which field."""
    await tx.conn.execute(
        """
        insert into parked_audit (parked_id, at, actor, act, reason, pointer)
        select parked_id, $2, $3, $4, $5, $6 from unnest($1::uuid[]) as parked_id
        """,
        parked_ids,
        tx.now,
        tx.actor.subject,
        act,
        reason,
        pointer,
    )


async def history(conn: Connection, parked_id: UUID) -> list[asyncpg.Record]:
    """Who did what to an event."""
    return list(await conn.fetch(_HISTORY, parked_id))
