"""What is observed of a business: class, coverage, constraints, follow-ups; nothing is lost."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.registry.people import chocolate, registered_business, told
from tests.training.doors import PAMULANG, Doors, Reply, person

PETUGAS = person("petugas", PAMULANG)
ELSEWHERE = person("petugas", "36.74.05")
ASSESSMENT = {"business_class": "pemula", "assessed_on": "2017-07-25", "reasons": "Baru mulai"}
COVERAGE = {"guided": "no", "answered_on": "2017-07-26", "source": "office_list"}
ASKED = {"asked_on": "2017-10-30", "constraints": [{"kind": "marketing", "severity": 1}]}
FOLLOW_UP = {
    "month": 0,
    "observed_on": "2017-07-31",
    "income_band": "from_1m",
    "output": {"quantity": "20", "unit": "jar", "period": "day"},
    "helpers": 0,
}
KINDS: dict[str, dict[str, Any]] = {
    "assessments": ASSESSMENT,
    "coverage": COVERAGE,
    "constraints": ASKED,
    "follow-ups": FOLLOW_UP,
}
DAYS = {
    "assessments": "assessed_on",
    "coverage": "answered_on",
    "constraints": "asked_on",
    "follow-ups": "observed_on",
}


async def observe(registry: Doors, business: Reply, kind: str, **other: Any) -> Reply:
    path = f"{business.headers['Location']}/{kind}"
    return await registry.post(path, KINDS[kind] | other, PETUGAS)


async def seen(registry: Doors, business: Reply) -> Any:
    reply = await registry.get(f"{business.headers['Location']}/observations", PETUGAS)
    assert reply.status == 200
    return reply.body


async def test_an_assessor_gives_a_class_with_a_date_and_reasons(registry: Doors) -> None:
    business = await registered_business(registry)
    assert (await observe(registry, business, "assessments")).status == 201
    later = {"business_class": "berkembang", "assessed_on": "2018-07-25", "reasons": "Bermerek"}
    assert (await observe(registry, business, "assessments", **later)).status == 201
    first, second = (await seen(registry, business))["assessments"]
    assert first.items() >= (ASSESSMENT | {"recorded_by": PETUGAS.subject}).items()
    assert second.items() >= later.items()


async def test_who_guides_a_business_is_answered_with_a_source_and_a_date(registry: Doors) -> None:
    business = await registered_business(registry)
    guided = {"guided": "yes", "by_office": "koperasi-ukm", "answered_on": "2018-01-05"}
    assert (await observe(registry, business, "coverage")).status == 201
    assert (await observe(registry, business, "coverage", **guided)).status == 201
    answers = (await seen(registry, business))["coverage"]
    assert [(a["guided"], a["by_office"]) for a in answers] == [
        ("no", None),
        ("yes", "koperasi-ukm"),
    ]


@pytest.mark.parametrize("wrong", [{"guided": "yes"}, {"by_office": "koperasi-ukm"}])
async def test_an_office_is_named_exactly_when_one_guides(
    registry: Doors, wrong: dict[str, str]
) -> None:
    business = await registered_business(registry)
    reply = await observe(registry, business, "coverage", **wrong)
    assert (reply.status, reply.code) == (422, "dinas-pembina-tidak-cocok")


async def test_constraints_are_asked_again_and_the_earlier_answer_is_kept(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    assert (await observe(registry, business, "constraints")).status == 201
    now = await registry.get(business.headers["Location"], PETUGAS)
    assert now.body["constraints"] == ASKED["constraints"]
    history = await registry.get(f"{business.headers['Location']}/history", PETUGAS)
    [entry] = history.body["items"]
    assert (entry["kind"], entry["field"], entry["effective_on"]) == (
        "change",
        "constraints",
        "2017-10-30",
    )
    assert {c["kind"] for c in entry["old"]} == {"brand", "marketing"}
    assert (await observe(registry, business, "constraints", asked_on="2018-01-30")).status == 201
    asked = (await seen(registry, business))["constraints"]
    assert [a["asked_on"] for a in asked] == ["2017-10-30", "2018-01-30"]


async def test_a_follow_up_is_compared_with_a_baseline(registry: Doors) -> None:
    business = await registered_business(registry)
    later = {"month": 3, "observed_on": "2017-10-31", "income_band": "from_2m", "helpers": 1}
    refused = await observe(registry, business, "follow-ups", **later)
    assert (refused.status, refused.code) == (409, "keadaan-awal-belum-ada")
    assert [needed["fact"] for needed in refused.body["needed"]] == ["baseline"]
    assert (await observe(registry, business, "follow-ups")).status == 201
    assert (await observe(registry, business, "follow-ups", **later)).status == 201
    back = await observe(registry, business, "follow-ups", observed_on="2017-11-01")
    assert (back.status, back.code) == (409, "bulan-mendahului-yang-terakhir")
    found = (await seen(registry, business))["follow_ups"]
    assert [(f["month"], f["income_band"], f["helpers"]) for f in found] == [
        (0, "from_1m", 0),
        (3, "from_2m", 1),
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_observation_lies_between_the_last_one_and_today(
    registry: Doors, kind: str
) -> None:
    business = await registered_business(registry)
    assert (await observe(registry, business, kind)).status == 201
    early = await observe(registry, business, kind, **{DAYS[kind]: "2017-07-01"})
    assert (early.status, early.code) == (409, "pengamatan-mendahului-yang-terakhir")
    late = await observe(registry, business, kind, **{DAYS[kind]: "2999-01-01"})
    assert (late.status, late.code) == (422, "pengamatan-di-masa-depan")


@pytest.mark.parametrize("kind", KINDS)
async def test_who_does_not_reach_the_business_observes_nothing(registry: Doors, kind: str) -> None:
    business = await registered_business(registry)
    path = f"{business.headers['Location']}/{kind}"
    assert (await registry.post(path, KINDS[kind], ELSEWHERE)).status == 403
    unknown = await registry.post(f"/v1/businesses/{uuid4()}/{kind}", KINDS[kind], PETUGAS)
    assert (unknown.status, unknown.code) == (404, "usaha-tidak-ditemukan")
    assert len(await told(registry, "registry.business")) == 1


async def test_every_observation_is_told_with_the_whole_state_and_no_income(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    for kind in KINDS:
        assert (await observe(registry, business, kind)).status == 201
    events = await told(registry, "registry.business")
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]
    assert [event["type"].split(".")[-2] for event in events[1:]] == [
        "assessed",
        "coverage-answered",
        "constraints-asked",
        "follow-up-recorded",
    ]
    last = json.loads(events[-1]["body"])
    assert last["occurred_on"] == "2017-07-31"
    assert last["assessment"] == {"business_class": "pemula", "assessed_on": "2017-07-25"}
    assert last["coverage"]["guided"] == "no"
    assert last["constraints_asked_on"] == "2017-10-30"
    assert last["follow_up"]["output"]["quantity"] == "20"
    assert not any("income" in event["body"] or "Baru mulai" in event["body"] for event in events)


async def test_later_facts_about_the_business_still_tell_what_was_observed(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    answered = await observe(registry, business, "coverage")
    path = f"{business.headers['Location']}/production-changes"
    change = {
        "production_mode": "batch",
        "capacity": {"quantity": "30", "unit": "jar", "period": "day"},
        "effective_on": "2017-08-07",
    }
    assert (await registry.post(path, change, PETUGAS, if_match=answered.etag)).status == 200
    event = (await told(registry, "registry.business"))[-1]
    assert json.loads(event["body"])["coverage"]["guided"] == "no"


async def test_two_observations_at_once_follow_one_another(registry: Doors) -> None:
    business = await registered_business(registry)
    replies = await asyncio.gather(
        *(observe(registry, business, "assessments") for _ in range(8)),
        *(observe(registry, business, "coverage") for _ in range(8)),
    )
    assert sorted(reply.body["version"] for reply in replies) == list(range(2, 18))
    found = await seen(registry, business)
    assert (len(found["assessments"]), len(found["coverage"])) == (8, 8)
    known: set[str] = set()
    events = await told(registry, "registry.business")
    for event in sorted(events, key=lambda event: int(event["sequence"])):
        known |= {"assessed": {"assessment"}, "coverage-answered": {"coverage"}}.get(
            event["type"].split(".")[-2], set()
        )
        state = json.loads(event["body"])
        assert {name for name in ("assessment", "coverage") if state[name]} == known


async def test_she_may_have_been_written_down_on_paper_earlier(registry: Doors) -> None:
    business = await registered_business(registry, registered_on="2017-07-10")
    shown = await registry.get(business.headers["Location"], PETUGAS)
    assert shown.body["registered_on"] == "2017-07-10"
    [event] = await told(registry, "registry.business")
    assert json.loads(event["body"])["occurred_on"] == "2017-07-10"
    owner = shown.body["owner_id"]
    for day in ("2017-04-30", "2999-01-01"):  # before the business began, and not yet
        wrong = await registry.post("/v1/businesses", chocolate(owner, registered_on=day))
        assert (wrong.status, wrong.code) == (422, "tanggal-pendataan-mustahil")
