"""docs/events/bad-events.md, row by row: sent over a real Kafka, answered by the real workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from deploy.local.stack import LocalStack
from shared.contracts import topics
from shared.contracts.topics import TRIAL
from tests.docs.pages import ROOT
from tests.system import bad_events as bad
from tests.system.bad_events import TRIES, Raw, Try
from tests.system.offices import ask, eventually, login, registered, with_business

PAGE = ROOT / "docs" / "events" / "bad-events.md"
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Row:
    """What the page says of one kind of event."""

    name: str
    outcome: str
    code: str
    pointer: str
    told: str


def rows() -> Iterator[Row]:
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            name, _, outcome, code, pointer, told = (cell.strip("`“”") for cell in cells)
            yield Row(name, outcome, code, pointer, told)


ROWS = {row.name: row for row in rows()}


def test_every_row_is_tried_and_whatever_is_tried_has_a_row() -> None:
    assert len(ROWS) > 70
    assert ROWS.keys() == TRIES.keys()
    assert len(list(rows())) == len(ROWS)


@dataclass
class Office:
    """One office at Kafka, under its own login."""

    stack: LocalStack
    name: str

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "bootstrap.servers": self.stack.kafka.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": self.name,
            "sasl.password": self.stack.services.kafka_password(self.name),
        } | more

    def producer(self, **more: Any) -> Producer:
        return Producer(self.settings(**{"message.max.bytes": 64 << 20, "linger.ms": 1, **more}))

    def receipts(self) -> dict[Place, list[dict[str, Any]]]:
        """Everything that it was told so far, by the place of its event."""
        topic = next(t.receipts for t in topics.TOPICS if t.from_outside and self.name in t.writers)
        reader = Consumer(self.settings(**{"group.id": f"{self.name}.none"}))
        found: dict[Place, list[dict[str, Any]]] = defaultdict(list)
        places, left = [], set()
        for n in range(4):
            low, high = reader.get_watermark_offsets(TopicPartition(topic, n), timeout=20)
            if high > low:
                places.append(TopicPartition(topic, n, low))
                left.add((n, high))
        reader.assign(places)
        try:
            while left:
                message = reader.poll(10)
                assert message is not None, "receipts that are there don't come"
                told = json.loads(message.value() or b"{}")
                found[told["topic"], told["partition"], told["offset"]].append(told)
                left.discard((message.partition(), message.offset() + 1))
        finally:
            reader.close()
        return found


def office_of(raw: Raw, stack: LocalStack) -> Office:
    return Office(stack, topics.topic(raw.topic).owner)


class Refused(Exception):
    """Kafka itself took it not."""


def send(producer: Producer, raw: Raw, partition: int = 0) -> Place:
    """Where it lies. Raises Refused."""
    answers: list[KafkaError | Message] = []
    producer.produce(
        raw.topic,
        raw.value,
        raw.key,
        partition,
        headers=list(raw.headers),
        on_delivery=lambda error, message: answers.append(error or message),
        **({"timestamp": raw.at} if raw.at else {}),
    )
    producer.flush(30)
    (answer,) = answers
    if isinstance(answer, KafkaError):
        raise Refused(answer.name())
    return raw.topic, partition, int(answer.offset() or 0)


Sent = dict[str, Place | str]
"""By the row's name: where the event lies, or how Kafka refused it."""


def send_all(stack: LocalStack, ending: str = "") -> Sent:
    """Everything on the offices' topics, or on those whose names end so."""
    sent: Sent = {}
    producers: dict[tuple[str, str], Producer] = {}
    for name, tried in TRIES.items():
        if tried.transaction or tried.by_hand:
            continue
        for raw in tried.records:
            office = office_of(raw, stack)
            kept = producers.setdefault(
                (office.name, tried.compression),
                office.producer(**{"compression.type": tried.compression}),
            )
            try:
                sent[name] = send(kept, replace(raw, topic=raw.topic + ending))
            except Refused as why:
                sent[name] = str(why)
    for name in ("aborted-transaction", "committed-transaction"):
        sent[name] = in_a_transaction(stack, TRIES[name], ending)
    sent["header-name-not-utf8"] = by_hand(stack, ending)
    marker = replace(bad.event("MARKER"), topic=bad.DUKCAPIL + ending, headers=())
    sent["marker"] = send(office_of(marker, stack).producer(), marker)  # behind all the others
    return sent


def in_a_transaction(stack: LocalStack, tried: Try, ending: str) -> Place:
    (raw,) = (replace(record, topic=record.topic + ending) for record in tried.records)
    office = office_of(raw, stack)
    producer = office.producer(**{"transactional.id": f"{office.name}.bad-events"})
    producer.init_transactions(30)
    producer.begin_transaction()
    place = send(producer, raw)
    if tried.transaction == "aborted":
        producer.abort_transaction(30)
    else:
        producer.commit_transaction(30)
    return place


def by_hand(stack: LocalStack, ending: str) -> Place:
    """The id under a header name that isn't UTF-8."""
    (raw,) = TRIES["header-name-not-utf8"].records
    told = {
        "login": login(stack, topics.topic(raw.topic).owner.removeprefix("office-")),
        "topic": raw.topic + ending,
        "key": (raw.key or b"").decode(),
        "value": (raw.value or b"").decode(),
        "headers": [(name, (text or b"").decode()) for name, text in raw.headers],
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.system.odd_client"],
        input=json.dumps(told),
        env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    topic, partition, offset = json.loads(ran.stdout)
    return topic, partition, offset


@pytest.fixture(scope="module")
def people(system: LocalStack) -> dict[str, str]:
    """Ids of those whom the events are about."""
    known = {
        nik: registered(system, nik, f"367406090585860{n}")
        for n, nik in enumerate((bad.HERS, bad.OTHERS, bad.ORDERED, bad.OWNER, bad.TAKEN))
    }
    for _ in range(2):
        with_business(system, known[bad.OWNER])
    return known


Answers = dict[Place, list[dict[str, Any]]]


def answered_by(stack: LocalStack, sent: Sent) -> Answers:
    """What the offices were told, once they were told about everything that can be seen."""
    places = {place for place in sent.values() if isinstance(place, tuple)}
    places.discard(sent["aborted-transaction"])
    offices = {topics.topic(place[0]).owner for place in places}

    def told() -> Answers:
        return {
            place: receipts
            for office in sorted(offices)
            for place, receipts in Office(stack, office).receipts().items()
        }

    eventually(lambda: places <= told().keys())
    return told()


@pytest.fixture(scope="module")
def tried(system: LocalStack, people: dict[str, str]) -> tuple[Sent, Answers]:
    """All rows sent to the trial topics at once, before they are sent in earnest."""
    sent = send_all(system, TRIAL)
    return sent, answered_by(system, sent)


@pytest.fixture(scope="module")
def answered(system: LocalStack, tried: tuple[Sent, Answers]) -> tuple[Sent, Answers]:
    """All rows sent in earnest."""
    sent = send_all(system)
    return sent, answered_by(system, sent)


SENT_AT_ONCE = sorted(name for name, tried in TRIES.items() if tried.transaction != "open")


@pytest.mark.parametrize("name", SENT_AT_ONCE)
def test_a_row_comes_true(name: str, answered: tuple[Sent, Answers]) -> None:
    sent, answers = answered
    row, place = ROWS[name], sent[name]
    if isinstance(place, str):
        assert (row.outcome, row.code) == ("refused by Kafka", place)
        return
    if name == "aborted-transaction":
        assert row.outcome == "never seen"
        assert place not in answers
        return
    (receipt,) = answers[place]
    told = (receipt["outcome"], receipt["code"], receipt["pointer"], receipt["text"] or "")
    assert told == (row.outcome, row.code, row.pointer, row.told)
    for value in (bad.HERS, bad.OTHERS, bad.NOBODYS):
        assert value not in json.dumps(receipt)


def test_a_trial_has_said_the_same_of_every_row(
    tried: tuple[Sent, Answers], answered: tuple[Sent, Answers]
) -> None:
    said = ("outcome", "first_outcome", "code", "pointer", "text", "text_english")

    def told(sent: Sent, answers: Answers) -> dict[str, object]:
        return {
            name: [[r[part] for part in said] for r in answers.get(place, ())]
            if isinstance(place, tuple)
            else place
            for name, place in sent.items()
        }

    assert told(*tried) == told(*answered)


def test_no_bad_event_had_an_effect_and_the_older_word_changed_nothing(
    system: LocalStack, people: dict[str, str], answered: tuple[Sent, Answers]
) -> None:
    def lives(nik: str) -> str:
        return str(ask(system, "registry", f"/v1/people/{people[nik]}")[1]["kelurahan"])

    assert lives(bad.HERS) == bad.HOME["code"]
    assert lives(bad.ORDERED) == bad.THERE["code"]


def test_a_transaction_left_open_holds_up_its_own_partition_and_nothing_else(
    system: LocalStack, answered: tuple[Sent, Answers]
) -> None:
    (held,) = TRIES["open-transaction"].records
    office, other = office_of(held, system), Office(system, topics.topic(bad.PERINDAG).owner)
    producer = office.producer(**{"transactional.id": f"{office.name}.open"})
    producer.init_transactions(30)
    producer.begin_transaction()
    send(producer, held, partition=1)
    plain = replace(bad.event("BEHIND"), headers=())
    behind = send(office.producer(), plain, partition=1)
    beside = send(office.producer(), plain, partition=2)
    elsewhere = send(other.producer(), replace(plain, topic=bad.PERINDAG), partition=1)
    eventually(lambda: beside in office.receipts())
    eventually(lambda: elsewhere in other.receipts())
    assert behind not in office.receipts()
    assert ROWS["open-transaction"].outcome == "not yet seen"
    producer.abort_transaction(30)
    eventually(lambda: behind in office.receipts())
