"""Events that staff try again: as they are, or corrected and for a reason."""

from uuid import UUID

import asyncpg
from aiokafka.structs import ConsumerRecord

from shared.actor import Actor
from shared.batch import Writer
from shared.cloudevents import Fault, Reader
from shared.db import Connection, Tx
from shared.parked import audit, fields, records
from shared.parked.corrections import Correction, corrected
from shared.parked.desks import Desk, hold, opened, under_its_name
from shared.parked.drain import Drained, drain
from shared.parked.refusals import AnotherEvent, NotFirst, ReasonMissing, StillBad


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
    """`replay_in`, in a transaction of its own."""
    async with opened(writer, conn, actor) as tx:
        desk = Desk.of(writer, reader)
        return await replay_in(tx, desk, parked_id, correction=correction, reason=reason)


async def replay_in(
    tx: Tx, desk: Desk, parked_id: UUID, *, correction: Correction | None = None, reason: str = ""
) -> Drained:
    """Try a parked event again, corrected or as it is, and then what queues behind it.

    All or nothing: if the event is still refused, the transaction has to be rolled back, and
    StillBad says why. Raises NotOpen, NotFirst, StillBad, ReasonMissing (a correction needs a
    reason), FieldUnknown, and the refusals of `corrected`.
    """
    tx = under_its_name(tx, desk)
    if correction is not None and not reason.strip():
        raise ReasonMissing(pointer="/reason")
    row = await hold(tx, desk, parked_id)
    if correction is not None:
        row = await _correct(tx, desk, row, correction, reason)
    await audit.note(tx, [parked_id], "replayed", reason)
    drained = await drain(tx, desk, row["topic"], row["key"], pushed=parked_id)
    if parked_id not in drained.ended:
        fault = drained.fault or Fault("unexpected")
        if drained.stopped_at not in (None, parked_id):
            raise NotFirst(first=drained.stopped_at)
        raise StillBad(parked_id, fault)
    return drained


async def _correct(
    tx: Tx, desk: Desk, row: asyncpg.Record, correction: Correction, reason: str
) -> asyncpg.Record:
    """Store the corrected record in place of what came. The digest stays that of what came."""
    came = records.unseal(desk.keys, row)
    content = corrected(came, correction)
    headers = list(content.headers.items())
    record = records.made(row, content.key, content.value, headers, came.timestamp)
    fields.check(record, correction)
    _check_identity(desk, row, record)
    for pointer in correction.pointers():
        await audit.note(tx, [row["parked_id"]], "corrected", reason, pointer)
    return await tx.conn.fetchrow(
        "update parked set record = $2 where parked_id = $1 returning *",
        row["parked_id"],
        records.seal(desk.keys, record),
    )


def _check_identity(desk: Desk, row: asyncpg.Record, record: ConsumerRecord) -> None:
    """What it caused is known by its id, and its key says whom it follows. Raises AnotherEvent.

    One that could not be read, or came without a key, may be given them.
    """
    found = desk.reader.attributes(record)
    if row["event_id"] is not None and found is not None:
        if found.id != row["event_id"]:
            raise AnotherEvent(pointer="/id")
        if found.source != row["source"]:
            raise AnotherEvent(pointer="/source")
    if row["key"] is not None and record.key != row["key"].encode():
        raise AnotherEvent(pointer="/key")
