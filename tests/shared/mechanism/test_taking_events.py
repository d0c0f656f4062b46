"""The intake, on real Kafka and Postgres: every event ends once, whatever it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import pytest

from shared import intake
from shared.batch import Fenced
from shared.consumers import Ending, Received
from shared.db import Tx
from shared.errors import Refusal
from shared.generations import generation_writer
from shared.ids import uuid7
from tests.shared.mechanism.ground import Ground, all_done, changed, until
from tests.shared.mechanism.things import (
    Failing,
    Record,
    event,
    leave_effects,
    projection,
    reaction,
    thing_id,
)


class Never(Refusal):
    """Tidak pernah boleh."""

    code = "tidak-boleh"
    english = "Never allowed."


async def parked(ground: Ground) -> list[tuple[str, str, str]]:
    """(state, code, pointer) of what did not end, in the order of its arrival."""
    rows = await ground.rows(
        """select state, code, pointer from parked where ended_at is null
           order by partition, record_offset"""
    )
    return [(row["state"], row["code"], row["pointer"]) for row in rows]


async def test_a_reaction_that_raises_once_at_an_event_has_each_effect_once_after_a_restart(
    ground: Ground,
) -> None:
    topic = ground.topic()
    await ground.publish(topic, *(event(ground.service, f"k{n}", n) for n in range(1, 21)))
    reached = asyncio.Event()

    def die_at_eleven(received: Received) -> Exception | None:
        if received.sequence == 11:
            reached.set()
            return OSError("the world is away")
        return None

    dying = Failing(die_at_eleven)
    with changed(intake, REACTION_EVENTS=5):
        async with ground.consuming(reaction(ground.service, topic, dying.react)):
            await asyncio.wait_for(reached.wait(), 20)
        assert [v for _, v in await ground.effects()] == list(range(1, 11))
        async with ground.consuming(reaction(ground.service, topic)):
            await until(lambda: all_done(ground, f"{ground.service}.counts", [20]))
    assert [v for _, v in await ground.effects()] == list(range(1, 21))


async def test_a_reaction_that_raises_once_is_tried_again_and_loses_nothing(
    ground: Ground,
) -> None:
    topic = ground.topic()
    await ground.publish(topic, *(event(ground.service, f"k{n}", n) for n in range(1, 11)))
    alone: list[int] = []

    async def flaky(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        """Raises at the seventh event, and once more when it stands alone."""
        if any(e.sequence == 7 for e in events) and not alone:
            alone.extend(e.sequence for e in events if len(events) == 1)
            raise ValueError("a bug that goes away")
        await leave_effects(tx, events)
        return ()

    async with ground.consuming(reaction(ground.service, topic, flaky)):
        await until(lambda: all_done(ground, f"{ground.service}.counts", [10]))
    assert alone == [7]
    assert sorted(v for _, v in await ground.effects()) == list(range(1, 11))
    assert await parked(ground) == []


async def test_bad_payloads_between_good_ones_are_parked_and_the_good_ones_done(
    ground: Ground,
) -> None:
    topic, service = ground.topic(), ground.service
    good = [event(service, f"g{n}", 1) for n in range(8)]
    other = event(service, "k", 1)
    bad = [
        Record(b"k", None),
        Record(b"k", b"not json at all"),
        Record(b"\xff\xfe", other.value, other.headers),
        event(service, "b1", 1, ce_source="urn:binaan:36.74:somebody-else"),
        event(service, "b2", 1, ce_specversion="0.3"),
        event(service, "b3", 1, ce_sequence="minus one"),
        event(service, "b4", 1, ce_time="2026-05-01T00:00:00"),
        event(service, "b5", 1, ce_subject="another"),
    ]
    bad[1] = Record(bad[1].key, b"{", event(service, "b0", 1).headers)
    mixed = [record for pair in zip(good, bad, strict=True) for record in pair]
    await ground.publish(topic, *mixed)
    async with ground.consuming(reaction(service, topic)):
        await until(lambda: all_done(ground, f"{service}.counts", [16]))
    assert [k for k, _ in await ground.effects()] == [str(thing_id(f"g{n}")) for n in range(8)]
    assert [(code, pointer) for _, code, pointer in await parked(ground)] == [
        ("empty", ""),
        ("key_differs_from_subject", "/subject"),
        ("not_utf8", "/key"),
        ("source_not_allowed", "/source"),
        ("specversion", "/specversion"),
        ("contract", "/sequence"),
        ("contract", "/time"),
        ("key_differs_from_subject", "/subject"),
    ]


async def test_an_id_that_comes_again_alone_or_in_one_batch_has_one_effect(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service
    once, twice = event(service, "a", 1), event(service, "b", 1)
    await ground.publish(topic, once, twice, twice)
    consumer = reaction(service, topic)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [3]))
        await ground.publish(topic, once)
        await until(lambda: all_done(ground, consumer.name, [4]))
        await ground.publish(topic, once, once, twice)
        await until(lambda: all_done(ground, consumer.name, [7]))
    assert len(await ground.effects()) == 2
    assert await parked(ground) == []


async def test_reset_to_the_beginning_repeats_no_effect(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service
    consumer = reaction(service, topic)
    await ground.publish(topic, *(event(service, f"k{n % 3}", n) for n in range(1, 31)))
    for _ in range(2):
        async with ground.consuming(consumer):
            await until(lambda: all_done(ground, consumer.name, [30]))
        await ground.pool.execute("update position set next_offset = 0")
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [30]))
    assert [v for _, v in await ground.effects()] == list(range(1, 31))


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "later"])
async def test_the_same_id_with_other_content_is_no_duplicate_and_goes_to_staff(
    ground: Ground, together: bool
) -> None:
    topic, service, event_id = ground.topic(), ground.service, uuid7()
    first = event(service, "a", 1, n=1, event_id=event_id)
    other = event(service, "a", 2, n=2, event_id=event_id)
    consumer = reaction(service, topic)
    if together:
        await ground.publish(topic, first, other)
    async with ground.consuming(consumer):
        if not together:
            await ground.publish(topic, first)
            await until(lambda: all_done(ground, consumer.name, [1]))
            await ground.publish(topic, other)
        await until(lambda: all_done(ground, consumer.name, [2]))
    assert [v for _, v in await ground.effects()] == [1]
    assert await parked(ground) == [("parked", "id_reused", "/id")]


async def test_a_projection_takes_the_same_key_and_the_same_id_twice_in_one_batch(
    ground: Ground,
) -> None:
    topic, service = ground.topic(), ground.service
    newer = event(service, "a", 3)
    await ground.publish(
        topic, event(service, "a", 1), newer, newer, event(service, "a", 2), event(service, "b", 1)
    )
    consumer = projection(service, topic)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, f"{consumer.name}@1", [5]))
    rows = await ground.rows("select thing_id, n, version from thing order by version")
    assert [tuple(row) for row in rows] == [(thing_id("b"), 1, 1), (thing_id("a"), 3, 3)]
    assert await ground.value("select count(*) from inbox") == 4


async def test_one_statement_takes_the_same_key_twice_without_halving_the_batch(
    ground: Ground,
) -> None:
    topic, service = ground.topic(), ground.service
    consumer = projection(service, topic)
    await ground.publish(topic, *(event(service, "a", n) for n in (1, 3, 2)))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, f"{consumer.name}@1", [3]))
    records = await ground.on_topic(topic)
    async with ground.pool.acquire() as conn:
        fresh = await generation_writer(conn, ground.writer(consumer), 2)
        items = [ground.reader(consumer).read(record) for record in records]
        await fresh.rows.write(conn, fresh.name, [], items)  # 21000 if a row were touched twice
    rows = await ground.rows("select generation, version from thing order by generation")
    assert [tuple(row) for row in rows] == [(1, 3), (2, 3)]


async def test_an_older_version_that_comes_late_changes_nothing(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service
    consumer = projection(service, topic)
    async with ground.consuming(consumer):
        await ground.publish(topic, event(service, "a", 5))
        await until(lambda: all_done(ground, f"{consumer.name}@1", [1]))
        await ground.publish(topic, event(service, "a", 4))
        await until(lambda: all_done(ground, f"{consumer.name}@1", [2]))
    assert await ground.value("select version from thing") == 5


async def test_a_projection_parks_what_it_cannot_read_and_takes_the_rest(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service
    await ground.publish(
        topic,
        event(service, "a", 1),
        event(service, "b", 1, ce_sequence="x"),
        event(service, "c", 1, n=1 << 70),  # no Postgres integer holds this
        event(service, "d", 1),
    )
    consumer = projection(service, topic)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, f"{consumer.name}@1", [4]))
    rows = await ground.rows("select thing_id from thing")
    assert {row["thing_id"] for row in rows} == {thing_id("a"), thing_id("d")}
    assert len(await parked(ground)) == 2


async def test_a_position_that_somebody_else_has_moved_lets_nothing_be_written(
    ground: Ground,
) -> None:
    topic, service = ground.topic(), ground.service
    consumer = reaction(service, topic)
    await ground.publish(topic, event(service, "a", 1))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [1]))
    (record,) = await ground.on_topic(topic)
    late = ground.writer(consumer)
    late.positions[topic, 0] = 0  # where it was before another process moved on
    item = ground.reader(consumer).read(record)
    item.event_id = "an id that the inbox has never seen"
    async with ground.pool.acquire() as conn:
        with pytest.raises(Fenced):
            await late.end(conn, [item])
    assert len(await ground.effects()) == 1
    assert await ground.value("select count(*) from inbox") == 1


async def test_a_reaction_that_always_fails_stops_only_its_topic(ground: Ground) -> None:
    good, bad, service = ground.topic(), ground.topic(), ground.service
    failing = Failing(lambda e: ValueError("always") if e.topic == bad else None)
    await ground.publish(bad, *(event(service, f"b{n}", 1) for n in range(40)))
    consumer = reaction(service, (good, bad), failing.react)
    async with ground.consuming(consumer) as running:
        await until(lambda: bool(running.progress.stopped))
        await ground.publish(good, *(event(service, f"g{n}", 1) for n in range(10)))
        await until(lambda: _effects(ground, 10))
        assert {place.topic for place in running.progress.stopped} == {bad}
    (stopped,) = await ground.rows("select topic, reason from stopped")
    assert tuple(stopped) == (bad, "unexpected_errors")
    at = await ground.value("select next_offset from position where topic = $1", bad)
    assert await ground.value("select count(*) from parked") == at < 40


async def _effects(ground: Ground, number: int) -> bool:
    return len(await ground.effects()) == number


async def test_wrong_sql_of_ours_stops_the_topic_and_parks_nobody(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service

    async def wrong(tx, events):  # type: ignore[no-untyped-def]
        await tx.conn.execute("select a_column_that_is_not_there from effect")
        return ()

    await ground.publish(topic, *(event(service, f"b{n}", 1) for n in range(5)))
    async with ground.consuming(reaction(service, topic, wrong)) as running:
        await until(lambda: bool(running.progress.stopped))
    assert await ground.value("select reason from stopped") == "bug"
    assert await ground.value("select count(*) from parked") == 0
    assert await ground.value("select next_offset from position") == 0


async def test_later_events_of_a_refused_key_queue_behind_in_order_and_others_go_on(
    ground: Ground,
) -> None:
    topic, service = ground.topic(), ground.service
    refusing = Failing(
        lambda e: Never() if e.key == str(thing_id("a")) and e.sequence == 2 else None
    )
    await ground.publish(
        topic,
        *(event(service, key, version) for version in range(1, 5) for key in ("a", "b")),
    )
    consumer = reaction(service, topic, refusing.react)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [8]))
        await ground.publish(topic, event(service, "a", 5), event(service, "b", 5))
        await until(lambda: all_done(ground, consumer.name, [10]))
    effects = await ground.effects()
    assert [v for k, v in effects if k == str(thing_id("a"))] == [1]
    assert [v for k, v in effects if k == str(thing_id("b"))] == [1, 2, 3, 4, 5]
    assert await parked(ground) == [
        ("parked", "tidak-boleh", ""), *[("behind", "behind", "")] * 3,
    ]  # fmt: skip


async def test_a_batch_with_one_bad_event_is_halved_until_it_stands_alone(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service
    refusing = Failing(lambda e: Never() if e.sequence == 77 else None)
    await ground.publish(topic, *(event(service, f"k{n}", n) for n in range(1, 129)))
    consumer = reaction(service, topic, refusing.react)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [128]))
    assert len(await ground.effects()) == 127
    assert await parked(ground) == [("parked", "tidak-boleh", "")]
    assert refusing.calls < 40  # about 2 log2(128) and not 128


async def test_an_aborted_publication_is_not_delivered_and_the_lag_reaches_zero(
    ground: Ground,
) -> None:
    from aiokafka import AIOKafkaProducer

    topic, service = ground.topic(), ground.service
    producer = AIOKafkaProducer(transactional_id=f"{service}.t", **ground.kafka.aiokafka())
    await producer.start()
    for name, commits in (("a", True), ("b", False), ("c", True), ("d", False)):
        record = event(service, name, 1)
        await producer.begin_transaction()
        await producer.send_and_wait(
            topic, record.value, key=record.key, headers=list(record.headers), partition=0
        )
        await (producer.commit_transaction() if commits else producer.abort_transaction())
    await producer.stop()
    consumer = reaction(service, topic)
    with changed(intake, MEASURE_SECONDS=0.2):
        async with ground.consuming(consumer) as running:
            await until(lambda: _effects(ground, 2))
            assert [k for k, _ in await ground.effects()] == [
                str(thing_id("a")), str(thing_id("c")),
            ]  # fmt: skip
            running.progress.lag = -1
            await until(lambda: running.progress.lag == 0)


async def test_the_position_moves_over_what_is_not_for_us(ground: Ground) -> None:
    topic, service = ground.topic(), ground.service
    await ground.publish(
        topic, event(service, "a", 1, ce_type="id.binaan.test.thing.unheard-of.v1")
    )
    consumer = reaction(service, topic)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [1]))
    assert await ground.value("select count(*) from inbox") == 0


def test_a_batch_is_cut_by_number_and_by_bytes() -> None:
    from aiokafka.structs import ConsumerRecord

    def record(size: int) -> ConsumerRecord:
        return ConsumerRecord("t", 0, 0, 0, 0, None, b"x" * size, None, 0, size, ())

    many, large = (record(1) for _ in range(4_500)), (record(1 << 20) for _ in range(10))
    assert [len(b) for b in intake.cut(many, 2_000)] == [2000, 2000, 500]
    big = [len(b) for b in intake.cut(large, 2_000)]
    assert big == [4, 4, 2]
    assert max(big) <= intake.MAX_BYTES >> 20
