"""`positions list | move`: how far each consumer is, and how to go on after a gap."""

import asyncio
import json
from uuid import UUID

import asyncpg
import typer

from shared.cli.tools import Service, with_pool

_LIST = """
select p.*, s.reason as stopped from position p
left join stopped s using (consumer, topic, partition)
order by consumer, topic, partition
"""
_MOVE = """
with accepted as (
    delete from stopped where consumer = $1 and topic = $2 and partition = $3
)
update position set next_offset = $4, topic_id = $5, moved_at = now()
where consumer = $1 and topic = $2 and partition = $3
"""


def commands(service: Service) -> typer.Typer:
    """The commands of one service."""
    app = typer.Typer(no_args_is_help=True)

    @app.command("list")
    def list_() -> None:
        """Each consumer's next offset per partition, and why it stopped, if it did."""
        asyncio.run(with_pool(service, lambda pool, _: _print_all(pool)))

    @app.command()
    def move(consumer: str, topic: str, partition: int, offset: int, topic_id: UUID) -> None:
        """Go on at an offset after a gap, a truncation or a new topic: you accept what is lost.

        Restart the worker afterwards.
        """

        async def work(pool: asyncpg.Pool) -> None:
            done = await pool.execute(_MOVE, consumer, topic, partition, offset, topic_id)
            print("moved" if done == "UPDATE 1" else "there is no such position")

        asyncio.run(with_pool(service, lambda pool, _: work(pool)))

    return app


async def _print_all(pool: asyncpg.Pool) -> None:
    for row in await pool.fetch(_LIST):
        print(json.dumps(dict(row), default=str))
