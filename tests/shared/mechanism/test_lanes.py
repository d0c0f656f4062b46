"""What one office is told by the hundred thousand does not hold up anybody else."""

from __future__ import annotations

import pytest

from shared import outbox, relay
from shared.contracts.receipts import FORMS
from shared.contracts.topics import TOPICS
from tests.shared.mechanism.ground import Ground, changed, until
from tests.shared.mechanism.test_relay import first_occurrences, nothing_to_publish, tell
from tests.shared.mechanism.things import thing_id


def test_each_office_has_a_lane_and_everything_else_shares_one() -> None:
    lanes = {topic.name: outbox.lane_of(topic.name) for topic in TOPICS}
    receipts = {lanes.pop(name) for name in FORMS}
    assert len(receipts) == len(FORMS)
    assert set(lanes.values()) == {0}
    assert 0 not in receipts


async def test_a_flood_in_one_lane_lets_the_others_have_their_turn(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooded, other = ground.topic(), ground.topic()
    monkeypatch.setattr(outbox, "_LANES", {flooded: 7})
    await tell(ground, flooded, "flood", range(1, 301))
    await tell(ground, other, "a", range(1, 3))
    with changed(relay, BATCH=10):
        async with ground.relaying():
            await until(lambda: nothing_to_publish(ground))
    flood = await ground.on_topic(flooded)
    assert first_occurrences(flood) == {str(thing_id("flood")): list(range(1, 301))}
    late = max(record.timestamp for record in await ground.on_topic(other))
    assert late <= flood[30].timestamp
