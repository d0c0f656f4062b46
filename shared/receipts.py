"""Receipts: an office is told what became of each event that it sent us.

Given in the transaction that brings the event to this end, so that a receipt and its effect are
there together or not at all. What breaks the contract is *rejected* at once: only the sender can
put that right, by a new event. What the programme has to settle (somebody not yet registered, a
name of an area that could mean two) is *waiting*, until it is accepted or discarded.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared import arrays
from shared.cloudevents import Item
from shared.contracts.answers import answer
from shared.contracts.receipts import FORMS, Outcome
from shared.contracts.topics import TRIAL
from shared.db import Connection, Tx
from shared.ids import named

Row = Mapping[str, Any]
SLICE = 200
_EVENTS = UUID("5b2f3f0e-6c0e-5f53-9d0a-3a8b6f0c2d11")

OUTCOMES: Mapping[str, Outcome] = {
    "done": "accepted",
    "duplicate": "duplicate",
    "parked": "waiting",
    "waiting": "waiting",
    "behind": "waiting",
    "rejected": "rejected",
}
"""By how an item ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one event of an office ended, for now or for good. `receipts`: the topic to say it on."""

    receipts: str
    receipt_for: UUID
    source: str | None
    event_id: str | None
    topic: str
    partition: int
    offset: int
    outcome: Outcome
    code: str = ""
    pointer: str = ""
    correlation_id: str = ""


def receipt_for(source: str | None, event_id: str | None, place: tuple[str, int, int]) -> UUID:
    """What the receipts of one event have in common: it stands for its source and id.

    An event that was tried and then sent in earnest has two: the one says nothing of the other.
    """
    if source and event_id:
        tried = "\ntrial" if place[0].endswith(TRIAL) else ""
        return named(_EVENTS, f"{source}\n{event_id}{tried}")
    return named(_EVENTS, "\n\n{}\n{}\n{}".format(*place))


def of_items(items: Iterable[Item]) -> list[Ended]:
    """What is to be said about a batch: nothing about events of our own services."""
    return [
        Ended(
            receipts=item.receipts,
            receipt_for=receipt_for(
                item.source, item.event_id, (item.topic, item.partition, item.offset)
            ),
            source=item.source,
            event_id=item.event_id,
            topic=item.topic,
            partition=item.partition,
            offset=item.offset,
            outcome=OUTCOMES[item.ended],
            code=item.why.code if item.why else "",
            pointer=item.why.pointer if item.why else "",
            correlation_id=item.event.correlation_id if item.event else "",
        )
        for item in items
        if item.receipts and item.ended in OUTCOMES
    ]


def of_row(
    row: Mapping[str, Any], receipts: str, outcome: Outcome, code: str = "", pointer: str = ""
) -> Ended:
    """What is to be said about an event that was put aside. `row`: of `parked`."""
    place = (row["topic"], row["partition"], row["record_offset"])
    return Ended(
        receipts,
        receipt_for(row["source"], row["event_id"], place),
        row["source"],
        row["event_id"],
        *place,
        outcome,
        code,
        pointer,
    )


_GIVE = """
with given as (
    select * from unnest($1::text::uuid[], $2::text::text[], $3::text::text[], $4::text::text[],
                         $5::text::int[], $6::text::bigint[], $7::text::text[], $8::text::text[],
                         $9::text::text[]) with ordinality
        as g (receipt_for, source, event_id, topic, partition, record_offset, outcome, code,
              pointer, n)
), kept as (
    insert into receipt (receipt_for, source, event_id, topic, partition, record_offset, outcome,
                         code, pointer, given_at)
    select receipt_for, source, event_id, topic, partition, record_offset, outcome, code, pointer,
           $10 from given order by n
    returning receipt_no, receipt_for
)
select k.receipt_no, f.outcome as first from kept k left join lateral (
    -- the statement does not see its own rows
    select outcome from receipt r
    where r.receipt_for = k.receipt_for and r.outcome <> 'duplicate' and r.code <> 'id_reused'
    order by receipt_no desc limit 1
) f on true
order by k.receipt_no
"""


async def give(tx: Tx, ended: Sequence[Ended]) -> None:
    """Write receipts down and tell them, in this transaction: one round trip.

    The receipts of an event follow one another by their sequence, with gaps.
    """
    await tell(tx, ended, await keep(tx, ended))


async def keep(tx: Tx, ended: Sequence[Ended]) -> list[Row]:
    """The first half of `give`: what Postgres does."""
    if not ended:
        return []
    rows: list[Row] = await tx.conn.fetch(
        _GIVE,
        arrays.uuids(e.receipt_for for e in ended),
        arrays.texts([e.source for e in ended]),
        arrays.texts([e.event_id for e in ended]),
        arrays.texts([e.topic for e in ended]),
        arrays.plain(e.partition for e in ended),
        arrays.plain(e.offset for e in ended),
        arrays.texts([e.outcome for e in ended]),
        arrays.texts([e.code for e in ended]),
        arrays.texts([e.pointer for e in ended]),
        tx.now,
    )
    return rows


async def tell(tx: Tx, ended: Sequence[Ended], kept: Sequence[Row]) -> None:
    """The second half of `give`: what we do. Lets others have the loop now and then."""
    first: dict[UUID, str] = {}
    today = tx.today
    for n, (each, row) in enumerate(zip(ended, kept, strict=True), start=1):
        if n % SLICE == 0:
            await asyncio.sleep(0)
        if each.outcome != "duplicate" and each.code != "id_reused":  # that was another event
            first[each.receipt_for] = each.outcome
        _tell(tx, today, each, row["receipt_no"], first.get(each.receipt_for) or row["first"])


def _tell(tx: Tx, today: date, ended: Ended, receipt_no: int, first: str | None) -> None:
    indonesian, english = texts(ended.code)
    receipt = FORMS[ended.receipts](
        occurred_on=today,
        receipt_for=ended.receipt_for,
        event_source=ended.source,
        event_id=ended.event_id,
        topic=ended.topic,
        partition=ended.partition,
        offset=ended.offset,
        outcome=ended.outcome,
        first_outcome=first if ended.outcome == "duplicate" else None,  # type: ignore[arg-type]
        code=ended.code,
        pointer=ended.pointer,
        text=indonesian,
        text_english=english,
    )
    correlation_id = ended.correlation_id or str(ended.receipt_for)
    # By hand, since it is made for every event: dataclasses.replace takes four times as long.
    caused = Tx(
        tx.conn,
        tx.now,
        tx.actor,
        tx.service,
        tx.zone,
        correlation_id,
        ended.event_id,
        consumer=tx.consumer,
        told=tx.told,
    )
    caused.emit(receipt, key=ended.receipt_for, version=receipt_no)


def texts(code: str) -> tuple[str | None, str | None]:
    """What a code means, in Indonesian and in English; none where there is nothing to say."""
    return answer(code) if code else (None, None)


_SHOWN = """
receipt_no, receipt_for, source, event_id, topic, partition, record_offset, outcome, code, pointer,
given_at, case when outcome = 'duplicate' then (
    select f.outcome from receipt f
    where f.receipt_for = receipt.receipt_for and f.receipt_no < receipt.receipt_no
      and f.outcome <> 'duplicate' and f.code <> 'id_reused'
    order by f.receipt_no desc limit 1) end as first_outcome
"""


async def listed(
    conn: Connection,
    topics: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[Row]:
    """Receipts about events on these topics, in the order in which they were given."""
    return list(
        await conn.fetch(
            f"""
            select {_SHOWN} from receipt
            where topic = any ($1::text[]) and ($2::bigint is null or receipt_no > $2)
              and ($3::timestamptz is null or given_at >= $3)
              and ($4::timestamptz is null or given_at < $4)
            order by receipt_no limit $5
            """,  # noqa: S608 - our own constant
            topics,
            after,
            since,
            until,
            limit,
        )
    )


async def of_event(
    conn: Connection,
    topics: Sequence[str],
    event_id: str,
    *,
    after: int | None = None,
    limit: int = 100,
) -> list[Row]:
    """Receipts of the event with this id, if it lay on one of these topics, in their order."""
    return list(
        await conn.fetch(
            f"""
            select {_SHOWN} from receipt
            where event_id = $2 and topic = any ($1::text[])
              and ($3::bigint is null or receipt_no > $3)
            order by receipt_no limit $4
            """,  # noqa: S608 - our own constant
            topics,
            event_id,
            after,
            limit,
        )
    )
