"""Reading and writing Kafka by hand, with nothing of ours in between."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from confluent_kafka import Consumer, Message, TopicPartition

from deploy.local.bootstrap import Stop
from deploy.local.demo import office
from deploy.local.progress import console


def read(env: Mapping[str, str], topic: str, count: int) -> None:
    """Prints the newest `count` events of a topic: place, key, headers, body. Raises Stop."""
    for record in sorted(_newest(env, topic, count), key=lambda one: one.timestamp()[1])[-count:]:
        time = datetime.fromtimestamp(record.timestamp()[1] / 1000, UTC)
        place = f"{topic}[{record.partition()}]@{record.offset()}"
        console.print(f"{place}  {time:%H:%M:%S.%f}  key {_text(record.key())}", markup=False)
        for name, value in record.headers() or ():
            console.print(f"  {name}: {_text(value)}", markup=False, style="dim")
        console.print(f"  {_text(record.value())}\n", markup=False)


def announce(env: Mapping[str, str], name: str, stands: int) -> None:
    """Publishes an invented fair as the office, and says what was sent."""
    now = datetime.now(UTC)
    fact = office.announcement(now.date())
    fact |= {"name": name, "stands": stands, "event_ref": f"BGR-{now:%Y%m%d%H%M%S}"}
    event = asyncio.run(office.announce(env, fact))
    console.print_json(json.dumps(fact))
    console.print(f"Sent as {event} to {office.TOPIC}. Its walk: make trace ID={event}")


def _newest(env: Mapping[str, str], topic: str, count: int) -> list[Message]:
    """The last `count` records of each partition."""
    reader = Consumer(
        {
            "bootstrap.servers": env["KAFKA_BOOTSTRAP"],
            "security.protocol": env["KAFKA_SECURITY"],
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": env["KAFKA_USERNAME"],
            "sasl.password": env["KAFKA_PASSWORD"],
            "group.id": "none",  # asked for by the library; nothing is committed
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    known = reader.list_topics(timeout=10).topics
    if topic not in known:
        names = sorted(name for name in known if not name.startswith("__"))
        raise Stop(f"There is no topic {topic!r}; there are: {', '.join(names)}")
    places = []
    for partition in known[topic].partitions:
        low, high = reader.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        places.append(TopicPartition(topic, partition, max(low, high - count)))
    reader.assign(places)
    records, unread = [], len(places)
    while unread and (record := reader.poll(10)):
        if record.error():
            unread -= 1  # the end of a partition
        else:
            records.append(record)
    reader.close()
    return records


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode(errors="replace")
