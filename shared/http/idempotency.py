"""One POST, one effect: the claim on a key and the stored answer, in the writing transaction."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from shared.http.problems import Problem
from shared.http.types import Answer

WAIT_SECONDS = 2
KEEP = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a key is used for. `request` is the keyed digest of `asked`: bodies can be guessed."""

    scope: bytes
    asked: bytes
    request: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer given before, byte for byte."""

    request: bytes
    body: bytes
    version: int | None
    location: str | None


class Replayed(Exception):
    """Ends the action: this request was answered before."""

    def __init__(self, stored: Stored) -> None:
        super().__init__()
        self.stored = stored


def scope_of(subject: str, method: str, route: str, key: str) -> bytes:
    """Where a key counts. No secret: subjects and keys are no personal data."""
    return hashlib.sha256("\n".join((subject, method, route, key)).encode()).digest()


def claiming(wanted: Claim) -> str:
    """One round trip: two digests in hex, nothing that a caller could have written."""
    return (
        f"set local lock_timeout = '{WAIT_SECONDS}s';"  # noqa: S608 - hex only
        "insert into idempotency (scope, request) "
        f"values ('\\x{wanted.scope.hex()}', '\\x{wanted.request.hex()}') "
        "on conflict do nothing"
    )


async def claim(conn: asyncpg.Connection, wanted: Claim) -> Stored | None:
    """None: the key is ours until the transaction ends. Otherwise the answer that was given.

    Waits for another transaction with the same key, two seconds at most, then raises Problem 409.
    """
    try:
        status = await conn.execute(claiming(wanted))
    except asyncpg.LockNotAvailableError:
        raise still_running() from None
    if status == "INSERT 0 1":
        return None
    row = await conn.fetchrow(
        "select request, body, version, location from idempotency where scope = $1", wanted.scope
    )
    if row is None or row["body"] is None:
        raise still_running()
    return Stored(*row)


async def keep(conn: asyncpg.Connection, ours: Claim, body: bytes, answer: Answer) -> None:
    """Store the answer beside the effect, so that both are there or neither."""
    await conn.execute(
        "update idempotency set body = $2, version = $3, location = $4 where scope = $1",
        ours.scope,
        body,
        answer.version,
        answer.location,
    )


async def purge(conn: asyncpg.Connection, chunk: int = 1000) -> int:
    """Forget up to `chunk` answers older than 48 hours; returns how many. A timer repeats it."""
    status: str = await conn.execute(
        "delete from idempotency where scope = any(array("
        "  select scope from idempotency where recorded_at < now() - $1::interval"
        "  limit $2 for update skip locked))",
        KEEP,
        chunk,
    )
    return int(status.rpartition(" ")[2])


class Turns:
    """Callers with the same key wait here, in the process, and not on a database connection each.

    Across processes the claim's row is what counts; this is thrift, not safety.
    """

    def __init__(self) -> None:
        self._running: dict[bytes, asyncio.Event] = {}

    @asynccontextmanager
    async def taking(self, scope: bytes) -> AsyncIterator[None]:
        """One at a time per scope. Raises Problem 409 after two seconds of waiting."""
        try:
            async with asyncio.timeout(WAIT_SECONDS if scope in self._running else None):
                while (other := self._running.get(scope)) is not None:
                    await other.wait()
        except TimeoutError:
            raise still_running() from None
        ended = self._running[scope] = asyncio.Event()
        try:
            yield
        finally:
            del self._running[scope]
            ended.set()


def still_running() -> Problem:
    return Problem("sedang-diproses", headers={"Retry-After": "1"})
