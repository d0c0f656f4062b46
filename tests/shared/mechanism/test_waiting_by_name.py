"""Events that wait for something that somebody will announce: let go at once, never asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import pytest

from shared import housekeeping
from shared.actor import Actor, service_actor
from shared.consumers import Ending, Reaction, Received, Waiting
from shared.db import Tx
from shared.parked import due, waiting
from shared.parked.desks import Desk, opened
from shared.parked.work_list import shown
from tests.shared.mechanism.ground import Ground, all_done, until
from tests.shared.mechanism.things import GATE, Thing, event, leave_effects, reaction, thing_id


def _name(n: int) -> str:
    return waiting.until("number", str(n))


@dataclass
class Announced:
    """A reaction that lets events wait, by name, until their number is known."""

    gated: bool = False
    calls: int = 0

    async def react(self, tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        self.calls += 1
        known = {row["n"] for row in await tx.conn.fetch("select n from known")}
        waits = [e for e in events if cast("Thing", e.fact).n not in known]
        await leave_effects(tx, [e for e in events if e not in waits])
        if self.gated:
            await tx.conn.execute("select pg_advisory_xact_lock_shared($1)", GATE)
        return [Waiting(e, _name(cast("Thing", e.fact).n)) for e in waits]


async def _arrives(ground: Ground, n: int) -> None:
    async with ground.pool.acquire() as conn, conn.transaction():
        await conn.execute("insert into known values ($1)", n)
        await waiting.arrived(conn, [_name(n)])


async def _tick(ground: Ground, consumer: Reaction) -> None:
    """What the worker's timer does, once."""
    await housekeeping.drain(ground.db, [(ground.writer(consumer), ground.reader(consumer))])


async def _time_runs_out(ground: Ground) -> None:
    await ground.pool.execute(
        "update parked set due_at = now(), deadline = now() where state = 'waiting'"
    )


async def _take(ground: Ground, react: Announced, *numbers: tuple[str, int, int]) -> Reaction:
    """Take in an event for each (key, version, number)."""
    topic = ground.topic()
    consumer = reaction(ground.service, topic, react.react)
    made = [event(ground.service, key, version, n=n) for key, version, n in numbers]
    await ground.publish(topic, *made)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [len(made)]))
    return consumer


async def _states(ground: Ground) -> list[tuple[str, str]]:
    rows = await ground.rows("select state, code from parked order by record_offset")
    return [(row["state"], row["code"]) for row in rows]


async def _versions(ground: Ground, key: str) -> list[int]:
    return [v for k, v in await ground.effects() if k == str(thing_id(key))]


async def test_nobody_asks_before_it_has_come_and_then_it_goes_on_at_once(ground: Ground) -> None:
    react = Announced()
    consumer = await _take(ground, react, ("a", 1, 7), ("a", 2, 7), ("b", 1, 8))
    before = react.calls
    await _tick(ground, consumer)
    assert react.calls == before
    assert await ground.value("select every(due_at >= deadline) from parked where state='waiting'")
    await _arrives(ground, 7)
    await _tick(ground, consumer)
    assert (await _versions(ground, "a"), await _versions(ground, "b")) == ([1, 2], [])


async def test_what_arrives_while_somebody_decides_to_wait_for_it_is_not_missed(
    ground: Ground,
) -> None:
    react, topic = Announced(gated=True), ground.topic()
    consumer = reaction(ground.service, topic, react.react)
    async with ground.consuming(consumer):
        async with ground.gate():
            await ground.publish(topic, event(ground.service, "a", 1, n=7))
            await until(lambda: _at_gate(ground))
            await _arrives(ground, 7)  # it can't see that somebody is about to wait for it
        await until(lambda: all_done(ground, consumer.name, [1]))
    await _tick(ground, consumer)
    assert await _versions(ground, "a") == [1]


async def _at_gate(ground: Ground) -> bool:
    return await ground.at_the_gate() == 1


async def test_a_batch_in_which_events_only_wait_is_done_once(ground: Ground) -> None:
    react = Announced()
    await ground.pool.execute("insert into known values (1)")
    await _take(ground, react, ("a", 1, 7), ("b", 1, 1), ("c", 1, 8))
    assert react.calls == 1
    assert await _states(ground) == [("waiting", "waiting")] * 2
    assert await _versions(ground, "b") == [1]


async def test_what_follows_an_event_that_waits_in_its_batch_queues_behind_it(
    ground: Ground,
) -> None:
    await ground.pool.execute("insert into known values (1)")
    consumer = await _take(ground, Announced(), ("a", 1, 7), ("a", 2, 1), ("b", 1, 1))
    assert [state for state, _ in await _states(ground)] == ["waiting", "behind"]
    assert await _versions(ground, "b") == [1]
    await _arrives(ground, 7)
    await _tick(ground, consumer)
    assert await _versions(ground, "a") == [1, 2]


async def test_what_waited_in_vain_goes_to_staff_by_the_thousand(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "CHUNK", 2)
    react = Announced()
    consumer = await _take(ground, react, *((str(n), 1, 7) for n in range(5)))
    await _time_runs_out(ground)
    before = react.calls
    for left in (3, 1, 0):
        await _tick_only_overdue(ground, consumer)
        assert sum(state == "waiting" for state, _ in await _states(ground)) == left
    assert await _states(ground) == [("parked", "waited_too_long")] * 5
    assert react.calls == before


async def _tick_only_overdue(ground: Ground, consumer: Reaction) -> None:
    writer = ground.writer(consumer)
    async with (
        ground.pool.acquire() as conn,
        opened(writer, conn, service_actor(ground.service)) as tx,
    ):
        await due.end_overdue(tx, Desk.of(writer, ground.reader(consumer)))


async def test_a_stranger_is_forgotten_where_everybody_is_told_about(ground: Ground) -> None:
    await ground.pool.execute("insert into known values (1)")
    consumer = await _take(ground, Announced(), ("a", 1, 7), ("a", 2, 1), ("b", 1, 8), ("c", 1, 9))
    (topic,) = consumer.topics
    ground.topics[topic] = replace(ground.topics[topic], about_everybody=True)
    looked_at = await ground.value("select parked_id from parked order by record_offset desc")
    async with ground.pool.acquire() as conn:
        await shown(ground.writer(consumer), conn, looked_at, Actor("staff:budi", frozenset(), ()))
    await _time_runs_out(ground)
    await _tick(ground, consumer)
    # what queued behind a stranger's event is not lost with it; what staff saw staff decide
    assert await _versions(ground, "a") == [2]
    assert await _states(ground) == [("replayed", "behind"), ("parked", "waited_too_long")]
    outcomes = await ground.rows("select outcome from inbox order by record_offset")
    assert [row["outcome"] for row in outcomes] == ["discarded", "done", "discarded", "waiting"]
    assert await ground.value("select array_agg(key) from parked_key") == [str(thing_id("c"))]
