"""Feed health: the worker's Faust agent folds what each intake reports about itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from tests.shared.mechanism.ground import Ground, until
from tests.shared.mechanism.things import event, source


@pytest.fixture
def feed(ground: Ground, kafka_admin: AdminClient) -> Iterator[str]:
    """The feed topic of this test's service."""
    name = f"{ground.service}.feed"
    kafka_admin.create_topics([NewTopic(name, num_partitions=1)])[name].result()
    yield name
    kafka_admin.delete_topics([name])[name].result()


async def test_the_agent_writes_down_how_the_events_of_each_source_ended(
    ground: Ground, feed: str
) -> None:
    topic, service = ground.topic(), ground.service
    again = event(service, "a", 1)
    await ground.publish(
        topic, again, again, event(service, "b", 1), event(service, "c", 1, ce_sequence="x")
    )
    worker = ground.program(consumers=[{"kind": "counting", "topics": [topic]}])
    await until(lambda: _health(ground, topic, (2, 1, 1)), 60)
    await ground.publish(topic, event(service, "d", 1))
    await until(lambda: _health(ground, topic, (3, 1, 1)), 30)
    worker.send(signal.SIGTERM)
    assert await worker.exit_code(30) == 0


async def _health(ground: Ground, topic: str, ended: tuple[int, int, int]) -> bool:
    rows = await ground.rows(
        "select topic, source, done, duplicate, parked from feed_health where source = $1",
        source(ground.service),
    )
    return [tuple(row) for row in rows] == [(topic, source(ground.service), *ended)]
