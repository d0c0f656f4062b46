"""Postgres: the pool, and the open transaction that every write gets as its first argument."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg

from shared import outbox
from shared.actor import Actor
from shared.consumers import Received
from shared.contracts.fact import Fact
from shared.ids import reaction_id, uuid7

Connection: TypeAlias = asyncpg.Connection
T = TypeVar("T")
U = TypeVar("U")

STATEMENT_SECONDS = 30
"""No statement of ours runs longer. A slower one is a bug or a dead server."""
LARGEST_FACT = 1 << 20
"""Bytes."""
IDLE_IN_TRANSACTION_SECONDS = 10
"""How long a process that was stopped mid-transaction can hold its locks."""


@dataclass(frozen=True)
class Origin:
    """Who asks, and in which chain of events."""

    actor: Actor
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True)
class Database:
    """One service's schema. `committed` is called after a COMMIT that told something."""

    pool: asyncpg.Pool
    service: str
    source: str
    zone: ZoneInfo
    committed: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Cause:
    """The event that what follows is a consequence of."""

    consumer: str
    source: str
    event_id: str
    emitted: int = 0


@dataclass(slots=True)
class Tx:
    """The open transaction. `now` is its time (UTC): the only clock that a write may read."""

    conn: Connection
    now: datetime
    actor: Actor
    service: str
    zone: ZoneInfo
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None
    consumer: str = ""
    told: list[outbox.Told] = field(default_factory=list)
    _cause: Cause | None = None
    _causes: dict[tuple[str, str], Cause] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business date of `now` in the configured zone."""
        return self.now.astimezone(self.zone).date()

    def emit(self, fact: Fact, *, key: UUID, version: int) -> UUID:
        """Tell the others, in this transaction's COMMIT; returns the event's id.

        `version` is the aggregate's, starting at 1 and rising by one a fact. The caller holds the
        lock of the aggregate's row: that is what keeps the events of a key in order.

        A fact that has a version beside it is told in both, under one version of the aggregate: the
        newer form first, so that who reads both takes that one (docs/decisions/0021).

        Raises ValueError for a fact that would not fit into a record: it could never leave.
        """
        event_id = uuid7() if self._cause is None else self._derived(self._cause)
        earlier = fact.earlier()
        if earlier is not None:
            self._tell(uuid5(event_id, fact.TYPE), fact, key, version)
            fact = earlier
        self._tell(event_id, fact, key, version)
        return event_id

    def _tell(self, event_id: UUID, fact: Fact, key: UUID, version: int) -> None:
        body = fact.__pydantic_serializer__.to_json(fact)
        if len(body) > LARGEST_FACT:
            raise ValueError(f"{fact.TYPE} has {len(body)} bytes")
        self.told.append(
            outbox.Told(
                event_id=event_id,
                topic=fact.TOPIC,
                key=str(key),
                sequence=version,
                type=fact.TYPE,
                time=self.now,
                correlation_id=self.correlation_id,
                causation_id=self.causation_id,
                traceparent=self.traceparent,
                body=body,
            )
        )

    def because(self, event: Received) -> "Tx":
        """The same transaction, for what follows from `event`: its chain, ids derived from it."""
        cause = self._causes.setdefault(
            (event.source, event.id), Cause(self.consumer, event.source, event.id)
        )
        # By hand, since it is made for every event: dataclasses.replace takes four times as long.
        return Tx(
            self.conn,
            self.now,
            self.actor,
            self.service,
            self.zone,
            event.correlation_id,
            event.id,
            event.traceparent,
            self.consumer,
            self.told,
            cause,
            self._causes,
        )

    @staticmethod
    def _derived(cause: Cause) -> UUID:
        cause.emitted += 1
        return reaction_id(cause.consumer, cause.source, cause.event_id, cause.emitted)


def begun(db: Database, origin: Origin, conn: Connection, consumer: str = "") -> Tx:
    """The transaction that was just begun on `conn`, by an edge that also ends it."""
    return Tx(
        conn=conn,
        now=datetime.now(UTC),
        actor=origin.actor,
        service=db.service,
        zone=db.zone,
        correlation_id=origin.correlation_id,
        causation_id=origin.causation_id,
        traceparent=origin.traceparent,
        consumer=consumer,
    )


@asynccontextmanager
async def transaction(
    db: Database, origin: Origin, *, conn: Connection | None = None, consumer: str = ""
) -> AsyncIterator[Tx]:
    """One transaction: opened, flushed (journal and outbox) and committed here, by the edge.

    Nothing that was told leaves unless the COMMIT succeeded. Raises what the work raises, after
    rolling back, and asyncpg's errors.
    """
    if conn is None:
        async with (
            db.pool.acquire() as pooled,
            transaction(db, origin, conn=pooled, consumer=consumer) as tx,
        ):
            yield tx
        return
    async with conn.transaction():
        tx = begun(db, origin, conn, consumer)
        yield tx
        await outbox.write(conn, tx.told)
    if tx.told:
        db.committed()


async def alongside(statement: Coroutine[Any, Any, T], work: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """A statement, and what we do ourselves while the server is at it: both have ended afterwards.

    The work lets go of the loop now and then, or the server waits for the rest of the statement.
    Raises what either raises.
    """
    running = asyncio.create_task(statement)
    try:
        await asyncio.sleep(0)  # the statement goes out first
        done = await work
    except BaseException:
        work.close()  # if it never began
        running.cancel()
        await asyncio.wait((running,))
        raise
    return await running, done


async def _keep_session(_: Connection) -> None:
    """Instead of asyncpg's reset query on each release: nobody changes a pooled session."""


async def connect(dsn: str, application: str, **options: Any) -> Connection:
    """One connection of its own, for locks and LISTEN. Raises OSError or asyncpg's errors."""
    conn: Connection = await asyncpg.connect(dsn, **_session(application), **options)
    return conn


async def make_pool(dsn: str, application: str, size: int) -> asyncpg.Pool:
    """A pool of `size`. Session SET, session locks and LISTEN are forbidden on its connections."""
    return await asyncpg.create_pool(
        dsn, min_size=min(2, size), max_size=size, reset=_keep_session, **_session(application)
    )


class Connections:
    """A pool's connections, given out in the order of asking.

    The pool itself is unfair (asyncpg issue 1247): the unlucky would wait for hundreds of
    milliseconds. And it makes a task for each release: a connection that was left clean stays at
    hand here instead, which is a sixth of what a small request costs.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._turns = asyncio.Semaphore(pool.get_max_size())
        # Two go back to the pool at once: probes and the relay's wake take theirs from there.
        self._keep = max(0, pool.get_max_size() - 2)
        self._at_hand: list[Connection] = []

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Connection]:
        """One connection. After an error it goes back to the pool, which looks after it."""
        async with self._turns:
            conn = await self._take()
            clean = False
            try:
                yield conn
                clean = not conn.is_closed() and not conn.is_in_transaction()
            finally:
                if clean and len(self._at_hand) < self._keep:
                    self._at_hand.append(conn)
                else:
                    await self._pool.release(conn)

    async def close(self) -> None:
        """Give back what is at hand, so that the pool can close."""
        while self._at_hand:
            await self._pool.release(self._at_hand.pop())

    async def _take(self) -> Connection:
        while self._at_hand:
            conn = self._at_hand.pop()
            if not conn.is_closed():
                return conn
            await self._pool.release(conn)
        return await self._pool.acquire()


def _session(application: str) -> dict[str, Any]:
    return {
        "command_timeout": STATEMENT_SECONDS + 5,
        "timeout": 10,
        "server_settings": {
            "application_name": application,
            "timezone": "UTC",
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        },
    }
