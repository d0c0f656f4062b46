"""An office tries its events on the running product, and sends them by either door."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from deploy.local.stack import LocalStack
from deploy.roles import SERVICES
from shared.contracts import generate
from shared.contracts.fact import FACTS
from shared.contracts.topics import TOPICS, TRIAL, topic
from tests.registry.trials import MECHANISM, corpus, saying, tried
from tests.system.offices import ask, eventually, login, registered, with_business
from tests.training.doors import record
from tests.training.facts import market_event

HERS, OTHERS, STRANGERS = "3674065505857501", "3674065505857502", "3674065505857503"
DIED = "id.go.tangerangselatankota.dukcapil.resident.died.v1"
TELLING = [t for t in TOPICS if not (t.from_outside or t.operations or ".receipt." in t.name)]
"""The topics of facts: what a trial must not touch."""


async def _put(stack: LocalStack, records: Sequence[ConsumerRecord]) -> None:
    office = topic(records[0].topic).owner.removeprefix("office-")
    producer = AIOKafkaProducer(**login(stack, office), max_request_size=1_100_000)
    async with producer:
        for one in records:
            await producer.send_and_wait(
                one.topic, one.value, key=one.key, headers=list(one.headers)
            )


async def _told(stack: LocalStack, name: str) -> list[dict[str, Any]]:
    """The receipts about one topic, as its office reads them."""
    entry = topic(name)
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, **login(stack, entry.owner.removeprefix("office-"))
    )
    found: list[dict[str, Any]] = []
    async with consumer:
        places = [TopicPartition(entry.receipts, n) for n in range(4)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [json.loads(record.value or b"") for record in records]
    return [receipt for receipt in found if receipt["topic"] == name]


def told(stack: LocalStack, name: str) -> list[dict[str, Any]]:
    return asyncio.run(_told(stack, name))


def answers(receipts: Sequence[Mapping[str, Any]]) -> dict[str | None, list[tuple[str, ...]]]:
    """What was said about each event, in order; about those without an id, in any."""
    found: dict[str | None, list[tuple[str, ...]]] = defaultdict(list)
    names = ("outcome", "first_outcome", "code", "pointer", "text", "text_english")
    for receipt in receipts:
        found[receipt["event_id"]].append(tuple(str(receipt[name]) for name in names))
    found[None].sort()
    return dict(found)


async def _state(stack: LocalStack) -> dict[str, Any]:
    """The digest of each table of business, and the ends of the topics of facts."""
    found: dict[str, Any] = {}
    conn = await asyncpg.connect(stack.database_url())
    try:
        for service in SERVICES:
            rows = await conn.fetch(
                "select tablename from pg_tables where schemaname = $1", service
            )
            for name in sorted({row["tablename"] for row in rows} - MECHANISM):
                found[f"{service}.{name}"] = await conn.fetchval(
                    f"select md5(string_agg(t::text, '|' order by t::text)) from {service}.{name} t"
                )
            found[f"{service} to tell"] = await conn.fetchval(
                f"select count(*) from {service}.outbox o join {service}.journal j using (event_id)"
                " where j.topic not like '%.receipt.%'"
            )
    finally:
        await conn.close()
    admin = {
        "bootstrap_servers": stack.kafka.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "admin",
        "sasl_plain_password": stack.kafka.password,
    }
    async with AIOKafkaConsumer(**admin) as consumer:
        places = [TopicPartition(t.name, n) for t in TELLING for n in range(t.partitions)]
        consumer.assign(places)  # all their metadata at once, not one after the other
        found |= {str(p): end for p, end in (await consumer.end_offsets(places)).items()}
    return found


def settled(stack: LocalStack) -> dict[str, Any]:
    """The state once nothing that came before is on its way any more."""
    before = asyncio.run(_state(stack))
    while True:
        time.sleep(0.5)
        now = asyncio.run(_state(stack))
        if now == before and not any(now[f"{service} to tell"] for service in SERVICES):
            return now
        before = now


def markets() -> list[ConsumerRecord]:
    """What Bogor's trade office may send."""
    ref = f"PASAR-{uuid4().hex[:8]}"
    first = record(market_event(event_ref=ref), 1)
    late = market_event(event_ref=f"{ref}-b", time_zone="Asia/Nowhere")
    return [
        first,
        record(late, 1),
        record(market_event(event_ref=f"{ref}-b"), 2),
        first,
        saying(record(market_event(event_ref=ref), 3), ce_id=dict(first.headers)["ce_id"].decode()),
        saying(record(market_event(event_ref=ref), 4), ce_type=DIED),
    ]


@pytest.fixture(scope="module")
def her(system: LocalStack) -> str:
    """The business of a woman who is registered beside another."""
    business = with_business(system, registered(system, HERS, "3674060905857501"))
    registered(system, OTHERS, "3674060905857502")
    return business


@pytest.mark.parametrize("service", ["registry", "marketing"])
def test_one_corpus_gets_the_same_receipts_from_the_trial_which_touches_and_tells_nothing(
    system: LocalStack, her: str, service: str
) -> None:
    sent = corpus(HERS, OTHERS, STRANGERS, "TRY") if service == "registry" else markets()
    name = sent[0].topic
    at_first = {each: told(system, each) for each in (name, name + TRIAL)}

    def since(each: str) -> list[dict[str, Any]]:
        return [receipt for receipt in told(system, each) if receipt not in at_first[each]]

    before = settled(system)
    asyncio.run(_put(system, [tried(one) for one in sent]))
    eventually(lambda: len(since(name + TRIAL)) == len(sent))
    # what a trial did would have been committed with its receipt, and told or on its way
    assert asyncio.run(_state(system)) == before
    asyncio.run(_put(system, sent))
    eventually(lambda: len(since(name)) == len(sent))
    assert answers(since(name + TRIAL)) == answers(since(name))
    assert asyncio.run(_state(system)) != before


def as_office(
    stack: LocalStack, path: str, said: Mapping[str, Any] | None = None
) -> tuple[int, Any, str]:
    """Status, body and Location of what the civil registry asks, or sends, by HTTP."""
    token = stack.services.token("dinas", office="36.74-dukcapil")
    request = urllib.request.Request(  # noqa: S310 - http, ours
        stack.services.url("registry") + path,
        None if said is None else json.dumps(said).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return answer.status, json.loads(answer.read()), str(answer.headers["Location"])


def structured(said: Mapping[str, Any], name: str) -> ConsumerRecord:
    """The record that the office itself would write."""
    return ConsumerRecord(
        topic=name,
        partition=0,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=str(said["subject"]).encode(),
        value=json.dumps(said).encode(),
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=(("content-type", b"application/cloudevents+json"),),
    )


def dying(ref: str, nik: str) -> dict[str, Any]:
    said = generate.example(DIED)
    data = said["data"] | {"resident_ref": ref, "nik": nik}
    event_id = f"http-{uuid4()}"
    return {**said, "id": event_id, "subject": ref, "partitionkey": ref, "data": data}


def test_an_event_ends_the_same_by_either_door_and_twice_is_once(
    system: LocalStack, her: str
) -> None:
    name = FACTS[DIED].TOPIC
    by_http, by_kafka = dying("DOOR-1", STRANGERS), dying("DOOR-2", STRANGERS)
    status, taken, location = as_office(system, "/v1/events", by_http)
    assert (status, taken["topic"]) == (202, name)
    asyncio.run(_put(system, [structured(by_kafka, name)]))
    as_office(system, "/v1/events", by_http)
    as_office(system, "/v1/events", by_kafka)
    asyncio.run(_put(system, [structured(by_http, name)]))
    eventually(lambda: len(of(system, name, by_http)) + len(of(system, name, by_kafka)) == 5)
    ends = [[(r["outcome"], r["code"]) for r in of(system, name, e)] for e in (by_http, by_kafka)]
    assert ends[1] == [("waiting", "waiting"), ("duplicate", "")]
    assert ends[0] == [*ends[1], ("duplicate", "")]
    assert {r["receipt_for"] for r in of(system, name, by_http)} == {taken["receipt_for"]}
    _, listed, _ = as_office(system, location)
    assert [item["outcome"] for item in listed["items"]] == [end for end, _ in ends[0]]


def test_what_is_tried_is_in_no_list_of_work_and_calls_nobody(system: LocalStack, her: str) -> None:
    sent = [tried(one) for one in corpus(HERS, OTHERS, STRANGERS, f"T{uuid4().hex[:6]}")]
    name = sent[0].topic
    at_first = len(told(system, name))
    asyncio.run(_put(system, sent))
    eventually(lambda: len(told(system, name)) == at_first + len(sent))
    for path in ("/v1/parked?limit=200", "/v1/parked/groups", "/v1/feeds"):
        status, listed = ask(system, "registry", path)
        assert status == 200
        assert TRIAL not in json.dumps(listed), path
    figures = urllib.request.urlopen(  # noqa: S310 - http, ours
        f"{system.services.worker_url('registry')}/metrics", timeout=10
    )
    text = figures.read().decode()
    named = {line.split("{")[0] for line in text.splitlines() if '"registry.trial"' in line}
    assert "binaan_events_consumed_total" in named
    assert not {name for name in named if "parked" in name or "waiting" in name}, named


def of(stack: LocalStack, name: str, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [receipt for receipt in told(stack, name) if receipt["event_id"] == said["id"]]
