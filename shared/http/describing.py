"""`/openapi.json` and `/docs`: the API's description, and a page to read it and try it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from aiohttp import web

from shared.http.edge import Handler
from shared.http.examples import Filled, sampled
from shared.http.openapi import description, name_of
from shared.http.start import start_page
from shared.http.transacting import Ground
from shared.http.types import Route

_PAGE = Path(__file__).parent / "page"
_KINDS = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "start.css": "text/css",
    "start.js": "text/javascript",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def describing(
    routes: Sequence[Route], ground: Ground, links: Mapping[str, str], *, show_samples: bool
) -> list[tuple[str, Handler]]:
    """Paths and handlers of the description and its page, and of the start page at `/`.

    Nothing in it comes from another host.
    """
    plain = orjson.dumps(description(ground.db.service, routes))

    async def openapi(_: web.Request) -> web.Response:
        body = await _with_samples(routes, ground) if show_samples else plain
        return web.Response(body=body, content_type="application/json")

    return [
        ("/openapi.json", openapi),
        ("/", _sent(start_page(ground.db.service, links), "text/html")),
        ("/docs", _file("index.html")),
        *((f"/docs/{name}", _file(name)) for name in _KINDS if name != "index.html"),
    ]


async def _with_samples(routes: Sequence[Route], ground: Ground) -> bytes:
    examples: dict[str, Filled] = {}
    async with ground.connections.taken() as conn:
        for route in routes:
            examples[name_of(route)] = await sampled(route, conn)
    return orjson.dumps(description(ground.db.service, routes, examples))


def _file(name: str) -> Handler:
    return _sent((_PAGE / name).read_bytes(), _KINDS[name])


def _sent(content: bytes, kind: str) -> Handler:
    async def send(_: web.Request) -> web.Response:
        return web.Response(
            body=content,
            content_type=kind,
            charset="utf-8",
            headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"},
        )

    return send
