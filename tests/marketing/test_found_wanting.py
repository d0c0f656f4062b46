"""What somebody found wanting in a product bars a stand; what nobody looked at is shown only."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.marketing.domain.product import BrandStatus
from services.marketing.domain.quality import Packaging, Quality
from services.marketing.domain.readiness import Facts, judge
from tests.marketing.scenes import ask, open_event, trained_product
from tests.training.doors import KASI, Doors, person

TODAY = date(2017, 8, 2)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)  # past in every zone
GOOD = Quality(True, True, True, True, False, TODAY)
BAD = Quality(True, True, False, False, False, TODAY)
NOTHING = Facts(
    product_id=uuid4(),
    business_id=uuid4(),
    brand=BrandStatus.NONE,
    brand_on=None,
    brand_expires_on=None,
    quality=None,
    packaging=None,
    production_mode="to_order",
    capacity=None,
    certified_on=None,
    next_event_on=None,
)


def packed(points: int) -> Packaging:
    return Packaging(10, TODAY, points, TODAY)


@pytest.mark.parametrize(
    ("known", "barring"),
    [
        ({}, []),
        ({"brand": BrandStatus.NAME_ONLY, "quality": GOOD, "packaging": packed(60)}, []),
        ({"brand": BrandStatus.REJECTED}, ["brand"]),
        ({"brand": BrandStatus.REGISTERED, "brand_expires_on": date(2017, 8, 1)}, ["brand"]),
        ({"quality": BAD}, ["quality"]),
        ({"quality": replace(BAD, assessed_on=date(2016, 8, 1))}, []),  # too long ago to say
        ({"packaging": packed(59)}, ["packaging"]),
        ({"quality": BAD, "packaging": packed(0)}, ["quality", "packaging"]),
    ],
)
def test_only_what_was_looked_at_bars_a_stand(known: dict[str, Any], barring: list[str]) -> None:
    points = judge(replace(NOTHING, **known), TODAY)
    assert [point.name for point in points if point.bars] == barring


async def poor(marketing: Doors) -> str:
    """A product whose quality somebody found wanting."""
    product = await trained_product(marketing)
    checklist = dict.fromkeys(("recipe", "weight", "shelf_life", "hygiene", "label"), False)
    path = f"/v1/products/{product}/assessments"
    seen = await marketing.post(path, {"quality": checklist, "assessed_on": str(YESTERDAY)})
    assert seen.status == 201
    return product


async def test_a_stand_is_given_with_what_is_still_open(marketing: Doors) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    given = await ask(marketing, event, product)
    assert given.status == 201
    assert given.body["open_points"] == ["brand", "quality", "packaging", "certificate"]
    assert given.body["overridden"] == []


async def test_what_was_found_wanting_bars_a_stand_and_says_what_would_change_that(
    marketing: Doors,
) -> None:
    event, product = await open_event(marketing), await poor(marketing)
    refused = await ask(marketing, event, product)
    assert (refused.status, refused.code) == (409, "produk-belum-siap")
    (needed,) = refused.body["needed"]
    assert (needed["fact"], needed["who"], needed["about"]) == ("quality", "fasilitator", product)
    assert needed["by"] is not None
    path, body = f"/v1/market-events/{event}/stands", {"product_id": product}
    english = await marketing.post(path, body, KASI, **{"Accept-Language": "en"})
    assert "quality" in english.body["detail"]
    assert "head of section" in english.body["detail"]
    shown = (await marketing.get(f"/v1/products/{product}/readiness")).body["points"]
    assert [p["point"] for p in shown if p["bars_stand"]] == ["quality"]
    # A better assessment of a later day, and there is a stand.
    checklist = dict.fromkeys(("recipe", "weight", "shelf_life", "hygiene", "label"), True)
    better = {"quality": checklist, "assessed_on": str(YESTERDAY)}
    await marketing.post(f"/v1/products/{product}/assessments", better)
    assert (await ask(marketing, event, product)).status == 201


async def test_a_head_of_section_allows_it_with_a_reason_that_is_kept(marketing: Doors) -> None:
    event, product = await open_event(marketing), await poor(marketing)
    path = f"/v1/market-events/{event}/stands"
    body = {"product_id": product, "override_reason": "Didampingi, diperbaiki sebelum acara"}
    officer = await marketing.post(path, body, person("petugas"))
    assert (officer.status, officer.code) == (403, "hanya-kasi")
    given = await marketing.post(path, body)
    assert given.status == 201
    assert given.body["overridden"] == ["quality"]
    view = (await marketing.get(given.headers["Location"])).body
    assert (view["overridden"], view["confirmed_by"]) == (["quality"], KASI.subject)
    assert view["override_reason"] == "Didampingi, diperbaiki sebelum acara"


async def test_a_reason_without_anything_to_allow_is_not_kept(marketing: Doors) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    body = {"product_id": product, "override_reason": "Untuk jaga-jaga"}
    given = await marketing.post(f"/v1/market-events/{event}/stands", body)
    view = (await marketing.get(given.headers["Location"])).body
    assert (view["overridden"], view["override_reason"]) == ([], None)


async def test_a_stand_on_paper_is_judged_by_what_was_known_on_its_day(marketing: Doors) -> None:
    event, product = await open_event(marketing), await poor(marketing)
    body = {"product_id": product, "confirmed_on": str(YESTERDAY - timedelta(days=1))}
    given = await marketing.post(f"/v1/market-events/{event}/stands", body)
    assert (given.status, given.body["overridden"]) == (201, [])
