"""`parked list | show | replay | discard`: events that did not end yet."""

import asyncio
import json
from pathlib import Path
from typing import Annotated
from uuid import UUID

import asyncpg
import typer

from shared.cli.tools import Service, Tools, run, with_pool
from shared.contracts.answers import DISCARDED
from shared.parked import discards, replays, work_list
from shared.parked.corrections import Change, Correction

Reason = Annotated[str, typer.Option(help="Why; written into the audit.")]
Corrected = Annotated[Path | None, typer.Option(help="The corrected body (JSON); needs --reason.")]


def commands(service: Service) -> typer.Typer:
    """The commands of one service."""
    app = typer.Typer(no_args_is_help=True)
    _looking(app, service)
    _ending(app, service)
    return app


def _looking(app: typer.Typer, service: Service) -> None:
    @app.command("list")
    def list_(consumer: str | None = None, state: str | None = None) -> None:
        """List open events, oldest first: parked, waiting, or behind another of their key."""
        asyncio.run(with_pool(service, lambda pool, _: _print_all(pool, consumer, state)))

    @app.command()
    def show(parked_id: UUID) -> None:
        """Show the raw record of an event. That you looked is written down."""
        run(service, parked_id, lambda tools: _print_record(tools, parked_id))


def _ending(app: typer.Typer, service: Service) -> None:
    @app.command()
    def replay(
        parked_id: UUID,
        reason: Reason = "",
        value_file: Corrected = None,
        key: Annotated[str | None, typer.Option(help="The corrected record key.")] = None,
        header: Annotated[list[str] | None, typer.Option(help="name=value, corrected.")] = None,
        change: Annotated[
            list[str] | None, typer.Option(help="/data/field=JSON: one field, corrected.")
        ] = None,
    ) -> None:
        """Try an event again, as it is or corrected, and then what queues behind it."""
        correction = None
        if value_file or key is not None or header or change:
            headers = dict(pair.split("=", 1) for pair in header or [])
            value = value_file.read_bytes() if value_file else None
            correction = Correction(value, key, headers, [_change(pair) for pair in change or []])

        async def work(tools: Tools) -> None:
            drained = await replays.replay(
                tools.writer,
                tools.reader,
                tools.conn,
                parked_id,
                tools.actor,
                correction=correction,
                reason=reason,
            )
            print(f"done: {', '.join(map(str, drained.ended))}")

        run(service, parked_id, work)

    @app.command()
    def discard(
        parked_id: UUID,
        reason: Reason,
        code: Annotated[
            str, typer.Option(help=f"What its sender is told: {', '.join(DISCARDED)}.")
        ] = "other",
    ) -> None:
        """End an event without effect; what queues behind it follows."""

        async def work(tools: Tools) -> None:
            drained = await discards.discard(
                tools.writer, tools.reader, tools.conn, parked_id, tools.actor, reason, code
            )
            print(f"discarded; done behind it: {len(drained.ended)}")

        run(service, parked_id, work)


def _change(pair: str) -> Change:
    """What `--change` says. Raises typer.BadParameter."""
    pointer, _, value = pair.partition("=")
    try:
        return Change(pointer, json.loads(value))
    except ValueError:
        raise typer.BadParameter(
            f"{pointer}: the value has to be JSON (a text in quotes)"
        ) from None


async def _print_all(pool: asyncpg.Pool, consumer: str | None, state: str | None) -> None:
    after: UUID | None = None
    async with pool.acquire() as conn:
        while rows := await work_list.listed(conn, consumer=consumer, state=state, after=after):
            for row in rows:
                print(json.dumps(dict(row), default=str))
            after = rows[-1]["parked_id"]


async def _print_record(tools: Tools, parked_id: UUID) -> None:
    record = await work_list.shown(tools.writer, tools.conn, parked_id, tools.actor)
    print("key:", (record.key or b"").decode(errors="replace"))
    for name, value in record.headers:
        print(f"{name}: {(value or b'').decode(errors='replace')}")
    print()
    print((record.value or b"").decode(errors="replace"))
