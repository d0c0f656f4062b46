"""Consumers of events: ours through Kafka, Postgres alone, COPY, and FastStream."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import Any
from unittest.mock import patch

import asyncpg

from shared import intake as intake_module
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Consumer, Projection
from shared.contracts import registry, topics
from shared.contracts.topics import Topic
from shared.db import connect
from shared.intake import Intake
from tests.bench.ground import KEYS, Ground

MECHANISM = ("journal", "outbox", "inbox", "position", "parked", "parked_key")
Statement = tuple[str, str, tuple[Any, ...]]


BUSINESSES = Projection(
    name="training.bench",
    topics=(registry.BUSINESS,),
    facts=(
        registry.BusinessRegistered,
        registry.BusinessProductionChanged,
        registry.BusinessCorrected,
    ),
    table="bench_business",
    key="business_id",
    columns={
        "business_id": attrgetter("fact.business_id"),
        "owner_id": attrgetter("fact.owner_id"),
        "kelurahan": attrgetter("fact.kelurahan"),
    },
)
"""A copy of the registry's businesses, as any service keeps one."""


@dataclass
class Case:
    """One consumer of ours, and where its work ends up."""

    ground: Ground
    service: str
    consumer: Consumer
    tables: tuple[str, ...]
    catalogue: Callable[[str], Topic] = topics.topic
    ends: int = 0
    script: list[Statement] = field(default_factory=list)
    spent: tuple[float, ...] = ()
    """CPU microseconds per event of the last contestant: its process, Postgres, the broker."""

    async def reset(self) -> None:
        await self.ground.empty(self.service, (*MECHANISM, *self.tables))
        gc.collect()


class Recording(asyncpg.Connection):  # type: ignore[misc]
    """Notes each statement as it goes to Postgres."""

    script: list[Statement]

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        self.script.append(("execute", query, args))
        answer: str = await super().execute(query, *args, **options)
        return answer

    async def fetch(self, query: str, *args: Any, **options: Any) -> list[asyncpg.Record]:
        self.script.append(("fetch", query, args))
        rows: list[asyncpg.Record] = await super().fetch(query, *args, **options)
        return rows

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        self.script.append(("fetchrow", query, args))
        return await super().fetchrow(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        self.script.append(("fetchval", query, args))
        return await super().fetchval(query, *args, **options)


@contextmanager
def recorded(script: list[Statement]) -> Iterator[None]:
    """Within it, what the intake says to Postgres is noted in `script`."""

    class Noted(Recording):
        pass

    Noted.script = script

    async def opened(dsn: str, application: str, **options: Any) -> asyncpg.Connection:
        return await connect(dsn, application, connection_class=Noted, **options)

    with patch.object(intake_module, "connect", opened):
        yield


@cache  # it is asked for every record
def without_receipts(name: str) -> Topic:
    """A topic of the catalogue whose sender isn't told what became of each event."""
    return replace(topics.topic(name), receipts="")


async def through_kafka(case: Case, only: int = 0, batch: int = 0) -> float:
    """Events per second of the real intake, from its first COMMIT to its last."""
    await case.reset()
    db = await case.ground.database(case.service)
    intake = Intake(
        Writer(db, case.consumer, case.consumer.name, KEYS),
        Reader(case.consumer.facts, KEYS, case.catalogue),
        case.ground.dsn(case.service),
        case.ground.kafka(case.service),
        most=batch or None,
    )
    stop, before = asyncio.Event(), case.ground.spent()
    running = asyncio.create_task(intake.run(stop))
    until = only or case.ends
    try:
        return await first_to_last(lambda: sum(intake.writer.positions.values()), until, running)
    finally:
        case.spent = case.ground.spent().each(before, until)
        stop.set()
        await running
        await db.pool.close()


async def first_to_last(done: Callable[[], int], until: int, running: asyncio.Task[None]) -> float:
    """Events per second between the first COMMIT and the last. Raises TimeoutError."""
    first: tuple[float, int] | None = None
    deadline = time.monotonic() + 120
    while (count := done()) < until:
        if first is None and count:
            first = time.perf_counter(), count
        if running.done() or time.monotonic() > deadline:
            raise TimeoutError(f"{count} of {until} events")
        await asyncio.sleep(0.002)
    if first is None:
        raise ValueError("one batch says nothing about a rate")
    return (count - first[1]) / (time.perf_counter() - first[0])


async def alone(case: Case) -> float:
    """Events per second of Postgres doing the recorded statements and nothing else."""
    await case.reset()
    conn = await connect(case.ground.dsn(case.service), "alone")
    try:
        before, began = case.ground.spent(), time.perf_counter()
        for method, query, args in case.script:
            await getattr(conn, method)(query, *args)
        rate = case.ends / (time.perf_counter() - began)
        case.spent = case.ground.spent().each(before, case.ends)
        return rate
    finally:
        await conn.close()


async def copied(case: Case, rows: Sequence[tuple[Any, ...]]) -> float:
    """Events per second of one COPY into a table without an index."""
    conn = await asyncpg.connect(case.ground.stack.database_url())
    try:
        await conn.execute("drop table if exists plain")
        await conn.execute(
            """create table plain (topic text, key text, id text, source text, type text,
                                   sequence text, time text, body bytea)"""
        )
        await conn.execute("checkpoint")
        began = time.perf_counter()
        await conn.copy_records_to_table("plain", records=rows)
        return len(rows) / (time.perf_counter() - began)
    finally:
        await conn.close()


async def record(case: Case) -> None:
    """A first round that warms everything up and notes what is said to Postgres."""
    script: list[Statement] = []
    with recorded(script):
        await through_kafka(case)
    case.script = script
