"""Events that did not end: they wait, queue, are corrected, replayed once, or discarded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from shared import housekeeping
from shared.actor import Actor
from shared.consumers import Consumer
from shared.generations import live_writer
from shared.ids import uuid7
from shared.parked.corrections import Correction
from shared.parked.discards import discard
from shared.parked.drain import Drained
from shared.parked.refusals import NotFirst, NotOpen, ReasonMissing, StillBad
from shared.parked.replays import replay
from shared.parked.work_list import listed, shown
from tests.shared.mechanism.ground import Ground, all_done, until
from tests.shared.mechanism.things import (
    Awaiting,
    event,
    projection,
    reaction,
    thing_id,
)

BUDI = Actor("staff:budi", frozenset({"operator"}), ("*",))
SARI = Actor("staff:sari", frozenset({"operator"}), ("*",))


async def _open(ground: Ground) -> list[asyncpg.Record]:
    async with ground.pool.acquire() as conn:
        rows = await listed(conn)
    return sorted(rows, key=lambda row: (row["partition"], row["record_offset"]))


async def _states(ground: Ground) -> list[str]:
    return [row["state"] for row in await _open(ground)]


async def _versions(ground: Ground, key: str = "a") -> list[int]:
    return [v for k, v in await ground.effects() if k == str(thing_id(key))]


async def _replay(
    ground: Ground,
    consumer: Consumer,
    parked_id: UUID,
    actor: Actor = BUDI,
    correction: Correction | None = None,
    reason: str = "",
) -> Drained:
    async with ground.pool.acquire() as conn:
        return await replay(
            ground.writer(consumer), ground.reader(consumer), conn, parked_id, actor,
            correction=correction, reason=reason,
        )  # fmt: skip


async def _drained(ground: Ground, consumer: Consumer) -> bool:
    """Try what is due, as the worker's timer does; whether nothing is left open."""
    work = [(ground.writer(consumer), ground.reader(consumer))]
    await ground.pool.execute("update parked set due_at = now() where due_at > now()")
    await housekeeping.drain(ground.db, work)
    return not await _open(ground)


async def _waiting_a(ground: Ground) -> Consumer:
    """Key a: version 1 waits for the number 7, versions 2 and 3 queue behind it."""
    topic = ground.topic()
    consumer = reaction(ground.service, topic, Awaiting().react)
    await ground.pool.execute("insert into known values (8), (9)")
    await ground.publish(
        topic,
        event(ground.service, "a", 1, n=7),
        event(ground.service, "a", 2, n=8),
        event(ground.service, "b", 1, n=8),
        event(ground.service, "a", 3, n=9),
    )
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [4]))
    assert await _states(ground) == ["waiting", "behind", "behind"]
    assert await _versions(ground, "b") == [1]
    return consumer


async def test_waiting_events_end_when_what_they_are_about_comes_and_in_order(
    ground: Ground,
) -> None:
    consumer = await _waiting_a(ground)
    assert not await _drained(ground, consumer)
    assert await _versions(ground) == []
    await ground.pool.execute("insert into known values (7)")
    await until(lambda: _drained(ground, consumer))
    assert await _versions(ground) == [1, 2, 3]
    assert await ground.value("select count(*) from parked_key") == 0
    outcomes = await ground.rows("select distinct outcome from inbox")
    assert [row["outcome"] for row in outcomes] == ["done"]


async def test_an_event_that_waited_too_long_goes_to_the_work_list(ground: Ground) -> None:
    consumer = await _waiting_a(ground)
    await ground.pool.execute("update parked set deadline = now() where state = 'waiting'")
    assert not await _drained(ground, consumer)
    first = (await _open(ground))[0]
    assert (first["state"], first["code"]) == ("parked", "waited_too_long")
    assert await _versions(ground) == []


async def _refused_a(ground: Ground) -> tuple[Consumer, UUID]:
    """Key a: version 2 has an unreadable sequence, 3 and 4 queue behind it."""
    topic = ground.topic()
    consumer = reaction(ground.service, topic)
    await ground.publish(
        topic,
        event(ground.service, "a", 1),
        event(ground.service, "a", 2, ce_sequence="two"),
        event(ground.service, "a", 3),
        event(ground.service, "a", 4),
    )
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [4]))
    rows = await _open(ground)
    assert [row["state"] for row in rows] == ["parked", "behind", "behind"]
    return consumer, rows[0]["parked_id"]


async def test_a_corrected_event_is_replayed_and_what_queues_behind_it_follows(
    ground: Ground,
) -> None:
    consumer, bad = await _refused_a(ground)
    correction = Correction(headers={"ce_sequence": f"{2:020}"})
    with pytest.raises(StillBad):
        await _replay(ground, consumer, bad)
    with pytest.raises(ReasonMissing):
        await _replay(ground, consumer, bad, correction=correction)
    with pytest.raises(StillBad):
        await _replay(
            ground, consumer, bad, correction=Correction(value=b"{}"), reason="a wrong guess"
        )
    assert await _states(ground) == ["parked", "behind", "behind"]  # nothing has changed
    assert await ground.value("select count(*) from parked_audit") == 0
    drained = await _replay(ground, consumer, bad, SARI, correction, "the office told us")
    assert len(drained.ended) == 3
    assert await _versions(ground) == [1, 2, 3, 4]
    assert await _open(ground) == []
    audit = await ground.rows("select actor, act, reason from parked_audit order by audit_id")
    assert [tuple(row) for row in audit] == [
        ("staff:sari", "corrected", "the office told us"),
        ("staff:sari", "replayed", "the office told us"),
    ]


async def test_a_discarded_event_has_no_effect_a_reason_and_lets_the_others_follow(
    ground: Ground,
) -> None:
    consumer, bad = await _refused_a(ground)
    async with ground.pool.acquire() as conn:
        writer, reader = ground.writer(consumer), ground.reader(consumer)
        with pytest.raises(ReasonMissing):
            await discard(writer, reader, conn, bad, BUDI, "  ")
        await discard(writer, reader, conn, bad, BUDI, "sent by mistake")
        with pytest.raises(NotOpen):
            await discard(writer, reader, conn, bad, BUDI, "again")
    assert await _versions(ground) == [1, 3, 4]
    assert await _open(ground) == []
    row = await ground.pool.fetchrow("select * from parked where parked_id = $1", bad)
    assert (row["state"], row["ended_by"], row["reason"]) == (
        "discarded", "staff:budi", "sent by mistake",
    )  # fmt: skip
    assert await ground.value("select act from parked_audit") == "discarded"


async def test_an_event_behind_another_cannot_be_replayed_before_it(ground: Ground) -> None:
    consumer, _ = await _refused_a(ground)
    with pytest.raises(NotFirst):
        await _replay(ground, consumer, (await _open(ground))[2]["parked_id"])
    assert await _versions(ground) == [1]


async def test_looking_at_a_parked_event_shows_it_as_it_came_and_is_written_down(
    ground: Ground,
) -> None:
    consumer, bad = await _refused_a(ground)
    sealed = await ground.value("select record from parked where parked_id = $1", bad)
    assert str(thing_id("a")).encode() not in sealed
    async with ground.pool.acquire() as conn:
        record = await shown(ground.writer(consumer), conn, bad, SARI)
    assert record.value == event(ground.service, "a", 2).value
    assert dict(record.headers)["ce_sequence"] == b"two"
    assert await ground.value("select actor || ' ' || act from parked_audit") == "staff:sari shown"


async def test_two_staff_who_replay_at_once_cause_one_effect(ground: Ground) -> None:
    topic = ground.topic()
    consumer = reaction(ground.service, topic, Awaiting().react)
    await ground.publish(topic, *(event(ground.service, "a", n, n=7) for n in range(1, 6)))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [5]))
    first = (await _open(ground))[0]["parked_id"]
    await ground.pool.execute("insert into known values (7)")
    answers = await asyncio.gather(
        *(_replay(ground, consumer, first, actor) for actor in (BUDI, SARI, BUDI, SARI)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Drained", *["NotOpen"] * 3]
    assert await _versions(ground) == [1, 2, 3, 4, 5]
    assert await ground.value("select count(*) from parked_audit") == 1


async def test_worker_and_two_staff_drain_one_key_at_once_and_a_kill_in_between_doubles_nothing(
    ground: Ground,
) -> None:
    topic = ground.topic()
    told = {"kind": "awaiting_gated", "topics": [topic]}
    consumer = reaction(ground.service, topic, Awaiting().react)
    await ground.publish(topic, *(event(ground.service, "a", n, n=7) for n in range(1, 11)))
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [10]))
    first = (await _open(ground))[0]["parked_id"]
    await ground.pool.execute("insert into known values (7)")
    async with ground.gate():
        worker = ground.program(consumers=[told])  # its timer drains, up to its COMMIT
        await until(lambda: _at_gate(ground), 30)
        staff = [asyncio.create_task(_replay(ground, consumer, first, who)) for who in (BUDI, SARI)]
        await until(lambda: _wait_for_the_key(ground, 2))
        worker.kill()
        await ground.publish(topic, *(event(ground.service, "a", n, n=7) for n in range(11, 14)))
    async with ground.consuming(consumer):
        answers = await asyncio.gather(*staff, return_exceptions=True)
        await until(lambda: all_done(ground, consumer.name, [13]), 30)
        await until(lambda: _drained(ground, consumer))
    assert sorted(type(answer).__name__ for answer in answers) == ["Drained", "NotOpen"]
    assert await _versions(ground) == list(range(1, 14))


async def _at_gate(ground: Ground) -> bool:
    return await ground.at_the_gate() > 0


async def _wait_for_the_key(ground: Ground, number: int) -> bool:
    waiting = await ground.value(
        """select count(*) from pg_stat_activity where datname = current_database()
           and wait_event_type = 'Lock' and query like '%parked_key%'"""
    )
    return int(waiting) >= number


async def test_a_projection_s_parked_event_holds_no_other(ground: Ground) -> None:
    topic = ground.topic()
    consumer = projection(ground.service, topic)
    await ground.publish(
        topic,
        event(ground.service, "a", 1),
        event(ground.service, "a", 2, ce_sequence="two"),
        event(ground.service, "a", 3),
    )
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, f"{consumer.name}@1", [3]))
    assert await ground.value("select version from thing") == 3
    assert await _states(ground) == ["parked"]


async def test_a_corrected_event_of_a_projection_is_taken_unless_a_newer_one_was(
    ground: Ground,
) -> None:
    topic = ground.topic()
    consumer = projection(ground.service, topic)
    await ground.publish(
        topic,
        event(ground.service, "a", 2, ce_sequence="two"),
        event(ground.service, "b", 1, ce_sequence="one"),
        event(ground.service, "b", 2),
    )
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, f"{consumer.name}@1", [3]))
    first, second = (row["parked_id"] for row in await _open(ground))
    async with ground.pool.acquire() as conn:
        writer = await live_writer(conn, ground.writer(consumer))
        for parked_id, version in ((first, 2), (second, 1)):
            correction = Correction(headers={"ce_sequence": f"{version:020}"})
            await replay(
                writer, ground.reader(consumer), conn, parked_id, BUDI,
                correction=correction, reason="the office told us",
            )  # fmt: skip
    rows = await ground.rows("select thing_id, version from thing")
    assert {row["thing_id"]: row["version"] for row in rows} == {thing_id("a"): 2, thing_id("b"): 2}
    assert await _open(ground) == []


async def test_an_ended_event_that_is_read_again_holds_nobody(ground: Ground) -> None:
    topic, service, event_id = ground.topic(), ground.service, uuid7()
    consumer = reaction(service, topic)
    await ground.publish(
        topic,
        replace(event(service, "a", 1), headers=(), value=b"{"),  # names no id
        event(service, "a", 1),
        event(service, "b", 1, event_id=event_id),
        event(service, "b", 2, event_id=event_id),  # an id that was used before
        event(service, "b", 3),
    )
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [5]))
    assert await _states(ground) == ["parked", "behind", "parked", "behind"]
    async with ground.pool.acquire() as conn:
        for row in await _open(ground):
            if row["state"] == "parked":
                writer, reader = ground.writer(consumer), ground.reader(consumer)
                await discard(writer, reader, conn, row["parked_id"], BUDI, "rubbish")
    await ground.pool.execute("update position set next_offset = 0")  # as after a restore
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [5]))
        await ground.publish(topic, event(service, "a", 2), event(service, "b", 4))
        await until(lambda: all_done(ground, consumer.name, [7]))
    assert await _open(ground) == []
    assert (await _versions(ground), await _versions(ground, "b")) == ([1, 2], [1, 3, 4])
