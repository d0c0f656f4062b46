"""The command line of a service: `python -m services.registry api | worker | migrate | …`."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import asyncpg
import typer

from shared import logs
from shared.actor import EVERYWHERE, Actor
from shared.consumers import Consumer
from shared.errors import Refusal
from shared.migrate import MigrationError, migrate
from shared.settings import Process, Settings, SettingsError, load_settings

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
    consumers: tuple[Consumer, ...]

    @property
    def migrations(self) -> Path:
        return self.folder / "migrations"


def main(service: Service) -> None:
    """Run the command that the arguments name; errors are one sentence and exit code 1 or 2."""
    app = typer.Typer(
        name=service.name,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    _processes(app, service)
    app.add_typer(_parked(service), name="parked", help="Events that did not end yet.")
    app.add_typer(_positions(service), name="positions", help="How far each consumer is.")
    try:
        app()
    except (SettingsError, MigrationError) as error:
        sys.exit(f"{service.name}: {error}")
    except Refusal as refusal:
        sys.exit(f"{service.name}: {refusal.message('id')}\n{refusal.message('en')}")
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"{service.name}: the database does not answer ({type(error).__name__})")


def _processes(app: typer.Typer, service: Service) -> None:
    @app.command()
    def api() -> None:
        """Serve the HTTP API until SIGTERM."""
        import uvloop

        from shared.http.serving import run_api

        settings = _settings(service, "api")
        uvloop.run(run_api(service.name, service.routes(), service.migrations, settings))

    @app.command()
    def worker() -> None:
        """Run relay and intakes until SIGTERM."""
        from shared.worker import run_worker

        settings = _settings(service, "worker")
        sys.exit(
            asyncio.run(run_worker(service.name, service.consumers, service.migrations, settings))
        )

    @app.command("migrate")
    def migrate_(pre_only: bool = False) -> None:
        """Apply missing migrations with the owner's login."""
        settings = _settings(service, "migrate")
        applied = asyncio.run(
            migrate(
                settings.database.owner_url, service.name, service.migrations, pre_only=pre_only
            )
        )
        print("\n".join(applied) or "nothing to do")

    @app.command()
    def rebuild(projection: str) -> None:
        """Rebuild a projection from its topics beside the live one, then swap."""
        _run(service, projection, _rebuild)

    @app.command()
    def resend(minutes: int = 10) -> None:
        """Publish again what was told in the last minutes, under the same ids.

        For a broker that lost acknowledged records (a power cut on a single broker).
        """
        from shared.relay import resend as again

        async def work(pool: asyncpg.Pool, _: Settings) -> None:
            async with pool.acquire() as conn:
                print(await again(conn, timedelta(minutes=minutes)), "events will be sent again")

        asyncio.run(_with_pool(service, work))


async def _rebuild(tools: "Tools") -> None:
    from rich.progress import Progress

    from shared.rebuild import rebuild

    with Progress() as bar:
        task = bar.add_task(tools.writer.consumer.name, total=None)
        kafka, url = tools.settings.kafka, tools.settings.database.url
        generation = await rebuild(
            tools.writer, tools.reader, url, kafka, tools.pool,
            lambda done, of: bar.update(task, completed=done, total=of or None),
        )  # fmt: skip
    print(f"{tools.writer.consumer.name}: generation {generation} is live")


def _parked(service: Service) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)
    reason_option = Annotated[str, typer.Option(help="Why; written into the audit.")]

    @app.command("list")
    def list_(consumer: str | None = None, state: str | None = None) -> None:
        """List open events, oldest first: parked, waiting, or behind another of their key."""
        from shared.parked import CHUNK, listed

        async def work(pool: asyncpg.Pool, _: Settings) -> None:
            after: UUID | None = None
            async with pool.acquire() as conn:
                while rows := await listed(conn, consumer=consumer, state=state, after=after):
                    for row in rows:
                        print(json.dumps(dict(row), default=str))
                    after = rows[-1]["parked_id"]
                    if len(rows) < CHUNK:
                        return

        asyncio.run(_with_pool(service, work))

    @app.command()
    def show(parked_id: UUID) -> None:
        """Show the raw record of an event. That you looked is written down."""
        from shared.parked import shown

        async def work(tools: Tools) -> None:
            record = await shown(tools.writer, tools.conn, parked_id, tools.actor)
            print("key:", (record.key or b"").decode(errors="replace"))
            for name, value in record.headers:
                print(f"{name}: {value.decode(errors='replace')}")
            print()
            print((record.value or b"").decode(errors="replace"))

        _run(service, parked_id, work)

    @app.command()
    def replay(
        parked_id: UUID,
        reason: reason_option = "",
        value_file: Annotated[
            Path | None, typer.Option(help="The corrected body (JSON); needs --reason.")
        ] = None,
        key: Annotated[str | None, typer.Option(help="The corrected record key.")] = None,
        header: Annotated[list[str] | None, typer.Option(help="name=value, corrected.")] = None,
    ) -> None:
        """Try an event again, as it is or corrected, and then what queues behind it."""
        from shared.parked import Correction
        from shared.parked import replay as again

        changed = value_file is not None or key is not None or header
        correction = Correction(
            value_file.read_bytes() if value_file else None,
            key,
            dict(h.split("=", 1) for h in header or []),
        )

        async def work(tools: Tools) -> None:
            drained = await again(
                tools.writer, tools.reader, tools.conn, parked_id, tools.actor,
                correction=correction if changed else None, reason=reason,
            )  # fmt: skip
            print(f"done: {', '.join(map(str, drained.ended))}")

        _run(service, parked_id, work)

    @app.command()
    def discard(parked_id: UUID, reason: reason_option) -> None:
        """End an event without effect; what queues behind it follows."""
        from shared.parked import discard as end

        async def work(tools: Tools) -> None:
            drained = await end(
                tools.writer, tools.reader, tools.conn, parked_id, tools.actor, reason
            )
            print(f"discarded; done behind it: {len(drained.ended)}")

        _run(service, parked_id, work)

    return app


def _positions(service: Service) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_() -> None:
        """Each consumer's next offset per partition, and why it stopped, if it did."""

        async def work(pool: asyncpg.Pool, _: Settings) -> None:
            for row in await pool.fetch(
                """select p.*, s.reason as stopped from position p
                   left join stopped s using (consumer, topic, partition) order by 1, 2, 3"""
            ):
                print(json.dumps(dict(row), default=str))

        asyncio.run(_with_pool(service, work))

    @app.command()
    def move(consumer: str, topic: str, partition: int, offset: int, topic_id: UUID) -> None:
        """Go on at an offset after a gap, a truncation or a new topic: you accept what is lost.

        Restart the worker afterwards.
        """

        async def work(pool: asyncpg.Pool, _: Settings) -> None:
            async with pool.acquire() as conn, conn.transaction():
                done = await conn.execute(
                    """update position set next_offset = $4, topic_id = $5, moved_at = now()
                       where consumer = $1 and topic = $2 and partition = $3""",
                    consumer, topic, partition, offset, topic_id,
                )  # fmt: skip
                await conn.execute(
                    "delete from stopped where consumer = $1 and topic = $2 and partition = $3",
                    consumer, topic, partition,
                )  # fmt: skip
            print("moved" if done == "UPDATE 1" else "there is no such position")

        asyncio.run(_with_pool(service, work))

    return app


@dataclass(frozen=True)
class Tools:
    """What a staff command works with."""

    writer: "Writer"
    reader: "Reader"
    conn: asyncpg.Connection
    pool: asyncpg.Pool
    settings: Settings
    actor: Actor


def _run(service: Service, of: UUID | str, work: Callable[[Tools], Awaitable[None]]) -> None:
    """Run a command that needs the consumer: the one named, or the one that parked an event."""
    from shared.batch import Writer
    from shared.cloudevents import Reader
    from shared.contracts.topics import source_of
    from shared.db import Database
    from shared.generations import generation_writer, live_writer
    from shared.outbox import Wake
    from shared.parked import NotOpen
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
        writer = Writer(db, consumer, consumer.name, keys)
        async with pool.acquire() as conn:
            if "@" in name:
                writer = await generation_writer(conn, writer, int(name.partition("@")[2]))
            else:
                writer = await live_writer(conn, writer)
            reader = Reader(consumer.facts, keys)
            await work(Tools(writer, reader, conn, pool, settings, operator()))
        await asyncio.sleep(0.05)  # lets the relay be woken; it would find the work anyway
        await wake.close()

    asyncio.run(_with_pool(service, inside))


def operator() -> Actor:
    """Whoever sits at the command line: the login of this machine."""
    import getpass

    return Actor(f"cli:{getpass.getuser()}", frozenset({"operator"}), (EVERYWHERE,))


async def _with_pool(
    service: Service, work: Callable[[asyncpg.Pool, Settings], Coroutine[Any, Any, None]]
) -> None:
    from shared.db import make_pool

    settings = _settings(service, "staff")
    pool = await make_pool(settings.database.url, f"{service.name} cli", 3)
    try:
        await work(pool, settings)
    finally:
        await pool.close()


def _settings(service: Service, process: Process) -> Settings:
    settings = load_settings(process)
    logs.configure(service.name, settings.log_level)
    return settings
