"""Brokers and databases that go away and come back: everything waits, nothing is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from confluent_kafka.admin import AdminClient

from shared import intake, kafka, publisher
from shared.db import make_pool
from tests.shared.mechanism.conftest import Broker
from tests.shared.mechanism.ground import TABLES, Ground, all_done, changed, header, until
from tests.shared.mechanism.test_relay import first_occurrences, nothing_to_publish, tell
from tests.shared.mechanism.things import event, reaction, thing_id
from tests.shared.wire import wire_to
from tests.stack.databases import Database


@pytest.fixture
def running(broker: Broker) -> Iterator[Broker]:
    """The breakable broker, running; it is made whole again after the test."""
    yield broker
    try:
        broker.send(signal.SIGCONT)
    except LookupError:
        broker.start()


@pytest.fixture
async def shaky(
    running: Broker, database: Database, tmp_path: Path, json_logs: None
) -> AsyncIterator[Ground]:
    """A ground whose broker the test may break."""
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute(TABLES)
    await owner.close()
    pool = await make_pool(database.app("registry"), "shaky", 6)
    ground = Ground("shaky" + database.name[2:12], database, running.login, pool,
                    running.new_topic, tmp_path)  # fmt: skip
    yield ground
    ground.end_programs()
    pool.terminate()


async def _members(ground: Ground, group: str) -> list[str]:
    admin = AdminClient(ground.kafka.confluent())
    found = await asyncio.to_thread(admin.describe_consumer_groups([group])[group].result)
    return sorted(member.member_id for member in found.members)


async def test_a_database_away_for_longer_than_the_poll_interval_costs_no_partition(
    ground: Ground,
) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    with changed(kafka, MAX_POLL_MS=6000, SESSION_MS=6000):
        async with wire_to(ground.dsn) as wire, ground.consuming(consumer, dsn=wire.dsn):
            await ground.publish(topic, event(ground.service, "a", 1))
            await until(lambda: all_done(ground, consumer.name, [1]))
            before = await _members(ground, consumer.name)
            await wire.cut()
            await ground.publish(topic, *(event(ground.service, "a", n) for n in range(2, 21)))
            await asyncio.sleep(9)
            assert await _members(ground, consumer.name) == before
            await wire.mend()
            await until(lambda: all_done(ground, consumer.name, [20]), 30)
            assert await _members(ground, consumer.name) == before
    assert [v for _, v in await ground.effects()] == list(range(1, 21))


async def test_a_database_away_at_the_start_is_waited_for(ground: Ground) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    await ground.publish(topic, *(event(ground.service, "a", n) for n in range(1, 6)))
    async with wire_to(ground.dsn) as wire:
        await wire.cut()
        with changed(intake, MEASURE_SECONDS=0.1):
            async with ground.consuming(consumer, dsn=wire.dsn) as taking:
                await until(lambda: taking.progress.waiting_for == "postgres")
                await asyncio.sleep(0.5)
                await wire.mend()
                await until(lambda: all_done(ground, consumer.name, [5]))
                await until(lambda: _commits(ground, consumer.name, 5))
    assert len(await ground.effects()) == 5


async def _commits(ground: Ground, group: str, offset: int) -> bool:
    """Whether Kafka's own copy of the position has come so far: the measuring goes on."""
    from confluent_kafka import ConsumerGroupTopicPartitions

    admin = AdminClient(ground.kafka.confluent())
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    found = await asyncio.to_thread(asked[group].result)
    return [place.offset for place in found.topic_partitions] == [offset]


async def test_a_broker_away_at_the_start_is_waited_for(shaky: Ground, running: Broker) -> None:
    topic = shaky.topic()
    await shaky.publish(topic, *(event(shaky.service, "a", n) for n in range(1, 6)))
    running.kill()
    waiting = shaky.program(consumers=[{"kind": "counting", "topics": [topic]}])
    await waiting.says("waiting_for_kafka")
    assert b"200" in await _livez(waiting.port)
    await asyncio.to_thread(running.start)
    await until(lambda: all_done(shaky, f"{shaky.service}.counts", [5]), 60)
    assert [v for _, v in await shaky.effects()] == [1, 2, 3, 4, 5]


async def test_a_broker_that_goes_away_while_a_worker_starts_is_waited_for(
    shaky: Ground, running: Broker
) -> None:
    topic, go = shaky.topic(), shaky.folder / "go"
    await shaky.publish(topic, *(event(shaky.service, "a", n) for n in range(1, 6)))
    told = {"kind": "counting", "topics": [topic]}
    starting = shaky.program(consumers=[told], waits_after_probe=str(go))
    await starting.says("broker_answered")
    running.kill()
    go.touch()
    await starting.says("frame_lost_kafka", 90)
    await asyncio.to_thread(running.start)
    await until(lambda: all_done(shaky, f"{shaky.service}.counts", [5]), 60)
    await starting.says("worker_started")
    assert [v for _, v in await shaky.effects()] == [1, 2, 3, 4, 5]
    starting.send(signal.SIGTERM)
    assert await starting.exit_code(30) == 0


async def _livez(port: int) -> bytes:
    """The first line of what `/livez` answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /livez HTTP/1.0\r\n\r\n")
    first = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    return first


async def test_a_broker_killed_and_started_again_loses_and_doubles_nothing(
    shaky: Ground, running: Broker
) -> None:
    topic = shaky.topic()
    consumer = reaction(shaky.service, topic)
    async with shaky.relaying(), shaky.consuming(consumer):
        await tell(shaky, topic, "a", range(1, 101))
        await until(lambda: nothing_to_publish(shaky))
        running.kill()
        await tell(shaky, topic, "a", range(101, 201))
        await asyncio.sleep(1)
        await asyncio.to_thread(running.start)
        await until(lambda: nothing_to_publish(shaky), 60)
        await until(lambda: _has_effects(shaky, 200), 60)
    assert first_occurrences(await shaky.on_topic(topic)) == {
        str(thing_id("a")): list(range(1, 201))
    }
    assert [v for _, v in await shaky.effects()] == list(range(1, 201))


async def test_what_a_power_cut_took_from_the_broker_is_sent_again_and_done_once(
    shaky: Ground, running: Broker
) -> None:
    topic = shaky.topic()
    consumer = reaction(shaky.service, topic)
    for first in (1, 6, 11, 16):  # some batches, each a record batch of its own on the disk
        async with shaky.relaying():
            await tell(shaky, topic, "a", range(first, first + 5))
            await until(lambda: nothing_to_publish(shaky))
    async with shaky.consuming(consumer):
        await until(lambda: _has_effects(shaky, 20))
    running.kill()
    running.lose_the_end(topic, 0.6)
    await asyncio.to_thread(running.start)
    left = await shaky.on_topic(topic)
    assert 0 < len(left) < 20
    await tell(shaky, topic, "a", range(21, 23))  # told before anybody has noticed
    async with shaky.relaying():
        await until(lambda: nothing_to_publish(shaky), 60)
    assert first_occurrences(await shaky.on_topic(topic)) == {
        str(thing_id("a")): list(range(1, 23))
    }
    async with shaky.consuming(consumer):  # it never saw that the topic was shorter for a while
        try:
            await until(lambda: _has_effects(shaky, 22), 90)
        except AssertionError as error:
            raise AssertionError(await _state(shaky, topic)) from error
    assert {header(r, "ce_id") for r in await shaky.on_topic(topic)} == {
        str(row["event_id"]) for row in await shaky.rows("select event_id from journal")
    }
    assert [v for _, v in await shaky.effects()] == list(range(1, 23))
    assert await shaky.value("select count(*) from stopped") == 0


async def _state(ground: Ground, topic: str) -> dict[str, object]:
    """Where everything stands, for whoever reads a failure."""
    return {
        "effects": len(await ground.effects()),
        "to publish": await ground.value("select count(*) from outbox"),
        "position": await ground.value("select next_offset from position"),
        "on the topic": len(await ground.on_topic(topic)),
    }


async def test_a_broker_that_is_silent_for_a_while_is_waited_for(
    shaky: Ground, running: Broker
) -> None:
    topic = shaky.topic()
    consumer = reaction(shaky.service, topic)
    async with shaky.relaying(), shaky.consuming(consumer):
        await tell(shaky, topic, "a", range(1, 11))
        await until(lambda: _has_effects(shaky, 10))
        running.send(signal.SIGSTOP)
        await tell(shaky, topic, "a", range(11, 21))
        await asyncio.sleep(5)
        running.send(signal.SIGCONT)
        await until(lambda: _has_effects(shaky, 20), 60)
    assert [v for _, v in await shaky.effects()] == list(range(1, 21))


async def _has_effects(ground: Ground, number: int) -> bool:
    return len(await ground.effects()) >= number


async def test_a_publisher_says_soon_that_its_broker_is_away_and_goes_on_when_it_is_back(
    shaky: Ground, running: Broker
) -> None:
    topic = shaky.topic()
    outgoing = publisher.Publisher(shaky.service, shaky.settings)

    async def sent(text: str) -> bool:
        try:
            await outgoing.publish(topic, b"a", text.encode(), [("n", b"1")])
        except publisher.NotTaken:
            return False
        return True

    try:
        assert await sent("before")
        with changed(publisher, ANSWER_SECONDS=1.5):
            running.send(signal.SIGSTOP)
            assert not await sent("to a broker that hangs")
            crowd = [asyncio.create_task(sent("to one that hangs")) for _ in range(80)]
            await asyncio.sleep(0)  # they begin
            with pytest.raises(publisher.Busy):
                await outgoing.publish(topic, b"a", b"{}", [])
            sent_away, _ = await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
            assert len(sent_away) == 80 - publisher.MOST, "more than so many don't wait for it"
            assert await asyncio.gather(*crowd) == [False] * 80
            running.send(signal.SIGCONT)
            await until(lambda: sent("hung no more"))
            running.kill()
            assert not await sent("to no broker")
        await asyncio.to_thread(running.start)
        assert await sent("after")
    finally:
        await outgoing.close()
    there = [(record.value or b"").decode() for record in await shaky.on_topic(topic)]
    known = [text for text in there if text in ("before", "hung no more", "after")]
    assert list(dict.fromkeys(known)) == ["before", "hung no more", "after"]
    left = [task.get_name() for task in asyncio.all_tasks() if "producer" in task.get_name()]
    assert not left


async def test_a_publisher_that_never_had_a_broker_closes_at_once(shaky: Ground) -> None:
    nowhere = shaky.settings.model_copy(update={"bootstrap": "127.0.0.1:9"})
    outgoing = publisher.Publisher(shaky.service, nowhere)
    with pytest.raises(publisher.NotTaken):
        await outgoing.publish("t", b"a", b"{}", [])
    async with asyncio.timeout(5):
        await outgoing.close()


async def test_a_producer_that_is_let_go_leaves_no_connection_and_sends_nothing_afterwards(
    shaky: Ground, running: Broker
) -> None:
    topic, before = shaky.topic(), asyncio.all_tasks()
    outgoing = kafka.producer(shaky.settings, "test")
    await outgoing.start()
    await outgoing.send_and_wait(topic, b"before", key=b"a")
    running.send(signal.SIGSTOP)
    on_its_way = await outgoing.send(topic, b"on its way", key=b"a")
    await asyncio.sleep(0.5)  # the broker may find this one when it goes on
    kept = await outgoing.send(topic, b"kept", key=b"a")
    async with asyncio.timeout(5):
        await kafka.let_go(outgoing, 0.5)
    assert not _connected(running)
    assert not _at_work(before)
    for answer in (on_its_way, kept):
        with pytest.raises(KafkaError):
            await answer
    running.send(signal.SIGCONT)
    await asyncio.sleep(2)
    there = [record.value for record in await shaky.on_topic(topic)]
    assert b"before" in there
    assert b"kept" not in there


async def test_a_consumer_that_is_let_go_leaves_no_connection(
    shaky: Ground, running: Broker
) -> None:
    topic, before = shaky.topic(), asyncio.all_tasks()
    reading = kafka.consumer(shaky.settings, f"{shaky.service}.t", "test")
    await reading.start()
    reading.subscribe([topic])
    await until(lambda: _assigned(reading))
    running.send(signal.SIGSTOP)
    async with asyncio.timeout(5):
        await kafka.let_go(reading, 0.5)
    assert not _connected(running)
    await until(lambda: _rests(before), 60)  # one that was just connecting asks for up to 40 s


async def _assigned(reading: AIOKafkaConsumer) -> bool:
    return bool(reading.assignment())


def _connected(broker: Broker) -> list[object]:
    """This process's connections to a broker."""
    port = int(broker.login.bootstrap.rpartition(":")[2])
    mine = psutil.Process().net_connections("tcp")
    return [c for c in mine if c.status == "ESTABLISHED" and c.raddr.port == port]


async def _rests(before: set[asyncio.Task[object]]) -> bool:
    return not _at_work(before)


def _at_work(before: set[asyncio.Task[object]]) -> list[str]:
    """What goes on in the background that didn't before."""
    return [task.get_name() for task in asyncio.all_tasks() - before - {asyncio.current_task()}]
