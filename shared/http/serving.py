"""One API process from its start to its graceful end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from shared import migrate
from shared.auth import PublicKeys, TokenCheck, from_file
from shared.auth.keys import Fetch
from shared.contracts.topics import source_of
from shared.db import Connections, Database, make_pool
from shared.http.app import build_app
from shared.http.malformed import answer_malformed
from shared.http.operations import Checks, add_operations
from shared.http.transacting import Ground
from shared.http.types import Route
from shared.logs import log
from shared.lost import patiently
from shared.outbox import Wake
from shared.privacy import Keys
from shared.publisher import Publisher
from shared.settings import Settings

_MAX_JWKS = 1 << 20


async def run_api(
    service: str,
    routes: Sequence[Route],
    migrations: Path,
    settings: Settings,
    publisher: Publisher | None = None,
) -> None:
    """Serve `routes` until SIGTERM or SIGINT, then finish what was begun and return.

    `migrations` is the service's folder: `/readyz` says no while one of them is missing.
    `publisher`: what routes of it publish with; it is closed at the end.
    """
    stop = stop_signal()
    pool = await patiently(
        lambda: make_pool(settings.database.url, f"{service} api", settings.database.pool),
        stop,
        "database",
    )
    if pool is None:
        return
    wake = Wake(pool, service)
    try:
        ground = await _ground(service, settings, pool, wake)
        app = build_app(
            routes,
            ground,
            concurrency=settings.http.concurrency,
            max_body=settings.http.max_body,
            show_samples=settings.auth.local_issuer,
            links=settings.http.links,
        )
        add_operations(app, _checks(pool, migrations), stop)
        quieten_collector()
        async with serving(app, settings.http.host, settings.http.port, settings):
            await stop.wait()
            log.info("stopping")
    finally:
        await wake.close()
        if publisher is not None:
            await publisher.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 5)


def quieten_collector() -> None:
    """What is there after the start stays; requests leave few cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def stop_signal() -> asyncio.Event:
    """Set at the first SIGTERM or SIGINT of this process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, settings: Settings
) -> AsyncIterator[int]:
    """Serve inside; yields the port (of the system's choice when `port` is 0).

    At the end no new connection is taken, and running requests have the grace period to end.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=settings.http.grace_seconds)
    await runner.setup()
    if runner.server is not None:
        answer_malformed(runner.server)
    try:
        await web.TCPSite(runner, host, port, backlog=512).start()
        real: int = runner.addresses[0][1]
        log.info("serving", host=host, port=real)
        yield real
    finally:
        await runner.cleanup()


def from_url(url: str) -> Fetch:
    """JWKS from the issuer. What isn't an answer of 1 MiB at most in five seconds is an OSError."""

    async def fetch() -> bytes:
        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=5)) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    raise OSError(f"HTTP {answer.status}")
                document = bytearray()
                async for chunk in answer.content.iter_chunked(1 << 16):
                    document += chunk
                    if len(document) > _MAX_JWKS:
                        raise OSError("larger than a JWKS")
        except ClientError as error:
            raise OSError(type(error).__name__) from None
        return bytes(document)

    return fetch


async def _ground(service: str, settings: Settings, pool: asyncpg.Pool, wake: Wake) -> Ground:
    auth = settings.auth
    fetch = from_file(auth.jwks_file) if auth.jwks_file else from_url(auth.jwks_url)
    return Ground(
        db=Database(pool, service, source_of(service), settings.zone, wake),
        tokens=TokenCheck(PublicKeys(fetch), auth.issuer, auth.audience),
        keys=Keys(settings.secret_keys),
        connections=Connections(pool),
    )


def _checks(pool: asyncpg.Pool, folder: Path) -> Checks:
    async def database() -> bool:
        return bool(await pool.fetchval("select true", timeout=3))

    async def migrated() -> bool:
        async with pool.acquire(timeout=3) as conn:
            return not await migrate.missing(conn, folder)

    return {"database": database, "migrations": migrated}
