"""The journey, heard from Kafka, lost, and rebuilt from the topics: identical."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer

from services.registry.reactions.journey import JOURNEY
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.contracts.topics import topic
from shared.intake import Intake
from shared.rebuild import rebuild
from shared.settings import KafkaSettings
from tests.registry.people import registered_business
from tests.registry.test_journey import CHAIN, heard, journey
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin
from tests.training.doors import KEYS, Doors

ROWS = """
select step, version, business_id, source, event_id, kind, occurred_on, recorded_at,
       correlation_id, facts
from journey_step_now where business_id = any($1) order by step
"""


async def test_a_lost_journey_is_rebuilt_from_the_topics_identically(
    registry: Doors, database: Database, catalogue: dict[str, KafkaLogin]
) -> None:
    businesses = [await registered_business(registry) for _ in range(3)]
    ids = [UUID(business.body["business_id"]) for business in businesses]
    records = [heard(kind, str(business_id)) for business_id in ids for kind in CHAIN]
    await publish(records, catalogue)
    kafka = settings(catalogue["registry"])
    writer = Writer(registry.db, JOURNEY, JOURNEY.name, KEYS)
    reader = Reader(JOURNEY.facts, KEYS)

    async with listening(Intake(writer, reader, database.app("registry"), kafka)):
        await until(registry, ids, len(records))
    rows = await registry.rows(ROWS, ids)
    told = [await journey(registry, business) for business in businesses]

    await registry.db.pool.execute("delete from journey_step")
    assert await journey(registry, businesses[0]) == []
    generation = await rebuild(writer, reader, database.app("registry"), kafka, registry.db.pool)

    assert generation == 2
    assert await registry.rows(ROWS, ids) == rows
    assert [await journey(registry, business) for business in businesses] == told
    assert len(told[0]) == len(CHAIN)


async def publish(records: list[Any], catalogue: dict[str, KafkaLogin]) -> None:
    """Each record on its topic, by the service that owns it."""
    for owner in sorted({topic(record.topic).owner for record in records}):
        async with AIOKafkaProducer(**catalogue[owner].aiokafka(), acks="all") as producer:
            for record in records:
                if topic(record.topic).owner == owner:
                    await producer.send_and_wait(
                        record.topic, record.value, key=record.key, headers=list(record.headers)
                    )


@asynccontextmanager
async def listening(intake: Intake) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(intake.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def until(registry: Doors, ids: list[UUID], steps: int) -> None:
    async with asyncio.timeout(60):
        while len(await registry.rows(ROWS, ids)) < steps:  # noqa: ASYNC110  rows set no Event
            await asyncio.sleep(0.1)


def settings(login: KafkaLogin) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {
            "bootstrap": login.bootstrap,
            "username": login.username,
            "password": login.password,
            "security": login.security,
        }
    )
