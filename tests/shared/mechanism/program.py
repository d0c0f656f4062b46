"""A worker process of the tests' own: the product's `run_worker`, with the consumers of a test.

`python -m tests.shared.mechanism.program '{"service": …, "topics": …, "consumers": …}'`
consumers: a list of {"kind": a name of REACTIONS or "telling", "awaiting", "projection",
"topics": [names], "out": topic}. Limits of the product can be made shorter: see `main`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aiokafka.consumer import fetcher

from shared import intake, kafka, logs, relay_process, watchdog, worker
from shared.consumers import Consumer, Ending, React, Received
from shared.contracts import topics
from shared.db import Tx
from shared.settings import load_settings
from tests.shared.mechanism import things
from tests.shared.mechanism.ground import MIGRATIONS


async def blocking(_: Tx, __: Sequence[Received]) -> Iterable[Ending]:
    """The mistake of calling something slow without awaiting it."""
    time.sleep(600)  # noqa: ASYNC251 - on purpose
    return ()


async def never(*_: object, **__: object) -> None:
    """A fetch that no answer ends."""
    await asyncio.sleep(3600)


async def _answers_and_waits(ask: Callable[..., Awaitable[bool]], go: Path, to: object) -> bool:
    """The broker answered, and is gone a moment later: until the file `go` is there."""
    found = await ask(to)
    logs.log.info("broker_answered")
    while not await asyncio.to_thread(go.exists):  # noqa: ASYNC110 - a test makes it
        await asyncio.sleep(0.05)
    return found


REACTIONS: dict[str, React] = {
    "gated": things.gated,
    "gated_by_one": things.gated_by_one,
    "counting": things.counting,
    "blocking": blocking,
    "awaiting": things.Awaiting().react,
    "awaiting_gated": things.AwaitingGated().react,
}


def consumer(service: str, told: dict[str, Any]) -> Consumer:
    if told["kind"] == "projection":
        return things.projection(service, told["topics"])
    if told["kind"] == "telling":
        return things.reaction(service, told["topics"], things.telling(told["out"]))
    return things.reaction(service, told["topics"], REACTIONS[told["kind"]])


def main() -> None:
    """Run until a signal; the exit code is the worker's."""
    told = json.loads(sys.argv[1])
    service = told["service"]
    for name, partitions in told["topics"].items():
        topics._BY_NAME[name] = things.topic_of(name, service, partitions)
    intake.REACTION_EVENTS = told.get("max_events", intake.REACTION_EVENTS)
    intake.PROJECTION_EVENTS = told.get("max_events", intake.PROJECTION_EVENTS)
    kafka.SESSION_MS = told.get("session_ms", kafka.SESSION_MS)
    kafka.MAX_POLL_MS = told.get("max_poll_ms", kafka.MAX_POLL_MS)
    for limit in ("STUCK_SECONDS", "JOIN_SECONDS"):
        setattr(worker, limit, told.get("stuck_seconds", getattr(watchdog, limit)))
    relay_process.SILENT_SECONDS = told.get("silent_seconds", relay_process.SILENT_SECONDS)
    quick = partial(
        watchdog.Watchdog,
        blocked_after=told.get("blocked_seconds", watchdog.BLOCKED_SECONDS),
        every=told.get("check_seconds", watchdog.CHECK_SECONDS),
    )
    setattr(worker, "Watchdog", quick)  # noqa: B010 - mypy would want it exported
    if suffix := told.get("group"):
        ours = kafka.consumer
        grouped = lambda settings, group, client: ours(settings, f"{group}{suffix}", client)  # noqa: E731
        setattr(kafka, "consumer", grouped)  # noqa: B010
    if told.get("hung_fetch"):
        fetcher.Fetcher.fetched_records = never
    if go := told.get("waits_after_probe"):
        slower = partial(_answers_and_waits, kafka.answers, Path(go))
        setattr(kafka, "answers", slower)  # noqa: B010 - as above
    settings = load_settings("worker")
    logs.configure(service)
    consumers = tuple(consumer(service, each) for each in told["consumers"])
    sys.exit(asyncio.run(worker.run_worker(service, consumers, MIGRATIONS, settings)))


if __name__ == "__main__":
    main()
