"""A projection is rebuilt beside the live one: the same rows, and the worker goes on with them."""

from __future__ import annotations

import hashlib

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from shared.consumers import Projection
from shared.rebuild import rebuild
from tests.shared.mechanism.ground import Ground, until
from tests.shared.mechanism.things import event, projection, reaction


async def _digest(ground: Ground, projection: Projection) -> str:
    rows = await ground.rows(
        """select thing_id, n, version from thing
           where generation = (select generation from projection where name = $1)
           order by thing_id""",
        projection.name,
    )
    assert rows
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


async def _rebuild(ground: Ground, consumer: Projection) -> int:
    return await rebuild(
        ground.writer(consumer), ground.reader(consumer), ground.dsn, ground.settings, ground.pool
    )


async def _things(ground: Ground) -> tuple[str, Projection]:
    topic = ground.topic(partitions=2)
    records = [event(ground.service, f"k{n % 9}", n, partition=n % 9 % 2) for n in range(1, 101)]
    await ground.publish(topic, *records, *records[:20])
    return topic, projection(ground.service, topic)


async def test_a_rebuilt_projection_is_identical_and_the_worker_goes_on_with_it(
    ground: Ground,
) -> None:
    topic, consumer = await _things(ground)
    async with ground.consuming(consumer) as running:
        await until(lambda: _lives(ground, 9))
        await until(lambda: running.progress.waiting_for == "")
        before = await _digest(ground, consumer)
        assert await _rebuild(ground, consumer) == 2
        assert await _digest(ground, consumer) == before
        await ground.publish(topic, event(ground.service, "new", 1))
        await until(lambda: _lives(ground, 10))
        assert running.writer.name == f"{consumer.name}@2"
    assert await ground.value("select count(*) from thing where generation = 1") == 0
    assert await ground.value("select count(*) from inbox where consumer like '%@1'") == 0


async def _lives(ground: Ground, number: int) -> bool:
    return bool(
        await ground.value(
            """select count(*) = $1 from thing
               where generation = (select generation from projection)""",
            number,
        )
    )


async def test_a_truncated_projection_is_identical_once_it_is_rebuilt(ground: Ground) -> None:
    _, consumer = await _things(ground)
    async with ground.consuming(consumer):
        await until(lambda: _lives(ground, 9))
        before = await _digest(ground, consumer)
        await ground.pool.execute("delete from thing")
        await _rebuild(ground, consumer)
        assert await _digest(ground, consumer) == before


async def test_a_rebuild_from_a_topic_that_lost_its_oldest_records_leaves_the_live_rows(
    ground: Ground, kafka_admin: AdminClient
) -> None:
    topic, consumer = await _things(ground)
    async with ground.consuming(consumer):
        await until(lambda: _lives(ground, 9))
    before = await _digest(ground, consumer)
    gone = kafka_admin.delete_records([TopicPartition(topic, 0, 10)])
    next(iter(gone.values())).result()
    with pytest.raises(RuntimeError, match="oldest records are gone"):
        await _rebuild(ground, consumer)
    assert await _digest(ground, consumer) == before


async def test_a_reaction_cannot_be_rebuilt(ground: Ground) -> None:
    consumer = reaction(ground.service, ground.topic())
    with pytest.raises(TypeError):
        await _rebuild(ground, consumer)  # type: ignore[arg-type]


async def test_a_worker_that_was_away_during_the_swap_takes_up_the_new_generation(
    ground: Ground,
) -> None:
    topic, consumer = await _things(ground)
    async with ground.consuming(consumer):
        await until(lambda: _lives(ground, 9))
    await _rebuild(ground, consumer)
    await ground.publish(topic, event(ground.service, "new", 1))
    async with ground.consuming(consumer):
        await until(lambda: _lives(ground, 10))
