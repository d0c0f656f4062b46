"""The servers that are measured on, and who we are there."""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg
import psutil

from deploy.local.places import Instance
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack
from shared.contracts.topics import source_of
from shared.db import Database, make_pool
from shared.privacy import Keys
from shared.settings import KafkaSettings

KEYS = Keys({"bench": bytes(range(32))})


@dataclass(frozen=True)
class Spent:
    """Seconds of CPU time: ours (the contestant's process), Postgres', the broker's."""

    ours: float
    postgres: float
    kafka: float

    def each(self, before: "Spent", events: int) -> tuple[float, ...]:
        """Microseconds per event since `before`."""
        return tuple(
            (getattr(self, name) - getattr(before, name)) / events * 1e6
            for name in ("ours", "postgres", "kafka")
        )


@dataclass(frozen=True)
class Ground:
    """One instance of the stack for a whole benchmark."""

    stack: LocalStack

    def dsn(self, service: str) -> str:
        """The login of a service's application."""
        return self.stack.services.database_url(f"{service}_app")

    def kafka(self, principal: str) -> KafkaSettings:
        return KafkaSettings(
            bootstrap=self.stack.kafka.bootstrap,
            username=principal,
            password=self.stack.services.kafka_password(principal),
            security="SASL_PLAINTEXT",
        )

    def producer(self, principal: str) -> dict[str, str | int]:
        """Settings of a confluent-kafka client."""
        return {
            "bootstrap.servers": self.stack.kafka.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": principal,
            "sasl.password": self.stack.services.kafka_password(principal),
        }

    def spent(self) -> Spent:
        """The CPU time that each process has had so far."""
        return Spent(
            time.process_time(),
            _family(self.stack.processes.find("postgres")),
            _family(self.stack.processes.find("kafka")),
        )

    async def database(self, service: str, size: int = 4) -> Database:
        pool = await make_pool(self.dsn(service), f"{service} bench", size)
        return Database(pool, service, source_of(service), ZoneInfo("Asia/Jakarta"))

    async def empty(self, service: str, tables: Iterable[str]) -> None:
        """Empty a service's tables and bring the disk to rest, so that rounds are alike."""
        conn = await asyncpg.connect(self.stack.database_url())
        try:
            names = ", ".join(f'"{service}".{table}' for table in tables)
            while True:
                try:
                    await conn.execute(f"truncate {names} cascade")
                    break
                except asyncpg.DeadlockDetectedError:
                    await asyncio.sleep(0.2)  # a service reads them in another order; try again
            await conn.execute("checkpoint")
        finally:
            await conn.close()


def open_ground(name: str, quiet: bool = False) -> Ground:
    """Start the servers of an instance of our own; the services are started as they are needed."""
    stack = LocalStack(Instance(name), Progress(quiet))
    stack.up_servers()
    ground = Ground(stack)
    asyncio.run(_prepare(ground))
    stack.restart("postgres")
    return ground


async def _prepare(ground: Ground) -> None:
    """What only a benchmark needs: times of COMMITs, and a table of its own."""
    conn = await asyncpg.connect(ground.stack.database_url())
    try:
        await conn.execute("alter system set track_commit_timestamp = on")
        await conn.execute(
            """create table if not exists training.bench_business (
                   business_id uuid not null, owner_id uuid not null, kelurahan text not null,
                   version bigint not null, generation smallint not null,
                   primary key (generation, business_id))"""
        )
        await conn.execute("grant all on training.bench_business to training_app")
    finally:
        await conn.close()


def _family(process: psutil.Process | None) -> float:
    """CPU seconds of a server with its children, also those that have ended."""
    if process is None:
        return 0.0
    times = process.cpu_times()
    spent = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            own = child.cpu_times()
            spent += own.user + own.system
    return float(spent)
