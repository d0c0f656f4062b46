"""Reading and writing Kafka by hand, with nothing of ours in between."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.bootstrap import Stop
from deploy.local.demo import office
from deploy.local.progress import console


def read(env: Mapping[str, str], topic: str, count: int) -> None:
    """Prints the newest `count` events of a topic: place, key, headers, body. Raises Stop."""
    asyncio.run(_read(env, topic, count))


def announce(env: Mapping[str, str], name: str, stands: int) -> None:
    """Publishes an invented fair as the office, and says what was sent."""
    now = datetime.now(UTC)
    fact = office.announcement(now.date())
    fact |= {"name": name, "stands": stands, "event_ref": f"BGR-{now:%Y%m%d%H%M%S}"}
    event = asyncio.run(office.announce(env, fact))
    console.print_json(json.dumps(fact))
    console.print(f"Sent as {event} to {office.TOPIC}. Its walk: make trace ID={event}")


async def _read(env: Mapping[str, str], topic: str, count: int) -> None:
    reader = AIOKafkaConsumer(
        bootstrap_servers=env["KAFKA_BOOTSTRAP"],
        security_protocol=env["KAFKA_SECURITY"],
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=env["KAFKA_USERNAME"],
        sasl_plain_password=env["KAFKA_PASSWORD"],
        isolation_level="read_committed",
    )
    async with reader:
        if topic not in await reader.topics():
            known = sorted(name for name in await reader.topics() if not name.startswith("__"))
            raise Stop(f"There is no topic {topic!r}; there are: {', '.join(known)}")
        places = [
            TopicPartition(topic, p) for p in sorted(reader.partitions_for_topic(topic) or ())
        ]
        reader.assign(places)
        begins, ends = await reader.beginning_offsets(places), await reader.end_offsets(places)
        records = []
        for place in places:
            reader.seek(place, max(begins[place], ends[place] - count))
            while await reader.position(place) < ends[place]:
                found = await reader.getmany(place, timeout_ms=500)
                records += found.get(place, [])
    for record in sorted(records, key=lambda found: found.timestamp)[-count:]:
        time = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        key = (record.key or b"").decode(errors="replace")
        console.print(
            f"[bold]{topic}\\[{record.partition}]@{record.offset}[/] {time:%H:%M:%S.%f} key {key}"
        )
        for name, value in record.headers:
            console.print(f"  [dim]{name}: {value.decode(errors='replace')}[/]")
        console.print(f"  {(record.value or b'').decode(errors='replace')}", markup=False)
