"""Where a consumer reads on: its position in Postgres, held against what the topic still has."""

import contextlib
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from shared import inbox, kafka
from shared.contracts.topics import TRIAL
from shared.db import Connection
from shared.inbox import Place

DOUBT_SECONDS = 10.0
LOOK_SECONDS = 2.0
_NOWHERE = inbox.Position(0, None, None)

_FIRST = """
insert into position (consumer, topic, partition, topic_id, next_offset)
select $1, * from unnest($2::text[], $3::int[], $4::uuid[], $5::bigint[])
on conflict do nothing
"""
_REWIND = """
update position set next_offset = $4, moved_at = now()
where consumer = $1 and topic = $2 and partition = $3 and next_offset > $4
"""
_SKIP = """
update position set next_offset = $4, moved_at = now()
where consumer = $1 and topic = $2 and partition = $3 and next_offset < $4
"""
_STOPS = """
insert into stopped (consumer, topic, partition, reason, stopped_at) values ($1, $2, $3, $4, now())
on conflict (consumer, topic, partition) do update set reason = excluded.reason
"""
_GOES_ON = """
delete from stopped where consumer = $1
and (topic, partition) in (select * from unnest($2::text[], $3::int[]))
"""

Verdict = Literal["go", "wait", "rewind", "stop"]


@dataclass(frozen=True, slots=True)
class Located:
    """A partition as it was found. `gap` says why reading on would skip in silence, or is empty."""

    position: int
    first: int
    end: int
    gap: str

    @property
    def sound(self) -> bool:
        """Whether the record before the position can be looked at."""
        return not self.gap and self.position > self.first


async def locate(
    conn: Connection, client: AIOKafkaConsumer, consumer: str, places: Collection[TopicPartition]
) -> dict[TopicPartition, Located]:
    """Find each partition's position; one that has none begins at the oldest record there is.

    Raises aiokafka's and asyncpg's errors.
    """
    firsts = await client.beginning_offsets(list(places))
    ends = await client.end_offsets(list(places))
    ids = await kafka.topic_ids(client._client, {p.topic for p in places})  # noqa: SLF001
    there = {place: (ids[place.topic], firsts[place]) for place in places if place.topic in ids}
    await begin(conn, consumer, there)
    known = await inbox.positions(conn, consumer)
    located = {}
    for place in places:
        position, was, _ = known.get((place.topic, place.partition), _NOWHERE)
        gap = gap_of(position, was, firsts[place], ends[place], ids.get(place.topic))
        if gap == "gap" and place.topic.endswith(TRIAL):
            position, gap = await _skip(conn, consumer, place, firsts[place]), ""
        located[place] = Located(position, firsts[place], ends[place], gap)
    told = {place: known[place.topic, place.partition] for place in places if located[place].sound}
    for place in await _replaced(client, told):
        located[place] = replace(located[place], gap="replaced")
    return located


async def _replaced(
    client: AIOKafkaConsumer, told: Mapping[TopicPartition, inbox.Position]
) -> list[TopicPartition]:
    """Where another record lies before the position than the one that was read there.

    The client reads them anew, and is left to be put where it should read on. A record that
    doesn't come in time, or isn't there any more, says nothing.
    """
    wanted = {
        place: at
        for place, at in told.items()
        if at.last_record_at is not None and place in client.assignment()
    }
    for place, at in wanted.items():
        client.seek(place, at.next_offset - 1)
        client.resume(place)
    found = []
    deadline = time.monotonic() + LOOK_SECONDS
    with contextlib.suppress(OffsetOutOfRangeError, NoOffsetForPartitionError):
        while wanted and (left := deadline - time.monotonic()) > 0:
            came = await client.getmany(*wanted, timeout_ms=int(left * 1000), max_records=1)
            for place, (record, *_) in came.items():
                at = wanted.pop(place)
                moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                if record.offset == at.next_offset - 1 and moment != at.last_record_at:
                    found.append(place)
            pause_ours(client, came)
    pause_ours(client, wanted)
    return found


def pause_ours(client: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> None:
    """Pause those of these partitions that are ours: they may have gone to another meanwhile."""
    for place in client.assignment() & set(places):
        client.pause(place)


async def _skip(conn: Connection, consumer: str, place: TopicPartition, first: int) -> int:
    """Go on at the oldest record there is: trials that nobody read within a day are over."""
    await conn.execute(_SKIP, consumer, *place, first)
    return first


async def begin(conn: Connection, consumer: str, firsts: Mapping[Place, tuple[UUID, int]]) -> None:
    """Give a consumer its first positions: (topic id, offset). One that it has stays as it is."""
    await conn.execute(
        _FIRST,
        consumer,
        [topic for topic, _ in firsts],
        [partition for _, partition in firsts],
        [topic_id for topic_id, _ in firsts.values()],
        [offset for _, offset in firsts.values()],
    )


def gap_of(position: int, was: UUID | None, first: int, end: int, now: UUID | None) -> str:
    """Why reading on from a position would skip or repeat in silence; empty when it wouldn't.

    `was` and `now` are the topic's id when the position was first taken, and today.
    """
    if now is None:
        return "topic_missing"
    if was != now:
        return "topic_recreated"
    if position < first:
        return "gap"
    if position > end:
        return "truncated"
    return ""


@dataclass
class Doubts:
    """Ends seen below a position. A broker that has just started may not know its end yet.

    A truncation that lasts is certain. One that doesn't last may have been filled up again by
    records that were sent again, so we read again from the lowest end that we saw: what we have
    seen is dropped by its id. One that nobody saw is known by another record before the position;
    then all that is there is read again.
    """

    _since: dict[TopicPartition, float] = field(default_factory=dict)
    _lowest: dict[TopicPartition, int] = field(default_factory=dict)

    def judge(self, place: TopicPartition, found: Located) -> Verdict:
        """What to do with a partition."""
        if found.gap == "truncated":
            since = self._since.setdefault(place, time.monotonic())
            self._lowest[place] = min(found.end, self._lowest.get(place, found.end))
            return "stop" if time.monotonic() - since > DOUBT_SECONDS else "wait"
        self._since.pop(place, None)
        if found.gap == "replaced":
            self._lowest[place] = found.first
            return "rewind"
        if found.gap:
            return "stop"
        return "rewind" if place in self._lowest else "go"

    def lowest(self, place: TopicPartition) -> int:
        """The lowest end that was seen; it is forgotten by that."""
        return self._lowest.pop(place)


async def rewind(conn: Connection, consumer: str, place: TopicPartition, offset: int) -> None:
    """Set a position back."""
    await conn.execute(_REWIND, consumer, *place, offset)


async def note_stop(conn: Connection, consumer: str, place: TopicPartition, reason: str) -> None:
    """Write down that a partition stopped, for `positions list` and whoever wonders."""
    await conn.execute(_STOPS, consumer, *place, reason)


async def note_go(conn: Connection, consumer: str, places: Collection[TopicPartition]) -> None:
    """Write down that partitions go on."""
    await conn.execute(_GOES_ON, consumer, [p.topic for p in places], [p.partition for p in places])
