"""What the commands have in common: settings, a pool, and the consumer that a command is about."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from shared import logs
from shared.actor import EVERYWHERE, Actor
from shared.consumers import Consumer
from shared.resealing import SealedRows
from shared.settings import Process, Settings, load_settings

if TYPE_CHECKING:
    from shared.batch import Writer
    from shared.cloudevents import Reader
    from shared.http.types import Route


@dataclass(frozen=True)
class Service:
    """What a service is made of, for its command line. `routes` is asked for by the api only."""

    name: str
    folder: Path
    routes: Callable[[], "Sequence[Route]"]
    own: tuple[Consumer, ...]
    sealed: tuple[SealedRows, ...] = ()

    @cached_property
    def consumers(self) -> tuple[Consumer, ...]:
        """Its own, and the one that reads what offices try."""
        from shared.trial import with_trial

        return with_trial(self.name, self.own)

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"


@dataclass(frozen=True)
class Tools:
    """What a staff command works with."""

    writer: "Writer"
    reader: "Reader"
    conn: asyncpg.Connection
    pool: asyncpg.Pool
    settings: Settings
    actor: Actor


def run(service: Service, of: UUID | str, work: Callable[[Tools], Awaitable[None]]) -> None:
    """Run a command that needs the consumer: the one named, or the one that parked an event."""
    from shared.batch import Writer
    from shared.cloudevents import Reader
    from shared.contracts.topics import source_of
    from shared.db import Database
    from shared.generations import generation_writer, live_writer
    from shared.outbox import Wake
    from shared.parked.refusals import NotOpen
    from shared.privacy import Keys

    async def inside(pool: asyncpg.Pool, settings: Settings) -> None:
        name, wake = str(of), Wake(pool, service.name)
        if isinstance(of, UUID):
            name = await pool.fetchval("select consumer from parked where parked_id = $1", of)
            if name is None:
                raise NotOpen(parked_id=of)
        by_name = {consumer.name: consumer for consumer in service.consumers}
        consumer = by_name.get(name.partition("@")[0])
        if consumer is None:
            sys.exit(f"{service.name}: no consumer {name}; there are: {', '.join(by_name)}")
        keys = Keys(settings.secret_keys)
        db = Database(pool, service.name, source_of(service.name), settings.zone, wake)
        waits = timedelta(days=settings.waiting_days)
        writer = Writer(db, consumer, consumer.name, keys, waits=waits)
        async with pool.acquire() as conn:
            if "@" in name:
                writer = await generation_writer(conn, writer, int(name.partition("@")[2]))
            else:
                writer = await live_writer(conn, writer)
            reader = Reader(consumer.facts, keys)
            await work(Tools(writer, reader, conn, pool, settings, operator()))
        await asyncio.sleep(0.05)  # lets the relay be woken; it would find the work anyway
        await wake.close()

    asyncio.run(with_pool(service, inside))


def operator() -> Actor:
    """Whoever sits at the command line: the login of this machine."""
    return Actor(f"cli:{getpass.getuser()}", frozenset({"operator"}), (EVERYWHERE,))


async def with_pool(
    service: Service, work: Callable[[asyncpg.Pool, Settings], Coroutine[Any, Any, None]]
) -> None:
    from shared.db import make_pool

    settings = settings_for(service, "staff")
    pool = await make_pool(settings.database.url, f"{service.name} cli", 3)
    try:
        await work(pool, settings)
    finally:
        await pool.close()


def settings_for(service: Service, process: Process) -> Settings:
    settings = load_settings(process)
    logs.configure(service.name, settings.log_level)
    return settings
