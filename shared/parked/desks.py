"""The desks at which staff settle events: one for each consumer, and generation, of a service."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self
from uuid import UUID

import asyncpg

from shared import inbox
from shared.actor import Actor
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Consumer, Projection
from shared.db import Connection, Origin, Tx, transaction
from shared.parked.refusals import NotOpen
from shared.parked.work_list import NO_TRIAL
from shared.privacy import Keys

HOLD_KEY = "select from parked_key where consumer = $1 and topic = $2 and key = $3 for update"
"""The lock that all who drain a key take first."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the open events of one consumer are brought to their end with.

    `name` carries a projection's generation; `table` is the projection's.
    """

    consumer: Consumer
    name: str
    keys: Keys
    reader: Reader
    table: inbox.Table | None = None
    waits: timedelta = inbox.DEADLINE

    @classmethod
    def of(cls, writer: Writer, reader: Reader) -> Self:
        """The one of a consumer that runs."""
        return cls(writer.consumer, writer.name, writer.keys, reader, writer.table, writer.waits)

    def receipts_of(self, topic: str) -> str:
        """Where a sender on this topic is told what became of its events; may be empty."""
        return self.reader.catalogue(topic).receipts


class Desks:
    """Those of a service's consumers. `waits`: how long an event waits before staff get it."""

    def __init__(
        self, consumers: Sequence[Consumer], keys: Keys, waits: timedelta = inbox.DEADLINE
    ) -> None:
        self.keys = keys
        self._waits = waits
        self._consumers = {c.name: (c, Reader(c.facts, keys)) for c in consumers}

    @property
    def topics(self) -> set[str]:
        """What the service reads."""
        return {name for consumer, _ in self._consumers.values() for name in consumer.topics}

    async def of(self, conn: Connection, parked_id: UUID) -> Desk:
        """The one at which this event lies. Raises NotOpen."""
        name = await conn.fetchval(
            f"select consumer from parked where parked_id = $1 and {NO_TRIAL}",  # noqa: S608
            parked_id,
        )
        if name is None or not self.has(name):
            raise NotOpen(parked_id=parked_id)
        return await self.named(conn, name)

    def has(self, name: str) -> bool:
        """Whether the service still has this consumer."""
        return name.partition("@")[0] in self._consumers

    async def named(self, conn: Connection, name: str) -> Desk:
        """The one of a consumer; `name` carries a projection's generation. Raises KeyError."""
        bare, _, generation = name.partition("@")
        consumer, reader = self._consumers[bare]
        table = None
        if isinstance(consumer, Projection):
            table = await inbox.table(conn, consumer, int(generation))
        return Desk(consumer, name, self.keys, reader, table, self._waits)


def opened(writer: Writer, conn: Connection, actor: Actor) -> AbstractAsyncContextManager[Tx]:
    """A transaction in which this consumer's events are brought to their end."""
    origin = Origin(actor, correlation_id="")
    return transaction(writer.db, origin, conn=conn, consumer=writer.name)


def under_its_name(tx: Tx, desk: Desk) -> Tx:
    """The same transaction as the consumer's own: what it tells has ids that derive from it."""
    return replace(tx, consumer=desk.name)


async def hold(tx: Tx, desk: Desk, parked_id: UUID) -> asyncpg.Record:
    """Lock the event's key (or the event, if it has none), then read it as it is now."""
    find = "select * from parked where parked_id = $1 and consumer = $2 and ended_at is null"
    row = await tx.conn.fetchrow(find, parked_id, desk.name)
    if row is None:
        raise NotOpen(parked_id=parked_id)
    await tx.conn.fetchrow(HOLD_KEY, desk.name, row["topic"], row["key"])
    row = await tx.conn.fetchrow(f"{find} for update", parked_id, desk.name)
    if row is None:
        raise NotOpen(parked_id=parked_id)
    return row
