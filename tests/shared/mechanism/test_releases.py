"""Yesterday's release reads today's events, and today's release reads yesterday's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, cast
from uuid import UUID

from shared.consumers import Ending, Reaction, Received
from shared.contracts.fact import Fact
from shared.db import Tx
from tests.shared.mechanism.ground import Ground, all_done, until
from tests.shared.mechanism.things import Record, Thing, event


class Yesterday(Fact):
    """The thing as the last release knew it."""

    TYPE, TOPIC, KEY = Thing.TYPE, "", "thing_id"

    thing_id: UUID
    n: int
    mood: Literal["calm", "brisk"]


class Today(Fact):
    """The thing as this release tells it: one more mood, one more field."""

    TYPE, TOPIC, KEY = Thing.TYPE, "", "thing_id"

    thing_id: UUID
    n: int
    mood: Literal["calm", "brisk", "sour"]
    colour: str | None = None


def _with(record: Record, **fields: object) -> Record:
    return replace(record, value=json.dumps(json.loads(record.value or b"") | fields).encode())


async def _read_by(ground: Ground, fact: type[Fact], *records: Record) -> list[Fact]:
    """What a release that knows `fact` makes of records on a real topic."""
    topic, heard = ground.topic(), list[Fact]()

    async def hear(_: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        heard.extend(e.fact for e in events)
        return ()

    consumer = Reaction(f"{ground.service}.{fact.__name__}", (topic,), (fact,), hear)
    await ground.publish(topic, *records)
    async with ground.consuming(consumer):
        await until(lambda: all_done(ground, consumer.name, [len(records)]))
    assert await ground.value("select count(*) from parked") == 0
    return heard


async def test_yesterday_s_consumer_takes_today_s_events(ground: Ground) -> None:
    told = _with(event(ground.service, "a", 1), mood="sour", colour="red", more={"deep": [1]})
    newer = replace(told, headers=(*told.headers, ("ce_tomorrow", b"x")))
    (heard,) = await _read_by(ground, Yesterday, newer)
    assert heard.model_dump()["mood"] == "sour"


async def test_today_s_consumer_takes_yesterday_s_events(ground: Ground) -> None:
    (heard,) = await _read_by(ground, Today, _with(event(ground.service, "a", 1), mood="calm"))
    assert cast("Today", heard).colour is None
