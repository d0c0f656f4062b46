"""A server that ends connections: whatever asyncpg makes of it is "down", and tried again."""

import asyncio

import asyncpg

from shared.db import connect
from shared.http.edge import problem_of
from shared.lost import LOST
from shared.trouble import meaning_of
from tests.stack.databases import Database

TIMES = 40


async def farewells(database: Database) -> list[Exception]:
    """What the next statement raises after the server ended an idle connection."""
    admin = await asyncpg.connect(database.url)
    heard = []
    for n in range(TIMES):
        conn = await connect(database.app("registry"), "farewell")
        ending = admin.execute("select pg_terminate_backend($1)", conn.get_server_pid())
        task = asyncio.create_task(ending)
        try:
            while True:
                await conn.fetchval("select 1")
                await asyncio.sleep(0.0005 * (n % 4))
        except Exception as error:  # noqa: BLE001 - which one it is, is the question
            heard.append(error)
        await task
        conn.terminate()
    await admin.close()
    return heard


async def test_every_farewell_of_the_server_means_that_it_is_down(database: Database) -> None:
    heard = await farewells(database)
    strange = [repr(e) for e in heard if meaning_of(e) != "down" or not isinstance(e, LOST)]
    assert not strange, strange


def test_the_farewell_that_asyncpg_has_no_name_for_means_it_too() -> None:
    # Which farewell a run meets is up to the machine; this one isn't met on every one.
    unnamed = asyncpg.InternalClientError("got result for unknown protocol state 3")
    assert (meaning_of(unnamed), isinstance(unnamed, LOST)) == ("down", True)


async def test_a_caller_is_told_to_come_again_after_any_farewell(database: Database) -> None:
    told = [problem_of(error) for error in await farewells(database)]
    assert {problem.status for problem in told if problem} == {503}
