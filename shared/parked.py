"""Events that did not end yet: how staff see, correct, replay and discard them, and how they drain.

A parked or waiting event of a reaction holds its key: later events of the key queue behind it and
follow in order, in the same transaction. The `parked_key` row is the lock between all who drain
(staff, timer) and the worker that appends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from aiokafka.structs import ConsumerRecord

from shared import inbox
from shared.actor import Actor
from shared.batch import Writer, fault_of
from shared.cloudevents import Fault, Item, Reader
from shared.consumers import Projection, Reaction, Waiting
from shared.db import Connection, Origin, Tx, transaction
from shared.errors import Refusal
from shared.trouble import meaning_of

LONGEST_PAUSE = timedelta(seconds=15)
CHUNK = 100


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


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain brought to its end, and the fault at which it stopped, if any."""

    ended: tuple[UUID, ...] = ()
    stopped_at: UUID | None = None
    fault: Fault | None = None


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
    return unpack(writer, row)


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
    async with _opened(writer, conn, actor) as tx:
        row = await _hold(tx, writer, parked_id)
        if correction is not None:
            row = await _correct(tx, writer, row, correction, reason)
        await _audit(conn, parked_id, tx.now, actor.subject, "replayed", reason)
        drained = await _drain(tx, writer, reader, row["topic"], row["key"], pushed=parked_id)
        if parked_id not in drained.ended:
            fault = drained.fault or Fault("unexpected")
            if drained.stopped_at not in (None, parked_id):
                raise NotFirst(first=drained.stopped_at)
            raise StillBad(parked_id=parked_id, reason=f"{fault.code} {fault.pointer}".strip())
        return drained


async def discard(
    writer: Writer, reader: Reader, conn: Connection, parked_id: UUID, actor: Actor, reason: str
) -> Drained:
    """End an event without effect, for a reason, and let what queues behind it follow.

    Raises NotOpen, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    async with _opened(writer, conn, actor) as tx:
        row = await _hold(tx, writer, parked_id)
        await _audit(conn, parked_id, tx.now, actor.subject, "discarded", reason)
        await _close(tx, writer, row, "discarded", reason)
        return await _drain(tx, writer, reader, row["topic"], row["key"])


async def drain_due(writer: Writer, reader: Reader, conn: Connection, actor: Actor) -> int:
    """Try waiting events whose time has come; returns how many events ended.

    Any number of workers may do this at once: a key that another one holds is left to it.
    """
    due = await conn.fetch(
        """select topic, key from parked
           where ended_at is null and state = 'waiting' and due_at <= now() and consumer = $1
           group by topic, key order by min(due_at) limit $2""",
        writer.name,
        CHUNK,
    )
    ended = 0
    for topic, key in due:
        async with _opened(writer, conn, actor) as tx:
            lock = "select from parked_key where consumer = $1 and topic = $2 and key = $3"
            if await conn.fetchrow(f"{lock} for update skip locked", writer.name, topic, key):
                ended += len((await _drain(tx, writer, reader, topic, key)).ended)
    return ended


def unpack(writer: Writer, row: Mapping[str, Any]) -> ConsumerRecord:
    """The record as it lay on the topic (or as corrected), from its encrypted bytes."""
    stored = orjson.loads(writer.keys.unseal_bytes(row["record"], inbox.SEALED_FOR))
    key, value = (None if stored[n] is None else bytes.fromhex(stored[n]) for n in ("key", "value"))
    return ConsumerRecord(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["record_offset"],
        timestamp=stored["timestamp"],
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple((name, bytes.fromhex(content)) for name, content in stored["headers"]),
    )


def _opened(writer: Writer, conn: Connection, actor: Actor):  # type: ignore[no-untyped-def]
    origin = Origin(actor, correlation_id="")
    return transaction(writer.db, origin, conn=conn, consumer=writer.name)


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


async def _drain(
    tx: Tx,
    writer: Writer,
    reader: Reader,
    topic: str,
    key: str | None,
    *,
    pushed: UUID | None = None,
) -> Drained:
    """Bring the events of a key to their end, oldest first, up to one that can't.

    The caller holds the key. `pushed` is the parked event that staff want tried; others that are
    parked stop the queue. An event without a key stands alone.
    """
    if key is None:
        rows = await tx.conn.fetch("select * from parked where parked_id = $1", pushed)
    else:
        rows = await tx.conn.fetch(
            """select * from parked
               where consumer = $1 and topic = $2 and key = $3 and ended_at is null
               order by partition, record_offset""",
            writer.name,
            topic,
            key,
        )
    ended: list[UUID] = []
    for row in rows:
        parked_id = row["parked_id"]
        holds = isinstance(writer.consumer, Reaction)
        if row["state"] == "parked" and parked_id != pushed:
            if not holds:
                continue
            return Drained(tuple(ended), parked_id, Fault(row["code"], row["pointer"]))
        fault = await _try(tx, writer, reader.read(unpack(writer, row)))
        if fault is not None:
            await _keep(tx, row, fault)
            return Drained(tuple(ended), parked_id, fault)
        await _close(tx, writer, row, "replayed", "")
        ended.append(parked_id)
    if key is not None:
        await tx.conn.execute(
            "delete from parked_key where consumer = $1 and topic = $2 and key = $3",
            writer.name,
            topic,
            key,
        )
    return Drained(tuple(ended))


async def _try(tx: Tx, writer: Writer, item: Item) -> Fault | None:
    """Do one event; a fault leaves the transaction as it was before."""
    if item.fault is not None or item.event is None:
        return item.fault or Fault("unknown_type", "/type")
    told = len(tx.told)
    try:
        async with tx.conn.transaction():
            if isinstance(writer.consumer, Projection):
                assert writer.table is not None
                await writer.table.write(tx.conn, writer.name, [], [item])
                return None
            endings = list(await writer.consumer.react(tx, [item.event]))
            if not endings:
                return None
            raise _Ended(endings[0])
    except _Ended as stop:
        fault = stop.fault
    except Exception as error:
        if meaning_of(error) in ("down", "again", "bug") or tx.conn.is_closed():
            raise
        fault = fault_of(error, item)
    del tx.told[told:]
    return fault


class _Ended(Exception):  # noqa: N818 - rolls the savepoint back
    def __init__(self, ending: object) -> None:
        self.fault = (
            Fault("waiting", waits_for=ending.for_)
            if isinstance(ending, Waiting)
            else Fault(ending.code, detail=ending.detail)  # type: ignore[attr-defined]
        )


async def _keep(tx: Tx, row: asyncpg.Record, fault: Fault) -> None:
    """Leave an event open: waiting until its deadline, else parked for staff."""
    tries = row["tries"] + 1
    deadline = row["deadline"] or tx.now + inbox.DEADLINE
    waits = bool(fault.waits_for) and tx.now < deadline
    pause = min(inbox.FIRST_RETRY * 2 ** min(tries, 10), LONGEST_PAUSE)
    late = bool(fault.waits_for) and not waits
    await tx.conn.execute(
        """update parked set state = $2, code = $3, pointer = $4, detail = $5, tries = $6,
                             due_at = $7, deadline = $8 where parked_id = $1""",
        row["parked_id"],
        "waiting" if waits else "parked",
        "waited_too_long" if late else fault.code,
        fault.pointer,
        fault.waits_for or fault.detail,
        tries,
        tx.now + pause if waits else None,
        deadline if waits else row["deadline"],
    )


async def _close(tx: Tx, writer: Writer, row: asyncpg.Record, state: str, reason: str) -> None:
    await tx.conn.execute(
        """with ended as (
               update parked set state = $2, ended_at = $3, ended_by = $4, reason = $5
               where parked_id = $1
           )
           update inbox set outcome = $6
           where consumer = $7 and event_id = $8 and source = $9""",
        row["parked_id"],
        state,
        tx.now,
        tx.actor.subject,
        reason,
        "done" if state == "replayed" else state,
        writer.name,
        row["event_id"],
        row["source"],
    )


async def _correct(
    tx: Tx, writer: Writer, row: asyncpg.Record, correction: Correction, reason: str
) -> asyncpg.Record:
    """Store the corrected record in place of what came. The digest stays that of what came."""
    record = unpack(writer, row)
    value = record.value if correction.value is None else correction.value
    key = record.key if correction.key is None else correction.key.encode()
    headers = dict(record.headers) | {n: v.encode() for n, v in correction.headers.items()}
    corrected = orjson.dumps(
        {
            "key": None if key is None else key.hex(),
            "value": None if value is None else value.hex(),
            "headers": [[name, content.hex()] for name, content in headers.items()],
            "timestamp": record.timestamp,
        }
    )
    await _audit(tx.conn, row["parked_id"], tx.now, tx.actor.subject, "corrected", reason)
    changed = await tx.conn.fetchrow(
        "update parked set record = $2 where parked_id = $1 returning *",
        row["parked_id"],
        writer.keys.seal_bytes(corrected, inbox.SEALED_FOR),
    )
    assert changed is not None
    return changed


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


def summary(rows: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """How many of the listed events are in each state."""
    found: dict[str, int] = {}
    for row in rows:
        found[str(row["state"])] = found.get(str(row["state"]), 0) + 1
    return found
