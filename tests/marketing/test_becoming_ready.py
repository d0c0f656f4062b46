"""A product on its way to the market, through HTTP on a real database."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.registry import BusinessProductionChanged, Capacity
from shared.contracts.training import CertificateIssued, CertificateRevoked
from shared.ids import uuid7
from tests.marketing.scenes import (
    BUSINESSES,
    ask,
    attended,
    known_business,
    open_event,
    product_body,
    product_of,
    trained_product,
)
from tests.training.doors import (
    CIPUTAT_TIMUR,
    KASI,
    PAMULANG,
    REMPOA,
    SERPONG,
    Doors,
    Reply,
    person,
    record,
)
from tests.training.facts import FAR, business, old_id

CERTIFICATES = "marketing.certificates"
TODAY = datetime.now(UTC).date() - timedelta(days=1)  # past in every zone
APPLIED: Any = {"status": "applied", "number": "JID2017000001"}
CHECKLIST = dict.fromkeys(("recipe", "weight", "shelf_life", "hygiene", "label"), True)


async def brand(marketing: Doors, product: str, version: int = 1, **told: Any) -> Reply:
    path = f"/v1/products/{product}/brand"
    return await marketing.post(path, told or APPLIED, if_match=f'"{version}"')


async def checked(marketing: Doors, product: str, *, kept: bool) -> Reply:
    body = {"available": kept, "quality_kept": True, "checked_on": str(TODAY)}
    return await marketing.post(f"/v1/products/{product}/checks", body)


async def assessed(marketing: Doors, product: str, **told: Any) -> Reply:
    path = f"/v1/products/{product}/assessments"
    return await marketing.post(path, {"assessed_on": str(TODAY)} | told)


def certificate(business_id: UUID, fact: Any = CertificateIssued, n: int = 50) -> Any:
    return fact(
        occurred_on=date(2017, 8, 1),
        certificate_id=old_id(n),
        number="KPQR-STVW-XBCF",
        cohort_id=old_id(51),
        person_id=old_id(52),
        business_id=business_id,
        issued_on=date(2017, 8, 1),
        status="issued" if fact is CertificateIssued else "revoked",
    )


async def points(marketing: Doors, product: str) -> dict[str, str]:
    answer = await marketing.get(f"/v1/products/{product}/readiness")
    return {point["point"]: point["state"] for point in answer.body["points"]}


async def test_a_product_becomes_ready_point_by_point(marketing: Doors) -> None:
    await open_event(marketing)
    her = await known_business(marketing)
    product = await product_of(marketing, her)
    view = (await marketing.get(f"/v1/products/{product}/readiness")).body
    assert (view["rule"], view["ready"], view["status"]) == ("kesiapan-2", False, "active")
    needed = {p["point"]: p["needed"] for p in view["points"] if p["needed"]}
    assert set(needed) == {"brand", "quality", "packaging", "certificate"}
    assert {need["by"] for need in needed.values()} == {str(FAR)}
    assert needed["quality"]["about"] == product
    assert needed["certificate"]["about"] == str(her)
    assert await points(marketing, product) == {
        "brand": "not_met",
        "quality": "unknown",
        "packaging": "unknown",
        "capacity": "met",
        "certificate": "not_met",
    }
    assert (await brand(marketing, product)).status == 200
    assert (await assessed(marketing, product, quality=CHECKLIST, packaging=70)).status == 201
    await marketing.hear(CERTIFICATES, record(certificate(her)))
    view = (await marketing.get(f"/v1/products/{product}/readiness")).body
    assert view["ready"]
    assert all(p["needed"] is None for p in view["points"])
    facts = {p["point"]: (p["fact"], p["on"]) for p in view["points"]}
    assert facts["quality"] == ("5/5", str(TODAY))
    assert facts["packaging"] == ("70/100", str(TODAY))
    assert facts["certificate"] == ("issued", "2017-08-01")
    assert view["check_due_on"] is not None
    await marketing.hear(CERTIFICATES, record(certificate(her, CertificateRevoked), 2))
    assert (await points(marketing, product))["certificate"] == "not_met"


async def test_what_to_do_is_told_in_the_reader_s_language(marketing: Doors) -> None:
    path = f"/v1/products/{await product_of(marketing, await known_business(marketing))}/readiness"

    async def first(**headers: str) -> str:
        answer = await marketing.get(path, KASI, **headers)
        return str(answer.body["points"][0]["needed"]["detail"])

    assert (await first()).startswith("Ajukan merek")
    assert (await first(**{"Accept-Language": "en"})).startswith("Apply for")


async def test_who_produces_to_order_only_is_not_ready_until_that_changes(
    marketing: Doors,
) -> None:
    fact = business()
    to_order = fact.model_copy(update={"production_mode": "to_order"})
    await marketing.hear(BUSINESSES, record(to_order, 1))
    product = await product_of(marketing, fact.business_id)
    assert (await points(marketing, product))["capacity"] == "not_met"
    changed = BusinessProductionChanged(**fact.model_dump())
    await marketing.hear(BUSINESSES, record(changed, 2))
    assert (await points(marketing, product))["capacity"] == "met"


async def test_a_row_that_was_copied_before_capacity_came_along_is_unknown(
    marketing: Doors,
) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    await marketing.rows(
        "update known_business set capacity_quantity = null, capacity_unit = null, "
        "capacity_period = null, production_mode = null"
    )
    assert (await points(marketing, product))["capacity"] == "unknown"
    answer = await ask(marketing, event, product, promised="20")
    assert (answer.status, answer.code) == (409, "kapasitas-belum-diketahui")
    assert [need["fact"] for need in answer.body["needed"]] == ["capacity"]
    assert (await ask(marketing, event, product)).status == 201


async def test_a_brand_goes_its_way_and_each_step_is_told_without_its_number(
    marketing: Doors,
) -> None:
    product = await product_of(marketing, await known_business(marketing))
    assert (await brand(marketing, product, status="name_only")).etag == '"2"'
    assert (await brand(marketing, product)).status == 412
    assert (await brand(marketing, product, 2)).etag == '"3"'
    registered = {
        "status": "registered",
        "number": "IDM000000001",
        "brand_class": 30,
        "expires_on": "2027-08-01",
    }
    assert (await brand(marketing, product, 3, **registered)).status == 200
    back = await brand(marketing, product, 4, status="rejected")
    assert (back.status, back.code) == (409, "langkah-merek-tidak-sah")
    view = (await marketing.get(f"/v1/products/{product}")).body
    assert [s["status"] for s in view["brand_steps"]] == ["name_only", "applied", "registered"]
    assert (view["brand_number"], view["brand_class"]) == ("IDM000000001", 30)
    told = await marketing.told("brand-changed")
    assert [row["fact"]["brand_status"] for row in told] == ["name_only", "applied", "registered"]
    assert told[-1]["fact"]["brand_expires_on"] == "2027-08-01"
    assert b"IDM0" not in told[-1]["body"]


async def test_quality_and_packaging_are_kept_with_their_days_before_and_after(
    marketing: Doors,
) -> None:
    product = await product_of(marketing, await known_business(marketing))
    await assessed(marketing, product, packaging=35, assessed_on="2017-07-20")
    later = {"quality": CHECKLIST | {"label": False}, "packaging": 70, "assessed_on": "2017-08-02"}
    await assessed(marketing, product, photo_reference="kemasan-2", **later)
    view = (await marketing.get(f"/v1/products/{product}")).body
    assert (view["quality"], view["quality_on"]) == (4, "2017-08-02")
    assert view["packaging"] == {
        "before": 35,
        "before_on": "2017-07-20",
        "after": 70,
        "after_on": "2017-08-02",
    }
    assert [a["photo_reference"] for a in view["assessments"]] == [None, "kemasan-2"]
    told = (await marketing.told("product.assessed"))[-1]
    assert (told["sequence"], told["fact"]["occurred_on"]) == (3, "2017-08-02")
    assert told["fact"]["packaging"]["before"] == 35
    assert told["fact"]["quality"]["label"] is False
    empty = await assessed(marketing, product)
    assert (empty.status, empty.code) == (422, "penilaian-kosong")


async def test_licences_are_dated_facts_and_their_numbers_stay_here(marketing: Doors) -> None:
    product = await product_of(marketing, await known_business(marketing))
    path = f"/v1/products/{product}/licences"
    nib = {"kind": "nib", "number": "9120000000012", "valid_from": "2017-01-01"}
    assert (await marketing.post(path, nib)).status == 201
    short = await marketing.post(path, nib | {"number": "912000000001"})
    assert (short.status, short.code) == (422, "nomor-izin-keliru")
    view = (await marketing.get(f"/v1/products/{product}")).body
    assert [(held["kind"], held["number"]) for held in view["licences"]] == [
        ("nib", "9120000000012")
    ]
    (told,) = await marketing.told("product.licensed")
    assert told["fact"]["licences"] == [
        {"kind": "nib", "valid_from": "2017-01-01", "valid_until": None}
    ]
    assert b"9120000000012" not in told["body"]


async def test_a_lapse_warns_the_next_one_keeps_it_from_stands_until_a_good_check(
    marketing: Doors,
) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    early = await checked(marketing, product, kept=True)
    assert (early.status, early.code) == (409, "belum-bermerek")
    await brand(marketing, product)
    statuses = [(await checked(marketing, product, kept=False)).body["status"] for _ in range(2)]
    assert statuses == ["warned", "suspended"]
    refused = await ask(marketing, event, product)
    assert (refused.status, refused.code) == (409, "produk-ditangguhkan")
    (need,) = refused.body["needed"]
    assert (need["fact"], need["who"], need["about"]) == ("check", "fasilitator", product)
    assert (await checked(marketing, product, kept=True)).body["status"] == "active"
    assert (await ask(marketing, event, product)).status == 201
    assert (await checked(marketing, product, kept=True)).status == 201
    kinds = [row["type"].split(".")[-2] for row in await marketing.told("product.")]
    expected = ["added", "brand-changed", "warned", "suspended", "reinstated", "checked"]
    assert kinds == expected
    view = (await marketing.get(f"/v1/products/{product}")).body
    assert [c["status"] for c in view["checks"]] == ["warned", "suspended", "active", "active"]


async def test_a_promise_is_kept_with_the_stand_told_and_given_back_with_it(
    marketing: Doors,
) -> None:
    days = 10
    starts = datetime.now(marketing.db.zone).date() + timedelta(days=days)
    product = await trained_product(marketing)
    events = [await open_event(marketing, f"x/{n}", starts_on=starts) for n in range(2)]
    given = await ask(marketing, events[0], product, promised="150")
    view = (await marketing.get(given.headers["Location"])).body
    assert (view["promised"], view["unit"]) == ("150", "jar")
    (told,) = await marketing.told("stand.confirmed")
    assert told["fact"]["promised"] == "150"
    short = await ask(marketing, events[1], product, promised="60.5")
    assert short.code == "pasokan-kurang"
    assert "60,5 jar kurang 10,5" in short.body["detail"]
    assert "paling banyak 50" in short.body["detail"]
    (need,) = short.body["needed"]
    assert (need["fact"], need["who"]) == ("capacity", "petugas")
    released = {"reason": "Produksi tidak mencukupi"}
    path = f"{given.headers['Location']}/release"
    assert (await marketing.post(path, released, if_match='"1"')).status == 200
    assert (await ask(marketing, events[1], product, promised="200")).status == 201


async def test_a_higher_capacity_turns_the_no(marketing: Doors) -> None:
    starts = datetime.now(marketing.db.zone).date() + timedelta(days=10)
    event, fact = await open_event(marketing, starts_on=starts), business()
    await marketing.hear(BUSINESSES, record(fact, 1))
    await attended(marketing, fact.business_id)
    product = await product_of(marketing, fact.business_id)
    refused = await ask(marketing, event, product, promised="300")
    assert "30" in refused.body["needed"][0]["detail"]
    more = Capacity(quantity="30", unit="jar", period="day")
    changed = BusinessProductionChanged(**fact.model_copy(update={"capacity": more}).__dict__)
    await marketing.hear(BUSINESSES, record(changed, 2))
    assert (await ask(marketing, event, product, promised="300")).status == 201


async def test_a_hundred_checks_at_once_are_one_after_another(marketing: Doors) -> None:
    product = await product_of(marketing, await known_business(marketing))
    await brand(marketing, product)
    answers = await asyncio.gather(*(checked(marketing, product, kept=False) for _ in range(50)))
    assert Counter(a.body["status"] for a in answers) == {"warned": 1, "suspended": 49}
    told = await marketing.told("product.")
    assert [row["sequence"] for row in told] == list(range(1, 53))


@pytest.mark.parametrize("what", ["brand", "assessments", "licences", "checks"])
async def test_a_product_is_changed_by_the_business_s_own_officer(
    marketing: Doors, what: str
) -> None:
    product = await product_of(marketing, await known_business(marketing, REMPOA))
    await brand(marketing, product)
    registered = {"status": "registered", "number": "ABC", "brand_class": 30}
    bodies: dict[str, dict[str, Any]] = {
        "brand": registered | {"expires_on": "2027-01-01"},
        "assessments": {"packaging": 50, "assessed_on": str(TODAY)},
        "licences": {"kind": "halal", "number": "ID36-1", "valid_from": str(TODAY)},
        "checks": {"available": True, "quality_kept": True, "checked_on": str(TODAY)},
    }
    body = bodies[what]
    path = f"/v1/products/{product}/{what}"
    version = '"2"' if what == "brand" else None
    for area, status in ((SERPONG, 403), (PAMULANG, 403), (CIPUTAT_TIMUR, None)):
        officer = person("petugas", area)
        answer = await marketing.post(path, body, officer, if_match=version)
        assert answer.status == (status or (200 if what == "brand" else 201)), answer.body
    missing = await marketing.post(
        f"/v1/products/{uuid7()}/{what}", body, if_match=version and '"1"'
    )
    assert (missing.status, missing.code) == (404, "produk-tidak-ditemukan")


async def test_each_officer_lists_the_products_of_the_own_area(marketing: Doors) -> None:
    near, far = await known_business(marketing), await known_business(marketing, REMPOA)
    products = [await product_of(marketing, her) for her in (near, far, near)]

    async def listed(area: str, query: str = "") -> list[str]:
        answer = await marketing.get(f"/v1/products{query}", person("petugas", area))
        return [item["product_id"] for item in answer.body["items"]]

    assert await listed(PAMULANG) == [products[0], products[2]]
    assert await listed(CIPUTAT_TIMUR) == [products[1]]
    assert await listed(PAMULANG, f"?business_id={far}") == []
    assert await listed(PAMULANG, "?limit=1") == [products[0]]


async def test_what_was_on_paper_keeps_its_day_and_counts_from_it(marketing: Doors) -> None:
    product = await trained_product(marketing)
    applied, looked = date(2017, 8, 21), date(2017, 8, 25)
    step = await brand(marketing, product, **APPLIED, changed_on=str(applied))
    await assessed(marketing, product, quality=CHECKLIST, packaging=80, assessed_on=str(looked))
    assert step.status == 200, step.body
    (told,) = await marketing.told("product.brand-changed")
    assert told["fact"]["occurred_on"] == str(applied)
    path = f"/v1/products/{product}/readiness"
    states = {}
    for on in ("2017-08-20", "2017-08-21", "2017-08-25"):
        view = (await marketing.get(f"{path}?on={on}")).body
        assert view["on"] == on
        states[on] = [p["state"] for p in view["points"]][:3]
    assert states == {
        "2017-08-20": ["not_met", "unknown", "unknown"],
        "2017-08-21": ["met", "unknown", "unknown"],
        "2017-08-25": ["met", "met", "met"],
    }


async def test_a_day_that_has_not_come_or_lies_before_the_last_step_is_refused(
    marketing: Doors,
) -> None:
    product = await trained_product(marketing)
    ahead = str(TODAY + timedelta(days=3))
    refused = await brand(marketing, product, **APPLIED, changed_on=ahead)
    assert (refused.status, refused.code) == (422, "tanggal-belum-tiba")
    step = await brand(marketing, product, **APPLIED, changed_on="2017-08-21")
    assert step.status == 200
    back = await brand(marketing, product, 2, status="rejected", changed_on="2017-08-20")
    assert (back.status, back.code) == (422, "langkah-merek-terlalu-awal")


async def test_a_product_is_told_with_the_day_since_when_there_is_one(marketing: Doors) -> None:
    her = await known_business(marketing)
    answer = await marketing.post("/v1/products", product_body(her, added_on="2017-08-01"))
    assert answer.status == 201
    (told,) = await marketing.told("product.added")
    assert told["fact"]["occurred_on"] == "2017-08-01"


async def test_what_is_missing_for_the_next_stand_stands_beside_readiness(
    marketing: Doors,
) -> None:
    her = await known_business(marketing)
    product = await product_of(marketing, her)
    path = f"/v1/products/{product}/readiness"
    assert (await marketing.get(path)).body["next_stand"] is None
    later = await open_event(marketing, "later", starts_on=FAR)
    soon = await open_event(marketing, "soon", starts_on=FAR - timedelta(days=9), stands=1)
    seen = (await marketing.get(path)).body["next_stand"]
    assert (seen["market_event_id"], seen["free"], seen["held"]) == (str(soon), 1, False)
    assert [need["fact"] for need in seen["needed"]] == ["attendance"]
    other = await trained_product(marketing)
    assert (await ask(marketing, soon, other)).status == 201
    await attended(marketing, her)
    await assessed(marketing, product, packaging=20)
    refused = await ask(marketing, soon, product)
    seen = (await marketing.get(path)).body["next_stand"]
    assert seen["needed"] == refused.body["needed"]
    assert [need["fact"] for need in seen["needed"]] == ["packaging", "stand"]
    await assessed(marketing, product, packaging=80)
    assert (await ask(marketing, later, product)).status == 201
    held = (await marketing.get(f"/v1/products/{other}/readiness")).body["next_stand"]
    assert (held["held"], held["needed"]) == (True, [])
