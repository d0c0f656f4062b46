"""From a POST in the registry to a row in training, under a load that doesn't wait for answers.

Times are those of the servers: Postgres keeps the time of each COMMIT, the broker stamps each
record when it is on the topic, so that nobody has to watch while it happens.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from shared import kafka
from shared.contracts.registry import BUSINESS
from tests.bench import answering
from tests.bench.ground import Ground
from tests.bench.load import Answers, closed_loop, open_loop
from tests.bench.sharing import shared_out

PROCESSES = ("registry-api", "registry-worker", "training-worker")
CALLERS = 32
SATURATING_SECONDS = 6.0
PATIENCE_SECONDS = 90.0


@dataclass
class Times:
    """Seconds, one of each per event."""

    commit_to_topic: list[float]
    post_to_visible: list[float]
    answers: Answers


def stamp_by_broker(ground: Ground) -> None:
    """Have the broker write down when a record was appended, in milliseconds."""
    admin = AdminClient(ground.producer("admin") | {"sasl.password": ground.stack.kafka.password})
    entry = ConfigEntry(
        "message.timestamp.type",
        "LogAppendTime",
        incremental_operation=AlterConfigOpType.SET,
    )
    resource = ConfigResource(ResourceType.TOPIC, BUSINESS, incremental_configs=[entry])
    for changed in admin.incremental_alter_configs([resource]).values():
        changed.result()


async def saturation(ground: Ground, posts: Iterator[bytes]) -> float:
    """POSTs per second when as many are sent as can be answered."""
    port = ground.stack.instance.port("registry")
    answers = await closed_loop(port, posts, SATURATING_SECONDS, CALLERS)
    return answers.rate


async def under_load(ground: Ground, posts: Iterator[bytes], rate: float, seconds: float) -> Times:
    """Send POSTs at this rate, wait until training has all of them, and look up the times."""
    port = ground.stack.instance.port("registry")
    before = await ends(ground)
    answers = await open_loop(port, posts, rate, seconds)
    if set(answers.statuses) != {201}:
        raise ValueError(f"answers were {dict(answers.statuses)}")
    sent = {UUID(orjson.loads(body)["business_id"]): due for due, body in answers.bodies}
    told, seen = await _committed(ground, sent)
    stamped = await _stamped(ground, before)
    return Times(
        [stamped[key] - told[key] for key in sent],
        [seen[key] - due for key, due in sent.items()],
        answers,
    )


async def _committed(
    ground: Ground, sent: dict[UUID, float]
) -> tuple[dict[UUID, float], dict[UUID, float]]:
    """When the registry committed each event, and when training had it."""
    conn = await asyncpg.connect(ground.stack.database_url())
    when = "extract(epoch from pg_xact_commit_timestamp(xmin))::float8"
    keys = list(sent)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        seen = f"""select business_id, {when} from training.known_business
                   where business_id = any($1::uuid[])"""
        while len(rows := await conn.fetch(seen, keys)) < len(keys):
            if time.monotonic() > deadline:
                raise TimeoutError(f"training has {len(rows)} of {len(keys)}")
            await asyncio.sleep(0.2)
        told = await conn.fetch(
            f"select key::uuid, {when} from registry.journal where key = any($1::text[])",
            [str(key) for key in keys],
        )
        return dict(map(tuple, told)), dict(map(tuple, rows))
    finally:
        await conn.close()


async def ends(ground: Ground) -> dict[TopicPartition, int]:
    """Where the topic ends now."""
    client = await _reader(ground)
    try:
        return dict(await client.end_offsets(client.assignment()))
    finally:
        await client.stop()


async def _stamped(ground: Ground, since: dict[TopicPartition, int]) -> dict[UUID, float]:
    """When each key came to the topic first, in seconds since 1970."""
    client = await _reader(ground)
    found: dict[UUID, float] = {}
    try:
        until = await client.end_offsets(list(since))
        for place, offset in since.items():
            client.seek(place, offset)
        while any([await client.position(place) < end for place, end in until.items()]):
            for records in (await client.getmany(timeout_ms=500)).values():
                for record in records:
                    found.setdefault(UUID(record.key.decode()), record.timestamp / 1000)
        return found
    finally:
        await client.stop()


async def _reader(ground: Ground) -> AIOKafkaConsumer:
    client = kafka.consumer(ground.kafka("training"), None, "bench")
    await client.start()
    client.assign([TopicPartition(BUSINESS, n) for n in range(4)])
    return client


async def measured(ground: Ground, seconds: float) -> tuple[float, Times, str]:
    """The measured saturation, the times at half of it, and who had the cores meanwhile."""
    owner, _ = await answering.fill(ground)
    posts = answering.writes(owner, ground.stack.services.token("petugas"))
    await saturation(ground, posts)  # warms up
    most = await saturation(ground, posts)
    await settled(ground)
    with shared_out(ground, PROCESSES) as shares:
        times = await under_load(ground, posts, most / 2, seconds)
    return most, times, shares.table()


async def settled(ground: Ground, patience: float = 60) -> None:
    """Wait until the relay has nothing to publish and nobody has anything to read."""
    conn = await asyncpg.connect(ground.stack.database_url())
    deadline = time.monotonic() + patience
    try:
        while await conn.fetchval("select count(*) from registry.outbox"):
            if time.monotonic() > deadline:
                raise TimeoutError("the relay doesn't get done")
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)
    finally:
        await conn.close()
