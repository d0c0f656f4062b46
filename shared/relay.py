"""The relay: from the outbox to the topics, in order per key, at least once.

A crash between publish and mark publishes again, under the same id. Relays of one service share
the key slots by advisory locks: a key is published by one relay at a time. The lock lives on the
connection that marks rows as published, so a relay that lost its lock can't mark either.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zlib import crc32

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.structs import RecordMetadata

from shared import metrics
from shared.cloudevents import headers
from shared.db import Connection, connect
from shared.ids import SLOTS, slot_of
from shared.kafka import end_offsets, let_go, partition_of, producer
from shared.logs import log
from shared.lost import LOST
from shared.outbox import Told, channel, lane_of
from shared.settings import KafkaSettings

BATCH = 500
"""Of each lane."""
POLL_SECONDS = 0.5
STANDBY_SECONDS = 2.0
STALL_SECONDS = 5.0
LONGEST_BACKOFF = 15.0
RESEND = timedelta(minutes=10)
"""Far more than a broker's operating system keeps in memory before it writes it down."""
ANSWER_SECONDS = 60.0
"""A producer that isn't answered for so long is made anew; the rows are still in the outbox."""

# $1 rows that the broker has acknowledged, $2 rows on their way, $3 our slots, $4 stalled topics,
# $6-$8 the offsets that were acknowledged. The deletion and the next read are one statement: a
# round trip less, and still one transaction.
_NEXT = """
with published as (
    delete from outbox where seq = any($1::bigint[])
), marked as (
    insert into relay_mark (topic, partition, last_offset)
    select * from unnest($6::text[], $7::int[], $8::bigint[])
    on conflict (topic, partition)
    do update set last_offset = greatest(relay_mark.last_offset, excluded.last_offset)
)
select next.* from generate_series(0, (select coalesce(max(lane), 0) from outbox)::int) as lanes
cross join lateral (
    select o.seq, j.event_id, j.topic, j.key, j.sequence, j.type, j.time, j.correlation_id,
           j.causation_id, j.traceparent, j.body
    from outbox o join journal j using (event_id)
    where o.lane = lanes and o.slot = any($3::smallint[]) and o.seq <> all($1)
      and o.seq <> all($2::bigint[]) and j.topic <> all($4::text[])
    order by o.seq limit $5
) as next
order by next.seq
"""

_TOLD_LATELY = """
select event_id, key, topic from journal
where time > now() - $1::interval and ($2::text[] is null or topic = any($2))
  and event_id not in (select event_id from outbox)
order by max(time) over (partition by key order by sequence), key, sequence,
         right(type, 3) collate "C" desc  -- of two forms the newer one first, as it was told
"""
# Before everything that still waits: a later event of a key must not be seen first, and what a
# consumer has not read must lie behind what it has, as it did before it was lost.
_RESEND = """
insert into outbox (seq, slot, event_id, lane) overriding system value
select (select least(min(seq), 0) from outbox) - cardinality($2::uuid[]) + n - 1, slot, event_id,
       lane
from unnest($1::smallint[], $2::uuid[], $3::smallint[]) with ordinality
    as t (slot, event_id, lane, n)
"""


@dataclass(slots=True)
class Sent:
    """Rows handed to the producer, and the broker's answers to come."""

    rows: list[asyncpg.Record]
    answers: list[asyncio.Future[RecordMetadata]]

    @property
    def seqs(self) -> list[int]:
        return [row["seq"] for row in self.rows]


@dataclass(slots=True)
class Published:
    """What the broker has acknowledged and the database does not know yet."""

    seqs: list[int] = field(default_factory=list)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)

    def add(self, seq: int, at: RecordMetadata) -> None:
        self.seqs.append(seq)
        place = (at.topic, at.partition)
        self.ends[place] = max(self.ends.get(place, -1), at.offset)

    def arguments(self) -> tuple[list[str], list[int], list[int]]:
        topics, partitions = [t for t, _ in self.ends], [p for _, p in self.ends]
        return topics, partitions, list(self.ends.values())


@dataclass
class Relay:
    """One relay of one service. `wake` is set when something was committed in this process."""

    dsn: str
    service: str
    source: str
    kafka: KafkaSettings
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    waiting_for: str = "postgres"
    """What it waits for ("kafka", "answers" of it, "postgres", "slots"), or empty."""
    waiting_since: float = field(default_factory=time.monotonic)
    _stalled: dict[str, float] = field(default_factory=dict)
    _taken: set[TopicPartition] = field(default_factory=set)
    """Where the broker has taken something of the present producer."""

    def waits(self, what: str) -> None:
        """Note what it waits for, for whoever asks."""
        if what != self.waiting_for:
            self.waiting_for, self.waiting_since = what, time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until told to stop. Connections that break are made again, without end."""
        pause = 0.2
        while not stop.is_set():
            started = time.monotonic()
            try:
                await self._session(stop)
            except LOST as error:
                self.waits("postgres")
                log.warning("relay_lost_postgres", exc_info=error)
            except KafkaError as error:
                self.waits("kafka")
                log.warning("relay_lost_kafka", exc_info=error)
            pause = 0.2 if time.monotonic() - started > LONGEST_BACKOFF else min(pause * 2, 15)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause if not stop.is_set() else 0)

    async def _session(self, stop: asyncio.Event) -> None:
        """One connection with its locks, one producer: both end together."""
        conn = await connect(self.dsn, f"{self.service} relay")
        outgoing: AIOKafkaProducer | None = None
        try:
            await conn.add_listener(channel(self.service), lambda *_: self.wake.set())
            slots: list[int] = []
            while not stop.is_set() and not slots:
                slots = await self._take_slots(conn)
                if not slots:
                    self.waits("slots")
                    await self._rest(stop, STANDBY_SECONDS)
            if stop.is_set():
                return
            self.waits("kafka")
            outgoing = producer(self.kafka, f"{self.service}-relay")
            await outgoing.start()
            self._taken.clear()
            await self._make_good(conn)
            self.waits("")
            await self._pump(conn, outgoing, slots, stop)
        finally:
            await _close(conn, outgoing)

    async def _take_slots(self, conn: Connection, held: Sequence[int] = ()) -> list[int]:
        """The slots that nobody holds. Advisory locks are per database: service and slot."""
        rows = await conn.fetch(
            """select slot from generate_series(0, $2::int - 1) as slot
               where case when slot = any($3::int[]) then false
                          else pg_try_advisory_lock($1, slot) end""",
            crc32(f"relay {self.service}".encode()) - (1 << 31),
            SLOTS,
            held,
        )
        return [row["slot"] for row in rows]

    async def _pump(
        self,
        conn: Connection,
        outgoing: AIOKafkaProducer,
        slots: list[int],
        stop: asyncio.Event,
    ) -> None:
        """Read, send, mark; the next batch is read while the last one's answers are on the way.

        Where relays share the slots, those of one that ended are taken over.
        """
        published = Published()
        flying: Sent | None = None
        looked = time.monotonic()
        while True:
            if len(slots) < SLOTS and time.monotonic() - looked > STANDBY_SECONDS:
                slots, looked = slots + await self._take_slots(conn, slots), time.monotonic()
            self.wake.clear()
            rows = await conn.fetch(
                _NEXT,
                published.seqs,
                flying.seqs if flying else [],
                slots,
                self._stalled_topics(),
                0 if stop.is_set() else BATCH,
                *published.arguments(),
            )
            metrics.relay_published.inc(len(published.seqs))
            published = Published()
            sent = await self._send(outgoing, rows) if rows else None
            if flying is not None:
                await self._answers(flying, published)
            flying = sent
            if flying is None and not published.seqs:
                if stop.is_set():
                    return
                await self._rest(stop, POLL_SECONDS)
            elif flying is not None and len(flying.rows) < BATCH:
                # Not in a hurry: better to hear the answer now than to read another few rows.
                await self._answers(flying, published)
                flying = None

    async def _send(self, outgoing: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> Sent:
        sent = Sent([], [])
        self.waits("answers")
        for row in rows:
            if row["topic"] in self._stalled:
                continue
            try:
                answer = await self._send_one(outgoing, row)
            except (
                MessageSizeTooLargeError,
                TopicAuthorizationFailedError,
                UnknownTopicOrPartitionError,
            ) as error:
                self._stall(row["topic"], error)
                continue
            sent.rows.append(row)
            sent.answers.append(answer)
        return sent

    async def _send_one(
        self, outgoing: AIOKafkaProducer, row: asyncpg.Record
    ) -> asyncio.Future[RecordMetadata]:
        """Hand over a row; the first one of a partition alone, until the broker has it.

        What lies behind it in the producer would go out after a refusal, and be taken if we are
        allowed by then: a later event before an earlier one. Once the broker has one of ours, the
        numbers that the producer gives to its records make it refuse all that follow a gap.
        """
        key = row["key"].encode()
        partitions = list(await outgoing.partitions_for(row["topic"]))
        place = TopicPartition(row["topic"], partition_of(key, partitions, partitions))
        answer: asyncio.Future[RecordMetadata] = await outgoing.send(
            *(row["topic"], row["body"], key, place.partition),
            headers=headers(_told(row), self.source),
        )
        if place not in self._taken:
            await asyncio.wait((answer,), timeout=ANSWER_SECONDS)
            if not answer.done():
                raise KafkaTimeoutError
            answer.result()
            self._taken.add(place)
        return answer

    async def _answers(self, sent: Sent, published: Published) -> None:
        """Wait for the broker and note what it has. A topic that refuses stops: nothing skips."""
        answering = asyncio.gather(*sent.answers, return_exceptions=True)
        try:
            answers = await asyncio.wait_for(answering, ANSWER_SECONDS)
        except TimeoutError:
            raise KafkaTimeoutError from None
        self.waits("")
        now = datetime.now(UTC)
        for row, answer in zip(sent.rows, answers, strict=True):
            if isinstance(answer, TopicAuthorizationFailedError | UnknownTopicOrPartitionError):
                self._stall(row["topic"], answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                published.add(row["seq"], answer)
                metrics.relay_seconds.observe((now - row["time"]).total_seconds())

    async def _make_good(self, conn: Connection) -> None:
        """Send again what the broker acknowledged and then lost (a power cut on a single broker).

        Its topics end before the last offset that it acknowledged to us.
        """
        marks = {
            TopicPartition(row["topic"], row["partition"]): row["last_offset"]
            for row in await conn.fetch("select * from relay_mark")
        }
        ends = await end_offsets(self.kafka, list(marks)) if marks else {}
        lost = sorted({place.topic for place, end in ends.items() if end <= marks[place]})
        if lost:
            async with conn.transaction():
                await conn.execute("delete from relay_mark where topic = any($1)", lost)
                number = await resend(conn, RESEND, lost)
            log.critical("broker_lost_records", topics=lost, sent_again=number)

    def _stall(self, topic: str, error: Exception) -> None:
        if topic not in self._stalled:
            log.error("relay_topic_stalled", topic=topic, exc_info=error)
        self._stalled[topic] = time.monotonic() + STALL_SECONDS

    def _stalled_topics(self) -> list[str]:
        now = time.monotonic()
        self._stalled = {t: until for t, until in self._stalled.items() if until > now}
        return list(self._stalled)

    async def _rest(self, stop: asyncio.Event, seconds: float) -> None:
        """Sleep until woken, stopped, or the time is over."""
        waits = [asyncio.ensure_future(self.wake.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _told(row: asyncpg.Record) -> Told:
    return Told(
        event_id=row["event_id"],
        topic=row["topic"],
        key=row["key"],
        sequence=row["sequence"],
        type=row["type"],
        time=row["time"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        traceparent=row["traceparent"],
        body=row["body"],
    )


async def _close(conn: Connection, outgoing: AIOKafkaProducer | None) -> None:
    """End a session within seconds, whatever is away. Unmarked rows are published again."""
    if outgoing is not None:
        await let_go(outgoing, 5)
    with contextlib.suppress(*LOST):
        await conn.close(timeout=5)


async def resend(conn: Connection, since: timedelta, topics: list[str] | None = None) -> int:
    """Publish again what was told in the last `since`, under the same ids; returns how many.

    Consumers drop what they have seen by its id. `topics` None means all of them.
    """
    rows = await conn.fetch(_TOLD_LATELY, since, topics)
    await conn.execute(
        _RESEND,
        [slot_of(row["key"]) for row in rows],
        [row["event_id"] for row in rows],
        [lane_of(row["topic"]) for row in rows],
    )
    return len(rows)
