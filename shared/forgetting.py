"""Records that name people leave Kafka once everybody here has passed them.

What an office told lies on its topic in clear, for thirty days, for whoever gets hold of the
broker's disk. What we needed of it is here, sealed, a moment later. It is kept for a day all the
same (a setting): for whoever has to bring back last night's backup of the database.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition

from shared import kafka
from shared.consumers import Consumer
from shared.contracts.topics import Topic
from shared.db import Connection
from shared.logs import log
from shared.settings import KafkaSettings

# A rebuild reads under a name of its own, `name@generation`, and is passed only by being over.
_PASSED = """
select topic, partition, min(next_offset) as passed from position
where topic = any($1::text[])
group by topic, partition
having array_agg(distinct split_part(consumer, '@', 1)) @> $2::text[]
"""


async def passed(
    conn: Connection, consumers: Sequence[Consumer], topics: Sequence[str]
) -> dict[TopicPartition, int]:
    """Up to where each of these consumers has read its partitions of these topics."""
    found = {}
    for topic in topics:
        readers = [consumer.name for consumer in consumers if topic in consumer.topics]
        for row in await conn.fetch(_PASSED, [topic], readers):
            found[TopicPartition(row["topic"], row["partition"])] = row["passed"]
    return found


async def forget(
    conn: Connection,
    consumers: Sequence[Consumer],
    settings: KafkaSettings,
    keep: timedelta,
    catalogue: Callable[[str], Topic],
) -> dict[TopicPartition, int]:
    """Delete what all have passed and is older than `keep`; returns where each partition begins.

    Only partitions of which something was deleted. Raises aiokafka's and asyncpg's errors; the
    next time comes.
    """
    read = dict.fromkeys(name for consumer in consumers for name in consumer.topics)
    named = [name for name in read if catalogue(name).personal and not catalogue(name).trial_of]
    ends = await passed(conn, consumers, named)
    if not ends:
        return {}
    old = await kafka.offsets_at(settings, list(ends), datetime.now(UTC) - keep)
    first = await kafka.first_offsets(settings, list(ends))
    due = {
        place: until
        for place, end in ends.items()
        if (until := min(end, old[place])) > first[place]
    }
    if due:
        await kafka.delete_before(settings, due)
        log.info("forgot_records", partitions=len(due), topics=sorted({p.topic for p in due}))
    return due
