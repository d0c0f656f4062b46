"""The relay, on real Kafka and Postgres: nothing lost, and the events of a key in order."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from zlib import crc32

import asyncpg
import pytest
from aiokafka.producer.sender import SendProduceReqHandler
from aiokafka.structs import ConsumerRecord
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from shared import relay
from shared.actor import service_actor
from shared.db import Origin, transaction
from shared.ids import SLOTS, slot_of
from shared.relay import resend
from tests.shared.mechanism.ground import Ground, all_done, changed, header, settings_of, until
from tests.shared.mechanism.things import reaction, thing_id, told_on
from tests.stack.topics import NewLogin


async def tell(ground: Ground, topic: str, key: str, versions: range, *, pause: float = 0) -> None:
    """Emit versions of a key, all in one transaction, which takes a while to commit."""
    fact, thing = told_on(topic), thing_id(key)
    origin = Origin(service_actor(ground.service), correlation_id="c")
    async with transaction(ground.db, origin) as tx:
        for version in versions:
            told = fact(occurred_on=date(2026, 5, 1), thing_id=thing, n=version)
            tx.emit(told, key=thing, version=version)
        await asyncio.sleep(pause)


def first_occurrences(records: list[ConsumerRecord]) -> dict[str, list[int]]:
    """By key, the versions in the order in which each was first seen."""
    seen: set[str] = set()
    found: dict[str, list[int]] = {}
    for record in records:
        if header(record, "ce_id") not in seen:
            seen.add(header(record, "ce_id"))
            found.setdefault(record.key.decode(), []).append(int(header(record, "ce_sequence")))
    return found


async def nothing_to_publish(ground: Ground) -> bool:
    return bool(await ground.value("select count(*) = 0 from outbox"))


@asynccontextmanager
async def all_slots_taken(ground: Ground) -> AsyncIterator[None]:
    """As long as this lasts no relay of the service has a key to publish."""
    holder = await asyncpg.connect(ground.dsn)
    try:
        await holder.execute(
            "select pg_advisory_lock($1, slot) from generate_series(0, $2::int - 1) as slot",
            crc32(f"relay {ground.service}".encode()) - (1 << 31),
            SLOTS,
        )
        yield
    finally:
        await holder.close()


async def write_at_random(ground: Ground, topic: str, writer: int, rounds: int) -> None:
    """One writer among several: its commits take their time, so later rows commit first."""
    for n in range(rounds):
        async with ground.pool.acquire() as conn:
            key = thing_id(f"k{random.randrange(6)}")
            origin = Origin(service_actor(ground.service), correlation_id=f"{writer}-{n}")
            async with transaction(ground.db, origin, conn=conn) as tx:
                # as a store does: the aggregate's row is locked before anything is told
                version = await conn.fetchval(
                    """insert into thing (generation, thing_id, n, version) values (0, $1, 0, 1)
                       on conflict (generation, thing_id) do update set version = thing.version + 1
                       returning version""",
                    key,
                )
                fact = told_on(topic)(occurred_on=date(2026, 5, 1), thing_id=key, n=version)
                tx.emit(fact, key=key, version=version)
                await asyncio.sleep(random.choice((0, 0, 0.002, 0.02)))


async def _in_order(ground: Ground, topic: str) -> None:
    told = await ground.rows("select key, sequence from journal order by key, sequence")
    expected: dict[str, list[int]] = {}
    for row in told:
        expected.setdefault(row["key"], []).append(row["sequence"])
    assert first_occurrences(await ground.on_topic(topic)) == expected


async def test_eight_writers_whose_commits_overtake_one_another_lose_nothing(
    ground: Ground,
) -> None:
    topic = ground.topic(partitions=4)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(ground.relaying())
        await asyncio.gather(*(write_at_random(ground, topic, w, 50) for w in range(8)))
        await until(lambda: nothing_to_publish(ground))
    assert len(await ground.on_topic(topic)) == 400
    await _in_order(ground, topic)


async def test_three_relays_that_come_and_go_keep_the_order_of_each_key(ground: Ground) -> None:
    topic = ground.topic(partitions=4)

    async def come_and_go(writing: asyncio.Task[object]) -> None:
        while not writing.done():
            async with ground.relaying():
                await asyncio.sleep(random.uniform(0.1, 0.5))

    writing = asyncio.create_task(
        asyncio.wait([
            asyncio.create_task(write_at_random(ground, topic, w, 100)) for w in range(6)
        ])
    )  # fmt: skip
    await asyncio.gather(*(come_and_go(writing) for _ in range(3)))
    async with ground.relaying():
        await until(lambda: nothing_to_publish(ground))
    await _in_order(ground, topic)


async def test_a_thousand_events_have_a_thousand_ids(ground: Ground) -> None:
    topic = ground.topic()
    async with ground.relaying():
        for key in range(10):
            await tell(ground, topic, f"k{key}", range(1, 101))
        await until(lambda: nothing_to_publish(ground))
    records = await ground.on_topic(topic)
    assert len({header(r, "ce_id") for r in records}) == len(records) == 1000


async def test_what_is_not_committed_is_never_published(ground: Ground) -> None:
    topic = ground.topic()
    async with ground.relaying():
        with contextlib.suppress(KeyError):
            origin = Origin(service_actor(ground.service), correlation_id="c")
            async with transaction(ground.db, origin) as tx:
                fact = told_on(topic)(occurred_on=date(2026, 5, 1), thing_id=thing_id("a"), n=1)
                tx.emit(fact, key=thing_id("a"), version=1)
                raise KeyError
        await tell(ground, topic, "b", range(1, 2))
        await until(lambda: nothing_to_publish(ground))
        await asyncio.sleep(0.3)
    assert set(first_occurrences(await ground.on_topic(topic))) == {str(thing_id("b"))}
    assert await ground.value("select count(*) from journal") == 1


async def test_what_was_committed_before_a_kill_is_published_by_the_next_relay(
    ground: Ground,
) -> None:
    topic = ground.topic()
    async with all_slots_taken(ground):
        first = ground.program(consumers=[])
        await first.says("worker_started")
        await tell(ground, topic, "a", range(1, 21))
        first.kill()
    assert await ground.on_topic(topic) == []
    async with ground.relaying():
        await until(lambda: nothing_to_publish(ground))
    assert first_occurrences(await ground.on_topic(topic)) == {str(thing_id("a")): [*range(1, 21)]}


async def _waits_for_a_row(ground: Ground) -> bool:
    return bool(
        await ground.value(
            """select count(*) from pg_stat_activity where datname = current_database()
               and wait_event_type = 'Lock' and application_name like '%relay'"""
        )
    )


async def _end_relay_sessions(ground: Ground) -> None:
    admin = await asyncpg.connect(ground.database.url)
    await admin.execute(
        """select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name like '%relay'"""
    )
    await admin.close()


async def test_what_a_killed_relay_published_and_did_not_mark_comes_again_under_the_same_id(
    ground: Ground,
) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    rows = await asyncpg.connect(ground.dsn)
    first = ground.program(consumers=[])
    async with all_slots_taken(ground):
        await tell(ground, topic, "a", range(1, 21))
        await rows.execute("begin")
        await rows.execute("select from outbox for update")  # who marks one waits for this
    await until(lambda: _waits_for_a_row(ground), 30)
    assert len(await ground.on_topic(topic)) == 20
    first.kill()
    await _end_relay_sessions(ground)  # what its statement waits for must not happen any more
    await rows.close()
    async with ground.relaying(), ground.consuming(consumer):
        await until(lambda: nothing_to_publish(ground))
        await until(lambda: all_done(ground, consumer.name, [40]))
    ids = Counter(header(r, "ce_id") for r in await ground.on_topic(topic))
    assert len(ids) == 20
    assert set(ids.values()) == {2}
    assert [v for _, v in await ground.effects()] == list(range(1, 21))


async def test_when_the_relay_that_holds_the_locks_is_killed_another_takes_over(
    ground: Ground,
) -> None:
    topic = ground.topic()
    first = ground.program(consumers=[])
    await first.says("worker_started")
    await tell(ground, topic, "a", range(1, 3))
    await until(lambda: nothing_to_publish(ground))
    async with ground.relaying() as standby:
        await until(lambda: standby.waiting_for == "slots")
        first.kill()
        await tell(ground, topic, "a", range(3, 5))
        await until(lambda: nothing_to_publish(ground))
    assert first_occurrences(await ground.on_topic(topic)) == {str(thing_id("a")): [1, 2, 3, 4]}


async def test_relays_that_share_the_slots_take_over_those_of_one_that_ended(
    ground: Ground,
) -> None:
    topic, lock = ground.topic(), crc32(f"relay {ground.service}".encode()) - (1 << 31)
    other = await asyncpg.connect(ground.dsn)
    even = "select pg_advisory_lock($1, slot) from generate_series(0, $2::int - 1, 2) as slot"
    await other.execute(even, lock, SLOTS)
    keys = [f"key {n}" for n in range(40)]  # some in each half of the slots
    async with ground.relaying():
        for key in keys:
            await tell(ground, topic, key, range(1, 3))
        halves = {slot_of(str(thing_id(key))) % 2 for key in keys}
        assert halves == {0, 1}
        await until(lambda: _only_even_slots_wait(ground))
        await other.close()
        await until(lambda: nothing_to_publish(ground))
    assert first_occurrences(await ground.on_topic(topic)) == {
        str(thing_id(key)): [1, 2] for key in keys
    }


async def _only_even_slots_wait(ground: Ground) -> bool:
    return bool(await ground.value("select bool_and(slot % 2 = 0) from outbox"))


async def test_a_topic_that_refuses_us_stalls_only_itself_and_goes_on_when_allowed(
    ground: Ground, new_login: NewLogin, kafka_admin: AdminClient
) -> None:
    allowed, refused = ground.topic(), ground.topic()
    login = new_login(write=[allowed])
    async with ground.relaying(settings=settings_of(login)):
        await tell(ground, refused, "r", range(1, 4))
        await tell(ground, allowed, "a", range(1, 4))
        await until(lambda: _only_left(ground, refused))
        await tell(ground, allowed, "a", range(4, 6))
        await until(lambda: _only_left(ground, refused))
        _grant(kafka_admin, refused, login.username)
        await until(lambda: nothing_to_publish(ground), 30)
    assert first_occurrences(await ground.on_topic(allowed)) == {
        str(thing_id("a")): [1, 2, 3, 4, 5]
    }
    assert first_occurrences(await ground.on_topic(refused)) == {str(thing_id("r")): [1, 2, 3]}


@pytest.mark.parametrize("taken_before", [False, True])
async def test_a_topic_granted_between_two_records_on_their_way_gets_them_in_order(
    ground: Ground,
    new_login: NewLogin,
    kafka_admin: AdminClient,
    monkeypatch: pytest.MonkeyPatch,
    taken_before: bool,
) -> None:
    topic = ground.topic()
    # its partitions are known, and a record is refused
    login = new_login(read=[topic], write=[ground.topic()])
    do, due, refused = SendProduceReqHandler.do, asyncio.Event(), asyncio.Event()

    async def granted_after_the_first(request: SendProduceReqHandler, node: int) -> object:
        if refused.is_set() or not due.is_set():
            return await do(request, node)
        await asyncio.sleep(0.5)  # the relay has the time to send the next one
        done = await do(request, node)
        refused.set()
        await asyncio.to_thread(_grant, kafka_admin, topic, login.username)
        await asyncio.sleep(1)  # until the broker knows
        return done

    monkeypatch.setattr(SendProduceReqHandler, "do", granted_after_the_first)
    with changed(relay, BATCH=1):
        async with ground.relaying(settings=settings_of(login)):
            if taken_before:
                _grant(kafka_admin, topic, login.username)
                await tell(ground, topic, "a", range(1, 3))
                await until(lambda: nothing_to_publish(ground), 60)
                _revoke(kafka_admin, topic, login.username)
                await asyncio.sleep(1)
            due.set()
            await tell(ground, topic, "a", range(3, 7))
            await until(lambda: nothing_to_publish(ground), 60)
    assert refused.is_set()
    versions = first_occurrences(await ground.on_topic(topic))[str(thing_id("a"))]
    assert versions == list(range(1 if taken_before else 3, 7))


def _revoke(admin: AdminClient, topic: str, username: str) -> None:
    permission = AclBindingFilter(
        ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{username}",
        "*", AclOperation.WRITE, AclPermissionType.ALLOW,
    )  # fmt: skip
    for answer in admin.delete_acls([permission]).values():
        answer.result()


def _grant(admin: AdminClient, topic: str, username: str) -> None:
    permission = AclBinding(
        ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{username}",
        "*", AclOperation.WRITE, AclPermissionType.ALLOW,
    )  # fmt: skip
    for answer in admin.create_acls([permission]).values():
        answer.result()


async def _only_left(ground: Ground, topic: str) -> bool:
    rows = await ground.rows("select distinct j.topic from outbox join journal j using (event_id)")
    return [row["topic"] for row in rows] == [topic]


async def test_what_a_broker_lost_is_sent_again_under_the_same_ids(ground: Ground) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    async with ground.relaying(), ground.consuming(consumer):
        await tell(ground, topic, "a", range(1, 6))
        await until(lambda: all_done(ground, consumer.name, [5]))
        async with ground.pool.acquire() as conn:
            assert await resend(conn, timedelta(minutes=10)) == 5
            assert await resend(conn, timedelta(seconds=0)) == 0
            await conn.execute("select pg_notify($1, '')", f"{ground.service}_outbox")
        await until(lambda: all_done(ground, consumer.name, [10]))
    records = await ground.on_topic(topic)
    assert first_occurrences(records) == {str(thing_id("a")): [1, 2, 3, 4, 5]}
    assert len({header(r, "ce_id") for r in records}) == 5
    assert [v for _, v in await ground.effects()] == [1, 2, 3, 4, 5]


async def test_a_version_of_a_key_that_was_told_already_is_refused(ground: Ground) -> None:
    topic = ground.topic()
    await tell(ground, topic, "a", range(1, 3))
    with pytest.raises(asyncpg.UniqueViolationError):
        await tell(ground, topic, "a", range(2, 3))
    assert await ground.value("select count(*) from outbox") == 2
