"""Workers that are killed, or stopped and continued, at the moments that hurt."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter

from tests.shared.mechanism.ground import Ground, all_done, until
from tests.shared.mechanism.things import event, reaction, thing_id
from tests.shared.wire import Wire


async def _exactly(ground: Ground, number: int) -> None:
    """Each of the versions 1…number is there once, and those of a key in order."""
    effects = await ground.effects()
    assert Counter(v for _, v in effects) == Counter(range(1, number + 1))
    for key in {k for k, _ in effects}:
        versions = [v for k, v in effects if k == key]
        assert versions == sorted(versions)


async def test_a_batch_killed_before_its_commit_counts_as_nothing_and_is_done_by_the_next(
    ground: Ground,
) -> None:
    topic, name = ground.topic(), f"{ground.service}.counts"
    await ground.publish(topic, *(event(ground.service, f"k{n % 5}", n) for n in range(1, 51)))
    gated = {"kind": "gated", "topics": [topic]}
    async with ground.gate():
        first = ground.program(consumers=[gated], session_ms=6000)
        await until(lambda: _at_gate(ground), 30)
        first.kill()
    assert await ground.effects() == []
    assert await ground.value("select next_offset from position") == 0
    assert await ground.value("select count(*) from inbox") == 0
    ground.program(consumers=[gated], session_ms=6000)
    await until(lambda: all_done(ground, name, [50]), 30)
    await _exactly(ground, 50)


async def _at_gate(ground: Ground, number: int = 1) -> bool:
    return await ground.at_the_gate() >= number


async def test_while_the_first_event_is_blocked_nothing_behind_it_counts_and_a_kill_loses_nothing(
    ground: Ground,
) -> None:
    topic, name = ground.topic(partitions=2), f"{ground.service}.counts"
    records = [
        event(ground.service, f"k{n % 2}", n, n=-1 if n == 1 else n, partition=n % 2)
        for n in range(1, 101)
    ]
    await ground.publish(topic, *records)
    told = {"kind": "gated_by_one", "topics": [topic]}
    async with ground.gate():
        first = ground.program(consumers=[told], max_events=10, session_ms=6000)
        await until(lambda: _at_gate(ground), 30)
        await asyncio.sleep(0.5)  # whoever would go on without the first one has the time
        assert not [v for k, v in await ground.effects() if k == str(thing_id("k1"))]
        first.kill()
    at = await ground.value("select next_offset from position where partition = 1")
    assert at == 0
    # in a group of its own it need not wait until Kafka misses the dead one
    ground.program(consumers=[told], max_events=10, group=".next")
    await until(lambda: all_done(ground, name, [50, 50]), 30)
    await _exactly(ground, 100)


async def test_kills_at_any_moment_lose_nothing_and_repeat_nothing(ground: Ground) -> None:
    topic, name = ground.topic(partitions=1), f"{ground.service}.counts"
    await ground.publish(topic, *(event(ground.service, f"k{n % 7}", n) for n in range(1, 2001)))
    told = {"kind": "counting", "topics": [topic]}
    seen = 0
    for life in range(3):  # each in a group of its own: no wait until Kafka misses the dead one
        running = ground.program(consumers=[told], max_events=4, group=f".{life}")
        await until(lambda: _more_effects(ground, seen + 20), 40)  # noqa: B023 - awaited at once
        await asyncio.sleep(random.uniform(0, 0.05))
        running.kill()
        seen = len(await ground.effects())
        assert seen < 2000  # it was killed at work
    ground.program(consumers=[told], group=".last")
    await until(lambda: all_done(ground, name, [2000]), 40)
    await _exactly(ground, 2000)


async def _more_effects(ground: Ground, number: int) -> bool:
    return bool(await ground.value("select count(*) >= $1 from effect", number))


class _DeafToOneCommit(Wire):
    """Passes everything but the first answer to a COMMIT that wrote effects, and cuts there."""

    heard = 0

    async def _pour_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(65536):
            if b"COMMIT\0" in content and not self.heard:
                type(self).heard += 1
                writer.transport.abort()
                return
            writer.write(content)
            await writer.drain()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        self._open |= {writer, there[1]}
        forth = asyncio.create_task(self._pour_forth(reader, there[1]))
        try:
            await self._pour_back(there[0], writer)
        except OSError:
            pass
        finally:
            there[1].close()
            writer.close()
            forth.cancel()

    @staticmethod
    async def _pour_forth(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while content := await reader.read(65536):
                writer.write(content)
                await writer.drain()
        except OSError:
            return


async def test_a_commit_whose_answer_is_lost_is_not_done_twice(ground: Ground) -> None:
    topic = ground.topic()
    await ground.publish(topic, *(event(ground.service, f"k{n}", n) for n in range(1, 31)))
    wire = _DeafToOneCommit(ground.dsn)
    await wire.mend()
    consumer = reaction(ground.service, topic)
    try:
        async with ground.consuming(consumer, dsn=wire.dsn):
            await until(lambda: all_done(ground, consumer.name, [30]))
            await ground.publish(topic, event(ground.service, "last", 31))
            await until(lambda: all_done(ground, consumer.name, [31]))
    finally:
        await wire.cut()
    assert wire.heard == 1
    await _exactly(ground, 31)


async def test_a_zombie_that_wakes_up_after_another_took_over_is_fenced_and_doubles_nothing(
    ground: Ground,
) -> None:
    topic, name = ground.topic(), f"{ground.service}.counts"
    await ground.publish(topic, *(event(ground.service, f"k{n % 3}", n) for n in range(1, 31)))
    gated = {"kind": "gated", "topics": [topic]}
    async with ground.gate():
        zombie = ground.program(consumers=[gated], session_ms=6000)
        await until(lambda: _at_gate(ground), 30)
        zombie.send(signal.SIGSTOP)
        heir = ground.program(consumers=[gated], session_ms=6000)
        await heir.says("worker_started")
    await until(lambda: all_done(ground, name, [30]), 60, "nobody took over")
    await _exactly(ground, 30)
    zombie.send(signal.SIGCONT)
    await ground.publish(topic, *(event(ground.service, f"k{n % 3}", n) for n in range(31, 61)))
    await until(lambda: all_done(ground, name, [60]), 60)
    await zombie.says("intake_lost_postgres")
    await _exactly(ground, 60)
