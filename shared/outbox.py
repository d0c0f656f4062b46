"""The journal and the outbox: what a transaction tells the others, in the same COMMIT.

`journal` keeps every event for ever (ids only, never personal data); `outbox` lists those that the
relay has still to publish.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from shared import arrays
from shared.contracts.receipts import FORMS
from shared.ids import slot_of
from shared.logs import log
from shared.lost import LOST


class Told(NamedTuple):
    """One event to be published: the envelope's fields and the body as it will lie on the topic."""

    event_id: UUID
    topic: str
    key: str
    sequence: int
    type: str
    time: datetime
    correlation_id: str
    causation_id: str | None
    traceparent: str | None
    body: bytes


_WRITE = """
with told as (
    select * from unnest($1::text::uuid[], $2::text::text[], $3::text::text[], $4::text::bigint[],
                         $5::text::text[], $7::text::text[], $8::text::text[], $9::text::text[],
                         $10::text::int[], $11::text::int[], $13::text::smallint[],
                         $14::text::smallint[])
        with ordinality as t (event_id, topic, key, sequence, type, correlation_id,
                              causation_id, traceparent, begins, length, slot, lane, n)
), kept as (
    insert into journal (event_id, topic, key, sequence, type, time, correlation_id,
                         causation_id, traceparent, body)
    select event_id, topic, key, sequence, type, $6::timestamptz, correlation_id,
           causation_id, traceparent, substring($12::bytea from begins for length) from told
)
insert into outbox (slot, event_id, lane) select slot, event_id, lane from told order by n
"""


async def write(conn: asyncpg.Connection, told: Sequence[Told]) -> None:
    """Write events into journal and outbox, in one statement whatever their number.

    Raises asyncpg.UniqueViolationError when a version of a key was already told: the writer did
    not hold the lock of the aggregate's row.
    """
    if not told:
        return
    bodies, begins, lengths = arrays.joined([t.body for t in told])
    await conn.execute(
        _WRITE,
        arrays.uuids([t.event_id for t in told]),
        arrays.texts([t.topic for t in told]),
        arrays.texts([t.key for t in told]),
        arrays.plain([t.sequence for t in told]),
        arrays.texts([t.type for t in told]),
        told[0].time,  # a transaction has one
        arrays.texts([t.correlation_id for t in told]),
        arrays.texts([t.causation_id for t in told]),
        arrays.texts([t.traceparent for t in told]),
        begins,
        lengths,
        bodies,
        arrays.plain([slot_of(t.key) for t in told]),
        arrays.plain([lane_of(t.topic) for t in told]),
    )


_LANES = {topic: lane for lane, topic in enumerate(FORMS, start=1)}


def lane_of(topic: str) -> int:
    """The lane by which a topic's events leave: receipts by their office's own, all else by 0.

    The relay takes from each lane in turn, so that a million receipts of one office don't hold up
    another's. A topic's keys are nowhere else: the order of a key is its lane's.
    """
    return _LANES.get(topic, 0)


def channel(service: str) -> str:
    """The NOTIFY channel of a service. Channels are per database, so the name carries it."""
    return f"{service}_outbox"


class Wake:
    """Tells the relay, after COMMIT, that there is work.

    NOTIFY inside the writing transaction serialises all commits of the database; so it is sent
    afterwards, at most one at a time however many commits there were. A lost notification costs
    latency only: the relay polls anyway.
    """

    def __init__(self, pool: asyncpg.Pool, service: str) -> None:
        self._pool, self._channel = pool, channel(service)
        self._due = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="wake the relay")

    def __call__(self) -> None:
        """Note that something was committed; returns at once."""
        self._due.set()

    async def _run(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._pool.execute("select pg_notify($1, '')", self._channel)
            except LOST as error:
                log.warning("wake_failed", error=type(error).__name__)
                await asyncio.sleep(1)

    async def close(self) -> None:
        """Stop. Nothing is lost: the outbox rows are committed."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
