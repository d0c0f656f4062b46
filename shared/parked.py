"""What staff do with events that did not end yet: see, correct, replay, discard.

How they come to their end, alone or with what queues behind them, is in `drain.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from aiokafka.structs import ConsumerRecord

from shared import records
from shared.actor import Actor
from shared.batch import Writer
from shared.cloudevents import Fault, Reader
from shared.db import Connection, Tx
from shared.drain import CHUNK, Drained, close, drain, opened
from shared.errors import Refusal


class ParkedRefusal(Refusal):
    """Permintaan untuk kejadian tertahan ini tidak dapat dipenuhi."""

    code = "kejadian-tertahan-ditolak"
    english = "This request about a parked event cannot be fulfilled."


class NotOpen(ParkedRefusal):
    """Kejadian {parked_id} tidak ada, atau sudah selesai ditangani."""

    kind = "not_found"
    code = "kejadian-tidak-terbuka"
    english = "There is no open event {parked_id}: unknown, or already ended."


class StillBad(ParkedRefusal):
    """Kejadian {parked_id} masih ditolak: {reason}. Perbaiki lalu ulangi, atau buang."""

    kind = "unprocessable"
    code = "kejadian-masih-salah"
    english = "Event {parked_id} is still refused: {reason}. Correct and replay it, or discard it."


class NotFirst(ParkedRefusal):
    """Kejadian {first} dengan kunci yang sama harus diselesaikan lebih dahulu."""

    code = "kejadian-sebelumnya-belum-selesai"
    english = "Event {first} of the same key has to end first."


class ReasonMissing(ParkedRefusal):
    """Alasan wajib diisi."""

    kind = "unprocessable"
    code = "alasan-wajib"
    english = "A reason is required."


@dataclass(frozen=True, slots=True)
class Correction:
    """What staff put in place of what came: a new body, key, or headers (`ce_type`, …)."""

    value: bytes | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


_LIST = """
select parked_id, consumer, topic, partition, record_offset, key, source, event_id, sequence,
       state, code, pointer, detail, parked_at, due_at, deadline, tries
from parked
where ended_at is null and ($1::text is null or consumer = $1) and ($2::text is null or state = $2)
  and ($3::uuid is null or parked_id > $3)
order by parked_id limit $4
"""


async def listed(
    conn: Connection,
    *,
    consumer: str | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int = CHUNK,
) -> list[asyncpg.Record]:
    """The open events, oldest first: everything but their content."""
    return list(await conn.fetch(_LIST, consumer, state, after, limit))


async def shown(writer: Writer, conn: Connection, parked_id: UUID, actor: Actor) -> ConsumerRecord:
    """The raw record of an event. That somebody looked is written down. Raises NotOpen."""
    async with conn.transaction():
        row = await conn.fetchrow("select * from parked where parked_id = $1", parked_id)
        if row is None:
            raise NotOpen(parked_id=parked_id)
        await _audit(conn, parked_id, datetime.now(UTC), actor.subject, "shown", "")
    return records.unseal(writer.keys, row)


async def replay(
    writer: Writer,
    reader: Reader,
    conn: Connection,
    parked_id: UUID,
    actor: Actor,
    *,
    correction: Correction | None = None,
    reason: str = "",
) -> Drained:
    """Try a parked event again, corrected or as it is, and then what queues behind it.

    All or nothing: if the event is still refused, nothing has changed and StillBad says why.
    Raises NotOpen, NotFirst, StillBad, ReasonMissing (a correction needs a reason).
    """
    if correction is not None and not reason.strip():
        raise ReasonMissing(pointer="/reason")
    async with opened(writer, conn, actor) as tx:
        row = await _hold(tx, writer, parked_id)
        if correction is not None:
            row = await _correct(tx, writer, row, correction, reason)
        await _audit(conn, parked_id, tx.now, actor.subject, "replayed", reason)
        drained = await drain(tx, writer, reader, row["topic"], row["key"], pushed=parked_id)
        if parked_id not in drained.ended:
            fault = drained.fault or Fault("unexpected")
            if drained.stopped_at not in (None, parked_id):
                raise NotFirst(first=drained.stopped_at)
            raise StillBad(parked_id=parked_id, reason=f"{fault.code} {fault.pointer}".strip())
        return drained


async def discard(
    writer: Writer,
    reader: Reader,
    conn: Connection,
    parked_id: UUID,
    actor: Actor,
    reason: str,
    code: str = "other",
) -> Drained:
    """End an event without effect, for a reason, and let what queues behind it follow.

    `code` is what its sender is told (DISCARDED); `reason` stays here.
    Raises NotOpen, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    async with opened(writer, conn, actor) as tx:
        row = await _hold(tx, writer, parked_id)
        await _audit(conn, parked_id, tx.now, actor.subject, "discarded", reason)
        await close(tx, writer, reader, row, "discarded", reason, code)
        return await drain(tx, writer, reader, row["topic"], row["key"])


async def _hold(tx: Tx, writer: Writer, parked_id: UUID) -> asyncpg.Record:
    """Lock the event's key (or the event, if it has none), then read it as it is now."""
    find = "select * from parked where parked_id = $1 and consumer = $2 and ended_at is null"
    row = await tx.conn.fetchrow(find, parked_id, writer.name)
    if row is None:
        raise NotOpen(parked_id=parked_id)
    await tx.conn.fetchrow(
        "select from parked_key where consumer = $1 and topic = $2 and key = $3 for update",
        writer.name,
        row["topic"],
        row["key"],
    )
    row = await tx.conn.fetchrow(f"{find} for update", parked_id, writer.name)
    if row is None:
        raise NotOpen(parked_id=parked_id)
    return row


async def _correct(
    tx: Tx, writer: Writer, row: asyncpg.Record, correction: Correction, reason: str
) -> asyncpg.Record:
    """Store the corrected record in place of what came. The digest stays that of what came."""
    came = records.unseal(writer.keys, row)
    corrected = records.made(
        row,
        came.key if correction.key is None else correction.key.encode(),
        came.value if correction.value is None else correction.value,
        list((dict(came.headers) | {n: v.encode() for n, v in correction.headers.items()}).items()),
        came.timestamp,
    )
    await _audit(tx.conn, row["parked_id"], tx.now, tx.actor.subject, "corrected", reason)
    return await tx.conn.fetchrow(
        "update parked set record = $2 where parked_id = $1 returning *",
        row["parked_id"],
        records.seal(writer.keys, corrected),
    )


async def _audit(
    conn: Connection, parked_id: UUID, at: datetime, actor: str, act: str, reason: str
) -> None:
    await conn.execute(
        "insert into parked_audit (parked_id, at, actor, act, reason) values ($1,$2,$3,$4,$5)",
        parked_id,
        at,
        actor,
        act,
        reason,
    )
