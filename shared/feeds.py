"""Feed health: what each source sends, how it ends, and since when it is silent.

Every worker reports the totals of each feed since it started, once a second while they change; the
agent (`stream.py`) of whichever worker has the feed topic's partition writes them down.
"""

import os
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import kafka, metrics
from shared.progress import Progress
from shared.settings import KafkaSettings

REPEAT_SECONDS = 30.0
"""While there is something unread a worker says so again, or it would seem to be one that ended."""
KEPT = timedelta(days=30)
"""How long it is known how much a feed sent when."""

# A worker that started anew under its old name counts from nothing again.
_FOLD = """
with before as (
    select done, duplicate, parked, waiting, rejected from feed_health
    where topic = $1 and source = $2 and worker = $3
      and done <= $5 and duplicate <= $6 and parked <= $7 and waiting <= $8 and rejected <= $10
), told as (
    insert into feed_health (topic, source, worker, last_event_at, done, duplicate, parked, waiting,
                             updated_at, rejected, lag)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (topic, source, worker) do update
    set last_event_at = excluded.last_event_at, done = excluded.done,
        duplicate = excluded.duplicate, parked = excluded.parked, waiting = excluded.waiting,
        updated_at = excluded.updated_at, rejected = excluded.rejected, lag = excluded.lag
    where feed_health.updated_at < excluded.updated_at
    returning date_bin('10 minutes', updated_at, 'epoch') as since
)
insert into feed_activity as a (topic, source, since, done, duplicate, parked, waiting, rejected)
select $1, $2, told.since, $5 - coalesce(b.done, 0), $6 - coalesce(b.duplicate, 0),
       $7 - coalesce(b.parked, 0), $8 - coalesce(b.waiting, 0), $10 - coalesce(b.rejected, 0)
from told left join before b on true
on conflict (topic, source, since) do update
set done = a.done + excluded.done, duplicate = a.duplicate + excluded.duplicate,
    parked = a.parked + excluded.parked, waiting = a.waiting + excluded.waiting,
    rejected = a.rejected + excluded.rejected
"""


@dataclass(frozen=True, slots=True)
class Reported:
    """What was said last about one feed, and when (monotonic seconds)."""

    total: int
    lag: int
    at: float


def reports(
    worker: str, progress: Progress, already: dict[tuple[str, str], Reported]
) -> Iterable[bytes]:
    """A report for each feed of which there is news since `already` (which is brought up to date).

    News are: more events, another lag, or one that has lasted.
    """
    for (topic, source), totals in progress.feeds.items():
        now = time.monotonic()
        total, lag = totals.ended.total(), progress.lags.get(topic, 0)
        last = already.get((topic, source))
        same = last is not None and (last.total, last.lag) == (total, lag)
        if last and same and (not lag or now - last.at < REPEAT_SECONDS):
            continue
        already[topic, source] = Reported(total, lag, now)
        yield orjson.dumps(
            {
                "topic": topic,
                "source": source,
                "worker": worker,
                "last_event_at": totals.last_event_at,
                "ended": dict(totals.ended),
                "lag": lag,
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
    _already: dict[tuple[str, str], Reported] = field(default_factory=dict)
    _outgoing: AIOKafkaProducer | None = None

    async def report(self) -> None:
        """Send what has changed. Raises aiokafka's errors; the next report is of totals again."""
        due = [
            report
            for progress in self.intakes
            for report in reports(self.worker, progress, self._already)
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
            await kafka.let_go(current, 5)
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
        found.get("lag", 0),
    )
    metrics.feed_last_event_seconds.labels(found["topic"], found["source"]).set(last.timestamp())


_SEEN = """
with health as (
    select topic, source, max(last_event_at) as last_event_at,
           coalesce(sum(lag) filter (where updated_at > now() - $2::interval), 0)::bigint as lag
    from feed_health where topic = any($1::text[]) group by topic, source
), activity as (
    select topic, source, sum(done)::bigint as done, sum(duplicate)::bigint as duplicate,
           sum(waiting)::bigint as waiting, sum(parked)::bigint as parked,
           sum(rejected)::bigint as rejected,
           coalesce(sum(done + duplicate + waiting + parked + rejected)
                    filter (where since > now() - interval '1 hour'), 0)::bigint as last_hour
    from feed_activity
    where topic = any($1::text[]) and since > now() - interval '1 day' group by topic, source
)
select h.topic, h.source, h.last_event_at, h.lag, coalesce(a.last_hour, 0) as last_hour,
       coalesce(a.done, 0) as done, coalesce(a.duplicate, 0) as duplicate,
       coalesce(a.waiting, 0) as waiting, coalesce(a.parked, 0) as parked,
       coalesce(a.rejected, 0) as rejected
from health h left join activity a using (topic, source)
"""


async def seen(conn: asyncpg.Connection, topics: Sequence[str]) -> list[asyncpg.Record]:
    """How each feed on these topics is doing: its last event, what is unread, the last day's ends.

    A worker that has been silent for long has ended, and what it had not read is another's.
    """
    return list(await conn.fetch(_SEEN, topics, timedelta(seconds=3 * REPEAT_SECONDS)))
