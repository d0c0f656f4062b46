"""The containers, twice each, restarted and killed under load: nothing is lost, nothing doubled."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.demo import play as play_demo
from tests.chaos.check import Finding, run
from tests.chaos.http import Caller
from tests.chaos.ledger import Ledger
from tests.chaos.load import World
from tests.chaos.observe import Outside
from tests.chaos.office import Office
from tests.chaos.picture import take
from tests.chaos.play import CHECKS, _quiet
from tests.stack.composed import TWICE, Composed

pytestmark = [pytest.mark.engine, pytest.mark.servers, pytest.mark.slow]
KILLED = 137  # what a container ends with that didn't stop within its grace period
OFFICERS, FAIRS, EVENTS, SECONDS = 6, 6, 2_000, 60


async def test_nothing_is_lost_while_all_run_twice_and_each_is_restarted_and_servers_are_killed(
    composed: Composed, tmp_path: Path
) -> None:
    composed.compose("up", "-d", "--no-recreate", *TWICE)
    composed.wait_healthy()
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ended: dict[str, int] = {}
    async with _load(composed.variables(), ledger):
        for server in ("kafka", "postgres"):
            await asyncio.to_thread(composed.crash, composed.containers(server)[0])
        for container in composed.containers():
            name = composed.service_of(container)
            ended[name] = await asyncio.to_thread(composed.restart, container)
    assert len(ended) == 9, "every service had a container to restart"
    assert KILLED not in ended.values(), f"not within its grace period: {ended}"
    found = await _verdict(composed.variables(), ledger)
    ledger.close()
    assert [str(finding) for finding in found] == []
    assert ledger.events > 300, "too little was done to prove anything"


def test_the_demo_plays_against_the_gateway_and_kafkas_external_listener(
    composed: Composed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play_demo(composed.variables(), tmp_path / "played.json")
    assert "journey" in capsys.readouterr().out


@asynccontextmanager
async def _load(env: dict[str, str], ledger: Ledger) -> AsyncIterator[None]:
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
            caller.closing = office.closing = True
            await asyncio.gather(*at_work)


async def _verdict(env: dict[str, str], ledger: Ledger) -> list[Finding]:
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
