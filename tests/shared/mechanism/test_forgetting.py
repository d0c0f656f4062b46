"""Records that name people are deleted once all have passed them, and nobody misses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from aiokafka import TopicPartition

from shared import kafka
from shared.consumers import Consumer, Reaction
from shared.forgetting import forget
from tests.shared.mechanism.ground import Ground, all_done, until
from tests.shared.mechanism.things import event, reaction

AT_ONCE, A_DAY = timedelta(0), timedelta(days=1)


def _personal(ground: Ground) -> str:
    topic = ground.topic()
    ground.topics[topic] = replace(ground.topics[topic], personal=True)
    return topic


async def _read(ground: Ground, consumer: Reaction, end: int) -> None:
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [end]))


async def _forget(ground: Ground, consumers: Sequence[Consumer], keep: timedelta) -> int:
    """Forgets, and says where the first topic begins then."""
    async with ground.pool.acquire() as conn:
        await forget(conn, consumers, ground.settings, keep, ground.topics.__getitem__)
    place = TopicPartition(consumers[0].topics[0], 0)
    return (await kafka.first_offsets(ground.settings, [place]))[place]


async def test_what_all_have_passed_is_forgotten_and_the_consumer_goes_on(ground: Ground) -> None:
    topic = _personal(ground)
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, *(event(ground.service, "a", n) for n in (1, 2, 3)))
    await _read(ground, consumer, 3)
    await ground.publish(topic, event(ground.service, "a", 4))
    assert await _forget(ground, [consumer], AT_ONCE) == 3
    assert await _forget(ground, [consumer], AT_ONCE) == 3
    await _read(ground, consumer, 4)
    assert [version for _, version in await ground.effects()] == [1, 2, 3, 4]
    assert await ground.value("select count(*) from stopped") == 0


async def test_what_somebody_has_still_to_read_stays(ground: Ground) -> None:
    topic = _personal(ground)
    one = reaction(ground.service, topic)
    other = replace(one, name=f"{ground.service}.slow")
    await ground.publish(topic, *(event(ground.service, "a", n) for n in (1, 2)))
    await _read(ground, one, 2)
    assert await _forget(ground, [one, other], AT_ONCE) == 0
    await _read(ground, other, 2)
    assert await _forget(ground, [one, other], AT_ONCE) == 2


async def test_it_is_kept_for_a_backup_that_is_brought_back(ground: Ground) -> None:
    topic = _personal(ground)
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, event(ground.service, "a", 1))
    await _read(ground, consumer, 1)
    assert await _forget(ground, [consumer], A_DAY) == 0


async def test_what_names_nobody_is_kept_as_long_as_its_topic_says(ground: Ground) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, event(ground.service, "a", 1))
    await _read(ground, consumer, 1)
    assert await _forget(ground, [consumer], AT_ONCE) == 0
