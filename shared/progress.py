"""How an intake is doing: what the watchdog, the metrics and feed health look at."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka import TopicPartition

from shared import metrics
from shared.cloudevents import Item
from shared.contracts.topics import Topic
from shared.logs import log

Catalogue = Callable[[str], Topic]


@dataclass
class FeedTotals:
    """What one source sent on one topic since this process started, by how it ended."""

    last_event_at: datetime | None = None
    ended: Counter[str] = field(default_factory=Counter)


@dataclass
class Progress:
    """What the watchdog, the metrics and feed health look at."""

    waiting_for: str = "kafka"
    """What the intake waits for ("kafka", "partitions", "postgres"), or empty."""
    waiting_since: float = field(default_factory=time.monotonic)
    moved_at: float = field(default_factory=time.monotonic)
    broker_away: bool = False
    """Whether the broker left our last question unanswered: aiokafka itself waits in silence."""
    lag: int = 0
    lags: dict[str, int] = field(default_factory=dict)
    """By topic: the records of our partitions that we have not read."""
    stopped: dict[TopicPartition, str] = field(default_factory=dict)
    read_until: dict[tuple[str, int], datetime] = field(default_factory=dict)
    """When the last record that we have handled of a partition was written there."""
    feeds: dict[tuple[str, str], FeedTotals] = field(default_factory=dict)

    def waits(self, what: str) -> None:
        if what != self.waiting_for:
            self.waiting_for, self.waiting_since = what, time.monotonic()

    def broker_answers(self, answers: bool) -> None:
        """Who could not move while the broker was away has a new start when it is back."""
        if answers and self.broker_away:
            self.moved_at = self.waiting_since = time.monotonic()
        self.broker_away = not answers

    def moved(self) -> None:
        """Something was done. It may have been of partitions that are gone: their wait goes on."""
        if self.waiting_for != "partitions":
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
            feed = progress.feeds[topic, source] = FeedTotals()
        feed.ended[ended] += number
        feed.last_event_at = items[-1].recorded_at
    for place, item in {(item.topic, item.partition): item for item in items}.items():
        progress.read_until[place] = item.recorded_at
    newest = items[-1].event
    if newest is not None:
        age = (datetime.now(UTC) - newest.time).total_seconds()
        metrics.end_to_end_seconds.labels(name).observe(max(age, 0))


def measure(
    name: str, progress: Progress, lags: Mapping[TopicPartition, int], topic_of: Catalogue
) -> None:
    """Take in how many records each partition has that we have not read.

    The oldest unread one is at most as old as the last one that we have handled. When that is half
    of the topic's retention ago, somebody has to look before the broker deletes it.
    """
    progress.lag = sum(lag for place, lag in lags.items() if place not in progress.stopped)
    totals: Counter[str] = Counter()
    ages: dict[str, float] = {}
    now = datetime.now(UTC)
    for place, lag in lags.items():
        totals[place.topic] += lag
        until = progress.read_until.get((place.topic, place.partition))
        age = (now - until).total_seconds() if lag and until else 0.0
        ages[place.topic] = max(ages.get(place.topic, 0.0), age)
    progress.lags = dict(totals)
    for topic, lag in totals.items():
        metrics.lag_events.labels(name, topic).set(lag)
        metrics.oldest_unread_age_seconds.labels(name, topic).set(ages[topic])
        days = topic_of(topic).retention_days
        if days is not None and ages[topic] > days * 86_400 / 2:
            log.error("unread_for_half_of_the_retention", consumer=name, topic=topic)
