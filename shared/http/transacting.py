"""What `Call.read` and `Call.write` do: the only places where a route touches the database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import asyncpg

from shared import outbox
from shared.auth import TokenCheck
from shared.db import Connection, Connections, Database, Origin, Tx, begun
from shared.http import idempotency
from shared.http.idempotency import Claim, Stored, Turns
from shared.http.problems import Problem
from shared.http.types import Answer, Call, Reader, Route, Writer
from shared.privacy import Keys

T = TypeVar("T")
TRIES = 5
_AT_ONCE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the routes of one process stand on."""

    db: Database
    tokens: TokenCheck
    keys: Keys
    connections: Connections
    turns: Turns = field(default_factory=Turns)


def reading(ground: Ground) -> Reader:
    """Reads on a pooled connection, in turn."""

    async def read(_: Call, ask: Callable[[Connection], Awaitable[T]]) -> T:
        async with ground.connections.taken() as conn:
            return await ask(conn)

    return read


async def no_writing(_: Call, __: Callable[[Tx], Awaitable[Answer]]) -> Answer:
    """Refuse what neither a GET nor a POST without a key may do."""
    raise RuntimeError("only a POST with an Idempotency-Key may write")


def writing(route: Route, ground: Ground, claim: Claim) -> Writer:
    """The one transaction of one POST."""
    used = False

    async def write(call: Call, work: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        nonlocal used
        if used:
            raise RuntimeError("one request is one transaction")
        used = True
        origin = Origin(call.actor, call.correlation_id, None, call.traceparent)
        async with ground.turns.taking(claim.scope):
            for attempt in range(1, TRIES):
                try:
                    return await _once(route, ground, claim, origin, work)
                except _AT_ONCE:
                    await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
            return await _once(route, ground, claim, origin, work)

    return write


async def _once(
    route: Route,
    ground: Ground,
    claim: Claim,
    origin: Origin,
    work: Callable[[Tx], Awaitable[Answer]],
) -> Answer:
    """As `shared.db.transaction`, but the claim travels with BEGIN, the answer with COMMIT."""
    async with ground.connections.taken() as conn:
        try:
            _check_unused(ground.keys, claim, await idempotency.begin(conn, claim))
            tx = begun(ground.db, origin, conn)
            answer = await work(tx)
            body = serialised(route, answer)
            await outbox.write(conn, tx.told)
            await idempotency.commit(conn, claim, body, answer)
        except BaseException:
            if not conn.is_closed():
                await conn.execute("rollback")
            raise
    if tx.told:
        ground.db.committed()
    return answer


def _check_unused(keys: Keys, claim: Claim, stored: Stored | None) -> None:
    if stored is None:
        return
    if not keys.is_digest_of(stored.request, claim.asked, "idempotency"):
        raise Problem("kunci-dipakai-ulang")
    raise idempotency.Replayed(stored)


def serialised(route: Route, answer: Answer) -> bytes:
    """The answer's body as JSON. Raises TypeError when it isn't what the route promises."""
    if not isinstance(answer.body, route.answer):
        raise TypeError(f"{route.method} {route.path} promised {route.answer.__name__}")
    return answer.body.__pydantic_serializer__.to_json(answer.body)
