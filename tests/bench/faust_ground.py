"""The servers and topics of their own that Faust and our intake are compared on."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.places import Instance
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack
from shared import topics
from shared.cloudevents import Reader, headers
from shared.consumers import Consumer
from shared.contracts import offices, registry
from shared.contracts.fact import Fact
from shared.contracts.topics import Topic, source_of, topic
from shared.db import Database, make_pool
from shared.outbox import Told
from shared.privacy import Keys
from shared.settings import KafkaSettings

KEYS = Keys({"facts": bytes(range(32))})


@dataclass(frozen=True)
class Ground:
    """The servers, and what is made on them."""

    stack: LocalStack
    admin: AdminClient

    @property
    def kafka(self) -> KafkaSettings:
        kafka = self.stack.kafka
        return KafkaSettings(
            bootstrap=kafka.bootstrap,
            username="admin",
            password=kafka.password,
            security="SASL_PLAINTEXT",
        )

    def dsn(self, service: str) -> str:
        return self.stack.services.database_url(f"{service}_app")

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[Database]:
        pool = await make_pool(self.dsn(service), "faust facts", 3)
        try:
            yield Database(pool, service, source_of(service), ZoneInfo("Asia/Jakarta"))
        finally:
            await pool.close()

    async def empty(self, service: str, *tables: str) -> None:
        """Empty the tables and bring the disk to rest, so that rounds are alike."""
        conn = await asyncpg.connect(self.stack.database_url())
        names = ", ".join(f"{service}.{table}" for table in ("inbox", "position", *tables))
        await conn.execute(f"truncate {names} cascade")
        await conn.execute("checkpoint")
        await conn.close()

    def new_topic(self) -> str:
        name = f"faust-facts.{uuid4().hex[:8]}"
        self.admin.create_topics([NewTopic(name, num_partitions=1)])[name].result()
        return name

    def committed(self, group: str, place: str) -> int:
        """Up to where the group is done, as the broker has it."""
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(place, 0)])
        answer = self.admin.list_consumer_group_offsets([asked])[group].result()
        return int(answer.topic_partitions[0].offset)

    def produce(self, place: str, events: Iterable[Told], bad: int = -1) -> None:
        """Put events on a topic; number `bad` is no JSON."""
        kafka = self.kafka
        client = Producer(
            {
                "bootstrap.servers": kafka.bootstrap,
                "security.protocol": kafka.security,
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": kafka.username,
                "sasl.password": kafka.password,
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        for number, told in enumerate(events):
            body = b"{broken" if number == bad else told.body
            named = list(headers(told, topic(told.topic).source))
            client.produce(place, body, told.key, headers=named)
        if client.flush(60):
            raise TimeoutError("Kafka did not take the events")


@contextmanager
def opened() -> Iterator[Ground]:
    """The servers, for as long as they are needed."""
    instance = Instance("faust-facts")
    try:
        with LocalStack(instance, Progress(quiet=True)) as stack:
            stack.up_servers()
            kafka = stack.kafka
            yield Ground(stack, topics.administrator(kafka.bootstrap, "admin", kafka.password))
    finally:
        instance.forget()


def businesses(count: int) -> Iterator[Told]:
    """Events of registry, each about a business of its own."""
    for n in range(count):
        fact = registry.BusinessRegistered(
            occurred_on=date(2026, 11, 24),
            business_id=UUID(int=n + 1),
            owner_id=UUID(int=n + 2),
            kelurahan="36.74.06.1005",
            sector="food",
            sub_sector="confectionery",
            kbli=registry.Kbli(code="10732", version="2020"),
            started_on=date(2017, 5, 1),
            production_mode="to_order",
            capacity=registry.Capacity(quantity="20", unit="jar", period="day"),
            channels=("online",),
            constraints=(registry.Constraint(kind="marketing", severity=3),),
        )
        yield _told(fact)


def fairs(count: int) -> Iterator[Told]:
    """Events of an office, each about a fair of its own."""
    for n in range(count):
        fact = offices.MarketEventAnnounced(
            occurred_on=date(2026, 11, 24),
            event_ref=f"FAIR-{n}",
            name="Pasar Rakyat Bogor",
            host_city="32.71",
            place="Lapangan Sempur, Kota Bogor",
            starts_on=date(2027, 2, 1),
            ends_on=date(2027, 2, 2),
            stands=5,
            time_zone="Asia/Jakarta",
        )
        yield _told(fact)


def _told(fact: Fact) -> Told:
    return Told(
        event_id=uuid4(),
        topic=fact.TOPIC,
        key=fact.key,
        sequence=1,
        type=fact.TYPE,
        time=datetime.now(UTC),
        correlation_id=fact.key,
        causation_id=None,
        traceparent=None,
        body=fact.model_dump_json().encode(),
    )


def reader(consumer: Consumer, place: str) -> Reader:
    """Reads a topic of ours as if it were the one that the consumer is about."""
    known: Topic = replace(topic(consumer.topics[0]), name=place)
    return Reader(consumer.facts, KEYS, lambda _: known)
