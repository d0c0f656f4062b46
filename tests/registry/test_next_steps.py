"""One list of what is next for a business: each thing once it can be done, gone once it is done."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.marketing.domain import readiness
from services.registry.domain import next_steps as rule
from services.registry.domain.next_steps import Facts, Product, next_steps
from shared.contracts import office_feeds as feeds
from tests.registry import figures as told
from tests.registry.people import registered_business
from tests.registry.reports import report, resident
from tests.registry.test_observations import observe
from tests.registry.test_programme import site
from tests.training.doors import KASI, Doors, Reply, record

DAY = date(2017, 8, 1)
HER, WARES = UUID(int=1), UUID(int=2)
GOOD = Product(WARES, "applied", None, 4, DAY, 60, "active")
DONE = Facts(
    today=DAY,
    business_id=HER,
    eligibility=(),
    to_order=False,
    seats=frozenset({"present"}),
    certified=True,
    products=(GOOD,),
    lapsed=(),
    has_stand=True,
    unsold_on=None,
    baseline_on=date(2017, 1, 31),
    last_month=12,
)


@pytest.mark.parametrize(
    ("known", "steps"),
    [
        ({}, []),
        ({"seats": frozenset()}, [("train", "enrolment", "petugas", HER)]),
        ({"seats": frozenset({"absent"})}, [("train", "enrolment", "petugas", HER)]),
        ({"seats": frozenset({"enrolled"})}, [("train", "attendance", "fasilitator", HER)]),
        ({"certified": False}, [("train", "certificate", "petugas", HER)]),
        ({"to_order": True}, [("market", "production", "petugas", HER)]),
        ({"products": ()}, [("market", "product", "petugas", HER)]),
        ({"products": (replace(GOOD, brand_status="rejected"),)},
         [("market", "brand", "petugas", WARES)]),
        ({"products": (replace(GOOD, brand_expires_on=date(2017, 7, 31)),)},
         [("market", "brand", "petugas", WARES)]),
        ({"products": (replace(GOOD, brand_expires_on=DAY),)}, []),
        ({"products": (replace(GOOD, quality_score=3),)},
         [("market", "quality", "fasilitator", WARES)]),
        ({"products": (replace(GOOD, quality_on=date(2016, 7, 31)),)},
         [("market", "quality", "fasilitator", WARES)]),
        ({"products": (replace(GOOD, packaging_score=None),)},
         [("market", "packaging", "fasilitator", WARES)]),
        ({"products": (replace(GOOD, status="suspended"),)},
         [("market", "check", "fasilitator", WARES)]),
        ({"lapsed": (("pirt", "kesehatan"),)}, [("market", "pirt", "kesehatan", HER)]),
        ({"has_stand": False}, [("market", "stand", "kasi", HER)]),
        ({"has_stand": False, "certified": False}, [("train", "certificate", "petugas", HER)]),
        ({"unsold_on": DAY}, [("market", "sales", "petugas", HER)]),
        ({"baseline_on": None, "last_month": None},
         [("follow_up", "baseline", "fasilitator", HER)]),
        ({"last_month": 0}, [("follow_up", "follow_up", "fasilitator", HER)]),
    ],
)  # fmt: skip
def test_each_thing_that_is_missing_is_one_step_of_somebody(
    known: dict[str, Any], steps: list[tuple[str, str, str, UUID]]
) -> None:
    found = next_steps(replace(DONE, **known))
    assert [(s.phase, s.needed.fact, s.needed.who, s.needed.about) for s in found] == steps
    assert all(s.needed.text("id") != s.needed.text("en") for s in found)


@pytest.mark.parametrize(
    ("last", "by"),
    [(0, date(2017, 4, 30)), (3, date(2017, 7, 31)), (6, date(2018, 1, 31))],
)
def test_a_follow_up_is_due_so_many_months_after_the_baseline(last: int, by: date) -> None:
    (step,) = next_steps(replace(DONE, last_month=last))
    assert step.needed.by == by


def test_the_thresholds_are_those_of_marketing() -> None:
    ours = (rule.QUALITY_POINTS, rule.QUALITY_DAYS, rule.PACKAGING_POINTS)
    assert ours == (
        readiness.QUALITY_POINTS, readiness.QUALITY_DAYS, readiness.PACKAGING_POINTS,
    )  # fmt: skip


async def listed(registry: Doors, business: Reply, **headers: str) -> list[Any]:
    reply = await registry.get(f"{business.headers['Location']}/journey", KASI, **headers)
    assert reply.status == 200
    return list(reply.body["next_steps"])


async def test_the_list_of_a_business_follows_what_all_services_told(registry: Doors) -> None:
    business = await registered_business(registry)
    her = business.body["business_id"]
    now = await registry.db.pool.fetchval("select (now() at time zone 'Asia/Jakarta')::date")

    async def steps() -> list[tuple[str, str]]:
        return [(step["phase"], step["fact"]) for step in await listed(registry, business)]

    first = await steps()
    assert first == [
        ("register", "site"),
        ("register", "coverage"),
        ("register", "assessment"),
        ("train", "enrolment"),
        ("market", "production"),
        ("market", "product"),
        ("follow_up", "baseline"),
    ]
    await site(registry, year=now.year, since=str(now))
    await observe(registry, business, "coverage")
    await observe(registry, business, "assessments")
    await told.attend(registry, her, now)
    await told.change_mode(registry, her, now, "batch")
    wares = await told.product(registry, her, now, packaging=20)
    await told.earn(registry, her, now, 0, "from_1m")
    assert await steps() == [
        ("train", "certificate"),
        ("market", "packaging"),
        ("follow_up", "follow_up"),
    ]
    await told.certify(registry, her, now)
    await told.product(registry, her, now, product_id=wares, sequence=2)
    ready = await listed(registry, business, **{"Accept-Language": "en"})
    assert [(step["fact"], step["who"], step["about"]) for step in ready] == [
        ("stand", "kasi", her), ("follow_up", "fasilitator", her),
    ]  # fmt: skip
    assert ready[0]["detail"] == "Ask for a stand at the next market event."
    revoked = report(feeds.NIB, feeds.NibRevoked, "N-1", number="9120001234567")
    await registry.hear("registry.licences", record(revoked))
    assert ("market", "nib") in await steps()
    issued = report(feeds.NIB, feeds.NibIssued, "N-2", number="9120001234568")
    await registry.hear("registry.licences", record(issued))
    await told.stand(registry, her, now + timedelta(days=9))
    assert await steps() == [("follow_up", "follow_up")]
    await told.stand(registry, her, now)
    assert await steps() == [("market", "sales"), ("follow_up", "follow_up")]
    await told.sell(registry, her, now)
    assert await steps() == [("follow_up", "follow_up")]


async def test_of_a_woman_who_has_died_nobody_is_asked_anything(registry: Doors) -> None:
    business = await registered_business(registry)
    assert await listed(registry, business)
    died = resident(feeds.ResidentDied)
    assert await registry.hear("registry.residents", record(died)) == ["done"]
    assert await listed(registry, business) == []
