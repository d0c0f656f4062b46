"""What a test of the mechanism stands on: a database, a topic, and the real parts between them."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from shared import db
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Consumer
from shared.contracts.topics import Topic
from shared.intake import Intake
from shared.relay import Relay
from shared.settings import KafkaSettings
from tests.shared.mechanism.things import KEYS, Record, source, topic_of
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin

CLONE = Path(__file__).resolve().parents[3]
MIGRATIONS = CLONE / "services" / "registry" / "migrations"
KEY_TEXT = "test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

TABLES = """
create table effect (seq bigint generated always as identity, event_id text, key text,
                     version bigint, n bigint, by text default current_setting('application_name'));
create table known (n bigint);
create table thing (generation smallint, thing_id uuid, n bigint, version bigint,
                    primary key (generation, thing_id));
grant all on effect, known, thing to registry_app;
grant usage on all sequences in schema registry to registry_app;
"""


@dataclass
class Ground:
    """One test's place: `service` is a name of its own, so that no two tests share a lock."""

    service: str
    database: Database
    kafka: KafkaLogin
    pool: asyncpg.Pool
    new_topic: Callable[..., str]
    folder: Path
    topics: dict[str, Topic] = field(default_factory=dict)
    _programs: list[Program] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return self.database.app("registry")

    @property
    def settings(self) -> KafkaSettings:
        return settings_of(self.kafka)

    @property
    def db(self) -> db.Database:
        return db.Database(self.pool, self.service, source(self.service), ZoneInfo("Asia/Jakarta"))

    def topic(self, partitions: int = 1, **config: Any) -> str:
        name = self.new_topic(self.service, partitions=partitions, **config)
        self.topics[name] = topic_of(name, self.service, partitions)
        return name

    def writer(self, consumer: Consumer) -> Writer:
        return Writer(self.db, consumer, consumer.name, KEYS)

    def reader(self, consumer: Consumer) -> Reader:
        return Reader(consumer.facts, KEYS, self.topics.__getitem__)

    @asynccontextmanager
    async def consuming(
        self, consumer: Consumer, *, dsn: str = "", settings: KafkaSettings | None = None
    ) -> AsyncIterator[Intake]:
        """The real intake, in this process."""
        stop = asyncio.Event()
        intake = Intake(
            self.writer(consumer), self.reader(consumer), dsn or self.dsn, settings or self.settings
        )
        running = asyncio.create_task(intake.run(stop))
        try:
            yield intake
            if running.done():
                running.result()
        finally:
            stop.set()
            await running

    @asynccontextmanager
    async def relaying(self, *, settings: KafkaSettings | None = None) -> AsyncIterator[Relay]:
        """The real relay, in this process."""
        stop = asyncio.Event()
        relay = Relay(self.dsn, self.service, source(self.service), settings or self.settings)
        running = asyncio.create_task(relay.run(stop))
        try:
            yield relay
        finally:
            stop.set()
            await running

    async def publish(self, topic: str, *records: Record, **settings: Any) -> list[int]:
        """Put records on a topic; returns their offsets."""
        producer = AIOKafkaProducer(acks="all", **self.kafka.aiokafka(), **settings)
        await producer.start()
        try:
            answers = [
                await producer.send(
                    topic, r.value, key=r.key, headers=list(r.headers), partition=r.partition
                )
                for r in records
            ]
            return [answer.offset for answer in await asyncio.gather(*answers)]
        finally:
            await producer.stop()

    async def on_topic(self, topic: str) -> list[ConsumerRecord]:
        """All records of a topic, in the order of their timestamps' arrival per partition."""
        return await records_of(self.kafka, topic)

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        return list(await self.pool.fetch(sql, *arguments))

    async def value(self, sql: str, *arguments: Any) -> Any:
        return await self.pool.fetchval(sql, *arguments)

    async def effects(self) -> list[tuple[str, int]]:
        """(key, version) of each effect, in order."""
        rows = await self.rows("select key, version from effect order by seq")
        return [(row["key"], row["version"]) for row in rows]

    def program(self, *, dsn: str = "", kafka: KafkaLogin | None = None, **what: Any) -> Program:
        """A worker process of this ground; see `program.py` for what it can be told."""
        spec = {
            "service": self.service,
            "topics": {n: t.partitions for n, t in self.topics.items()},
        } | what
        settings = environment(dsn or self.dsn, kafka or self.kafka)
        program = Program(spec, settings, self.folder / f"{len(self._programs)}.log")
        self._programs.append(program)
        return program

    def end_programs(self) -> None:
        for program in self._programs:
            program.end()

    @asynccontextmanager
    async def gate(self) -> AsyncIterator[None]:
        """Holds every gated reaction just before its COMMIT."""
        from tests.shared.mechanism.things import GATE

        conn = await asyncpg.connect(self.database.url)
        try:
            await conn.execute("select pg_advisory_lock($1)", GATE)
            yield
        finally:
            await conn.close()

    async def at_the_gate(self) -> int:
        """How many stand there."""
        return int(
            await self.value(
                """select count(*) from pg_locks l join pg_database d on d.oid = l.database
                   where l.locktype = 'advisory' and not l.granted
                     and d.datname = current_database()"""
            )
        )


def environment(dsn: str, kafka: KafkaLogin) -> dict[str, str]:
    """The settings of a worker process."""
    found = {
        "BINAAN_DATABASE_URL": dsn,
        "BINAAN_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "BINAAN_KAFKA_SECURITY": kafka.security,
        "BINAAN_SECRET_KEYS": KEY_TEXT,
        "BINAAN_METRICS_PORT": "0",
    }
    if kafka.username:
        found |= {
            "BINAAN_KAFKA_USERNAME": kafka.username,
            "BINAAN_KAFKA_PASSWORD": kafka.password,
        }
    return found


def settings_of(kafka: KafkaLogin) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {
            "bootstrap": kafka.bootstrap,
            "username": kafka.username,
            "password": kafka.password,
            "security": kafka.security,
        }
    )


class Program:
    """A process that a test can stop, continue and kill."""

    def __init__(self, spec: dict[str, Any], settings: dict[str, str], log: Path) -> None:
        self.log = log
        plain = {n: v for n, v in os.environ.items() if not n.startswith("BINAAN_")}
        command = [sys.executable, "-m", "tests.shared.mechanism.program", json.dumps(spec)]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=CLONE, env=plain | settings, stdout=out, stderr=out
            )

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def port(self) -> int:
        """Where it tells how it is."""
        (line,) = re.findall(r'^.*"event":"serving".*$', self.text, re.MULTILINE)
        return int(json.loads(line)["port"])

    async def says(self, words: str, seconds: float = 30) -> None:
        """Wait until its log has these words."""
        await until(lambda: words in self.text or self.process.poll() is not None, seconds)
        assert words in self.text, self.text[-3000:]

    async def exit_code(self, seconds: float) -> int:
        """Its exit code. Raises TimeoutError when it is still there after so many seconds."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise TimeoutError(f"still there after {seconds} s: {self.text[-2000:]}")
            await asyncio.sleep(0.05)
        return self.process.returncode

    def end(self) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.kill()


async def until(
    true: Callable[[], bool | Awaitable[bool]], seconds: float = 20, what: str = ""
) -> None:
    """Wait until something is true. Raises AssertionError after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        found = true()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return
        assert time.monotonic() < end, what or inspect.getsource(true).strip()
        await asyncio.sleep(0.05)


async def records_of(kafka: KafkaLogin, topic: str) -> list[ConsumerRecord]:
    """All records of a topic that are committed, partition by partition."""
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, isolation_level="read_committed", **kafka.aiokafka()
    )
    await consumer.start()
    try:
        await consumer._client.add_topic(topic)
        await consumer._client.force_metadata_update()
        places = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        for place, first in (await consumer.beginning_offsets(places)).items():
            consumer.seek(place, first)
        found: list[ConsumerRecord] = []
        while [p for p in places if await consumer.position(p) < ends[p]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found.extend(records)
        return sorted(found, key=lambda r: (r.partition, r.offset))
    finally:
        await consumer.stop()


def header(record: ConsumerRecord, name: str) -> str:
    return str(dict(record.headers)[name].decode())


@contextmanager
def changed(owner: Any, **values: Any) -> Iterator[None]:
    """Other limits for one test: `changed(intake, REACTION_EVENTS=10)`."""
    before = {name: getattr(owner, name) for name in values}
    for name, value in values.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


async def all_done(ground: Ground, consumer: str, ends: Sequence[int]) -> bool:
    """Whether a consumer's positions are at these ends, by partition."""
    rows = await ground.rows(
        "select partition, next_offset from position where consumer = $1", consumer
    )
    at = {row["partition"]: row["next_offset"] for row in rows}
    return all(at.get(n) == end for n, end in enumerate(ends))
