"""A small application of the tests' own: its table of routes drives shared/http for real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from shared.auth import PublicKeys, TokenCheck
from shared.db import Connections, Database, make_pool
from shared.http.app import build_app
from shared.http.operations import add_operations
from shared.http.transacting import Ground
from shared.privacy import Keys
from tests.shared.http.notes import ROUTES, TABLE
from tests.shared.tokens import AUDIENCE, ISSUER, jwks, token
from tests.stack.databases import Database as TestDatabase

KEYS = Keys({"test": bytes(32)})


@dataclass
class Notes:
    """The application under test: `call` sends a request, `ground` is what it stands on."""

    client: TestClient[Any, Any]
    ground: Ground
    stop: asyncio.Event

    async def call(
        self, method: str, path: str, *, role: str = "kasi", areas: str = "*", **rest: Any
    ) -> ClientResponse:
        """As a person with this role and these areas; a POST gets a key of its own."""
        headers: dict[str, str] = {"Authorization": f"Bearer {token(role, areas)}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        headers |= rest.pop("headers", {})
        dropped = {name for name, value in headers.items() if value == ""}
        kept = {name: value for name, value in headers.items() if name not in dropped}
        answer: ClientResponse = await self.client.request(method, path, headers=kept, **rest)
        await answer.read()
        return answer

    async def add(self, text: str = "halo", kelurahan: str = "36.74.06.1005") -> UUID:
        """A note that is there."""
        answer = await self.call("POST", "/v1/notes", json={"text": text, "kelurahan": kelurahan})
        assert answer.status == 201, await answer.text()
        return UUID((await answer.json())["note_id"])

    async def count(self) -> int:
        return int(await self.ground.db.pool.fetchval("select count(*) from note"))


@pytest.fixture
async def start_notes(
    database: TestDatabase,
) -> AsyncIterator[Callable[..., Awaitable[Notes]]]:
    """Starts the application, with settings of the test's choice, as often as it is called."""
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute(TABLE)
    await owner.close()
    running: list[TestClient[Any, Any]] = []
    pools: list[asyncpg.Pool] = []

    async def start(pool_size: int = 8, dsn: str = "", **settings: Any) -> Notes:
        pool = await make_pool(dsn or database.app("registry"), "test api", pool_size)
        pools.append(pool)
        db = Database(pool, "registry", "urn:binaan:36.74:registry", ZoneInfo("Asia/Jakarta"))
        tokens = TokenCheck(PublicKeys(jwks), ISSUER, AUDIENCE)
        ground = Ground(db=db, tokens=tokens, keys=KEYS, connections=Connections(pool))
        stop = asyncio.Event()
        app = build_app(ROUTES, ground, **settings)
        add_operations(app, {}, stop)
        server = TestServer(app)
        await server.start_server(access_log=None)
        client = TestClient(server)
        running.append(client)
        return Notes(client, ground, stop)

    yield start
    for client in running:
        await client.close()
    for pool in pools:
        await pool.close()


@pytest.fixture
async def notes(start_notes: Callable[..., Awaitable[Notes]]) -> Notes:
    """The application with its usual settings."""
    return await start_notes()
