"""How an intake is doing: what the watchdog, the metrics and feed health look at."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka import TopicPartition

from shared import metrics
from shared.cloudevents import Item


@dataclass
class FeedTotals:
    """What one source sent on one topic since this process started, by how it ended."""

    last_event_at: datetime
    ended: Counter[str] = field(default_factory=Counter)


@dataclass
class Progress:
    """What the watchdog, the metrics and feed health look at."""

    waiting_for: str = "kafka"
    """What the intake waits for ("kafka", "partitions", "postgres"), or empty."""
    waiting_since: float = field(default_factory=time.monotonic)
    moved_at: float = field(default_factory=time.monotonic)
    lag: int = 0
    stopped: dict[TopicPartition, str] = field(default_factory=dict)
    feeds: dict[tuple[str, str], FeedTotals] = field(default_factory=dict)

    def waits(self, what: str) -> None:
        if what != self.waiting_for:
            self.waiting_for, self.waiting_since = what, time.monotonic()

    def moved(self) -> None:
        self.waits("")
        self.moved_at = time.monotonic()


def observe(name: str, progress: Progress, items: Sequence[Item], seconds: float) -> None:
    """Count how a consumer's batch ended, and how long that took, in seconds."""
    metrics.batch_seconds.labels(name).observe(seconds)
    ends = Counter((item.topic, item.feed, item.ended) for item in items)
    for (topic, source, ended), number in ends.items():
        metrics.events_consumed.labels(name, ended).inc(number)
        feed = progress.feeds.get((topic, source))
        if feed is None:
            feed = progress.feeds[topic, source] = FeedTotals(items[-1].recorded_at)
        feed.ended[ended] += number
        feed.last_event_at = items[-1].recorded_at
    newest = items[-1].event
    if newest is not None:
        age = (datetime.now(UTC) - newest.time).total_seconds()
        metrics.end_to_end_seconds.labels(name).observe(max(age, 0))
