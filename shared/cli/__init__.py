"""The command line of a service: `python -m services.registry api | worker | migrate | …`."""

import asyncio
import sys
from datetime import timedelta

import asyncpg
import typer
from rich.progress import TaskID

from shared.cli import parked, positions
from shared.cli.tools import Service, Tools, run, settings_for, with_pool
from shared.errors import Refusal
from shared.migrate import MigrationError, migrate
from shared.privacy import Keys, Unreadable
from shared.settings import Settings, SettingsError

__all__ = ["Service", "main"]


def main(service: Service) -> None:
    """Run the command that the arguments name; errors are one sentence and exit code 1 or 2."""
    app = typer.Typer(
        name=service.name,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    _processes(app, service)
    app.add_typer(parked.commands(service), name="parked", help="Events that did not end yet.")
    app.add_typer(positions.commands(service), name="positions", help="How far each consumer is.")
    try:
        app()
    except (SettingsError, MigrationError) as error:
        sys.exit(f"{service.name}: {error}")
    except Refusal as refusal:
        sys.exit(f"{service.name}: {refusal.message('id')}\n{refusal.message('en')}")
    except Unreadable as error:
        sys.exit(f"{service.name}: {error}; BINAAN_SECRET_KEYS must still hold the older keys")
    except (OSError, asyncpg.PostgresError) as error:
        sys.exit(f"{service.name}: the database does not answer ({type(error).__name__})")


def _processes(app: typer.Typer, service: Service) -> None:
    @app.command()
    def api() -> None:
        """Serve the HTTP API until SIGTERM."""
        import uvloop

        from shared.http.offices import office_routes
        from shared.http.publishing import event_routes
        from shared.http.serving import run_api
        from shared.http.work_list import work_list_routes
        from shared.parked.desks import Desks
        from shared.publisher import Publisher

        settings = settings_for(service, "api")
        keys, waits = Keys(settings.secret_keys), timedelta(days=settings.waiting_days)
        publisher = Publisher(service.name, settings.kafka)
        events = event_routes(service.consumers, keys, publisher)
        if events and not settings.kafka.bootstrap:
            raise SettingsError("BINAAN_KAFKA_BOOTSTRAP is missing: offices send events by HTTP")
        staff = work_list_routes(Desks(service.consumers, keys, waits))
        routes = (*service.routes(), *office_routes(service.consumers), *events, *staff)
        uvloop.run(run_api(service.name, routes, service.migrations, settings, publisher))

    @app.command()
    def worker() -> None:
        """Run relay and intakes until SIGTERM."""
        from shared.worker import run_worker

        settings = settings_for(service, "worker")
        sys.exit(
            asyncio.run(run_worker(service.name, service.consumers, service.migrations, settings))
        )

    @app.command("migrate")
    def migrate_(pre_only: bool = False) -> None:
        """Apply missing migrations with the owner's login."""
        settings = settings_for(service, "migrate")
        applied = asyncio.run(
            migrate(
                settings.database.owner_url, service.name, service.migrations, pre_only=pre_only
            )
        )
        print("\n".join(applied) or "nothing to do")

    @app.command()
    def rebuild(projection: str) -> None:
        """Rebuild a projection from its topics beside the live one, then swap."""
        run(service, projection, _rebuild)

    @app.command()
    def reseal() -> None:
        """Put everything sealed under the first of BINAAN_SECRET_KEYS; then the others can go."""
        asyncio.run(
            with_pool(service, lambda pool, to: _reseal(pool, service, Keys(to.secret_keys)))
        )

    @app.command()
    def resend(minutes: int = 10) -> None:
        """Publish again what was told in the last minutes, under the same ids.

        For a broker that lost acknowledged records (a power cut on a single broker).
        """
        from shared.relay import resend as again

        async def work(pool: asyncpg.Pool, _: Settings) -> None:
            async with pool.acquire() as conn:
                print(await again(conn, timedelta(minutes=minutes)), "events will be sent again")

        asyncio.run(with_pool(service, work))


async def _reseal(pool: asyncpg.Pool, service: Service, keys: Keys) -> None:
    from rich.progress import Progress

    from shared.resealing import PARKED, reseal

    with Progress() as bar:
        for rows in (PARKED, *service.sealed):
            task = bar.add_task(rows.table, total=None)

            def report(done: int, of: int, task: TaskID = task) -> None:
                bar.update(task, completed=done, total=of)

            print(f"{rows.table}: {await reseal(pool, keys, rows, report)} rows sealed anew")


async def _rebuild(tools: Tools) -> None:
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
