"""The desks at which staff settle events: one for each consumer, and generation, of a service."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from shared import inbox
from shared.cloudevents import Reader
from shared.consumers import Consumer, Projection
from shared.db import Connection
from shared.drain import Desk
from shared.parked import NO_TRIAL, NotOpen
from shared.privacy import Keys


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
