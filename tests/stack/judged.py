"""Load on a running product, and the crash test's verdict on what became of it."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.chaos.check import Finding, run
from tests.chaos.http import Caller
from tests.chaos.ledger import Ledger
from tests.chaos.load import World
from tests.chaos.observe import Outside
from tests.chaos.office import Office
from tests.chaos.picture import take
from tests.chaos.play import CHECKS, _quiet

OFFICERS, FAIRS, EVENTS, SECONDS = 6, 6, 2_000, 60


@asynccontextmanager
async def working(env: dict[str, str], ledger: Ledger) -> AsyncIterator[None]:
    """Officers over HTTP and an office over Kafka work as long as it is open."""
    chance = random.Random(5)
    async with Caller(env, ledger, random.Random(1)) as caller:
        office = Office(env, ledger, random.Random(2), refs=EVENTS // 25)
        world = World(caller, chance)
        names = [f"REBUTAN-{number}" for number in range(FAIRS)]
        await office.open_contested(names)
        await world.find_fairs(FAIRS)
        at_work = [asyncio.create_task(world.officer()) for _ in range(OFFICERS)]
        at_work.append(asyncio.create_task(office.run(EVENTS, SECONDS)))
        try:
            yield
        finally:
            caller.closing = True
            office.close()
            await asyncio.gather(*at_work)
            await office.sender.gone()


async def verdict(env: dict[str, str], ledger: Ledger) -> list[Finding]:
    """What the crash test's checker finds, once nothing is on its way any more."""
    outside = Outside(env)
    await outside.learn()
    reading = asyncio.create_task(outside.read())
    try:
        await _quiet(outside)
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
        await outside.close()
    picture = await take(env)
    try:
        return await run(picture, ledger, CHECKS)
    finally:
        await picture.conn.close()
