"""How parked and waiting events come to their end, and what queues behind them with them.

An open event of a reaction holds its key: later events of the key queue behind it and follow in
order, in the same transaction. The `parked_key` row is the lock between all who drain (staff, the
worker's timer) and the intake that appends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from shared import inbox, receipts
from shared.batch import fault_in, fault_of
from shared.cloudevents import Fault, Item
from shared.consumers import Projection, Reaction, Received
from shared.contracts.receipts import Outcome
from shared.db import Tx
from shared.parked import records, waiting
from shared.parked.desks import Desk
from shared.trouble import meaning_of


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain brought to its end, and the fault at which it stopped, if any."""

    ended: tuple[UUID, ...] = ()
    stopped_at: UUID | None = None
    fault: Fault | None = None


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
        await _done(tx, desk, row)
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
    code = waiting.TOO_LONG if fault.waits_for and not waits else fault.code
    await tx.conn.execute(
        """update parked set state = $2, code = $3, pointer = $4, detail = $5, tries = $6,
                             due_at = $7, deadline = $8, detail_english = $9, suggestions = $10,
                             area = coalesce($11, area)
           where parked_id = $1""",
        row["parked_id"],
        "waiting" if waits else "parked",
        code,
        fault.pointer,
        fault.waits_for or fault.detail,
        tries,
        waiting.next_try(fault.waits_for, tx.now, deadline, tries) if waits else None,
        deadline if waits else row["deadline"],
        fault.staff.english,
        inbox.suggestions(fault),
        fault.staff.area or None,
    )
    if not waits and row["state"] != "parked":
        await tell(tx, desk, [row], "waiting", code, fault.pointer)


_END = """
with ended as (
    update parked set state = $2, ended_at = $3, ended_by = $4, reason = $5
    where parked_id = any($1::uuid[]) returning consumer, event_id, source
)
update inbox i set outcome = $6 from ended e
where i.consumer = e.consumer and i.event_id = e.event_id and i.source = e.source
"""


async def end_without_effect(
    tx: Tx, desk: Desk, rows: Sequence[asyncpg.Record], reason: str, code: str
) -> None:
    """Write down that open events have ended without effect, by whom and why; tell their senders.

    `code` is what these are told. The caller holds the keys.
    """
    ids = [row["parked_id"] for row in rows]
    await tx.conn.execute(_END, ids, "discarded", tx.now, tx.actor.subject, reason, "discarded")
    await tell(tx, desk, rows, "discarded", code)


async def _done(tx: Tx, desk: Desk, row: asyncpg.Record) -> None:
    """Write down that an open event has had its effect, and tell its sender."""
    parked_id = row["parked_id"]
    await tx.conn.execute(_END, [parked_id], "replayed", tx.now, tx.actor.subject, "", "done")
    if desk.receipts_of(row["topic"]):
        corrected = await tx.conn.fetchval(
            "select true from parked_audit where parked_id = $1 and act = 'corrected' limit 1",
            parked_id,
        )
        outcome: Outcome = "accepted_after_correction" if corrected else "accepted"
        await tell(tx, desk, [row], outcome)


async def tell(
    tx: Tx,
    desk: Desk,
    rows: Sequence[asyncpg.Record],
    outcome: Outcome,
    code: str = "",
    pointer: str = "",
) -> None:
    """Tell the senders of these events what became of them, where they are told at all."""
    to = [(row, desk.receipts_of(row["topic"])) for row in rows]
    await receipts.give(
        tx, [receipts.of_row(row, name, outcome, code, pointer) for row, name in to if name]
    )


_FREE = """
with free as (
    delete from parked_key k
    where consumer = $1 and (topic, key) in (select * from unnest($2::text[], $3::text[]))
      and not exists (
        select from parked p where p.consumer = $1 and p.topic = k.topic and p.key = k.key
          and p.ended_at is null)
    returning topic, key
)
select * from (
    select * from unnest($2::text[], $3::text[]) as held (topic, key) except select * from free
) as rest order by topic, key
"""


async def follow(tx: Tx, desk: Desk, topics: Sequence[str], keys: Sequence[str]) -> int:
    """Free the keys of which nothing is open any more, and let the others' queues go on.

    The caller holds these keys. Returns how many events ended.
    """
    rest = await tx.conn.fetch(_FREE, desk.name, topics, keys)
    drained = [await drain(tx, desk, row["topic"], row["key"]) for row in rest]
    return sum(len(each.ended) for each in drained)
