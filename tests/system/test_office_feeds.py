"""Offices report over a real Kafka, each under its own login: every ending, and what follows."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.stack import LocalStack
from shared.contracts import office_feeds as feeds
from shared.contracts.office_feeds import OfficeFeed
from tests.system.offices import ask, eventually, login, registered, with_business

DUKCAPIL, KOPERASI = feeds.RESIDENTS, feeds.GUIDANCE
NIK, OTHER_NIK, NEW_NIK = "3674065505857401", "3674065505857402", "3674065505857403"
STRANGER = "3674065505857404"
PARIGI_BARU = "36.74.03.1009"


async def _send(
    stack: LocalStack, feed: OfficeFeed, events: list[tuple[str, int, str, Mapping[str, Any]]]
) -> list[str]:
    producer = AIOKafkaProducer(**login(stack, feed.office))
    await producer.start()
    ids = []
    try:
        for n, (kind, sequence, ref, said) in enumerate(events):
            ids.append(str(uuid.uuid4()))
            envelope = {
                "specversion": "1.0",
                "id": ids[-1],
                "source": feed.source,
                "type": f"id.{feed.named}.{kind}.v1",
                "subject": ref,
                "time": "2026-05-04T10:00:00+07:00",
                "partitionkey": ref,
                "sequence": f"{sequence:020}",
            }
            data = {"occurred_on": "2026-05-04", feed.key: ref, **said}
            if n % 2:  # both modes are taken
                value = json.dumps(envelope | {"data": data}).encode()
                headers = [("content-type", b"application/cloudevents+json")]
            else:
                value = json.dumps(data).encode()
                headers = [(f"ce_{name}", text.encode()) for name, text in envelope.items()]
                headers.append(("content-type", b"application/json"))
            await producer.send_and_wait(feed.topic, value, key=ref.encode(), headers=headers)
    finally:
        await producer.stop()
    return ids


def send(stack: LocalStack, feed: OfficeFeed, *events: tuple[str, int, str, Any]) -> list[str]:
    return asyncio.run(_send(stack, feed, list(events)))


async def _receipts(stack: LocalStack, office: str) -> dict[str, list[tuple[str, str]]]:
    topic = f"registry.receipt.{office}"
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, isolation_level="read_committed", **login(stack, office)
    )
    await consumer.start()
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        places = [TopicPartition(topic, n) for n in range(4)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    said = json.loads(record.value)
                    ending = (said["outcome"], said["code"])
                    found.setdefault(said["event_id"], []).append(ending)
    finally:
        await consumer.stop()
    return found


def receipts(stack: LocalStack, feed: OfficeFeed) -> dict[str, list[tuple[str, str]]]:
    """By event id what this office, under its own login, was told, in order."""
    return asyncio.run(_receipts(stack, feed.office))


@pytest.fixture(scope="module")
def her(system: LocalStack) -> tuple[str, str]:
    """Somebody whom the offices report about, and her business."""
    person_id = registered(system, NIK, "3674060905857401")
    return person_id, with_business(system, person_id)


def test_the_civil_registry_moves_her_and_is_told_so(
    system: LocalStack, her: tuple[str, str]
) -> None:
    ids = send(
        system,
        DUKCAPIL,
        ("resident.verified", 1, "DKC-A", {"nik": NIK, "area": {"code": "3674061005"}}),
        (
            "resident.moved",
            2,
            "DKC-A",
            {"nik": NIK, "area": {"kelurahan": "Perigi Baru", "kecamatan": "Pondok Aren"}},
        ),
    )

    def moved() -> bool:
        _, body = ask(system, "registry", f"/v1/people/{her[0]}")
        return bool(body["kelurahan"] == PARIGI_BARU)

    eventually(moved)
    eventually(lambda: set(ids) <= receipts(system, DUKCAPIL).keys())
    told = receipts(system, DUKCAPIL)
    assert [told[event_id] for event_id in ids] == [[("accepted", "")]] * 2


def test_a_guided_business_is_not_eligible_and_training_knows_it(
    system: LocalStack, her: tuple[str, str]
) -> None:
    send(system, KOPERASI, ("business.guided", 1, "BINA-A", {"nik": NIK}))

    def not_eligible() -> bool:
        _, body = ask(system, "registry", f"/v1/businesses/{her[1]}/eligibility")
        return any(
            (r["condition"], r["state"]) == ("not_guided_elsewhere", "not_met")
            and "koperasi-ukm" in r["detail"]
            for r in body["reasons"]
        )

    eventually(not_eligible)


def test_a_revoked_licence_turns_its_point_in_marketing_and_is_a_step_of_the_journey(
    system: LocalStack, her: tuple[str, str]
) -> None:
    wares = {"business_id": her[1], "name": "Keripik", "unit": "pack", "price_rupiah": 12_000}
    products: list[str] = []

    def added() -> bool:
        status, body = ask(system, "marketing", "/v1/products", wares)
        products.extend([body["product_id"]] if status == 201 else [])
        return status == 201

    eventually(added)  # marketing has heard of her business
    paper = {"nik": NIK, "number": "206367401000155", "product": "Keripik"}
    send(system, feeds.PIRT, ("pirt.issued", 1, "PIRT-A", paper))

    def stands(state: str, fact: str) -> bool:
        path = f"/v1/products/{products[0]}/readiness"
        point = ask(system, "marketing", path)[1]["licences"][1]
        said = (point["point"], point["state"], point["fact"], point["by_office"])
        return bool(said == ("pirt", state, fact, "kesehatan"))

    eventually(lambda: stands("met", "issued"))
    send(system, feeds.PIRT, ("pirt.revoked", 2, "PIRT-A", paper))
    eventually(lambda: stands("not_met", "revoked"))

    def told() -> bool:
        steps = ask(system, "registry", f"/v1/businesses/{her[1]}/journey")[1]["steps"]
        texts = [step["text"] for step in steps if step["kind"] == "licence.reported"]
        return len(texts) == 2 and any("dicabut" in text for text in texts)

    eventually(told)


def test_a_training_of_another_office_counts_for_her(
    system: LocalStack, her: tuple[str, str]
) -> None:
    said = {"nik": NIK, "title": "Desain kemasan", "began_on": "2026-05-03", "hours": "12"}
    send(system, feeds.TRAINING_PERINDAG, ("training.delivered", 1, "PLT-A", said))

    def counted() -> bool:
        status, body = ask(system, "training", f"/v1/businesses/{her[1]}/trainings")
        return status == 200 and (body["by_others"], body["hours"]) == (1, "12")

    eventually(counted)


def test_who_is_not_registered_yet_is_waited_for_and_then_accepted(system: LocalStack) -> None:
    area = {"code": "36.74.05.1005"}
    (event_id,) = send(
        system, DUKCAPIL, ("resident.verified", 1, "DKC-B", {"nik": STRANGER, "area": area})
    )
    eventually(lambda: event_id in receipts(system, DUKCAPIL))
    assert receipts(system, DUKCAPIL)[event_id] == [("waiting", "waiting")]
    registered(system, STRANGER, "3674060905857404")
    eventually(lambda: receipts(system, DUKCAPIL)[event_id][-1] == ("accepted", ""))


def test_what_staff_have_to_settle_and_what_the_sender_has_to_is_told_apart(
    system: LocalStack, her: tuple[str, str]
) -> None:
    registered(system, OTHER_NIK, "3674060905857402")
    setu, collides, refused, named = send(
        system,
        DUKCAPIL,
        ("resident.moved", 1, "DKC-C", {"nik": OTHER_NIK, "area": {"kelurahan": "Setu"}}),
        ("resident.nik-corrected", 3, "DKC-A", {"nik": OTHER_NIK, "former_nik": NIK}),
        ("resident.died", 1, "DKC-D", {"nik": "not a number"}),
        ("resident.died", 1, OTHER_NIK, {"nik": OTHER_NIK}),
    )
    eventually(lambda: {setu, collides, refused, named} <= receipts(system, DUKCAPIL).keys())
    told = receipts(system, DUKCAPIL)
    assert told[setu] == [("waiting", "wilayah-bermakna-ganda")]
    assert told[collides] == [("waiting", "nik-milik-orang-lain")]
    assert told[refused] == [("rejected", "contract")]
    assert told[named] == [("rejected", "names_a_person")]
    eventually(lambda: any(e == ("rejected", "names_a_person") for e in _ends(system)))


def _ends(stack: LocalStack) -> list[tuple[str, str]]:
    return [end for ends in receipts(stack, DUKCAPIL).values() for end in ends]


def test_a_forged_source_is_refused(system: LocalStack) -> None:
    """A login of its own proves nothing about who the event says that it is from."""
    forged = OfficeFeed(
        DUKCAPIL.office, DUKCAPIL.name, "registry", KOPERASI.named, DUKCAPIL.key, ()
    )
    good = {"nik": NIK, "area": {"code": "36.74.05.1005"}}
    asyncio.run(_send_as(system, forged, KOPERASI.source, good))
    eventually(lambda: ("rejected", "source_not_allowed") in _ends(system))


async def _send_as(stack: LocalStack, feed: OfficeFeed, source: str, data: Any) -> None:
    producer = AIOKafkaProducer(**login(stack, feed.office))
    await producer.start()
    headers = {
        "ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": source,
        "ce_type": "id.go.tangerangselatankota.dukcapil.resident.verified.v1",
        "ce_subject": "DKC-F", "ce_time": "2026-05-04T10:00:00+07:00", "ce_sequence": "1",
    }  # fmt: skip
    body = json.dumps({"occurred_on": "2026-05-04", "resident_ref": "DKC-F", **data}).encode()
    try:
        await producer.send_and_wait(
            feed.topic, body, key=b"DKC-F", headers=[(n, v.encode()) for n, v in headers.items()]
        )
    finally:
        await producer.stop()
