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


async def begin(conn: asyncpg.Connection, wanted: Claim) -> Stored | None:
    """BEGIN and the claim on the key, in one round trip.

    None: the key is ours until the transaction ends. Otherwise the answer that was given. Waits
    for another transaction with the same key, two seconds at most, then raises Problem 409.
    """
    try:
        status = await conn.execute(
            f"begin; set local lock_timeout = '{WAIT_SECONDS}s';"  # noqa: S608 - hex only
            "insert into idempotency (scope, request) "
            f"values ({_bytes(wanted.scope)}, {_bytes(wanted.request)}) on conflict do nothing"
        )
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


async def commit(conn: asyncpg.Connection, ours: Claim, body: bytes, answer: Answer) -> None:
    """Store the answer beside the effect, so that both are there or neither, and COMMIT."""
    version = "null" if answer.version is None else int(answer.version)
    location = "null"
    if answer.location is not None:
        location = f"convert_from({_bytes(answer.location.encode())}, 'UTF8')"
    await conn.execute(
        f"update idempotency set body = {_bytes(body)}, version = {version},"  # noqa: S608 - hex
        f" location = {location} where scope = {_bytes(ours.scope)}; commit"
    )


def _bytes(content: bytes) -> str:
    """A literal in hex: a statement of several parts takes no parameters, and this is as safe."""
    return f"'\\x{content.hex()}'"


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
