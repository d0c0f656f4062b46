"""Each projection of each service, rebuilt from its topics, equals the one that was kept up live.

Real Kafka and PostgreSQL, one corpus: keys with many versions, repetitions, and older versions that
come for the first time after newer ones. The projections are those that the services declare.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from itertools import zip_longest
from random import Random
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.structs import ConsumerRecord

from shared import inbox
from shared.batch import Writer
from shared.cloudevents import Reader, headers
from shared.consumers import Projection
from shared.contracts import generate
from shared.contracts.fact import FACTS, Fact
from shared.contracts.topics import source_of, topic
from shared.db import Database as Told_to
from shared.db import make_pool
from shared.intake import Intake
from shared.outbox import Told
from shared.privacy import Keys
from shared.rebuild import rebuild
from shared.settings import KafkaSettings
from tests.contracts.freeze import lying
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin
from tests.stack.topics import MakeTopic

KEYS = Keys({"test": bytes(32)})
SEED = UUID(int=2017)
SERVICES = ("registry", "training", "marketing")
AGGREGATES, VERSIONS, PARTITIONS = 5, 9, 2
PROJECTIONS: list[Projection] = [
    consumer
    for service in SERVICES
    for consumer in import_module(f"services.{service}.reactions").CONSUMERS
    if isinstance(consumer, Projection)
]


@dataclass(frozen=True)
class Place:
    """What they stand on: a topic of the test's own in the place of each declared one."""

    database: Database
    kafka: KafkaLogin
    settings: KafkaSettings
    topics: Mapping[str, str]
    pools: Mapping[str, asyncpg.Pool]

    def writer(self, projection: Projection) -> Writer:
        service = projection.name.partition(".")[0]
        here = Told_to(self.pools[service], service, source_of(service), ZoneInfo("Asia/Jakarta"))
        moved = replace(projection, topics=tuple(self.topics[name] for name in projection.topics))
        return Writer(here, moved, projection.name, KEYS)

    def reader(self, projection: Projection) -> Reader:
        declared = {ours: topic(name) for name, ours in self.topics.items()}
        return Reader(projection.facts, KEYS, declared.__getitem__)

    def dsn(self, projection: Projection) -> str:
        return self.database.app(projection.name.partition(".")[0])

    async def rows(self, projection: Projection, generation: int) -> list[dict[str, Any]]:
        columns = ", ".join([*projection.columns, "version"])
        query = f"""select {columns} from {projection.table} where generation = $1
                    order by {projection.key}"""
        pool = self.pools[projection.name.partition(".")[0]]
        return [dict(row) for row in await pool.fetch(query, generation)]


def versions(name: str, key: UUID) -> Iterator[list[Told]]:
    """The life of one aggregate: of each version what is told, in one form or in two."""
    kinds = sorted(fact.TYPE for fact in FACTS.values() if name == fact.TOPIC)
    single = [kind for kind in kinds if FACTS[kind].BESIDE is None]
    newer = {fact.BESIDE: fact for fact in FACTS.values() if fact.BESIDE is not None}
    for version in range(1, VERSIONS + 1):
        older = FACTS[single[version % len(single)]]
        forms = [older] if version == 1 else [newer.get(older, older), older]
        yield [_told(fact, key, version) for fact in dict.fromkeys(forms)]


def _told(fact: type[Fact], key: UUID, version: int) -> Told:
    """The example, about this key, with other ids, day and place in each version."""
    body = dict(generate.example(fact.TYPE)["data"])
    for field, value in body.items():
        if field.endswith("_id") and value is not None:
            body[field] = str(uuid5(SEED, f"{field} {version % 3}"))
    body[fact.KEY] = str(key)
    body["occurred_on"] = str(date(2017, 8, 1) + timedelta(days=version))
    told = fact.model_validate_json(json.dumps(body))
    return Told(
        event_id=uuid5(key, f"{fact.TYPE} {version}"),
        topic=fact.TOPIC,
        key=str(key),
        sequence=version,
        type=fact.TYPE,
        time=datetime(2017, 8, 1, tzinfo=UTC) + timedelta(days=version),
        correlation_id=str(uuid5(key, str(version))),
        causation_id=None,
        traceparent=None,
        body=told.model_dump_json().encode(),
    )


def corpus(name: str) -> list[Told]:
    """What lies on a topic: keys mixed, a tenth late, a fifth told again, all in a fixed order."""
    lives = [versions(name, uuid5(SEED, f"{name} {n}")) for n in range(AGGREGATES)]
    mixed = [told for step in zip_longest(*lives, fillvalue=[]) for told in step]
    chance = Random(name)
    late = [told for told in mixed if chance.random() < 0.1]
    due = [told for told in mixed if not any(told is other for other in late)]
    again = chance.sample(mixed, len(mixed) // 5)
    return [event for told in (*due, *reversed(late), *again) for event in told]


def expected(projection: Projection) -> dict[str, dict[str, Any]]:
    """The projection's rows by their key: of each the highest version, counted without its SQL.

    Of one version that is told in two forms the one that lies first on the topic.
    """
    found: dict[str, dict[str, Any]] = {}
    reader = Reader(projection.facts, KEYS, topic)
    for name in projection.topics:
        for told in corpus(name):
            event = reader.read(_record(told)).event
            if event is None:  # a type that it has no use for
                continue
            row = {column: get(event) for column, get in projection.columns.items()}
            row["version"] = projection.version(event)
            known = found.setdefault(str(row[projection.key]), row)
            if known["version"] < row["version"]:
                found[str(row[projection.key])] = row
    return {key: _plain(row) for key, row in found.items()}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Values that are compared: a number however it is written, JSON as what it says."""
    plain: dict[str, Any] = {}
    for column, value in row.items():
        if isinstance(value, Decimal):
            plain[column] = value.normalize()
        elif isinstance(value, str) and value[:1] in ("{", "["):
            plain[column] = json.loads(value)
        else:
            plain[column] = value
    return plain


def _record(told: Told) -> ConsumerRecord:
    given = headers(told, topic(told.topic).source)
    event = {name.removeprefix("ce_"): value.decode() for name, value in given}
    return lying(event, told.body)


async def publish(place: Place, told: Sequence[Told]) -> None:
    async with AIOKafkaProducer(**place.kafka.aiokafka(), acks="all") as producer:
        answers = [
            await producer.send(
                place.topics[event.topic],
                event.body,
                key=event.key.encode(),
                headers=headers(event, topic(event.topic).source),
                partition=UUID(event.key).int % PARTITIONS,
            )
            for event in told
        ]
        await asyncio.gather(*answers)


async def until_read(place: Place, projection: Projection, records: int) -> None:
    """Until the live generation has taken so many records, at the latest in a minute."""
    pool = place.pools[projection.name.partition(".")[0]]
    async with asyncio.timeout(60):
        while True:
            async with pool.acquire() as conn:
                at = await inbox.positions(conn, f"{projection.name}@1")
            if sum(offset for offset, *_ in at.values()) == records:
                return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def listening(place: Place, projection: Projection) -> AsyncIterator[None]:
    """The worker's own intake of the projection, in its consumer group."""
    stop = asyncio.Event()
    intake = Intake(
        place.writer(projection), place.reader(projection), place.dsn(projection), place.settings
    )
    running = asyncio.create_task(intake.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def kept_up(place: Place) -> None:
    """All live generations, from a corpus that comes in two parts: not in a rebuild's batches."""
    told = {name: corpus(name) for name in place.topics}
    firsts = {name: events[: len(events) // 2] for name, events in told.items()}
    rests = {name: events[len(events) // 2 :] for name, events in told.items()}
    async with AsyncExitStack() as workers:
        for projection in PROJECTIONS:
            await workers.enter_async_context(listening(place, projection))
        for part, until in ((firsts, firsts), (rests, told)):
            await publish(place, [event for events in part.values() for event in events])
            await asyncio.gather(
                *(
                    until_read(place, each, sum(len(until[name]) for name in each.topics))
                    for each in PROJECTIONS
                )
            )


async def differences(place: Place, projection: Projection) -> list[str]:
    """How the projection rebuilt differs from the live one, and the live one from the corpus."""
    writer, dsn = place.writer(projection), place.dsn(projection)
    live = await place.rows(projection, 1)
    reader, pool = place.reader(projection), writer.db.pool
    generation = await rebuild(writer, reader, dsn, place.settings, pool)
    found = []
    if {str(row[projection.key]): _plain(row) for row in live} != expected(projection):
        found.append(f"{projection.name}: live rows aren't what the topics say")
    if live != await place.rows(projection, generation):
        found.append(f"{projection.name}: rebuilt rows differ")
    return found


async def test_each_projection_rebuilt_equals_the_live_one(
    database: Database, kafka: KafkaLogin, new_topic: MakeTopic
) -> None:
    names = sorted({name for projection in PROJECTIONS for name in projection.topics})
    settings = KafkaSettings.model_validate(
        {
            "bootstrap": kafka.bootstrap,
            "username": kafka.username,
            "password": kafka.password,
            "security": kafka.security,
        }
    )
    topics = {name: new_topic(name, partitions=PARTITIONS) for name in names}
    pools = {name: await make_pool(database.app(name), name, 4) for name in SERVICES}
    place = Place(database, kafka, settings, topics, pools)
    try:
        await kept_up(place)
        found = await asyncio.gather(*(differences(place, each) for each in PROJECTIONS))
    finally:
        for pool in pools.values():
            await pool.close()
    assert {each.name.partition(".")[0] for each in PROJECTIONS} == set(SERVICES)
    assert [line for lines in found for line in lines] == []
