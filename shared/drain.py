"""How parked and waiting events come to their end, and what queues behind them with them.

An open event of a reaction holds its key: later events of the key queue behind it and follow in
order, in the same transaction. The `parked_key` row is the lock between all who drain (staff, the
worker's timer) and the intake that appends.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self
from uuid import UUID

import asyncpg

from shared import inbox, receipts, records, waiting
from shared.actor import Actor
from shared.batch import Writer, fault_in, fault_of
from shared.cloudevents import Fault, Item, Reader
from shared.consumers import Consumer, Projection, Reaction, Received
from shared.contracts.receipts import Outcome
from shared.db import Connection, Origin, Tx, transaction
from shared.overdue import end_overdue
from shared.privacy import Keys
from shared.trouble import meaning_of

LONGEST_PAUSE = timedelta(seconds=15)
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """What the open events of one consumer are brought to their end with.

    `name` carries a projection's generation; `table` is the projection's.
    """

    consumer: Consumer
    name: str
    keys: Keys
    reader: Reader
    table: inbox.Table | None = None
    waits: timedelta = inbox.DEADLINE

    @classmethod
    def of(cls, writer: Writer, reader: Reader) -> Self:
        """The one of a consumer that runs."""
        return cls(writer.consumer, writer.name, writer.keys, reader, writer.table, writer.waits)

    def receipts_of(self, topic: str) -> str:
        """Where a sender on this topic is told what became of its events; may be empty."""
        return self.reader.catalogue(topic).receipts


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain brought to its end, and the fault at which it stopped, if any."""

    ended: tuple[UUID, ...] = ()
    stopped_at: UUID | None = None
    fault: Fault | None = None


async def drain_due(writer: Writer, reader: Reader, conn: Connection, actor: Actor) -> int:
    """Try waiting events whose time has come; returns how many events ended.

    Any number of workers may do this at once: a key that another one holds is left to it.
    """
    async with opened(writer, conn, actor) as tx:
        ended = await end_overdue(tx, writer, reader)
    due = await conn.fetch(
        """select topic, key from parked
           where ended_at is null and state = 'waiting' and due_at <= now() and consumer = $1
           order by due_at limit $2""",
        writer.name,
        CHUNK,
    )
    desk = Desk.of(writer, reader)
    for topic, key in dict.fromkeys(map(tuple, due)):
        async with opened(writer, conn, actor) as tx:
            lock = "select true from parked_key where consumer = $1 and topic = $2 and key = $3"
            if await conn.fetchval(f"{lock} for update skip locked", writer.name, topic, key):
                ended += len((await drain(tx, desk, topic, key)).ended)
    return ended


def opened(writer: Writer, conn: Connection, actor: Actor) -> AbstractAsyncContextManager[Tx]:
    """A transaction in which this consumer's events are brought to their end."""
    origin = Origin(actor, correlation_id="")
    return transaction(writer.db, origin, conn=conn, consumer=writer.name)


async def drain(
    tx: Tx,
    desk: Desk,
    topic: str,
    key: str | None,
    *,
    pushed: UUID | None = None,
) -> Drained:
    """Bring the events of a key to their end, in their source's order, up to one that can't.

    The caller holds the key. `pushed` is the parked event that staff want tried; others that are
    parked stop the queue. An event without a key stands alone.
    """
    if key is None:
        rows = await tx.conn.fetch("select * from parked where parked_id = $1", pushed)
    else:
        rows = await tx.conn.fetch(
            """select * from parked
               where consumer = $1 and topic = $2 and key = $3 and ended_at is null
               order by sequence nulls first, partition, record_offset""",
            desk.name,
            topic,
            key,
        )
    ended: list[UUID] = []
    for row in rows:
        parked_id = row["parked_id"]
        holds = isinstance(desk.consumer, Reaction)
        if row["state"] == "parked" and parked_id != pushed:
            if not holds:
                continue
            return Drained(tuple(ended), parked_id, Fault(row["code"], row["pointer"]))
        fault = await _try(tx, desk, desk.reader.read(records.unseal(desk.keys, row)))
        if fault is not None:
            await _keep(tx, desk, row, fault)
            return Drained(tuple(ended), parked_id, fault)
        await close(tx, desk, row, "replayed", "")
        ended.append(parked_id)
    if key is not None:
        await tx.conn.execute(
            "delete from parked_key where consumer = $1 and topic = $2 and key = $3",
            desk.name,
            topic,
            key,
        )
    return Drained(tuple(ended))


class _NotDone(Exception):
    """Rolls the savepoint back to before the event."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


async def _try(tx: Tx, desk: Desk, item: Item) -> Fault | None:
    """Do one event; a fault leaves the transaction as it was before."""
    if item.fault is not None or item.event is None:
        return item.fault or Fault("unknown_type", "/type")
    told = len(tx.told)
    # By hand: asyncpg's own refuses to be inside a transaction that the HTTP layer has begun.
    await tx.conn.execute("savepoint attempt")
    try:
        await _do(tx, desk, item, item.event)
        await tx.conn.execute("release savepoint attempt")
        return None
    except _NotDone as stop:
        fault = stop.fault
    except Exception as error:
        if meaning_of(error) in ("down", "again", "bug") or tx.conn.is_closed():
            raise
        fault = fault_of(error, item)
    await tx.conn.execute("rollback to savepoint attempt; release savepoint attempt")
    del tx.told[told:]
    return fault


async def _do(tx: Tx, desk: Desk, item: Item, event: Received) -> None:
    match desk.consumer:
        case Projection():
            if desk.table is None:
                raise TypeError(f"{desk.name} has no generation yet")
            # The inbox has it as it came, and would take a corrected one for another event.
            await desk.table.write(tx.conn, desk.name, [], [replace(item, event_id=None)])
        case Reaction() as reaction:
            for ending in await reaction.react(tx, [event]):
                raise _NotDone(fault_in(ending))


async def _keep(tx: Tx, desk: Desk, row: asyncpg.Record, fault: Fault) -> None:
    """Leave an event open: waiting until its deadline, else parked for staff."""
    tries = row["tries"] + 1
    deadline = row["deadline"] or tx.now + desk.waits
    waits = bool(fault.waits_for) and tx.now < deadline
    pause = min(inbox.FIRST_RETRY * 2 ** min(tries, 10), LONGEST_PAUSE)
    if waiting.is_announced(fault.waits_for):
        pause = desk.waits
    late = bool(fault.waits_for) and not waits
    await tx.conn.execute(
        """update parked set state = $2, code = $3, pointer = $4, detail = $5, tries = $6,
                             due_at = $7, deadline = $8, detail_english = $9, suggestions = $10,
                             area = coalesce($11, area)
           where parked_id = $1""",
        row["parked_id"],
        "waiting" if waits else "parked",
        "waited_too_long" if late else fault.code,
        fault.pointer,
        fault.waits_for or fault.detail,
        tries,
        min(tx.now + pause, deadline) if waits else None,
        deadline if waits else row["deadline"],
        fault.staff.english,
        inbox.suggestions(fault),
        fault.staff.area or None,
    )
    to = desk.receipts_of(row["topic"])
    if to and not waits and row["state"] != "parked":
        code = "waited_too_long" if late else fault.code
        await receipts.give(tx, [receipts.of_row(row, to, "waiting", code, fault.pointer)])


async def close(
    tx: Tx, desk: Desk, row: asyncpg.Record, state: str, reason: str, code: str = ""
) -> None:
    """Write down that an open event has ended, by whom and why, and tell its sender.

    `code`: of a discarded one, what the sender is told.
    """
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
        desk.name,
        row["event_id"],
        row["source"],
    )
    if to := desk.receipts_of(row["topic"]):
        outcome = await _outcome(tx, row, state)
        await receipts.give(tx, [receipts.of_row(row, to, outcome, code)])


async def _outcome(tx: Tx, row: asyncpg.Record, state: str) -> Outcome:
    if state == "discarded":
        return "discarded"
    corrected = await tx.conn.fetchval(
        "select true from parked_audit where parked_id = $1 and act = 'corrected' limit 1",
        row["parked_id"],
    )
    return "accepted_after_correction" if corrected else "accepted"
