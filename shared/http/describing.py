"""`/openapi.json` and `/docs`: the API's description, and a page to read it and try it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
from aiohttp import web

from shared.http.edge import Handler
from shared.http.examples import Filled, sampled
from shared.http.openapi import description, name_of
from shared.http.transacting import Ground
from shared.http.types import Route

_PAGE = Path(__file__).parent / "page"
_KINDS = {"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def describing(
    routes: Sequence[Route], ground: Ground, *, show_samples: bool
) -> list[tuple[str, Handler]]:
    """Paths and handlers of the description and its page; `/` leads there.

    Nothing in it comes from another host.
    """
    plain = orjson.dumps(description(ground.db.service, routes))

    async def openapi(_: web.Request) -> web.Response:
        body = await _with_samples(routes, ground) if show_samples else plain
        return web.Response(body=body, content_type="application/json")

    async def root(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/docs"})

    return [
        ("/openapi.json", openapi),
        ("/", root),
        ("/docs", _file("index.html")),
        ("/docs/page.css", _file("page.css")),
        ("/docs/page.js", _file("page.js")),
    ]


async def _with_samples(routes: Sequence[Route], ground: Ground) -> bytes:
    examples: dict[str, Filled] = {}
    async with ground.connections.taken() as conn:
        for route in routes:
            examples[name_of(route)] = await sampled(route, conn)
    return orjson.dumps(description(ground.db.service, routes, examples))


def _file(name: str) -> Handler:
    content = (_PAGE / name).read_bytes()

    async def send(_: web.Request) -> web.Response:
        return web.Response(
            body=content,
            content_type=_KINDS[name],
            charset="utf-8",
            headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
        )

    return send
