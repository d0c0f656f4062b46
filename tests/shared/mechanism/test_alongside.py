"""Work while a statement runs: whichever of the two fails, the connection is free afterwards."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import asyncpg
import pytest

from shared.db import alongside
from tests.shared.mechanism.ground import Ground


async def _work(done: list[str]) -> str:
    for _ in range(3):
        await asyncio.sleep(0)
    done.append("worked")
    return "work"


async def _fails() -> NoReturn:
    await asyncio.sleep(0)
    raise ValueError("ours")


async def test_both_have_ended_and_the_work_went_on_while_the_server_was_at_it(
    ground: Ground,
) -> None:
    done: list[str] = []
    async with ground.pool.acquire() as conn:
        statement = conn.fetchval("select 'said' from pg_sleep(0.3)")
        running = asyncio.create_task(alongside(statement, _work(done)))
        await asyncio.sleep(0.1)
        assert done == ["worked"]
        assert not running.done()
        assert await running == ("said", "work")


async def test_a_statement_whose_work_fails_is_ended_and_its_transaction_rolls_back(
    ground: Ground,
) -> None:
    async def together(conn: asyncpg.Connection) -> None:
        async with conn.transaction():
            await conn.execute("insert into arrival values ('x', now())")
            await alongside(conn.execute("select pg_sleep(60)"), _fails())

    async with ground.pool.acquire() as conn:
        with pytest.raises(ValueError, match="ours"):
            await together(conn)
        assert await conn.fetchval("select count(*) from arrival") == 0


async def test_a_statement_that_fails_is_its_own_error_and_the_connection_is_free(
    ground: Ground,
) -> None:
    done: list[str] = []
    async with ground.pool.acquire() as conn:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await alongside(conn.execute("select 1 / 0"), _work(done))
        assert await conn.fetchval("select 1") == 1


async def test_who_is_cancelled_meanwhile_leaves_no_statement_behind(ground: Ground) -> None:
    async with ground.pool.acquire() as conn:
        waiting = alongside(conn.execute("select pg_sleep(60)"), asyncio.sleep(60))
        running = asyncio.create_task(waiting)
        await asyncio.sleep(0.2)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await conn.fetchval("select 1") == 1
