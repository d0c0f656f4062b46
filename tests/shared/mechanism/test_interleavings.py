"""Order across topics does not exist: every order of arrival ends the same, through real Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import cast

from shared import housekeeping
from shared.consumers import Ending, Received, Waiting
from shared.db import Tx
from tests.shared.mechanism.ground import Ground, until
from tests.shared.mechanism.things import Record, Thing, event, leave_effects, reaction, thing_id


async def test_every_order_of_two_topics_ends_the_same(ground: Ground) -> None:
    people, seats = ground.topic(), ground.topic()

    async def seating(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        """A seat is for a person: told of before her, it waits."""
        numbers = [cast("Thing", e.fact).n for e in events if e.topic == people]
        await tx.conn.execute("insert into known select unnest($1::bigint[])", numbers)
        known = {row["n"] for row in await tx.conn.fetch("select n from known")}
        taken = [e for e in events if e.topic == seats]
        waits = [e for e in taken if cast("Thing", e.fact).n not in known]
        await leave_effects(tx, [e for e in taken if e not in waits])
        return [Waiting(e, "her") for e in waits]

    consumer = reaction(ground.service, (people, seats), seating)
    orders = list(permutations(range(4)))
    sent: dict[str, int] = {people: 0, seats: 0}
    async with ground.consuming(consumer):
        for step in range(4):  # one event of every order, then the next one of every order
            batch: dict[str, list[Record]] = {people: [], seats: []}
            for case, order in enumerate(orders):
                topic, record = _story(ground.service, people, seats, case)[order[step]]
                batch[topic].append(record)
            for topic, records in batch.items():
                await ground.publish(topic, *records)
                sent[topic] += len(records)
            await until(lambda: _read(ground, sent))
        work = [(ground.writer(consumer), ground.reader(consumer))]
        await ground.pool.execute("update parked set due_at = now() where due_at > now()")
        await housekeeping.drain(ground.db, work)
    assert await ground.value("select count(*) from parked where ended_at is null") == 0
    effects = await ground.effects()
    for case, order in enumerate(orders):
        found = [v for k, v in effects if k == str(thing_id(f"seat {case}"))]
        assert sorted(found) == [1, 2], order
        told = [step for step in order if step in (1, 2)]
        waited = order.index(0) > order.index(told[0])  # and what came later queued behind
        # Within her key: as it came, and from the queue in the order of its source.
        assert found == (sorted(told) if waited else told), order
        assert [v for k, v in effects if k == str(thing_id(f"other {case}"))] == [1], order


def _story(service: str, people: str, seats: str, case: int) -> list[tuple[str, Record]]:
    """Her, two versions of her seat, and another seat of hers."""
    return [
        (people, event(service, f"person {case}", 1, n=case)),
        (seats, event(service, f"seat {case}", 1, n=case)),
        (seats, event(service, f"seat {case}", 2, n=case)),
        (seats, event(service, f"other {case}", 1, n=case)),
    ]


async def _read(ground: Ground, sent: dict[str, int]) -> bool:
    rows = await ground.rows("select topic, next_offset from position")
    return {row["topic"]: row["next_offset"] for row in rows} == sent
