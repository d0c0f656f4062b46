"""Looking at the product from outside: pg_stat_activity, positions, outboxes and the topics."""

import asyncio
import contextlib
import ssl
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

OFFICE = "office.32.71-perdagangan.market-event"
RESIDENTS = "office.36.74-dukcapil.resident"
SERVICES = ("registry", "training", "marketing")
CONSUMERS: dict[str, tuple[str, ...]] = {
    "registry.journey": (
        "registry.business",
        "registry.licence",
        "training.enrolment",
        "training.certificate",
        "marketing.product",
        "marketing.stand",
        "marketing.support",
        "marketing.sale",
    ),
    "registry.sessions": ("training.session",),
    "registry.enrolments": ("training.enrolment",),
    "registry.certificates": ("training.certificate",),
    "registry.products": ("marketing.product",),
    "registry.stands": ("marketing.stand",),
    "registry.sales": ("marketing.sale",),
    "registry.residents": (RESIDENTS,),
    "registry.guidance": ("office.36.74-koperasi-ukm.guidance",),
    "registry.licences": (
        "office.36.74-koperasi-ukm.merek",
        "office.36.74-dpmptsp.nib",
        "office.36.74-kesehatan.pirt",
        "office.00-bpjph.halal",
    ),
    "registry.outside-trainings": (
        "office.36.74-perindag.training",
        "office.36.74-pendidikan.training",
    ),
    "registry.deciles": ("office.36.74-sosial.decile",),
    "training.businesses": ("registry.business",),
    "training.outside-trainings": ("registry.outside-training",),
    "marketing.businesses": ("registry.business",),
    "marketing.enrolments": ("training.enrolment",),
    "marketing.certificates": ("training.certificate",),
    "marketing.licences": ("registry.licence",),
    "marketing.office-market-events": (OFFICE,),
}
"""What each consumer must have taken in: known here by the documents, not by the code.

`learn` adds what the product says that it reads besides.
"""
OBSERVED = tuple(
    f"id.binaan.registry.business.{kind}.v1"
    for kind in ("assessed", "coverage-answered", "constraints-asked", "follow-up-recorded")
)
PASSED_BY: Mapping[str, tuple[str, ...]] = {
    "registry.journey": ("id.binaan.registry.licence.reported.v2",),  # it reads version 1
    "training.businesses": (OBSERVED[-1],),
    "marketing.businesses": OBSERVED,
}
"""Kinds of event that a consumer of their topic has no use for: it leaves no trace of them."""
TOPICS_OF: dict[str, tuple[str, ...]] = {
    "registry": (
        "registry.person",
        "registry.business",
        "registry.site",
        "registry.office",
        "registry.opening-balance",
    ),
    "training": (
        "training.activity",
        "training.cohort",
        "training.session",
        "training.enrolment",
        "training.certificate",
    ),
    "marketing": (
        "marketing.market-event",
        "marketing.product",
        "marketing.stand",
        "marketing.support",
        "marketing.sale",
    ),
}
"""The topics that the chain must fill; `learn` adds what else the broker has."""
OFFICES: set[str] = {OFFICE, RESIDENTS}
PARTITIONS: dict[str, int] = {}
"""What `learn` found of the offices' topics and of all topics' partitions."""
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)


@dataclass(frozen=True, slots=True)
class Session:
    """A database connection of a frozen process."""

    name: str
    part: str
    state: str
    query: str
    backend: int
    age: float
    """Seconds from the last change of its state until the process stood still."""

    @property
    def consumer(self) -> str:
        return self.name.partition("@")[0]

    @property
    def in_transaction(self) -> bool:
        return self.state in ("active", "idle in transaction")

    @property
    def just_committed(self) -> bool:
        """A COMMIT, or the one statement that a projection's batch is."""
        text = self.query.lstrip().lower()
        return self.state == "idle" and text.startswith(("commit", "with batch"))


_SESSIONS = """
select application_name, state, query, pid, client_port,
       extract(epoch from state_change)::float8 as since
from pg_stat_activity where datname = current_database() and client_port is not null
"""


@dataclass
class Outside:
    """A superuser's connections and a reader of all topics, both come back after any outage."""

    env: Mapping[str, str]
    seen: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _after: dict[TopicPartition, int] = field(default_factory=dict)
    _pool: asyncpg.Pool | None = None
    _tail: AIOKafkaConsumer | None = None

    async def sql(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Ask as superuser. Raises what asyncpg raises while the server is away."""
        if self._pool is None:
            self._pool = await asyncpg.create_pool(
                self.env["DATABASE_URL"], min_size=0, max_size=4, timeout=5
            )
        return list(await asyncio.wait_for(self._pool.fetch(query, *arguments, timeout=30), 35))

    async def learn(self) -> None:
        """Add the topics that the broker has and the consumers that the product tells of."""
        admin = AIOKafkaAdminClient(**login(self.env), request_timeout_ms=10_000)
        try:
            await admin.start()
            there = sorted(await admin.list_topics())
            for topic in await admin.describe_topics(there):
                PARTITIONS[topic["topic"]] = len(topic["partitions"])
        finally:
            await admin.close()
        OFFICES.update(topic for topic in there if topic.startswith("office."))
        for service in SERVICES:
            facts = [t for t in there if t.startswith(f"{service}.") and not t.endswith(".feed")]
            TOPICS_OF[service] = tuple(sorted({*TOPICS_OF[service], *facts}))
            for row in await self.sql(
                f"""select split_part(consumer, '@', 1) as name, array_agg(distinct topic) as read
                    from {service}.position group by 1"""
            ):
                known = CONSUMERS.get(row["name"], ())
                CONSUMERS[row["name"]] = tuple(sorted({*known, *row["read"]}))

    async def sessions(self, pid: int, at: float = 0.0) -> list[Session]:
        """The named database connections that a process and those below it hold.

        `at`: when it was stopped; looking takes longer than what is looked for.
        """
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        ports = {c.laddr.port for one in family for c in one.net_connections("tcp")}
        found = []
        for row in await self.sql(_SESSIONS):
            name, _, part = row["application_name"].rpartition(" ")
            if row["client_port"] in ports:
                found.append(
                    Session(name, part, row["state"], row["query"], row["pid"], at - row["since"])
                )
        return found

    async def lag(self, consumer: str) -> dict[TopicPartition, tuple[int, int]]:
        """(position, end) of each partition with unread records, by the product's own book."""
        rows = await self.sql(
            f"""select topic, partition, next_offset
                from {consumer.split(".", maxsplit=1)[0]}.position
                where split_part(consumer, '@', 1) = $1""",
            consumer,
        )
        at = {TopicPartition(r["topic"], r["partition"]): r["next_offset"] for r in rows}
        ends = await self.ends(CONSUMERS[consumer])
        return {p: (at.get(p, 0), end) for p, end in ends.items() if at.get(p, 0) < end}

    async def ends(self, topics: tuple[str, ...]) -> dict[TopicPartition, int]:
        tail = self._tail
        if tail is None:
            raise KafkaError("the reader is coming back")
        places = [p for p in tail.assignment() if p.topic in topics]
        found: dict[TopicPartition, int] = await asyncio.wait_for(tail.end_offsets(places), 10)
        return found

    async def outbox(self, service: str, relay: int | None = None) -> dict[str, str]:
        """Ids still to be published or marked, with their topic; only those of a relay's slots.

        `relay` is the backend of its connection: its advisory locks say which slots it holds.
        """
        rows = await self.sql(
            f"""select o.event_id::text as id, j.topic
                from {service}.outbox o join {service}.journal j using (event_id)
                where $1::int is null or o.slot in (
                    select objid::int from pg_locks where locktype = 'advisory' and pid = $1)""",
            relay,
        )
        return {r["id"]: r["topic"] for r in rows}

    async def waiting(self, service: str) -> int:
        """Events that wait and will go on by themselves.

        Not those about residents whom nobody has registered: they wait for a name that hasn't come.
        """
        rows = await self.sql(
            f"""select count(*) as n from {service}.parked p
                where ended_at is null and state = 'waiting' and not (
                    topic = $1 and due_at > now()
                    and not exists (select from {service}.arrival a where a.name = p.detail))""",
            RESIDENTS,
        )
        return int(rows[0]["n"])

    async def published_unmarked(self, service: str, relay: int) -> set[str]:
        """Ids that lie on their topic and are in the outbox all the same: read in this order."""
        await self.catch_up(TOPICS_OF[service])
        rows = await self.outbox(service, relay)
        return {event for event, topic in rows.items() if event in self.seen[topic]}

    async def members(self, group: str) -> int:
        """Members of a settled consumer group, as the broker counts them; 0 while they change."""
        admin = AIOKafkaAdminClient(**login(self.env), request_timeout_ms=5000)
        try:
            await admin.start()
            answers = await asyncio.wait_for(admin.describe_consumer_groups([group]), 10)
        finally:
            await admin.close()
        _, _, state, _, _, members, *_ = answers[0].groups[0]
        return len(members) if state == "Stable" else 0

    async def catch_up(self, topics: tuple[str, ...]) -> None:
        """Until our reader has all that is there now. Raises TimeoutError after two seconds."""
        async with asyncio.timeout(2):
            for place, end in (await self.ends(topics)).items():
                while self._after.get(place, 0) < end:  # noqa: ASYNC110 - the reader is busy itself
                    await asyncio.sleep(0.002)

    async def read(self) -> None:
        """Note the ids on every topic as they come; for ever."""
        while True:
            with contextlib.suppress(*AWAY):
                await self._read()
            await asyncio.sleep(0.5)

    async def _read(self) -> None:
        tail = reader(self.env)
        try:
            await tail.start()
            assign(tail, all_topics(), self._after)
            self._tail = tail
            while True:
                batches = await tail.getmany(timeout_ms=500, max_records=500)
                for place, records in batches.items():
                    ids = self.seen[place.topic]
                    for record in records:
                        ids.add(next(v for n, v in record.headers if n == "ce_id").decode())
                    self._after[place] = records[-1].offset + 1
        finally:
            self._tail = None
            await asyncio.wait_for(tail.stop(), 5)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


def is_receipts(topic: str) -> bool:
    """Whether an office is told there what became of its events: no versions of anything."""
    return ".receipt." in topic


def all_topics() -> tuple[str, ...]:
    """Every topic with facts."""
    return (*(topic for topics in TOPICS_OF.values() for topic in topics), *sorted(OFFICES))


def login(env: Mapping[str, str]) -> dict[str, Any]:
    """The administrator's way into Kafka."""
    return {
        "bootstrap_servers": env["KAFKA_BOOTSTRAP"],
        "security_protocol": env["KAFKA_SECURITY"],
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": env["KAFKA_USERNAME"],
        "sasl_plain_password": env["KAFKA_PASSWORD"],
        "ssl_context": tls(env),
    }


def tls(env: Mapping[str, str]) -> ssl.SSLContext | None:
    """For a listener with TLS; KAFKA_CA_FILE says who signed its certificate."""
    if env["KAFKA_SECURITY"] != "SASL_SSL":
        return None
    return ssl.create_default_context(cafile=env.get("KAFKA_CA_FILE"))


def reader(env: Mapping[str, str]) -> AIOKafkaConsumer:
    """A reader of its own, outside all groups, as administrator."""
    return AIOKafkaConsumer(
        **login(env),
        group_id=None,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
    )


def assign(
    client: AIOKafkaConsumer, topics: tuple[str, ...], after: Mapping[TopicPartition, int]
) -> list[TopicPartition]:
    """Take every partition of the topics, each from where we were."""
    places = [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS[topic])]
    client.assign(places)
    for place in places:
        client.seek(place, after.get(place, 0))
    return places
