"""The ground of each test of the mechanism."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local import jars
from deploy.local.kafka import Kafka
from deploy.local.processes import Processes
from shared.db import make_pool
from tests.shared.mechanism.ground import TABLES, Ground
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin, session_instance


class Broker:
    """A broker of these tests alone, which may be stopped, killed and started again."""

    def __init__(self, processes: Processes) -> None:
        self.processes, self._kafka = processes, Kafka(processes)

    @property
    def login(self) -> KafkaLogin:
        return KafkaLogin(self._kafka.bootstrap, "admin", self._kafka.password)

    def start(self) -> None:
        self._kafka.start()

    def kill(self) -> None:
        self.processes.kill("kafka")

    def lose_the_end(self, topic: str, share: float) -> None:
        """As a power cut does: a part of what was acknowledged is not on the disk."""
        (segment,) = self.processes.instance.folder.glob(f"kafka/data/{topic}-0/*.log")
        os.truncate(segment, round(segment.stat().st_size * share))

    def send(self, number: signal.Signals) -> None:
        self.processes.send("kafka", number)

    def new_topic(self, name: str, partitions: int = 1, **_: object) -> str:
        full = f"{name}.{uuid.uuid4().hex}"
        admin = AdminClient(self.login.confluent())
        admin.create_topics([NewTopic(full, num_partitions=partitions)])[full].result()
        return full


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """Another broker than that of the session; it runs at the start of each test."""
    jars.fetch(lambda *_: None)
    instance = session_instance("broker")
    broker = Broker(Processes(instance))
    broker.start()
    yield broker
    broker.processes.stop_all([["kafka"]])
    instance.forget()


@pytest.fixture
async def ground(
    database: Database,
    kafka: KafkaLogin,
    new_topic: Callable[..., str],
    tmp_path: Path,
    json_logs: None,
) -> AsyncIterator[Ground]:
    """A database and a service name of the test's own; `ground.topic()` makes topics."""
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute(TABLES)
    await owner.close()
    service = f"t{uuid.uuid4().hex[:12]}"
    pool = await make_pool(database.app("registry"), service, 6)
    ground = Ground(service, database, kafka, pool, new_topic, tmp_path)
    try:
        yield ground
    finally:
        ground.end_programs()
        pool.terminate()
