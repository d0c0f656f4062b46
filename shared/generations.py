"""Generations of a projection: one is live, and a rebuild fills the next one beside it."""

from shared import inbox
from shared.batch import Writer
from shared.consumers import Projection
from shared.db import Connection


async def live_generation(conn: Connection, projection: str) -> int:
    """The generation that queries see; the first use of a projection makes it 1."""
    await conn.execute(
        "insert into projection (name) values ($1) on conflict do nothing", projection
    )
    return int(await conn.fetchval("select generation from projection where name = $1", projection))


async def live_writer(conn: Connection, writer: Writer) -> Writer:
    """The writer of the live generation: the same one, unless a rebuild has swapped it."""
    if not isinstance(writer.consumer, Projection):
        return writer
    generation = await live_generation(conn, writer.consumer.name)
    if writer.name == generation_name(writer.consumer, generation):
        return writer
    return await generation_writer(conn, writer, generation)


async def generation_writer(conn: Connection, writer: Writer, generation: int) -> Writer:
    """A writer of one generation: its own rows, inbox and position.

    Raises TypeError for a reaction: its effects can't be made a second time.
    """
    projection = writer.consumer
    if not isinstance(projection, Projection):
        raise TypeError(f"{projection.name} is a reaction, it has no generations")
    return Writer(
        db=writer.db,
        consumer=projection,
        name=generation_name(projection, generation),
        keys=writer.keys,
        table=await inbox.table(conn, projection, generation),
    )


def generation_name(projection: Projection, generation: int) -> str:
    """Under which a generation keeps its position and its inbox."""
    return f"{projection.name}@{generation}"
