"""The journey of a business is told by the services' events, whatever order they come in."""

import itertools
import json
from typing import Any

from aiokafka.structs import ConsumerRecord

from services.registry.reactions.journey import JOURNEY
from shared.contracts.fact import FACTS
from shared.contracts.generate import example
from tests.registry.people import registered_business
from tests.training.doors import KASI, Doors, Reply, record

B, T, M = "id.binaan.registry", "id.binaan.training", "id.binaan.marketing"
CHAIN = [
    f"{B}.business.registered.v1",
    f"{T}.enrolment.made.v1",
    f"{T}.enrolment.attended.v1",
    f"{M}.product.added.v1",
    f"{M}.stand.confirmed.v1",
    f"{B}.business.production-changed.v1",
    f"{B}.business.corrected.v1",
    f"{M}.stand.released.v1",
]


def heard(fact_type: str, business_id: str, **other: Any) -> ConsumerRecord:
    """An event about the business as it lies on its topic."""
    shown = example(fact_type)
    body = shown["data"] | {"business_id": business_id} | other
    fact = FACTS[fact_type].model_validate_json(json.dumps(body))
    return record(fact, int(shown["sequence"]))


async def journey(registry: Doors, business: Reply, **headers: str) -> list[dict[str, Any]]:
    reply = await registry.get(f"{business.headers['Location']}/journey", KASI, **headers)
    assert reply.status == 200
    steps: list[dict[str, Any]] = reply.body["steps"]
    return steps


async def forget(registry: Doors) -> None:
    """As if none of the events had ever been heard."""
    await registry.db.pool.execute("delete from journey_step")
    await registry.db.pool.execute("delete from inbox")


async def test_every_service_tells_its_steps_in_the_order_of_what_happened(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    late = {f"{B}.business.production-changed.v1": {"occurred_on": "2017-08-02"}}
    records = [heard(kind, business.body["business_id"], **late.get(kind, {})) for kind in CHAIN]
    ends = await registry.hear("registry.journey", *reversed(records))
    assert ends == ["done"] * len(CHAIN)
    steps = await journey(registry, business)
    assert [step["kind"] for step in steps] == [
        "business.registered",
        "enrolment.made",
        "enrolment.attended",
        "business.production-changed",
        "product.added",
        "stand.confirmed",
        "business.corrected",
        "stand.released",
    ]
    assert {step["service"] for step in steps} == {"registry", "training", "marketing"}
    assert [step["occurred_on"] for step in steps] == sorted(s["occurred_on"] for s in steps)
    ids = {dict(record.headers)["ce_id"].decode() for record in records}
    assert {step["event_id"] for step in steps} == ids
    chains = {dict(record.headers)["ce_correlationid"].decode() for record in records}
    assert {step["correlation_id"] for step in steps} == chains


async def test_the_journey_reads_as_sentences_in_both_languages(registry: Doors) -> None:
    business = await registered_business(registry)
    for kind in CHAIN:
        await registry.hear("registry.journey", heard(kind, business.body["business_id"]))
    indonesian = [step["text"] for step in await journey(registry, business)]
    assert indonesian[0] == (
        "Usaha cokelat dan permen didata; mulai 30 April 2017, kapasitas 20 toples per hari, "
        "produksi berdasarkan pesanan."
    )
    assert indonesian[3] == "Produk didata: Rp 35.000 per toples, belum bermerek."
    english = [
        step["text"] for step in await journey(registry, business, **{"Accept-Language": "en"})
    ]
    assert english[2] == "Attended the training “Pelatihan keterampilan P2WKSS Pamulang”, 6 hours."
    assert english[6] == "An entry about the business was corrected: start date."


async def test_a_licence_that_an_office_reports_is_a_step_on_the_day_since_when_it_stands_so(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    her, kind = business.body["business_id"], f"{B}.licence.reported.v1"
    newer = heard(f"{B}.licence.reported.v2", her)
    revoked = {"status": "revoked", "occurred_on": "2019-03-01"}
    ends = await registry.hear(
        "registry.journey",
        *(newer, heard(kind, her)),  # one change in two versions: one step
        heard(kind, her, **revoked),
        heard(kind, her, **revoked),  # told again, since older news of its office came late
    )
    assert ends == ["ignored", "done", "done", "done"]
    steps = await journey(registry, business)
    assert [(step["occurred_on"], step["text"]) for step in steps] == [
        ("2017-08-14",
         "P-IRT menurut kesehatan: berlaku sejak 14 Agustus 2017 sampai 14 Agustus 2022."),
        ("2019-03-01",
         "P-IRT menurut kesehatan: dicabut sejak 1 Maret 2019."),
    ]  # fmt: skip
    english = await journey(registry, business, **{"Accept-Language": "en"})
    assert english[1]["text"] == "P-IRT: revoked since 1 March 2019, says kesehatan."


async def test_an_event_heard_twice_is_one_step(registry: Doors) -> None:
    business = await registered_business(registry)
    again = heard(CHAIN[0], business.body["business_id"])
    assert await registry.hear("registry.journey", again, again) == ["done", "duplicate"]
    assert await registry.hear("registry.journey", again) == ["duplicate"]
    assert len(await journey(registry, business)) == 1


async def test_the_steps_of_another_business_are_not_mixed_in(registry: Doors) -> None:
    mine, other = await registered_business(registry), await registered_business(registry)
    await registry.hear("registry.journey", heard(CHAIN[0], mine.body["business_id"]))
    await registry.hear("registry.journey", heard(CHAIN[1], other.body["business_id"]))
    assert [step["kind"] for step in await journey(registry, mine)] == ["business.registered"]


async def test_any_order_of_arrival_leads_to_the_same_journey(registry: Doors) -> None:
    business = await registered_business(registry)
    records = [heard(kind, business.body["business_id"]) for kind in CHAIN[:4]]
    seen = []
    for order in itertools.permutations(records):
        await forget(registry)
        for each in order:
            await registry.hear("registry.journey", each)
        seen.append(await journey(registry, business))
    assert all(steps == seen[0] for steps in seen)
    assert len(seen[0]) == 4


async def test_a_truncated_journey_comes_back_identical(registry: Doors) -> None:
    business = await registered_business(registry)
    records = [heard(kind, business.body["business_id"]) for kind in CHAIN]
    await registry.hear("registry.journey", *records)
    before = await journey(registry, business)
    rows = await registry.rows("select * from journey_step order by step")
    await forget(registry)
    assert await journey(registry, business) == []
    await registry.hear("registry.journey", *records)
    assert await journey(registry, business) == before
    assert await registry.rows("select * from journey_step order by step") == rows


async def test_a_code_that_we_do_not_know_yet_is_shown_as_it_is(registry: Doors) -> None:
    business = await registered_business(registry)
    known = heard(f"{M}.product.added.v1", business.body["business_id"])
    later = known.value.replace(b'"none"', b'"licensed"')
    assert later != known.value
    fields = {name: getattr(known, name) for name in ConsumerRecord.__dataclass_fields__}
    await registry.hear("registry.journey", ConsumerRecord(**{**fields, "value": later}))
    [step] = await journey(registry, business)
    assert step["text"] == "Produk didata: Rp 35.000 per toples, licensed."


async def test_every_fact_about_a_business_is_a_step_with_a_sentence_without_holes(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    kinds = [fact.TYPE for fact in JOURNEY.facts]
    for kind in kinds:
        await registry.hear("registry.journey", heard(kind, business.body["business_id"]))
    for language in ("id", "en"):
        steps = await journey(registry, business, **{"Accept-Language": language})
        assert len(steps) == len(kinds)
        assert not [step["text"] for step in steps if "?" in step["text"]]
        assert all(step["text"].endswith(".") for step in steps)
