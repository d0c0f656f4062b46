"""Rebuild a projection: fill a new generation from the topics, then swap it for the live one.

The live generation goes on meanwhile. The swap is one transaction; the worker that wrote the old
generation finds its position gone (it is fenced), and goes on with the new one.
"""

import asyncio
from collections.abc import Callable, Iterable

import asyncpg
from aiokafka import TopicPartition

from shared import inbox
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Projection
from shared.db import Connection
from shared.generations import generation_name, generation_writer, live_generation
from shared.intake import Intake
from shared.kafka import first_offsets
from shared.settings import KafkaSettings

CHUNK = 10_000
Told = Callable[[int, int], None]
"""Told how far a rebuild is: events done, events to do."""


async def rebuild(
    writer: Writer,
    reader: Reader,
    dsn: str,
    kafka: KafkaSettings,
    pool: asyncpg.Pool,
    told: Told = lambda _done, _of: None,
) -> int:
    """Rebuild the writer's projection and make it live; returns the new generation.

    Raises what stopped it (a gap in a topic, say); the live generation is then untouched.
    """
    projection = writer.consumer
    if not isinstance(projection, Projection):
        raise TypeError(f"{projection.name} is a reaction: its effects can't be made again")
    async with pool.acquire() as conn:
        live = await live_generation(conn, projection.name)
        await _check_whole(kafka, await inbox.positions(conn, generation_name(projection, live)))
        await _forget(conn, projection, live + 1)
        fresh = await generation_writer(conn, writer, live + 1)
    intake, stop = Intake(fresh, reader, dsn, kafka, group=False), asyncio.Event()
    running = asyncio.create_task(intake.run(stop))
    try:
        while not await _caught_up(pool, projection, live, told):
            if running.done():
                running.result()
            if intake.progress.stopped:
                raise RuntimeError(f"stopped: {sorted(set(intake.progress.stopped.values()))}")
            await asyncio.sleep(0.1)
    finally:
        stop.set()
        await running
    async with pool.acquire() as conn:
        await _swap(conn, projection, live)
        await _forget(conn, projection, live)
    return live + 1


async def _check_whole(kafka: KafkaSettings, places: Iterable[inbox.Place]) -> None:
    """Raises RuntimeError when a topic has lost its oldest records: the rows would be fewer."""
    firsts = await first_offsets(kafka, [TopicPartition(*place) for place in places])
    if cut := sorted({place.topic for place, first in firsts.items() if first > 0}):
        raise RuntimeError(f"the oldest records are gone from {', '.join(cut)}")


async def _caught_up(pool: asyncpg.Pool, projection: Projection, live: int, told: Told) -> bool:
    """Whether the new generation has read at least what the live one has."""
    async with pool.acquire() as conn:
        old = await inbox.positions(conn, generation_name(projection, live))
        new = await inbox.positions(conn, generation_name(projection, live + 1))
    told(*(sum(at.next_offset for at in read.values()) for read in (new, old)))
    return bool(new) and all(
        place in new and new[place].next_offset >= old[place].next_offset for place in old
    )


async def _swap(conn: Connection, projection: Projection, live: int) -> None:
    async with conn.transaction():
        # First the old position, as a batch does it: from here on the old generation stands still.
        await conn.execute(
            "delete from position where consumer = $1", generation_name(projection, live)
        )
        await conn.execute(
            """update parked set state = 'discarded', ended_at = now(), ended_by = 'rebuild',
                                 reason = 'the new generation has read it again'
               where consumer = $1 and ended_at is null""",
            generation_name(projection, live),
        )
        await conn.execute(
            "update projection set generation = $2 where name = $1", projection.name, live + 1
        )


async def _forget(conn: Connection, projection: Projection, generation: int) -> None:
    """Remove a generation that isn't live, in small transactions."""
    name = generation_name(projection, generation)
    await conn.execute("delete from position where consumer = $1", name)
    for table, column, value in (
        (projection.table, "generation", generation),
        ("inbox", "consumer", name),
    ):
        chunk = f"""delete from {table} where ctid = any(array(
                        select ctid from {table} where {column} = $1 limit {CHUNK}))"""  # noqa: S608
        while await conn.execute(chunk, value) != "DELETE 0":
            pass
