"""Events that staff end without effect: one, or many of one kind in a few statements.

A full resync of a civil registry can leave thousands about people who are nobody's concern here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.actor import Actor
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Reaction
from shared.contracts.answers import DISCARDED
from shared.db import Connection, Tx
from shared.parked import audit
from shared.parked.desks import Desk, Desks, hold, opened, under_its_name
from shared.parked.drain import Drained, drain, end_without_effect, follow
from shared.parked.refusals import NoSuchEnd, ReasonMissing
from shared.parked.work_list import IN_AREAS, NO_TRIAL

MOST = 1_000
"""Events in one transaction."""

_KIND = f"""
topic = $1 and code = $2 and state = 'parked' and ended_at is null
and {NO_TRIAL} and {IN_AREAS.format("$3")}
"""
_FOUND = f"""
select parked_id, consumer, key from parked where {_KIND} order by parked_id limit $4
"""  # noqa: S608 - our own constants
_LEFT = f"select count(*) from parked where {_KIND}"  # noqa: S608
# In the order of the keys, as the intake takes them; what somebody else holds is left to him.
_HOLD = """
select key from parked_key where consumer = $1 and topic = $2 and key = any ($3::text[])
order by key for update skip locked
"""
_AS_THEY_ARE = """
select * from parked
where parked_id = any ($1::uuid[]) and code = $2 and state = 'parked' and ended_at is null
order by parked_id for update skip locked
"""


async def discard(
    writer: Writer,
    reader: Reader,
    conn: Connection,
    parked_id: UUID,
    actor: Actor,
    reason: str,
    code: str = "other",
) -> Drained:
    """`discard_in`, in a transaction of its own."""
    async with opened(writer, conn, actor) as tx:
        return await discard_in(tx, Desk.of(writer, reader), parked_id, reason, code)


async def discard_in(
    tx: Tx, desk: Desk, parked_id: UUID, reason: str, code: str = "other"
) -> Drained:
    """End an event without effect, for a reason, and let what queues behind it follow.

    `code` is what its sender is told (DISCARDED); `reason` stays here.
    Raises NotOpen, ReasonMissing, NoSuchEnd.
    """
    tx = under_its_name(tx, desk)
    _check(reason, code)
    row = await hold(tx, desk, parked_id)
    await audit.note(tx, [parked_id], "discarded", reason)
    await end_without_effect(tx, desk, [row], reason, code)
    return await drain(tx, desk, row["topic"], row["key"])


@dataclass(frozen=True, slots=True)
class Kind:
    """Parked events of one topic and code, within these areas (patterns)."""

    topic: str
    code: str
    areas: Sequence[str]


@dataclass(slots=True)
class Discarded:
    """How many were discarded, how many went on that queued behind them, and how many are left."""

    events: int = 0
    followed: int = 0
    left: int = 0


async def discard_many(
    tx: Tx, desks: Desks, kind: Kind, *, reason: str, code: str, limit: int = MOST
) -> Discarded:
    """Discard the oldest of a kind. `code`: what their senders are told (DISCARDED).

    Raises ReasonMissing, NoSuchEnd.
    """
    _check(reason, code)
    told = Discarded()
    found = await tx.conn.fetch(_FOUND, kind.topic, kind.code, kind.areas, limit)
    for name in sorted({row["consumer"] for row in found if desks.has(row["consumer"])}):
        desk = await desks.named(tx.conn, name)
        rows = [row for row in found if row["consumer"] == name]
        await _discard(under_its_name(tx, desk), desk, kind, rows, reason, code, told)
    told.left = await tx.conn.fetchval(_LEFT, kind.topic, kind.code, kind.areas)
    return told


async def _discard(
    tx: Tx,
    desk: Desk,
    kind: Kind,
    found: Sequence[asyncpg.Record],
    reason: str,
    code: str,
    told: Discarded,
) -> None:
    keys = sorted({row["key"] for row in found if row["key"] is not None})
    held = [r["key"] for r in await tx.conn.fetch(_HOLD, desk.name, kind.topic, keys)]
    ours = {None, *(held if isinstance(desk.consumer, Reaction) else keys)}
    ids = [row["parked_id"] for row in found if row["key"] in ours]
    rows = await tx.conn.fetch(_AS_THEY_ARE, ids, kind.code)
    ids = [row["parked_id"] for row in rows]
    await audit.note(tx, ids, "discarded", reason)
    await end_without_effect(tx, desk, rows, reason, code)
    told.events += len(ids)
    told.followed += await follow(tx, desk, [kind.topic] * len(held), held)


def _check(reason: str, code: str) -> None:
    """Raises ReasonMissing, NoSuchEnd."""
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    if code not in DISCARDED:
        raise NoSuchEnd(pointer="/code", given=code, known=", ".join(DISCARDED))
