"""The doors of one service in a test: HTTP as somebody, and records as they come from a topic.

Both are the real ones, on a real database; only Kafka's wire is left out.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson
from aiohttp.test_utils import TestClient, TestServer
from aiokafka.structs import ConsumerRecord

from shared import cloudevents
from shared.actor import Actor
from shared.auth import PublicKeys, TokenCheck
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Consumer, Projection
from shared.contracts.fact import Fact
from shared.contracts.topics import source_of, topic
from shared.db import Connection, Connections, Database, make_pool
from shared.generations import generation_writer, live_writer
from shared.http import Route
from shared.http.app import build_app
from shared.http.examples import sampled
from shared.http.transacting import Ground
from shared.ids import uuid7
from shared.outbox import Told
from shared.placing import begin
from shared.privacy import Keys
from tests.shared.tokens import AUDIENCE, ISSUER, jwks, token

KEYS = Keys({"test": bytes(32)})
TOPIC_ID = UUID(int=1)
POOL = 16

CITY = "36.74"
PAMULANG_BARAT, REMPOA, SERPONG = "36.74.06.1001", "36.74.05.1005", "36.74.01.1009"
PAMULANG, CIPUTAT_TIMUR = "36.74.06", "36.74.05"


def person(role: str, *areas: str) -> Actor:
    """Somebody with a token. Without areas: of the whole city."""
    return Actor(f"{role}-{'-'.join(areas) or 'kota'}", frozenset({role}), areas or (CITY,))


KASI = person("kasi")


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


@dataclass
class Doors:
    """One service: its database, its HTTP application and its consumers."""

    db: Database
    client: TestClient[Any, Any]
    consumers: Mapping[str, Consumer]
    writers: dict[str, Writer] = field(default_factory=dict)
    offsets: dict[tuple[str, str, int], int] = field(default_factory=dict)

    async def get(self, path: str, actor: Actor = KASI, **headers: str) -> Reply:
        return await self._ask("GET", path, actor, None, headers)

    async def post(
        self,
        path: str,
        body: object,
        actor: Actor = KASI,
        *,
        if_match: str | None = None,
        key: str | None = None,
        **headers: str,
    ) -> Reply:
        headers["Idempotency-Key"] = key or uuid4().hex
        if if_match is not None:
            headers["If-Match"] = if_match
        return await self._ask("POST", path, actor, body, headers)

    async def shown(self, route: Route) -> Reply:
        """Send a route's example as its page shows it."""
        async with self.db.pool.acquire() as conn:
            example = await sampled(route, conn)
        actor = person(route.example.role)
        if route.method == "GET":
            return await self.get(example.path, actor)
        return await self.post(example.path, example.body, actor, if_match=example.if_match)

    async def rebuilt(self, consumer: str, *records: ConsumerRecord) -> None:
        """Fill the next generation of a projection from these records, then swap."""
        declared, offsets = self.consumers[consumer], self.offsets
        async with self.db.pool.acquire() as conn:
            live = await self._writer(conn, declared)
            number = int(live.name.partition("@")[2]) + 1
            self.writers[consumer] = await generation_writer(conn, live, number)
            self.offsets = {}
            await self.hear(consumer, *records)
            self.offsets |= offsets
            await conn.execute(
                "update projection set generation = $2 where name = $1", consumer, number
            )

    async def _ask(
        self, method: str, path: str, actor: Actor, body: object, headers: dict[str, str]
    ) -> Reply:
        headers["Authorization"] = f"Bearer {_token(actor)}"
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        async with self.client.request(method, path, data=content, headers=headers) as answer:
            return Reply(answer.status, orjson.loads(await answer.read()), answer.headers)

    async def hear(self, consumer: str, *records: ConsumerRecord, partition: int = 0) -> list[str]:
        """Bring records to their ends as one batch; returns the ends ("done", "duplicate", …)."""
        declared = self.consumers[consumer]
        reader = Reader(declared.facts, KEYS)
        async with self.db.pool.acquire() as conn:
            writer = await self._writer(conn, declared)
            items = []
            for record in records:
                place = (record.topic, partition)
                if place not in writer.positions:
                    await begin(conn, writer.name, {place: (TOPIC_ID, 0)})
                    writer.positions[place] = 0
                offset = self.offsets.get((writer.name, *place), 0)
                self.offsets[(writer.name, *place)] = offset + 1
                items.append(reader.read(_at(record, partition, offset)))
            await writer.end(conn, items)
        return [item.ended for item in items]

    async def _writer(self, conn: Connection, declared: Consumer) -> Writer:
        writer = self.writers.get(declared.name)
        if writer is None:
            writer = Writer(self.db, declared, declared.name, KEYS)
            if isinstance(declared, Projection):
                writer = await live_writer(conn, writer)
            self.writers[declared.name] = writer
        return writer

    async def told(self, kind: str = "") -> list[dict[str, Any]]:
        """What the service told, in order: the journal's rows, with `fact` for the body."""
        rows = await self.db.pool.fetch(
            "select j.* from journal j join outbox o using (event_id) order by o.seq"
        )
        told = [{**dict(row), "fact": orjson.loads(row["body"])} for row in rows]
        return [row for row in told if kind in row["type"]]

    async def count(self, table: str) -> int:
        return int(await self.db.pool.fetchval(f"select count(*) from {table}"))

    async def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.db.pool.fetch(query, *arguments)]


@asynccontextmanager
async def opened(
    dsn: str, service: str, routes: Sequence[Route], consumers: Sequence[Consumer]
) -> AsyncIterator[Doors]:
    """A service's doors on the database at `dsn` (the app's login)."""
    pool = await make_pool(dsn, service, POOL)
    database = Database(pool, service, source_of(service), ZoneInfo("Asia/Jakarta"))
    ground = Ground(
        db=database,
        tokens=TokenCheck(PublicKeys(jwks), ISSUER, AUDIENCE),
        keys=KEYS,
        connections=Connections(pool),
    )
    app = build_app(routes, ground)
    try:
        async with TestClient(TestServer(app)) as client:
            yield Doors(database, client, {consumer.name: consumer for consumer in consumers})
    finally:
        await pool.close()


def record(
    fact: Fact, sequence: int = 1, *, event_id: UUID | None = None, key: str | None = None
) -> ConsumerRecord:
    """A fact as it lies on its topic, from the one source that may write there."""
    told = Told(
        event_id=event_id or uuid7(),
        topic=fact.TOPIC,
        key=key or fact.key,
        sequence=sequence,
        type=fact.TYPE,
        time=datetime.now(UTC),
        correlation_id=str(uuid7()),
        causation_id=None,
        traceparent=None,
        body=fact.model_dump_json().encode(),
    )
    return ConsumerRecord(
        topic=fact.TOPIC,
        partition=0,
        offset=0,
        timestamp=int(told.time.timestamp() * 1000),
        timestamp_type=0,
        key=told.key.encode(),
        value=told.body,
        checksum=None,
        serialized_key_size=len(told.key),
        serialized_value_size=len(told.body),
        headers=tuple(cloudevents.headers(told, topic(fact.TOPIC).source)),
    )


def _at(record: ConsumerRecord, partition: int, offset: int) -> ConsumerRecord:
    fields = {name: getattr(record, name) for name in ConsumerRecord.__dataclass_fields__}
    return ConsumerRecord(**{**fields, "partition": partition, "offset": offset})


def _token(actor: Actor) -> str:
    return token(",".join(sorted(actor.roles)), ",".join(actor.areas), actor.subject, actor.office)
