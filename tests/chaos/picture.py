"""What there is after the run: every record of every topic, read anew, and the tables."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import asyncpg
from aiokafka.structs import ConsumerRecord

from tests.chaos.observe import TOPICS_OF, all_topics, assign, reader


@dataclass(frozen=True, slots=True)
class Event:
    """One record as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    id: str
    source: str
    type: str
    key: str
    sequence: int
    cause: str | None
    body: bytes

    @property
    def fact(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Picture:
    """All that the checks look at."""

    events: dict[str, list[Event]]
    """Of each topic, in order of partition and offset; repeated ids included."""
    conn: asyncpg.Connection
    names: dict[str, str] = field(default_factory=dict)
    """Of each person, as the registry shows it: it lies there sealed."""
    first: dict[str, dict[str, Event]] = field(default_factory=dict)
    """Of each topic, the first occurrence of each id."""

    def __post_init__(self) -> None:
        for topic, events in self.events.items():
            found = self.first[topic] = {}
            for event in events:
                found.setdefault(event.id, event)

    async def rows(self, query: str) -> list[asyncpg.Record]:
        return list(await self.conn.fetch(query, timeout=120))

    def of(self, service: str) -> dict[str, Event]:
        """First occurrences on all topics of a service."""
        return {i: e for topic in TOPICS_OF[service] for i, e in self.first[topic].items()}

    def newest(self, topic: str) -> dict[str, Event]:
        """Of each key, the event with the highest version."""
        found: dict[str, Event] = {}
        for event in self.first[topic].values():
            if event.key not in found or found[event.key].sequence < event.sequence:
                found[event.key] = event
        return found


async def take(env: Mapping[str, str]) -> Picture:
    """Read everything from the beginning to what is the end now."""
    events: dict[str, list[Event]] = {topic: [] for topic in all_topics()}
    client = reader(env)
    try:
        await client.start()
        places = assign(client, all_topics(), {})
        ends = await client.end_offsets(places)
        async with asyncio.timeout(300):
            while any([await client.position(p) < ends[p] for p in places]):
                for batch in (await client.getmany(timeout_ms=500, max_records=2000)).values():
                    for record in batch:
                        events[record.topic].append(_event(record))
    finally:
        await client.stop()
    for found in events.values():
        found.sort(key=lambda e: (e.partition, e.offset))
    conn = await asyncpg.connect(env["DATABASE_URL"], timeout=10)
    return Picture(events, conn, await _names(env, conn))


async def _names(env: Mapping[str, str], conn: asyncpg.Connection) -> dict[str, str]:
    """Everybody's name, asked for a hundred at a time."""
    people = [str(row["person_id"]) for row in await conn.fetch("select * from registry.person")]
    found: dict[str, str] = {}
    headers = {"Authorization": f"Bearer {env['TOKEN_KASI']}"}
    async with asyncio.timeout(300), aiohttp.ClientSession(headers=headers) as session:
        for start in range(0, len(people), 100):
            asked = {"ids": ",".join(people[start : start + 100]), "purpose": "report"}
            while True:
                url = f"{env['REGISTRY_URL']}/v1/people"
                async with session.get(url, params=asked) as answer:
                    if answer.status in (429, 503):
                        await asyncio.sleep(1)
                        continue
                    answer.raise_for_status()
                    items = (await answer.json())["items"]
                    break
            found |= {item["person_id"]: item["name"] for item in items}
    return found


def _event(record: ConsumerRecord) -> Event:
    header = {name: value.decode() for name, value in record.headers}
    return Event(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        id=header["ce_id"],
        source=header["ce_source"],
        type=header["ce_type"],
        key=record.key.decode(),
        sequence=int(header["ce_sequence"]),
        cause=header.get("ce_causationid"),
        body=record.value,
    )
