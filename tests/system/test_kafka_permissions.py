"""Every principal, every topic, both operations: tried on a real broker, as an outsider would."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, replace

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
)

from shared.contracts.topics import TOPICS
from shared.topics import principals
from tests.stack.servers import KafkaLogin
from tests.stack.topics import NewLogin

REGISTRY, TRAINING, MARKETING = "registry", "training", "marketing"
BOGOR = "office-32.71-perdagangan"
STRANGER = "somebody without any right"

ROWS: dict[str, tuple[set[str], set[str]]] = {
    # topic: (who writes, who reads). Written by hand: the catalogue has to agree with it.
    # An office's topic is written by its reader too: what comes by HTTP.
    "registry.person": ({REGISTRY}, {TRAINING, MARKETING}),
    "registry.business": ({REGISTRY}, {REGISTRY, TRAINING, MARKETING}),
    "registry.site": ({REGISTRY}, {TRAINING, MARKETING}),
    "registry.office": ({REGISTRY}, {TRAINING, MARKETING}),
    "registry.opening-balance": ({REGISTRY}, {TRAINING, MARKETING}),
    "training.activity": ({TRAINING}, {REGISTRY}),
    "training.cohort": ({TRAINING}, {REGISTRY}),
    "training.session": ({TRAINING}, {REGISTRY, MARKETING}),
    "training.enrolment": ({TRAINING}, {REGISTRY, MARKETING}),
    "training.certificate": ({TRAINING}, {REGISTRY, MARKETING}),
    "marketing.market-event": ({MARKETING}, {REGISTRY, TRAINING}),
    "marketing.product": ({MARKETING}, {REGISTRY, TRAINING}),
    "marketing.stand": ({MARKETING}, {REGISTRY, TRAINING}),
    "marketing.support": ({MARKETING}, {REGISTRY}),
    "marketing.sale": ({MARKETING}, {REGISTRY}),
    "office.32.71-perdagangan.market-event": ({BOGOR, MARKETING}, {MARKETING}),
    "marketing.receipt.32.71-perdagangan": ({MARKETING}, {BOGOR}),
    "registry.licence": ({REGISTRY}, {REGISTRY, MARKETING}),
    "registry.outside-training": ({REGISTRY}, {TRAINING}),
    "office.36.74-dukcapil.resident": ({"office-36.74-dukcapil", REGISTRY}, {REGISTRY}),
    "office.36.74-koperasi-ukm.guidance": ({"office-36.74-koperasi-ukm", REGISTRY}, {REGISTRY}),
    "office.36.74-koperasi-ukm.merek": ({"office-36.74-koperasi-ukm", REGISTRY}, {REGISTRY}),
    "office.36.74-dpmptsp.nib": ({"office-36.74-dpmptsp", REGISTRY}, {REGISTRY}),
    "office.36.74-kesehatan.pirt": ({"office-36.74-kesehatan", REGISTRY}, {REGISTRY}),
    "office.00-bpjph.halal": ({"office-00-bpjph", REGISTRY}, {REGISTRY}),
    "office.36.74-sosial.decile": ({"office-36.74-sosial", REGISTRY}, {REGISTRY}),
    "office.36.74-perindag.training": ({"office-36.74-perindag", REGISTRY}, {REGISTRY}),
    "office.36.74-pendidikan.training": ({"office-36.74-pendidikan", REGISTRY}, {REGISTRY}),
    "office.32.71-perdagangan.market-event.trial": ({BOGOR, MARKETING}, {MARKETING}),
    "office.36.74-dukcapil.resident.trial": ({"office-36.74-dukcapil", REGISTRY}, {REGISTRY}),
    "office.36.74-koperasi-ukm.guidance.trial": (
        {"office-36.74-koperasi-ukm", REGISTRY},
        {REGISTRY},
    ),
    "office.36.74-koperasi-ukm.merek.trial": ({"office-36.74-koperasi-ukm", REGISTRY}, {REGISTRY}),
    "office.36.74-dpmptsp.nib.trial": ({"office-36.74-dpmptsp", REGISTRY}, {REGISTRY}),
    "office.36.74-kesehatan.pirt.trial": ({"office-36.74-kesehatan", REGISTRY}, {REGISTRY}),
    "office.00-bpjph.halal.trial": ({"office-00-bpjph", REGISTRY}, {REGISTRY}),
    "office.36.74-sosial.decile.trial": ({"office-36.74-sosial", REGISTRY}, {REGISTRY}),
    "office.36.74-perindag.training.trial": ({"office-36.74-perindag", REGISTRY}, {REGISTRY}),
    "office.36.74-pendidikan.training.trial": ({"office-36.74-pendidikan", REGISTRY}, {REGISTRY}),
    "registry.receipt.36.74-dukcapil": ({REGISTRY}, {"office-36.74-dukcapil"}),
    "registry.receipt.36.74-koperasi-ukm": ({REGISTRY}, {"office-36.74-koperasi-ukm"}),
    "registry.receipt.36.74-dpmptsp": ({REGISTRY}, {"office-36.74-dpmptsp"}),
    "registry.receipt.36.74-kesehatan": ({REGISTRY}, {"office-36.74-kesehatan"}),
    "registry.receipt.00-bpjph": ({REGISTRY}, {"office-00-bpjph"}),
    "registry.receipt.36.74-sosial": ({REGISTRY}, {"office-36.74-sosial"}),
    "registry.receipt.36.74-perindag": ({REGISTRY}, {"office-36.74-perindag"}),
    "registry.receipt.36.74-pendidikan": ({REGISTRY}, {"office-36.74-pendidikan"}),
    "registry.feed": ({REGISTRY}, {REGISTRY}),
    "training.feed": ({TRAINING}, {TRAINING}),
    "marketing.feed": ({MARKETING}, {MARKETING}),
}
WHO = [*principals(), STRANGER]
OFFICES = [who for who in principals() if who.startswith("office-")]
TRIES = [(who, topic.name, act) for who in WHO for topic in TOPICS for act in ("WRITE", "READ")]

REFUSED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)
TOO_LARGE = b"x" * 2_000_000
"""No topic takes it, so a permitted try leaves nothing behind; permission is checked first."""


@dataclass
class Tried:
    """What each principal's real tries came to, asked once and then looked up."""

    logins: dict[str, KafkaLogin]
    outcomes: dict[tuple[str, str, str], bool]

    def may(self, who: str, topic: str, act: str) -> bool:
        if (who, topic, act) not in self.outcomes:
            self._write(who)
            self._read(who)
        return self.outcomes[who, topic, act]

    def _write(self, who: str) -> None:
        producer = Producer(
            self.logins[who].confluent()
            | {"message.max.bytes": 10_000_000, "message.timeout.ms": 15_000, "log_level": 0}
        )
        for topic in TOPICS:

            def answered(error: KafkaError | None, _: object, name: str = topic.name) -> None:
                allowed = error is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE
                refused = (
                    error is not None and error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
                )
                assert allowed or refused, (who, name, error)
                self.outcomes[who, name, "WRITE"] = allowed

            try:
                producer.produce(topic.name, TOO_LARGE, on_delivery=answered)
            except KafkaException as refused:  # known from the metadata by now
                answered(refused.args[0], None)
        assert producer.flush(30) == 0

    def _read(self, who: str) -> None:
        for name, allowed in asyncio.run(_all_reads(self.logins[who])).items():
            self.outcomes[who, name, "READ"] = allowed


async def _all_reads(login: KafkaLogin) -> dict[str, bool]:
    names = [topic.name for topic in TOPICS]
    answers = await asyncio.gather(*(_reads(login, name) for name in names))
    return dict(zip(names, answers, strict=True))


async def _reads(login: KafkaLogin, topic: str) -> bool:
    """Whether the broker answers a fetch of the first partition."""
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **login.aiokafka())
    await consumer.start()
    try:
        place = TopicPartition(topic, 0)
        await consumer._client.add_topic(topic)
        if topic in consumer._client.cluster.unauthorized_topics:
            return False
        consumer.assign([place])
        consumer.seek(place, 0)
        for _ in range(100):
            await consumer.getmany(timeout_ms=200)
            if consumer.highwater(place) is not None:
                return True
        raise TimeoutError(topic)
    except TopicAuthorizationFailedError:
        return False
    finally:
        await consumer.stop()


def _answers(consumer: Consumer, number: int) -> dict[str, bool]:
    """By topic: whether it was read (a record, or its end) or refused."""
    found: dict[str, bool] = {}
    end = time.monotonic() + 30
    while len(found) < number and time.monotonic() < end:
        record = consumer.poll(1)
        error = None if record is None else record.error()
        if record is not None and (error is None or error.code() == KafkaError._PARTITION_EOF):
            found[record.topic()] = True
        elif record is not None and error is not None and error.code() in REFUSED:
            found[record.topic()] = False
    return found


@pytest.fixture(scope="module")
def tried() -> Tried:
    return Tried({}, {})


@pytest.fixture
def asking(tried: Tried, catalogue: dict[str, KafkaLogin], new_login: NewLogin) -> Tried:
    if STRANGER not in tried.logins:
        tried.logins |= {**catalogue, STRANGER: new_login()}
    return tried


def test_every_topic_has_a_row_and_every_row_a_topic() -> None:
    assert {topic.name for topic in TOPICS} == set(ROWS)
    assert {who for writers, readers in ROWS.values() for who in writers | readers} == set(
        principals()
    )


@pytest.mark.parametrize(("who", "topic", "act"), TRIES)
def test_a_principal_may_do_what_its_row_says_and_nothing_else(
    asking: Tried, who: str, topic: str, act: str
) -> None:
    writers, readers = ROWS[topic]
    assert asking.may(who, topic, act) == (who in (writers if act == "WRITE" else readers))


@pytest.mark.parametrize("who", [REGISTRY, TRAINING, MARKETING])
@pytest.mark.parametrize("group", [REGISTRY, TRAINING, MARKETING])
def test_a_service_joins_groups_of_its_own_name_only(
    catalogue: dict[str, KafkaLogin], who: str, group: str
) -> None:
    topic = next(name for name, (_, readers) in ROWS.items() if who in readers)
    assert _joins(catalogue[who], f"{group}.try-{uuid.uuid4().hex}", topic) == (who == group)


@pytest.mark.parametrize("office", OFFICES)
def test_an_office_joins_no_group(catalogue: dict[str, KafkaLogin], office: str) -> None:
    own = next(topic for topic, (writers, _) in ROWS.items() if office in writers)
    assert not _joins(catalogue[office], f"{office}.try", own)


def _joins(login: KafkaLogin, group: str, topic: str) -> bool:
    consumer = Consumer(
        login.confluent()
        | {"group.id": group, "enable.auto.commit": False, "enable.partition.eof": True,
           "auto.offset.reset": "latest", "log_level": 0}
    )  # fmt: skip
    consumer.subscribe([topic])
    try:
        (allowed,) = _answers(consumer, 1).values()
        return allowed
    finally:
        consumer.close()


@pytest.mark.parametrize("who", [REGISTRY, TRAINING, MARKETING, BOGOR])
def test_nobody_but_the_administrator_makes_changes_or_deletes_topics(
    catalogue: dict[str, KafkaLogin], who: str
) -> None:
    admin = AdminClient(catalogue[who].confluent() | {"log_level": 0})
    own = next(topic for topic, (writers, _) in ROWS.items() if who in writers)
    shorter = ConfigResource(
        ConfigResource.Type.TOPIC,
        own,
        incremental_configs=[
            ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)
        ],
    )
    new = f"{who}.new"
    for answers in (
        admin.create_topics([NewTopic(new, num_partitions=1)]),
        admin.delete_topics([own]),
        admin.incremental_alter_configs([shorter]),
        admin.delete_records([Place(own, 0, -1)]),
    ):
        (answer,) = answers.values()
        with pytest.raises(KafkaException) as refused:
            answer.result(20)
        assert refused.value.args[0].code() in (
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        )


@pytest.mark.parametrize(("name", "allowed"), [(f"{BOGOR}.a", True), ("registry.a", False)])
def test_an_office_publishes_in_transactions_of_its_own_name_only(
    catalogue: dict[str, KafkaLogin], name: str, *, allowed: bool
) -> None:
    producer = Producer(catalogue[BOGOR].confluent() | {"transactional.id": name, "log_level": 0})
    if allowed:
        producer.init_transactions(30)
        return
    with pytest.raises(KafkaException) as refused:
        producer.init_transactions(30)
    code = refused.value.args[0].code()
    assert code == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


def test_a_wrong_password_and_no_login_at_all_are_refused(
    catalogue: dict[str, KafkaLogin],
) -> None:
    wrong = replace(catalogue[REGISTRY], password="guessed")
    nobody = replace(catalogue[REGISTRY], security="PLAINTEXT")
    for login in (wrong, nobody):
        admin = AdminClient(login.confluent() | {"log_level": 0, "socket.timeout.ms": 3000})
        with pytest.raises(KafkaException):
            admin.list_topics(timeout=3)


@pytest.mark.parametrize(
    ("who", "may"), [(REGISTRY, True), (TRAINING, False), ("office-36.74-dukcapil", False)]
)
def test_only_the_owner_of_a_feed_that_names_people_may_forget_its_records(
    catalogue: dict[str, KafkaLogin], who: str, may: bool
) -> None:
    admin = AdminClient(catalogue[who].confluent() | {"log_level": 0})
    (answer,) = admin.delete_records([Place("office.36.74-dukcapil.resident", 0, 0)]).values()
    if may:
        assert answer.result(20).low_watermark == 0
        return
    with pytest.raises(KafkaException) as refused:
        answer.result(20)
    # who may not even see the topic finds no partition of it
    codes = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError._NOENT)
    assert refused.value.args[0].code() in codes
