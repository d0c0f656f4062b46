"""Around every request: correlation id, language, the limit, errors, metrics, one log line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from time import perf_counter

import asyncpg
from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import Histogram

from shared import logs, metrics
from shared.errors import Language, Refusal
from shared.http import parsing
from shared.http.problems import CONTENT_TYPE, STATUS_OF, Problem, refused, rendered
from shared.ids import uuid7

LANGUAGE: web.RequestKey[Language] = web.RequestKey("language", str)  # type: ignore[arg-type]
CORRELATION = web.RequestKey("correlation", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BUSY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
_DOWN = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_RETRY = {"Retry-After": "1"}
_BY_STATUS = {404: "alamat-tidak-ada", 405: "metode-tidak-ada", 413: "terlalu-besar"}


def edge(concurrency: int) -> Middleware:
    """The one middleware. Above `concurrency` requests at once it answers 503 and Retry-After."""
    log = logs.bound()
    running = 0

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal running
        started = perf_counter()
        headers = request.headers
        correlation = parsing.correlation_of(headers.get("X-Correlation-ID")) or str(uuid7())
        language = parsing.language_of(headers.get("Accept-Language", ""))
        request[CORRELATION], request[LANGUAGE] = correlation, language
        logs.correlation_id.set(correlation)
        running += 1
        try:
            if running > concurrency:
                metrics.http_shed.inc()
                raise Problem("sedang-sibuk", headers=_RETRY)  # noqa: TRY301 - one renderer
            response = await handler(request)
        except Exception as error:  # noqa: BLE001 - the edge is where every error ends
            response = answer_to(error, language, correlation)
        finally:
            running -= 1
        sent = response.headers
        sent["X-Correlation-ID"] = correlation
        sent.setdefault("Cache-Control", "no-store")
        sent["X-Content-Type-Options"] = "nosniff"
        sent["Server"] = "binaan"
        route = route_of(request)
        seconds = perf_counter() - started
        method = request.method if request.method in _METHODS else "other"
        _timer(method, route, response.status).observe(seconds)
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status,
            ms=round(seconds * 1000, 2),
        )
        return response

    return around


def answer_to(error: Exception, language: Language, correlation: str) -> web.StreamResponse:
    """The answer to whatever went wrong. Only what nobody expected is logged as an error."""
    if isinstance(error, Refusal):
        extra = _RETRY if error.kind == "not_yet" else {}
        body = refused(error, language, correlation)
        return _problem(STATUS_OF[error.kind], body, extra, language)
    problem = error if isinstance(error, Problem) else problem_of(error)
    if problem is None:
        assert isinstance(error, web.HTTPException)  # noqa: S101 - for mypy
        return error
    if problem.status >= 500 and not isinstance(error, Problem):
        logs.log.error("request_failed", error=error)
    body = rendered(problem, language, correlation)
    return _problem(problem.status, body, problem.headers, language)


def problem_of(error: Exception) -> Problem | None:
    """What an exception means to the caller; None: it is an answer of aiohttp's already."""
    if isinstance(error, web.HTTPException):
        code = _BY_STATUS.get(error.status)
        allow = error.headers.get("Allow")
        return Problem(code, headers={"Allow": allow} if allow else {}) if code else None
    if isinstance(error, _BUSY):
        return Problem("sedang-sibuk", headers=_RETRY)
    client_side = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    if client_side or isinstance(error, asyncpg.DataError):
        return Problem("di-luar-batas")
    if isinstance(error, _DOWN):
        return Problem("belum-siap", headers={"Retry-After": "5"})
    return Problem("kesalahan-kami")


def route_of(request: web.Request) -> str:
    """The route's template: paths hold ids, and unknown paths hold anything."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _problem(
    status: int, body: bytes, extra: Mapping[str, str], language: Language
) -> web.StreamResponse:
    headers = {"Content-Type": CONTENT_TYPE, "Content-Language": language, **extra}
    return web.Response(status=status, body=body, headers=headers)


@cache
def _timer(method: str, route: str, status: int) -> Histogram:
    return metrics.http_seconds.labels(method, route, str(status))
