"""The relay, against the same records handed to a producer by themselves."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaProducer

from shared import kafka, outbox
from shared.cloudevents import headers
from shared.contracts.registry import PERSON
from shared.contracts.topics import source_of
from shared.db import connect
from shared.ids import uuid7
from shared.outbox import Told
from shared.relay import Relay
from tests.bench.ground import Ground
from tests.bench.workload import Record

SERVICE = "registry"
BATCH = 500


def told(records: Sequence[Record]) -> list[Told]:
    """The records as the journal holds them, with ids of their own."""
    found: list[Told] = []
    versions: dict[bytes, int] = {}
    for record in records:
        versions[record.key] = versions.get(record.key, 0) + 1
        named = dict(record.headers)
        found.append(
            Told(
                event_id=uuid7(),
                topic=PERSON,  # one that no other section reads
                key=record.key.decode(),
                sequence=versions[record.key],
                type=named["ce_type"].decode(),
                time=datetime.now(UTC),
                correlation_id=str(UUID(int=versions[record.key])),
                causation_id=None,
                traceparent=None,
                body=record.value,
            )
        )
    return found


async def fill(ground: Ground, events: Sequence[Told]) -> None:
    """Put events into journal and outbox, as a writer's transactions do."""
    await ground.empty(SERVICE, ("journal", "outbox"))
    conn = await connect(ground.dsn(SERVICE), "bench fill")
    try:
        for start in range(0, len(events), BATCH):
            await outbox.write(conn, events[start : start + BATCH])
    finally:
        await conn.close()


async def relayed(ground: Ground, events: Sequence[Told]) -> float:
    """Events per second of the relay, from its first answer to its last."""
    await fill(ground, events)
    relay = Relay(
        ground.dsn(SERVICE), SERVICE, source_of(SERVICE), ground.kafka(SERVICE), asyncio.Event()
    )
    stop = asyncio.Event()
    conn = await connect(ground.dsn(SERVICE), "bench watch")
    began = time.perf_counter()
    running = asyncio.create_task(relay.run(stop))
    try:
        first: tuple[float, int] | None = None
        left = len(events)
        while left:
            if time.perf_counter() - began > 25:
                raise TimeoutError(f"{left} events left")
            await asyncio.sleep(0.01)
            left = await conn.fetchval("select count(*) from outbox")
            if first is None and left < len(events):
                first = time.perf_counter(), left
        if first is None:
            raise ValueError("one batch says nothing about a rate")
        return first[1] / (time.perf_counter() - first[0])
    finally:
        stop.set()
        await running
        await conn.close()


async def sent(ground: Ground, events: Sequence[Told]) -> float:
    """Events per second of `send` 500 times and `gather`: same bytes, headers and acks."""
    source = source_of(SERVICE)
    ready = [(t.topic, t.body, t.key.encode(), headers(t, source)) for t in events]
    client = AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        max_batch_size=256 * 1024,
        **kafka.login(ground.kafka(SERVICE)),
    )
    await client.start()
    try:
        began = time.perf_counter()
        for start in range(0, len(ready), BATCH):
            answers = [
                await client.send(topic, body, key=key, headers=named)
                for topic, body, key, named in ready[start : start + BATCH]
            ]
            await asyncio.gather(*answers)
        return len(ready) / (time.perf_counter() - began)
    finally:
        await client.stop()
