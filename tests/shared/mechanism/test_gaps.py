"""Where reading on would skip or repeat in silence: retention, a new topic, a restored database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from shared import intake, placing
from shared.cli import positions
from shared.consumers import Consumer
from shared.contracts.topics import TRIAL
from tests.shared.mechanism.ground import Ground, all_done, changed, until
from tests.shared.mechanism.things import event, gated, reaction, topic_of


@asynccontextmanager
async def has_read(ground: Ground, topic: str, number: int) -> AsyncIterator[Consumer]:
    """A consumer that has taken `number` events of a topic, and told Kafka so."""
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(1, number + 1)))
    with changed(intake, MEASURE_SECONDS=0.1):
        async with ground.consuming(consumer) as running:
            await until(lambda: all_done(ground, consumer.name, [number]))
            await until(lambda: running.progress.lag == 0)
            await asyncio.sleep(0.3)
    yield consumer


async def _stopped(ground: Ground, reason: str) -> bool:
    rows = await ground.rows("select reason from stopped")
    return [row["reason"] for row in rows] == [reason]


async def test_when_retention_ran_over_unread_records_the_partition_stops_and_says_so(
    ground: Ground, kafka_admin: AdminClient
) -> None:
    topic = ground.topic(partitions=2)
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(1, 6)))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [5, 0]))
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(6, 16)))
    await ground.publish(topic, event(ground.service, "b", 1, partition=1))
    gone = kafka_admin.delete_records([TopicPartition(topic, 0, 10)])
    next(iter(gone.values())).result()
    async with ground.consuming(consumer) as running:
        await until(lambda: _stopped(ground, "gap"))
        await until(lambda: all_done(ground, consumer.name, [5, 1]))  # the other one goes on
        assert list(running.progress.stopped.values()) == ["gap"]
    assert len(await ground.effects()) == 6
    # staff accept the loss: then it goes on from where they say
    topic_id = await ground.value("select topic_id from position where partition = 0")
    await ground.pool.execute(positions._MOVE, consumer.name, topic, 0, 10, topic_id)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [15, 1]))
    assert len(await ground.effects()) == 11
    assert await ground.value("select count(*) from stopped") == 0


async def test_a_trial_that_nobody_read_in_time_is_over_and_the_next_one_is_read(
    ground: Ground, kafka_admin: AdminClient
) -> None:
    topic = f"{ground.service}{TRIAL}"
    kafka_admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result()
    ground.topics[topic] = topic_of(topic, ground.service, 1)
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(1, 6)))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [5]))
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(6, 16)))
    next(iter(kafka_admin.delete_records([TopicPartition(topic, 0, 10)]).values())).result()
    async with ground.consuming(consumer) as running:
        await until(lambda: all_done(ground, consumer.name, [15]))
        assert running.progress.stopped == {}
    assert [version for _, version in await ground.effects()] == [*range(1, 6), *range(11, 16)]
    kafka_admin.delete_topics([topic])[topic].result()


async def test_records_deleted_under_a_running_consumer_are_not_skipped_in_silence(
    ground: Ground, kafka_admin: AdminClient
) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    async with ground.gate():
        gated_consumer = reaction(ground.service, topic, gated)
        await ground.publish(topic, event(ground.service, "a", 1))
        async with ground.consuming(gated_consumer):
            await until(lambda: _at_gate(ground))
            await ground.publish(topic, *(event(ground.service, "a", n) for n in range(2, 2003)))
            gone = kafka_admin.delete_records([TopicPartition(topic, 0, 2002)])
            next(iter(gone.values())).result()
    async with ground.consuming(consumer):
        await until(lambda: _stopped(ground, "gap"))
    assert await ground.effects() == []


async def _at_gate(ground: Ground) -> bool:
    return await ground.at_the_gate() > 0


async def test_a_topic_made_again_under_the_same_name_is_another_topic(
    ground: Ground, kafka_admin: AdminClient
) -> None:
    topic = ground.topic()
    async with has_read(ground, topic, 5) as consumer:
        kafka_admin.delete_topics([topic])[topic].result()
        await asyncio.sleep(0.5)
        kafka_admin.create_topics([NewTopic(topic, num_partitions=1)])[topic].result()
        await ground.publish(topic, *(event(ground.service, "z", n) for n in range(1, 11)))
        async with ground.consuming(consumer):
            await until(lambda: _stopped(ground, "topic_recreated"))
    assert len(await ground.effects()) == 5  # nothing of the new topic was taken for the old one


async def test_a_database_restored_from_yesterday_is_brought_up_to_today(ground: Ground) -> None:
    topic = ground.topic()
    async with has_read(ground, topic, 5) as consumer:
        await ground.publish(topic, *(event(ground.service, "a", n) for n in range(6, 11)))
        with changed(intake, MEASURE_SECONDS=0.1):
            async with ground.consuming(consumer):
                await until(lambda: all_done(ground, consumer.name, [10]))
                await asyncio.sleep(0.5)  # Kafka's own copy of the position is at 10 now
        await restore_yesterday(ground)
        assert len(await ground.effects()) == 5
        async with ground.consuming(consumer):
            await until(lambda: all_done(ground, consumer.name, [10]))
    assert [v for _, v in await ground.effects()] == list(range(1, 11))


async def restore_yesterday(ground: Ground) -> None:
    """What a restore does: the position of then, and nothing of what was written after it."""
    async with ground.pool.acquire() as conn, conn.transaction():
        await conn.execute("update position set next_offset = 5")
        await conn.execute("delete from inbox where record_offset >= 5")
        await conn.execute("delete from effect where version > 5")


async def test_a_database_restored_under_a_running_consumer_fences_it_and_repeats_nothing(
    ground: Ground,
) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(1, 11)))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [10]))
        await restore_yesterday(ground)
        await ground.publish(topic, event(ground.service, "a", 11))
        await until(lambda: all_done(ground, consumer.name, [11]))
    assert [v for _, v in await ground.effects()] == list(range(1, 12))


async def test_a_position_beyond_the_end_of_the_topic_stops_the_partition(ground: Ground) -> None:
    topic = ground.topic()
    async with has_read(ground, topic, 5) as consumer:
        await ground.pool.execute("update position set next_offset = 50")
        with changed(placing, DOUBT_SECONDS=0.5):
            async with ground.consuming(consumer):
                await until(lambda: _stopped(ground, "truncated"))
                await ground.publish(topic, event(ground.service, "a", 6))
                await asyncio.sleep(0.3)
    assert len(await ground.effects()) == 5
    assert await ground.value("select next_offset from position") == 50


async def _lie_before_the_position(ground: Ground, n: int) -> None:
    """As if the broker had lost its last `n` records, and others had been sent since."""
    await ground.pool.execute("update position set last_record_at = last_record_at - interval '1s'")
    await ground.pool.execute("delete from inbox where record_offset >= 5 - $1::int", n)
    await ground.pool.execute("delete from effect where version > 5 - $1::int", n)


async def test_a_log_that_was_filled_up_again_while_nobody_looked_is_read_again(
    ground: Ground,
) -> None:
    topic = ground.topic()
    async with has_read(ground, topic, 5) as consumer:
        await _lie_before_the_position(ground, 2)
        await ground.publish(topic, event(ground.service, "a", 6))
        async with ground.consuming(consumer):
            await until(lambda: all_done(ground, consumer.name, [6]))
        assert [version for _, version in await ground.effects()] == [1, 2, 3, 4, 5, 6]
        assert await ground.value("select count(*) from stopped") == 0


async def test_what_lies_before_the_position_is_what_was_read_there(ground: Ground) -> None:
    topic = ground.topic()
    async with has_read(ground, topic, 5) as consumer:
        await ground.pool.execute("delete from inbox")  # whatever is read again is done again
        async with ground.consuming(consumer):
            await until(lambda: all_done(ground, consumer.name, [5]))
            await asyncio.sleep(0.5)
    assert len(await ground.effects()) == 5


async def test_a_release_that_does_not_note_the_record_is_believed(ground: Ground) -> None:
    topic = ground.topic()
    async with has_read(ground, topic, 5) as consumer:
        await _lie_before_the_position(ground, 0)
        # as the release before this one leaves it: further on, without a word about the record
        await ground.pool.execute("update position set next_offset = 4")
        await ground.pool.execute("delete from inbox where record_offset < 3")
        async with ground.consuming(consumer):
            await until(lambda: all_done(ground, consumer.name, [5]))
    assert len(await ground.effects()) == 5
