"""The same projection by our intake and by a Faust agent, and the intake with smaller batches."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from aiokafka.structs import ConsumerRecord

from services.marketing.reactions import MARKET_EVENTS
from services.training.reactions import BUSINESSES
from shared.batch import Writer
from shared.consumers import Consumer
from shared.db import connect
from shared.generations import generation_writer
from shared.intake import PROJECTION_EVENTS, Intake
from tests.bench.faust_child import Task, app_of
from tests.bench.faust_ground import KEYS, Ground, businesses, fairs, reader

ROUNDS = 5
SMALLER = 500


@dataclass(frozen=True, slots=True)
class Pace:
    """Between the first COMMIT seen and the last."""

    events_per_second: float
    micros: float
    """Processor time of our process for each event: other people's load doesn't change it."""


async def consumed(intake: Intake, place: str, count: int) -> Pace:
    """Let an intake work until it is through."""
    stop = asyncio.Event()
    running = asyncio.create_task(intake.run(stop))
    try:
        return await pace(lambda: intake.writer.positions.get((place, 0), 0), count, running)
    finally:
        stop.set()
        await running


async def pace(at: Callable[[], int], count: int, running: asyncio.Future[None]) -> Pace:
    """Watch a consumer until it is through. Raises TimeoutError."""
    deadline, first = time.monotonic() + 180, (0.0, 0.0, 0)
    while (now := at()) < count:
        if not first[2] and now:
            first = (time.perf_counter(), time.process_time(), now)
        if running.done() or time.monotonic() > deadline:
            raise TimeoutError(f"{now} of {count} events")
        await asyncio.sleep(0.005)
    events = count - first[2]
    seconds, busy = time.perf_counter() - first[0], time.process_time() - first[1]
    return Pace(events / seconds, busy / events * 1e6)


async def by_intake(
    ground: Ground, consumer: Consumer, place: str, count: int, batch: int = PROJECTION_EVENTS
) -> Pace:
    """A consumer of ours, with batches of at most `batch`."""
    service = consumer.name.partition(".")[0]
    tables = ("known_business",) if consumer is BUSINESSES else ("market_event", "journal")
    await ground.empty(service, *tables)
    async with ground.database(service) as db:
        here = replace(consumer, topics=(place,))
        writer = Writer(db, here, consumer.name, KEYS)
        given = reader(consumer, place)
        intake = Intake(writer, given, ground.dsn(service), ground.kafka, most=batch)
        return await consumed(intake, place, count)


async def by_agent(ground: Ground, place: str, count: int, batch: int) -> Pace:
    """A Faust agent that decodes and writes by the very same functions."""
    await ground.empty("training", "known_business")
    conn = await connect(ground.dsn("training"), "faust agent")
    read = reader(BUSINESSES, place)
    async with ground.database("training") as db:
        here = replace(BUSINESSES, topics=(place,))
        writer = await generation_writer(conn, Writer(db, here, here.name, KEYS), 1)
        await conn.execute(
            "insert into position (consumer, topic, partition, topic_id, next_offset) "
            "values ($1, $2, 0, $3, 0)", writer.name, place, uuid4(),
        )  # fmt: skip
        writer.positions[place, 0] = 0

        async def write(events: Sequence[Any]) -> None:
            await writer.end(conn, [read.read(record_of(event.message)) for event in events])

        with tempfile.TemporaryDirectory(prefix="faust-facts-") as scratch:
            app = batching(ground, place, scratch, batch, write)
            never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            await app.start()
            try:
                return await pace(lambda: writer.positions[place, 0], count, never)
            finally:
                await app.stop()
                await conn.close()


def batching(
    ground: Ground,
    place: str,
    scratch: str,
    batch: int,
    write: Callable[[Sequence[Any]], Awaitable[None]],
) -> Any:
    """An app whose agent hands events to `write`, by batches or one by one."""
    kafka, group = ground.kafka, f"faust-facts.{uuid4().hex[:8]}"
    task = Task("speed", False, place, group, kafka.bootstrap, kafka.password, scratch)
    app = app_of(task, with_agent=False)
    source = app.topic(place, key_type=bytes, value_type=bytes, value_serializer="raw")

    async def project(stream: Any) -> None:
        if batch == 1:
            async for event in stream.events():
                await write([event])
        else:
            async for events in stream.take_events(batch, within=0.1):
                await write(events)

    app.agent(source)(project)
    return app


def record_of(message: Any) -> ConsumerRecord:
    """Faust's message as the record that it was made of."""
    found = message.headers
    return ConsumerRecord(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=round(message.timestamp * 1000),
        timestamp_type=message.timestamp_type,
        key=message.key,
        value=message.value,
        checksum=None,
        serialized_key_size=message.serialized_key_size,
        serialized_value_size=message.serialized_value_size,
        headers=tuple(found.items() if isinstance(found, dict) else found),
    )


async def tell(ground: Ground, count: int) -> None:
    """Print both comparisons; rounds follow each other, so that all share the machine's moods."""
    place, few, office = ground.new_topic(), ground.new_topic(), ground.new_topic()
    ground.produce(place, businesses(count))
    ground.produce(few, businesses(count // 10))
    ground.produce(office, fairs(count))
    one, other = f"batches of {PROJECTION_EVENTS:,}", f"batches of {SMALLER}"
    runs: dict[str, Callable[[], Awaitable[Pace]]] = {
        f"projection, our intake, {one}": lambda: by_intake(ground, BUSINESSES, place, count),
        f"projection, Faust agent, take_events, {one}": lambda: by_agent(
            ground, place, count, PROJECTION_EVENTS
        ),
        "projection, Faust agent, one by one": lambda: by_agent(ground, few, count // 10, 1),
        f"projection, our intake, {other}": lambda: by_intake(
            ground, BUSINESSES, place, count, SMALLER
        ),
        f"reaction, our intake, {one}": lambda: by_intake(ground, MARKET_EVENTS, office, count),
        f"reaction, our intake, {other}": lambda: by_intake(
            ground, MARKET_EVENTS, office, count, SMALLER
        ),
    }
    paces: dict[str, list[Pace]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, work in runs.items():
            paces[name].append(await work())
    print(f"\n| {ROUNDS} rounds | events/s, best | median | processor time per event, median |")
    print("|---|---|---|---|")
    for name, found in paces.items():
        rates = [one.events_per_second for one in found]
        micros = statistics.median(one.micros for one in found)
        print(
            f"| {name} | {max(rates):,.0f} | {statistics.median(rates):,.0f} | {micros:,.0f} µs |"
        )
