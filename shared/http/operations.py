"""What operators ask every process: does it live, can it serve, how is it doing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import orjson
from aiohttp import web

from shared import metrics
from shared.lost import LOST

Checks = Mapping[str, Callable[[], Awaitable[bool]]]
"""What must be true to be ready, by name. A check that raises counts as no."""


def operations_app(
    checks: Checks, stop: asyncio.Event, more: Callable[[], bytes] = bytes
) -> web.Application:
    """Only `/livez`, `/readyz` and `/metrics`: for workers."""
    app = web.Application()
    add_operations(app, checks, stop, more)
    return app


def add_operations(
    app: web.Application, checks: Checks, stop: asyncio.Event, more: Callable[[], bytes] = bytes
) -> None:
    """Add the three routes. From the moment that `stop` is set, the process is not ready.

    `more` gives metrics that another process has counted for us.
    """

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        results = {name: await _passes(check) for name, check in checks.items()}
        results["running"] = not stop.is_set()
        ready = all(results.values())
        return web.Response(
            status=200 if ready else 503,
            body=orjson.dumps({"ready": ready, "checks": results}),
            content_type="application/json",
            headers=None if ready else {"Retry-After": "5"},
        )

    async def exposition(_: web.Request) -> web.Response:
        return web.Response(
            body=metrics.exposition() + more(), headers={"Content-Type": metrics.CONTENT_TYPE}
        )

    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", exposition)


async def _passes(check: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await asyncio.wait_for(check(), 3)
    except LOST:
        return False
