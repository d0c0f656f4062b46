"""A worker that is alive and does not consume ends itself; one that has to wait does not."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from shared.watchdog import EXIT_CODE, Watchdog
from tests.shared.mechanism.ground import Ground, until
from tests.shared.mechanism.things import event
from tests.shared.wire import wire_to

SOON: dict[str, Any] = {"stuck_seconds": 4, "blocked_seconds": 2, "check_seconds": 0.5}


async def test_a_blocked_loop_ends_the_process(ground: Ground) -> None:
    topic = ground.topic()
    await ground.publish(topic, event(ground.service, "a", 1))
    told = {"kind": "blocking", "topics": [topic]}
    running = ground.program(consumers=[told], **SOON)
    assert await running.exit_code(30) == EXIT_CODE
    assert "the event loop is blocked" in running.text
    assert await ground.value("select next_offset from position") == 0


async def test_a_fetch_that_never_comes_back_ends_the_process(ground: Ground) -> None:
    topic = ground.topic()
    await ground.publish(topic, event(ground.service, "a", 1))
    told = {"kind": "counting", "topics": [topic]}
    running = ground.program(consumers=[told], hung_fetch=True, **SOON)
    assert await running.exit_code(40) == EXIT_CODE
    assert "has lag and does not move" in running.text


async def test_a_join_that_never_completes_ends_the_process(ground: Ground) -> None:
    told = {"kind": "counting", "topics": [ground.topic()]}
    first = ground.program(consumers=[told], session_ms=60_000)
    await first.says("worker_started")
    await until(lambda: _has_a_position(ground), 30)
    first.send(signal.SIGSTOP)  # the group waits for it as long as its session lasts
    second = ground.program(consumers=[told], **SOON)
    assert await second.exit_code(40) == EXIT_CODE
    assert "waits for partitions" in second.text


async def test_a_join_that_never_completes_after_a_revoke_ends_the_process(ground: Ground) -> None:
    told = {"kind": "counting", "topics": [ground.topic(partitions=2)]}
    first = ground.program(consumers=[told], session_ms=60_000)
    second = ground.program(consumers=[told], stuck_seconds=15, check_seconds=0.5)
    name = f"{ground.service}.counts"
    await until(lambda: _members(ground, name, 2), 60)
    first.send(signal.SIGSTOP)  # nobody is taken in while the group waits for it
    ground.program(consumers=[told])
    assert await second.exit_code(60) == EXIT_CODE
    assert "waits for partitions" in second.text


async def _members(ground: Ground, group: str, number: int) -> bool:
    """Whether so many share a group's partitions, with nothing under way."""
    admin = AdminClient(ground.kafka.confluent())
    try:
        found = await asyncio.to_thread(admin.describe_consumer_groups([group])[group].result)
    except KafkaException:
        return False
    return len(found.members) == number and found.state.name == "STABLE"


async def _has_a_position(ground: Ground) -> bool:
    return bool(await ground.value("select count(*) from position"))


async def test_a_database_that_is_away_is_waited_for_and_no_reason_to_end(ground: Ground) -> None:
    topic = ground.topic()
    told = {"kind": "counting", "topics": [topic]}
    async with wire_to(ground.dsn) as wire:
        running = ground.program(consumers=[told], dsn=wire.dsn, **SOON)
        await until(lambda: _has_a_position(ground), 30)
        await wire.cut()
        await ground.publish(topic, event(ground.service, "a", 1))
        await running.says("intake_lost_postgres")
        await asyncio.sleep(8)
        assert running.process.poll() is None
        await wire.mend()
        await until(lambda: _has_an_effect(ground), 30)


async def _has_an_effect(ground: Ground) -> bool:
    return len(await ground.effects()) == 1


def test_the_limits_that_run_in_production_are_below_ninety_seconds() -> None:
    from shared import watchdog

    limits = (watchdog.BLOCKED_SECONDS, watchdog.STUCK_SECONDS, watchdog.JOIN_SECONDS)
    assert max(limits) + 2 * watchdog.CHECK_SECONDS < 90


def test_a_group_that_waits_for_a_member_that_hangs_is_waited_for() -> None:
    from shared import kafka, watchdog

    assert watchdog.JOIN_SECONDS > kafka.MAX_POLL_MS / 1000 + kafka.SESSION_MS / 1000


async def test_a_stopped_watchdog_lets_an_orderly_end_take_its_time() -> None:
    left: list[int] = []
    dog = Watchdog([lambda _: "always stuck"], every=0.05, leave=left.append)
    dog.stop()
    dog.start(asyncio.get_running_loop())
    await asyncio.sleep(0.2)
    assert left == []


async def test_a_suspect_that_is_stuck_ends_the_process_with_its_reason(
    capfd: pytest.CaptureFixture[str],
) -> None:
    left: list[int] = []
    began = time.monotonic()
    dog = Watchdog([lambda _: "", lambda _: "it is stuck"], every=0.05, leave=left.append)
    dog.start(asyncio.get_running_loop())
    await until(lambda: bool(left), 5)
    assert left == [EXIT_CODE]
    assert time.monotonic() - began < 5
