"""An aiohttp application from a table of routes. What isn't in the table is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from shared.actor import Actor
from shared.http import idempotency, parsing, permission
from shared.http.addresses import template
from shared.http.describing import describing
from shared.http.edge import CORRELATION, LANGUAGE, Handler, Shares, edge, unmatched
from shared.http.idempotency import Claim, Stored
from shared.http.pages import encode_cursor
from shared.http.problems import Fault, Problem
from shared.http.strictness import check_routes
from shared.http.texts import fault
from shared.http.transacting import Ground, no_writing, reading, serialised, writing
from shared.http.types import Answer, Call, Route, Sent
from shared.metrics import http_replayed
from shared.privacy import Keys


def build_app(
    routes: Sequence[Route],
    ground: Ground,
    *,
    concurrency: int = 256,
    max_body: int = 65_536,
    show_samples: bool = False,
    links: Mapping[str, str] | None = None,
) -> web.Application:
    """The application for these routes, with its description and its page to try them.

    `show_samples`: the examples name rows that are there (demo only). `links`: where each service
    answers, for the start page. Raises ValueError for a table that breaks the rules.
    """
    check_routes(routes)
    app = web.Application(client_max_size=max_body)
    around, shares = edge(concurrency), Shares(max(1, concurrency // 2))
    for route in routes:
        handler = _bound(route, ground, shares)
        path = template(route.path, route.path_texts)
        app.router.add_route(route.method, path, around(route.path, handler))
    for path, handler in describing(routes, ground, links or {}, show_samples=show_samples):
        app.router.add_get(path, around(path, handler))
    app.router.add_route("*", "/{anything:.*}", around("unknown", unmatched))
    app.on_cleanup.append(lambda _: ground.connections.close())
    return app


def _bound(route: Route, ground: Ground, shares: Shares) -> Handler:
    """The handler of one route: permit, parse, act, answer."""

    reader = reading(ground)

    async def answer_request(request: web.Request) -> web.StreamResponse:
        actor = await permission.actor_of(request.headers.get("Authorization"), ground.tokens)
        permission.check_role(route, actor)
        with shares.one_of(actor.subject):
            return await answer_person(request, actor)

    async def answer_person(request: web.Request, actor: Actor) -> web.StreamResponse:
        headers, named = request.headers, request.match_info
        call = Call(
            actor=actor,
            path=parsing.path_of(named, route.path_texts) if named else {},
            path_texts=parsing.path_texts_of(named, route.path_texts) if route.path_texts else {},
            query=parsing.query_of(_pairs(request), route.query),
            body=await _body(request, route),
            if_match=parsing.version_of(headers.get("If-Match")) if route.if_match else None,
            language=request[LANGUAGE],
            zone=ground.db.zone,
            correlation_id=request[CORRELATION],
            traceparent=parsing.trace_of(headers.get("traceparent")),
            writer=no_writing,
            reader=reader,
        )
        if route.keyed:
            key = parsing.key_of(headers.get("Idempotency-Key"))
            wanted = _claim(route, call, key, request, ground.keys)
            call.writer = writing(route, ground, wanted)
        await permission.check_reach(route.reach, call)
        try:
            answer = await route.action(call)
        except idempotency.Replayed as replayed:
            http_replayed.inc()
            return _replay(route, replayed.stored)
        permission.check_answer(route.reach, actor, answer.body)
        return _response(route, answer, request, serialised(route, answer))

    return answer_request


def _pairs(request: web.Request) -> list[tuple[str, str]]:
    return list(request.query.items()) if request.query_string else []


async def _body(request: web.Request, route: Route) -> object:
    if route.body is None:
        if request.body_exists and await _content(request):
            raise Problem("jenis-isi-tidak-didukung", [fault("", "no_content")])
        return None
    charset = request.charset or "utf-8"
    media = route.unparsed.media if route.unparsed else ("application/json",)
    if (
        request.content_type not in media
        or charset.lower() != "utf-8"
        or request.headers.get("Content-Encoding", "identity") != "identity"
    ):
        raise _unsupported(route, media)
    if route.unparsed:
        return Sent(request.content_type, _headers(request), await _content(request))
    return parsing.body_of(await _content(request), route.body)


def _unsupported(route: Route, media: Sequence[str]) -> Problem:
    """415 with the types that this route takes, and what each is for where it takes several."""
    place, code = "header:Content-Type", "content_type"
    modes = route.unparsed.modes if route.unparsed else None
    wrong = Fault(place, code, *modes) if modes else fault(place, code, {"media": media[0]})
    return Problem("jenis-isi-tidak-didukung", [wrong], {"Accept-Post": ", ".join(media)})


async def _content(request: web.Request) -> bytes:
    """The body's bytes. Raises Problem 413, which names the limit."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        most = {"most": f"{request.client_max_size // 1024} KiB"}
        raise Problem("terlalu-besar", [fault("", "too_large", most)]) from None


def _headers(request: web.Request) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), text) for name, text in request.headers.items())


def _claim(route: Route, call: Call, key: str, request: web.Request, keys: Keys) -> Claim:
    content = call.body.__pydantic_serializer__.to_json(call.body) if call.body else b""
    asked = f"{request.path}\n{call.if_match}\n".encode() + content
    scope = idempotency.scope_of(call.actor.subject, route.method, route.path, key)
    return idempotency.Claim(scope, asked, keys.digest(asked, "idempotency"))


def _response(route: Route, answer: Answer, request: web.Request, body: bytes) -> web.Response:
    headers = {"Content-Type": "application/json"}
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if answer.location is not None:
        headers["Location"] = answer.location
    if answer.next_cursor is not None:
        following = request.rel_url.update_query(after=encode_cursor(answer.next_cursor))
        headers["Link"] = f'<{following}>; rel="next"'
    return web.Response(body=body, status=route.status, headers=headers)


def _replay(route: Route, stored: Stored) -> web.Response:
    headers = {"Content-Type": "application/json", "Idempotency-Replayed": "true"}
    if stored.version is not None:
        headers["ETag"] = f'"{stored.version}"'
    if stored.location is not None:
        headers["Location"] = stored.location
    return web.Response(body=stored.body, status=route.status, headers=headers)
