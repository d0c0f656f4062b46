"""Around every request: correlation id, language, the limit, errors, metrics, one log line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from os import urandom
from time import perf_counter, time_ns

import asyncpg
from aiohttp import web
from prometheus_client import Histogram

from shared import logs, metrics
from shared.errors import Language, Refusal
from shared.http import parsing
from shared.http.problems import CONTENT_TYPE, STATUS_OF, Problem, refused, rendered

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
    asyncpg.InternalClientError,  # shared/lost.py says when
    OSError,
    TimeoutError,
)
CATCH_ALL = "/{anything}"
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_RETRY = {"Retry-After": "1"}
_BY_STATUS = {404: "alamat-tidak-ada", 405: "metode-tidak-ada", 413: "terlalu-besar"}


def edge(concurrency: int) -> Callable[[str, Handler], Handler]:
    """What every handler is wrapped in, with its route's template (paths hold ids).

    Above `concurrency` requests at once it answers 503 and Retry-After. No middleware of aiohttp:
    its dispatch costs more than this.
    """
    running = 0

    async def around(route: str, handler: Handler, request: web.Request) -> web.StreamResponse:
        nonlocal running
        started = perf_counter()
        headers = request.headers
        correlation = parsing.correlation_of(headers.get("X-Correlation-ID")) or _new_id()
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
        seconds = perf_counter() - started
        method = request.method if request.method in _METHODS else "other"
        _timer(method, route, response.status).observe(seconds)
        logs.request_line(method, route, response.status, seconds, correlation)
        return response

    def wrapped(route: str, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await around(route, handler, request)

        return answer

    return wrapped


class Shares:
    """Nobody may have more than `limit` requests running at once: others want to work too."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._running: dict[str, int] = {}

    @contextmanager
    def one_of(self, subject: str) -> Iterator[None]:
        """Raises Problem 429 when this is one too many."""
        running = self._running.get(subject, 0)
        if running >= self._limit:
            raise Problem("terlalu-sering", headers=_RETRY)
        self._running[subject] = running + 1
        try:
            yield
        finally:
            if self._running[subject] == 1:
                del self._running[subject]
            else:
                self._running[subject] -= 1


async def unmatched(request: web.Request) -> web.StreamResponse:
    """No route: 405 where another method would have had one, else 404."""
    allowed: set[str] = set()
    for resource in request.app.router.resources():
        if resource.canonical != CATCH_ALL:
            allowed |= (await resource.resolve(request))[1]
    if allowed:
        raise web.HTTPMethodNotAllowed(request.method, allowed)
    raise web.HTTPNotFound


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


def _new_id() -> str:
    """A UUIDv7 as text; as `uuid7`, in a third of its time, since every request needs one."""
    milliseconds, noise = time_ns() // 1_000_000, urandom(10).hex()
    return (
        f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7{noise[:3]}"
        f"-{'89ab'[int(noise[3], 16) & 3]}{noise[4:7]}-{noise[7:19]}"
    )


def _problem(
    status: int, body: bytes, extra: Mapping[str, str], language: Language
) -> web.StreamResponse:
    headers = {"Content-Type": CONTENT_TYPE, "Content-Language": language, **extra}
    return web.Response(status=status, body=body, headers=headers)


@cache
def _timer(method: str, route: str, status: int) -> Histogram:
    return metrics.http_seconds.labels(method, route, str(status))
