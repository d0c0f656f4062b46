"""The watchdog with the limits that run in production: it takes its time, so it is tried once."""

from __future__ import annotations

import time

from shared.watchdog import EXIT_CODE
from tests.shared.conftest import json_logs
from tests.shared.mechanism.conftest import ground
from tests.shared.mechanism.ground import Ground
from tests.shared.mechanism.things import event

__all__ = ["ground", "json_logs"]


async def test_with_the_limits_of_production_a_blocked_loop_ends_within_ninety_seconds(
    ground: Ground,
) -> None:
    topic = ground.topic()
    await ground.publish(topic, event(ground.service, "a", 1))
    began = time.monotonic()
    running = ground.program(consumers=[{"kind": "blocking", "topics": [topic]}])
    assert await running.exit_code(90) == EXIT_CODE
    assert time.monotonic() - began > 20  # and not at the first slow moment
