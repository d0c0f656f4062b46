"""The events that are measured with: 640 bytes, Zipf over 20,000 keys, some repeated, some bad."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from confluent_kafka import Producer

from shared.attributes import Header
from shared.cloudevents import headers
from shared.contracts import offices, registry, topics
from shared.contracts.fact import Fact
from shared.ids import uuid7
from shared.outbox import Told

SIZE = 640
KEYS = 20_000
REPEATED = 0.01
BAD = 0.001
SEED = 3
_START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as a producer sends it."""

    topic: str
    key: bytes
    value: bytes
    headers: list[Header]


def business(key: UUID, version: int, luck: random.Random) -> Fact:
    """A business as the registry tells it; mostly changes, since keys repeat."""
    kinds: tuple[registry.ConstraintKind, ...] = ("brand", "marketing", "capital", "licence")
    model = registry.BusinessRegistered if version == 1 else registry.BusinessProductionChanged
    return model(
        occurred_on=date(2026, 11, 24),
        business_id=key,
        owner_id=UUID(int=key.int ^ 1),
        kelurahan=f"36.74.0{luck.randint(1, 7)}.100{luck.randint(1, 8)}",
        sector="food",
        sub_sector="confectionery",
        kbli=registry.Kbli(code="10732", version="2020"),
        started_on=date(2017, 5, 1),
        production_mode="batch",
        capacity=registry.Capacity(quantity=str(luck.randint(1, 999)), unit="jar", period="day"),
        channels=("online", "home", "reseller"),
        constraints=tuple(registry.Constraint(kind=k, severity=2) for k in kinds),
    )


def market_event(key: UUID, version: int, luck: random.Random) -> Fact:
    """A market event as Bogor's office tells it; each version says something else."""
    model = offices.MarketEventAnnounced if version == 1 else offices.MarketEventChanged
    return model(
        occurred_on=date(2026, 11, 24),
        event_ref=str(key),
        name=f"Pasar Rakyat {luck.randint(1, 10**6)} di halaman Balai Kota",
        host_city="32.71",
        place="Jalan Ir. H. Juanda 10, Paledang, Kecamatan Bogor Tengah, Kota Bogor",
        starts_on=date(2027, 2, 1),
        ends_on=date(2027, 2, 7),
        stands=luck.randint(1, 400),
        time_zone="Asia/Jakarta",
    )


Make = Callable[[UUID, int, random.Random], Fact]
"""A fact about a key in a version, with whatever luck gives it."""


def records(count: int, make: Make, seed: int = SEED) -> Iterator[Record]:
    """The workload: always the same for the same arguments."""
    luck = random.Random(seed)
    keys = [UUID(int=luck.getrandbits(128), version=4) for _ in range(KEYS)]
    odds = list(accumulate(1 / rank for rank in range(1, KEYS + 1)))
    versions: Counter[UUID] = Counter()
    recent: list[Record] = []
    for n in range(count):
        if recent and luck.random() < REPEATED:
            yield luck.choice(recent)
            continue
        bad = luck.random() < BAD
        # a bad event has a key of its own: in a reaction the rest of its key would queue behind it
        key = uuid7() if bad else luck.choices(keys, cum_weights=odds)[0]
        versions[key] += 1
        made = record(make(key, versions[key], luck), versions[key], n, luck, bad)
        yield made
        recent = [*recent[-20:], made]


def record(fact: Fact, version: int, n: int, luck: random.Random, bad: bool) -> Record:
    body = fact.model_dump_json().encode()
    if bad:
        body = body.replace(b'"occurred_on":"2026-', b'"occurred_on":"20-6-', 1)
    # a field of a later version, which readers ignore, brings every event to the same size
    missing = SIZE - len(body) - len(b',"later":""')
    if missing < 0:
        raise ValueError(f"the event has {len(body)} bytes already")
    body = body[:-1] + b',"later":"' + b"x" * missing + b'"}'
    told = Told(
        event_id=UUID(int=luck.getrandbits(128), version=4),
        topic=fact.TOPIC,
        key=fact.key,
        sequence=version,
        type=fact.TYPE,
        time=_START + timedelta(milliseconds=n),
        correlation_id=str(UUID(int=luck.getrandbits(128), version=4)),
        causation_id=None,
        traceparent=None,
        body=body,
    )
    return Record(
        fact.TOPIC, fact.key.encode(), body, headers(told, topics.topic(fact.TOPIC).source)
    )


def with_value(record: Record, value: bytes) -> Record:
    """The record with another body, under an id of its own."""
    named = [
        (name, str(uuid7()).encode() if name == "ce_id" else content)
        for name, content in record.headers
    ]
    return Record(record.topic, record.key, value, named)


def produce(login: dict[str, str | int], made: Iterator[Record]) -> int:
    """Put records on their topics, in order per key; returns how many."""
    client = Producer(
        login
        | {
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "linger.ms": 5,
            "message.max.bytes": 1_100_000,
            "queue.buffering.max.messages": 50_000,
            "log_level": 3,
        }
    )
    count = 0
    for record in made:
        while True:
            try:
                client.produce(record.topic, record.value, record.key, headers=list(record.headers))
                break
            except BufferError:
                client.poll(0.1)
        client.poll(0)
        count += 1
    if client.flush(60):
        raise TimeoutError("Kafka did not take the records")
    return count
