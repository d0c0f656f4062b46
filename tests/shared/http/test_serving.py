"""A real process, from its start to its end."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from shared.http.serving import from_url
from tests.shared.http.notes import TABLE
from tests.shared.tokens import AUDIENCE, ISSUER, jwks, token
from tests.shared.wire import wire_to
from tests.stack.databases import Database

NOTE = {"text": "halo", "kelurahan": "36.74.06.1005"}
MIGRATIONS = Path("services/registry/migrations")
START = Callable[..., Awaitable["Api"]]


class Api:
    """The process, and a client of it."""

    def __init__(self, process: asyncio.subprocess.Process, session: ClientSession) -> None:
        self.process, self.session, self.url = process, session, ""
        self.lines: list[dict[str, Any]] = []

    async def line(self, event: str) -> dict[str, Any]:
        """Wait for a log line of this event."""
        assert self.process.stdout is not None
        while True:
            line = json.loads(await asyncio.wait_for(self.process.stdout.readline(), 30))
            self.lines.append(line)
            if line["event"] == event:
                return dict(line)

    async def ready(self) -> None:
        self.url = f"http://127.0.0.1:{(await self.line('serving'))['port']}"

    async def post(self, **change: Any) -> tuple[int, dict[str, Any]]:
        headers = {
            "Authorization": f"Bearer {token('kasi')}",
            "Idempotency-Key": str(uuid4()),
        }
        async with self.session.post(
            f"{self.url}/v1/notes", json={**NOTE, **change}, headers=headers
        ) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        async with self.session.get(f"{self.url}{path}") as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def start(database: Database, tmp_path: Path) -> AsyncIterator[START]:
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute(TABLE)
    await owner.close()
    keys = tmp_path / "jwks.json"
    keys.write_bytes(await jwks())
    running: list[Api] = []

    async def go(dsn: str = "", folder: Path = MIGRATIONS) -> Api:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("BINAAN_")
        } | {
            "BINAAN_DATABASE_URL": dsn or database.app("registry"),
            "BINAAN_JWKS_FILE": str(keys),
            "BINAAN_JWT_ISSUER": ISSUER,
            "BINAAN_JWT_AUDIENCE": AUDIENCE,
            "BINAAN_SECRET_KEYS": f"t:{base64.b64encode(bytes(32)).decode()}",
            "BINAAN_HTTP_PORT": "0",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.shared.http.program",
            str(folder),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
        )
        api = Api(process, ClientSession())
        running.append(api)
        return api

    yield go
    for api in running:
        await api.session.close()
        if api.process.returncode is None:
            api.process.kill()
        await api.process.wait()


async def test_sigterm_lets_running_requests_end_and_takes_no_new_ones(start: START) -> None:
    api = await start()
    await api.ready()
    slow = asyncio.create_task(api.post(wait=1500))
    await asyncio.sleep(0.5)
    api.process.send_signal(signal.SIGTERM)
    await api.line("stopping")
    with pytest.raises(OSError, match=r"Cannot connect|refused"):
        async with ClientSession() as stranger:
            await stranger.get(f"{api.url}/livez")
    status, body = await slow
    assert (status, body["version"]) == (201, 1)
    assert await asyncio.wait_for(api.process.wait(), 10) == 0


async def test_a_start_without_a_database_waits_for_it(start: START, database: Database) -> None:
    async with wire_to(database.app("registry")) as wire:
        await wire.cut()
        api = await start(dsn=wire.dsn)
        await api.line("waiting_for_database")
        await wire.mend()
        await api.ready()
        assert (await api.post())[0] == 201


async def test_a_start_without_a_database_can_be_stopped(start: START, database: Database) -> None:
    async with wire_to(database.app("registry")) as wire:
        await wire.cut()
        api = await start(dsn=wire.dsn)
        await api.line("waiting_for_database")
        api.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(api.process.wait(), 10) == 0


async def test_it_is_ready_only_with_its_database_and_its_migrations(
    start: START, database: Database, tmp_path: Path
) -> None:
    async with wire_to(database.app("registry")) as wire:
        api = await start(dsn=wire.dsn)
        await api.ready()
        assert await api.get("/readyz") == (
            200,
            {"ready": True, "checks": {"database": True, "migrations": True, "running": True}},
        )
        await wire.cut()
        status, said = await api.get("/readyz")
        assert (status, said["checks"]["database"]) == (503, False)
        assert await api.get("/livez") == (200, {"alive": True})
        await wire.mend()
        assert (await api.get("/readyz"))[0] == 200
    (tmp_path / "0099_later.pre.sql").write_text("select 1")
    behind = await start(folder=tmp_path)
    await behind.ready()
    status, said = await behind.get("/readyz")
    assert (status, said["checks"]["migrations"]) == (503, False)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /v1/notes NIK-3674060107900001\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3674060107900001x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nNIK 3674060107900001\r\n\r\n",
        b"POST /v1/notes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n367406x\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_with_a_problem_that_quotes_nothing(
    start: START, request_: bytes
) -> None:
    api = await start()
    await api.ready()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(api.url.rpartition(":")[2]))
    writer.write(request_)
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    assert b" 400 Bad Request" in head
    assert b"application/problem+json" in head
    assert b"367406" not in body
    told = json.loads(body)
    assert told["status"] == 400
    assert f"X-Correlation-ID: {told['correlation_id']}".encode() in head
    assert (await api.post())[0] == 201


async def test_keys_come_from_an_issuers_address_and_nothing_else_is_believed() -> None:
    answers = {
        "/good": web.Response(body=await jwks(), content_type="application/json"),
        "/gone": web.Response(status=404),
        "/moved": web.Response(status=302, headers={"Location": "/good"}),
        "/huge": web.Response(body=b"x" * ((1 << 20) + 1)),
    }

    async def answer(request: web.Request) -> web.Response:
        return answers[request.path]

    app = web.Application()
    app.router.add_get("/{path}", answer)
    async with TestServer(app) as server:
        assert await from_url(str(server.make_url("/good")))() == await jwks()
        for path in ("/gone", "/moved", "/huge"):
            with pytest.raises(OSError, match=r"HTTP|larger"):
                await from_url(str(server.make_url(path)))()
    with pytest.raises(OSError, match="Connect"):
        await from_url("http://127.0.0.1:9/jwks")()
