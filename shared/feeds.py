"""Feed health: what each source sends, how it ends, and since when it is silent.

Every worker reports the totals of each feed since it started, once a second while they change; the
agent (`stream.py`) of whichever worker has the feed topic's partition writes them down.
"""

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import kafka, metrics
from shared.progress import FeedTotals, Progress
from shared.settings import KafkaSettings

_FOLD = """
insert into feed_health (topic, source, worker, last_event_at, done, duplicate, parked, waiting,
                         updated_at, rejected)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (topic, source, worker) do update
set last_event_at = excluded.last_event_at, done = excluded.done,
    duplicate = excluded.duplicate, parked = excluded.parked, waiting = excluded.waiting,
    updated_at = excluded.updated_at, rejected = excluded.rejected
where feed_health.updated_at < excluded.updated_at
"""


def reports(
    worker: str, feeds: Mapping[tuple[str, str], FeedTotals], already: dict[tuple[str, str], int]
) -> Iterable[bytes]:
    """A report for each feed whose totals changed since `already` (which is brought up to date)."""
    for (topic, source), totals in feeds.items():
        total = totals.ended.total()
        if already.get((topic, source)) != total:
            already[topic, source] = total
            yield orjson.dumps(
                {
                    "topic": topic,
                    "source": source,
                    "worker": worker,
                    "last_event_at": totals.last_event_at,
                    "ended": dict(totals.ended),
                    "at": datetime.now(UTC),
                }
            )


@dataclass
class Reporter:
    """Sends this worker's reports to the feed topic of its service."""

    service: str
    settings: KafkaSettings
    intakes: Sequence[Progress]
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    _already: dict[tuple[str, str], int] = field(default_factory=dict)
    _outgoing: AIOKafkaProducer | None = None

    async def report(self) -> None:
        """Send what has changed. Raises aiokafka's errors; the next report is of totals again."""
        due = [
            report
            for progress in self.intakes
            for report in reports(self.worker, progress.feeds, self._already)
        ]
        if not due:
            return
        current = self._outgoing or kafka.producer(self.settings, f"{self.service}-feed")
        try:
            if self._outgoing is None:
                await current.start()
                self._outgoing = current
            for report in due:
                await current.send_and_wait(
                    f"{self.service}.feed", report, key=self.worker.encode()
                )
        except KafkaError:
            # Its numbering has a gap now, and the broker would refuse all that follows.
            self._outgoing = None
            await current.stop()
            raise


async def fold(pool: asyncpg.Pool, report: bytes) -> None:
    """Write one report down. It carries totals, so folding it twice changes nothing."""
    found = orjson.loads(report)
    ended = found["ended"]
    last = datetime.fromisoformat(found["last_event_at"])
    await pool.execute(
        _FOLD,
        found["topic"],
        found["source"],
        found["worker"],
        last,
        ended.get("done", 0),
        ended.get("duplicate", 0),
        ended.get("parked", 0) + ended.get("behind", 0),
        ended.get("waiting", 0),
        datetime.fromisoformat(found["at"]),
        ended.get("rejected", 0),
    )
    metrics.feed_last_event_seconds.labels(found["topic"], found["source"]).set(last.timestamp())
