"""The intake: takes a consumer's records from Kafka and brings each to its end in Postgres.

While one batch is written the next one is fetched and read. The position lives in Postgres; Kafka
is told where we are for monitoring only. Nothing here counts an event as done: COMMIT does.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from shared import kafka, metrics
from shared.batch import Fenced, Stopped, Writer
from shared.cloudevents import Item, Reader
from shared.consumers import Projection
from shared.db import Connection, connect
from shared.generations import live_writer
from shared.logs import log
from shared.lost import LOST
from shared.placing import DOUBT_SECONDS, Doubts, locate, note_go, note_stop, pause_ours, rewind
from shared.progress import Progress, measure, observe
from shared.settings import KafkaSettings
from shared.trouble import meaning_of

PROJECTION_EVENTS = 500
"""More fold to fewer rows, but hold two large batches in memory, which the collector then walks."""
REACTION_EVENTS = 1_000
"""A reaction makes a handful of round trips however many events it gets."""
MAX_BYTES = 4 << 20
SLICE = 25
"""Events read before the loop gets a turn: an answer of the database is not left waiting."""
REVOKE_SECONDS = 5.0
LONGEST_BACKOFF = 10.0
MEASURE_SECONDS = 5.0


class Intake(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer's way from Kafka to Postgres.

    Without `group` it reads every partition by itself and keeps to the writer's generation (a
    rebuild); with it, it shares partitions and follows a projection's live generation. `most`:
    events in a batch, where the kind's own number isn't meant.
    """

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        dsn: str,
        settings: KafkaSettings,
        *,
        group: bool = True,
        most: int | None = None,
    ) -> None:
        self.writer, self.reader, self.progress = writer, reader, Progress()
        projects = isinstance(writer.consumer, Projection)
        self._most = most or (PROJECTION_EVENTS if projects else REACTION_EVENTS)
        self._dsn, self._settings, self._group = dsn, settings, group
        self._kafka: AIOKafkaConsumer = None  # made anew by each session
        self._conn: Connection | None = None
        self._unplaced: set[TopicPartition] = set()
        self._doubts = Doubts()
        self._epoch = 0
        self._writing: asyncio.Task[None] | None = None

    # -- the loop -------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop. Brokers and databases that go away are waited for."""
        pause = 0.2
        while not stop.is_set():
            started = time.monotonic()
            try:
                await self._until(stop, self._session(stop))
            except KafkaError as error:
                self.progress.waits("kafka")
                log.warning("intake_lost_kafka", consumer=self.writer.name, exc_info=error)
                steady = time.monotonic() - started > 2 * LONGEST_BACKOFF
                pause = 0.2 if steady else min(pause * 2, LONGEST_BACKOFF)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)

    @staticmethod
    async def _until(stop: asyncio.Event, session: Coroutine[Any, Any, None]) -> None:
        """Run a session; once told to stop it has a few seconds, wherever it hangs."""
        task = asyncio.create_task(session)
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait((task,), timeout=REVOKE_SECONDS)
            if task.done():
                task.result()
        finally:
            stopping.cancel()
            if not task.done():
                task.cancel()
                await asyncio.wait((task,), timeout=2 * REVOKE_SECONDS)

    async def _session(self, stop: asyncio.Event) -> None:
        self._kafka = kafka.consumer(
            self._settings,
            self.writer.consumer.name if self._group else None,
            f"{self.writer.name}",
        )
        try:
            await self._kafka.start()
            await self._assign()
            measuring = asyncio.create_task(self._measure(), name=f"measure {self.writer.name}")
            try:
                await self._pump(stop)
            finally:
                measuring.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await measuring
        finally:
            await self._drop_batch()
            await kafka.let_go(self._kafka, REVOKE_SECONDS)
            self._disconnect()

    async def _assign(self) -> None:
        names = self.writer.consumer.topics
        if self._group:
            self.progress.waits("partitions")
            self._kafka.subscribe(list(names), listener=self)
            return
        for topic in names:
            await self._kafka._client.add_topic(topic)  # noqa: SLF001 - no public way
        await self._kafka._client.force_metadata_update()  # noqa: SLF001
        places = [
            TopicPartition(topic, n)
            for topic in names
            for n in sorted(self._kafka.partitions_for_topic(topic) or ())
        ]
        self._kafka.assign(places)
        await self.on_partitions_assigned(places)

    async def _pump(self, stop: asyncio.Event) -> None:
        """Fetch and read the next batch while the last one is written."""
        while not stop.is_set():
            if self._unplaced:
                await self._place(stop)
                continue
            try:
                epoch = self._epoch
                fetched = await self._kafka.getmany(timeout_ms=200, max_records=self._most)
            except (OffsetOutOfRangeError, NoOffsetForPartitionError):
                self._again(self._kafka.assignment())
                continue
            for batch in cut((r for records in fetched.values() for r in records), self._most):
                items = await self._read(batch)
                await self._written()
                if epoch != self._epoch or self._unplaced or stop.is_set():
                    break  # no longer ours, or to be read again from the position
                self._writing = asyncio.create_task(self._write(items, stop))
            if not fetched:
                await self._written()
        await self._written()

    async def _read(self, records: Sequence[ConsumerRecord]) -> list[Item]:
        items: list[Item] = []
        for start in range(0, len(records), SLICE):
            items.extend(map(self.reader.read, records[start : start + SLICE]))
            await asyncio.sleep(0)
        return items

    async def _written(self) -> None:
        """Wait for the batch being written. Keep polling meanwhile, or the group forgets us."""
        task, paused = self._writing, False
        if task is None:
            return
        while not task.done():
            await asyncio.wait((task,), timeout=1.0)
            if not task.done():
                if not paused:
                    pause_ours(self._kafka, self._kafka.assignment())
                    paused = True
                await self._keep_polling()
        self._writing = None
        if paused:
            self._resume()
        if task.cancelled():
            return
        try:
            task.result()
        except Fenced:
            log.warning("fenced", consumer=self.writer.name)
            await asyncio.sleep(random.uniform(0.05, 0.3))
            self._again(self._kafka.assignment())
        except Stopped as stopped:
            await self._halt_topic(stopped.topic, stopped.reason)
        else:
            self.progress.moved()

    async def _keep_polling(self) -> None:
        """Poll with everything paused. A record that came all the same is read again, not lost."""
        with contextlib.suppress(OffsetOutOfRangeError, NoOffsetForPartitionError):
            if await self._kafka.getmany(timeout_ms=10):
                self._again(self._kafka.assignment())

    async def _write(self, items: Sequence[Item], stop: asyncio.Event) -> None:
        """Bring a batch to its end; while the database is away, try again without end."""
        pause = 0.1
        started = time.perf_counter()
        while True:
            try:
                conn = await self._connected()
                if left := self.writer.left(items):
                    await self.writer.end(conn, left)
                observe(
                    self.writer.consumer.name, self.progress, items, time.perf_counter() - started
                )
                return
            except Exception as error:
                if isinstance(error, (Fenced, Stopped)):
                    raise
                if meaning_of(error) != "down" and not (self._conn and self._conn.is_closed()):
                    raise
                self._lost_postgres(error)
                if stop.is_set():
                    raise Fenced from error  # nothing of it counts; another will read it again
                await asyncio.sleep(random.uniform(pause / 2, pause))
                pause = min(pause * 2, LONGEST_BACKOFF)

    # -- whose partitions, and from where ----------------------------------------------------------

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002
        """Let go: what isn't committed is another's. Never waits for a dead database."""
        self._epoch += 1
        await self._drop_batch()
        self._unplaced.clear()
        self.progress.waits("partitions")

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Note what is ours. Where to read is asked from Postgres by the loop, not in here."""
        self._epoch += 1
        self.progress.stopped.clear()
        metrics.stopped_partitions.labels(self.writer.consumer.name).set(0)
        self.progress.waits("")
        for place in assigned:
            self._kafka.seek(place, 0)  # only so that aiokafka doesn't look for one by itself
            self._kafka.pause(place)
            self._unplaced.add(place)

    def _again(self, places: Iterable[TopicPartition]) -> None:
        """Read the positions again before anything else is fetched."""
        again = set(places) - set(self.progress.stopped)
        pause_ours(self._kafka, again)
        self._unplaced |= again

    async def _place(self, stop: asyncio.Event) -> None:
        """Seek each new partition to its position in Postgres; stop those with a gap."""
        await self._drop_batch()
        epoch, pause = self._epoch, 0.1
        while self._unplaced and not stop.is_set() and epoch == self._epoch:
            try:
                await self._place_all()
                if self._unplaced:
                    await asyncio.sleep(DOUBT_SECONDS / 10)
                    await self._keep_polling()
            except KafkaError:
                raise
            except Exception as error:
                if meaning_of(error) != "down":
                    raise
                self._lost_postgres(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_BACKOFF)
                await self._keep_polling()

    async def _place_all(self) -> None:
        epoch, conn = self._epoch, await self._connected()
        if self._group and (live := await live_writer(conn, self.writer)) is not self.writer:
            self.writer = live
            self._unplaced |= self._kafka.assignment()
        located = await locate(conn, self._kafka, self.writer.name, set(self._unplaced))
        if epoch != self._epoch:
            return  # partitions have moved meanwhile: what is ours now is in _unplaced
        verdicts = {place: self._doubts.judge(place, found) for place, found in located.items()}
        going = [place for place, verdict in verdicts.items() if verdict == "go"]
        for place in going:
            self._go(place, located[place].position)
        self.progress.moved()
        for place, verdict in verdicts.items():
            if verdict == "rewind":
                log.warning("rewound", consumer=self.writer.name, topic=place.topic)
                await rewind(conn, self.writer.name, place, self._doubts.lowest(place))
            elif verdict == "stop":
                await self._halt(place, located[place].gap)
        await note_go(conn, self.writer.name, going)

    def _go(self, place: TopicPartition, position: int) -> None:
        self.writer.positions[place.topic, place.partition] = position
        self._kafka.seek(place, position)
        self._kafka.resume(place)
        self._unplaced.discard(place)

    async def _halt_topic(self, topic: str, reason: str) -> None:
        for place in self._kafka.assignment():
            if place.topic == topic:
                await self._halt(place, reason)
        self._again(self._kafka.assignment())

    async def _halt(self, place: TopicPartition, reason: str) -> None:
        """Stop one partition and say so until somebody has looked: a gap is never skipped."""
        pause_ours(self._kafka, [place])
        self._unplaced.discard(place)
        self.progress.stopped[place] = reason
        log.critical(
            "partition_stopped", consumer=self.writer.name, topic=place.topic,
            partition=place.partition, reason=reason,
        )  # fmt: skip
        metrics.stopped_partitions.labels(self.writer.consumer.name).set(len(self.progress.stopped))
        with contextlib.suppress(*LOST):
            conn = await self._connected()
            await note_stop(conn, self.writer.name, place, reason)

    def _resume(self) -> None:
        held = self._unplaced | set(self.progress.stopped)
        for place in self._kafka.assignment() - held:
            self._kafka.resume(place)

    async def _drop_batch(self) -> None:
        """Cancel the batch being written. It is written whole or not at all; Postgres knows."""
        task, self._writing = self._writing, None
        if task is None:
            return
        if not task.done():
            task.cancel()
            await asyncio.wait((task,), timeout=REVOKE_SECONDS)
            self._disconnect()
        if task.done() and not task.cancelled():
            task.exception()  # looked at: whatever it was, the events are read again

    # -- connection and measures ------------------------------------------------------------------

    async def _connected(self) -> Connection:
        if self._conn is None or self._conn.is_closed():
            self._conn = await connect(self._dsn, f"{self.writer.name} intake")
        return self._conn

    def _lost_postgres(self, error: Exception) -> None:
        self.progress.waits("postgres")
        log.warning("intake_lost_postgres", consumer=self.writer.name, exc_info=error)
        self._disconnect()

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.terminate()

    async def _measure(self) -> None:
        """Lag from fresh end offsets (a stuck fetcher's cached lag is zero), and Kafka's copy."""
        while True:
            await asyncio.sleep(MEASURE_SECONDS)
            try:
                await asyncio.wait_for(self._measured(self._kafka), MEASURE_SECONDS * 2)
            except (KafkaError, TimeoutError):
                self.progress.broker_answers(False)

    async def _measured(self, client: AIOKafkaConsumer) -> None:
        places = client.assignment()
        some = [TopicPartition(topic, 0) for topic in self.writer.consumer.topics]
        ends = await client.end_offsets(list(places) or some)
        self.progress.broker_answers(True)
        if self.progress.waiting_for == "partitions":
            return  # it would wait for them in here, and that is not the broker's silence
        lags = {p: max(ends[p] - await client.position(p), 0) for p in places}
        measure(self.writer.consumer.name, self.progress, lags, self.reader.catalogue)
        if self._group and places:
            done = {p: at for p in places if (at := self.writer.positions.get(p)) is not None}
            if done:  # aiokafka takes an empty commit for a mistake
                await client.commit(done)


def cut(records: Iterable[ConsumerRecord], most: int) -> Iterable[list[ConsumerRecord]]:
    """Batches of at most `most` records and MAX_BYTES (a larger record stands alone)."""
    batch: list[ConsumerRecord] = []
    size = 0
    for record in records:
        weight = len(record.value or b"")
        if batch and (len(batch) >= most or size + weight > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += weight
    if batch:
        yield batch
