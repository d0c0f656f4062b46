"""What most tests of marketing begin with."""

from typing import Any
from uuid import UUID

from shared.actor import Actor
from shared.contracts.training import EnrolmentAttended, EnrolmentMade
from tests.training.doors import KASI, PAMULANG_BARAT, Doors, Reply, record
from tests.training.facts import business, enrolment, market_event

FEED = "marketing.office-market-events"
BUSINESSES = "marketing.businesses"
ENROLMENTS = "marketing.enrolments"


async def known_business(marketing: Doors, kelurahan: str = PAMULANG_BARAT) -> UUID:
    """A business that registry told of."""
    fact = business(kelurahan=kelurahan)
    await marketing.hear(BUSINESSES, record(fact))
    return fact.business_id


def product_body(business_id: UUID, **fields: object) -> dict[str, Any]:
    return {
        "business_id": str(business_id),
        "name": "Cokelat warna bertulisan",
        "unit": "jar",
        "price_rupiah": 35_000,
        "shelf_life_days": 90,
        "brand_status": "none",
    } | fields


async def product_of(marketing: Doors, business_id: UUID) -> str:
    answer = await marketing.post("/v1/products", product_body(business_id))
    assert answer.status == 201, answer.body
    return str(answer.body["product_id"])


async def attended(marketing: Doors, business_id: UUID) -> None:
    """Training told that the business was there."""
    made = enrolment(EnrolmentMade, business_id)
    there = enrolment(EnrolmentAttended, business_id, made.enrolment_id)
    await marketing.hear(ENROLMENTS, record(made, 1), record(there, 2))


async def trained_product(marketing: Doors, kelurahan: str = PAMULANG_BARAT) -> str:
    """The product of a business that has attended a session."""
    her = await known_business(marketing, kelurahan)
    await attended(marketing, her)
    return await product_of(marketing, her)


async def open_event(marketing: Doors, ref: str = "2099/pasar-1", **fields: Any) -> UUID:
    """Our id of an event that an office announced."""
    await marketing.hear(FEED, record(market_event(event_ref=ref, **fields), 1))
    found: UUID = (await the_event(marketing, ref))["market_event_id"]
    return found


async def the_event(marketing: Doors, ref: str) -> dict[str, Any]:
    (row,) = await marketing.rows("select * from market_event where event_ref = $1", ref)
    return row


async def ask(
    marketing: Doors,
    event: UUID,
    product: str,
    actor: Actor = KASI,
    promised: str | None = None,
    **how: Any,
) -> Reply:
    """Ask for a stand, and promise how much she will bring."""
    body = {"product_id": product} | ({"promised": promised} if promised else {})
    return await marketing.post(f"/v1/market-events/{event}/stands", body, actor, **how)


async def a_stand(marketing: Doors, event: UUID, kelurahan: str = PAMULANG_BARAT) -> str:
    """The path of a stand that somebody has at the event."""
    answer = await ask(marketing, event, await trained_product(marketing, kelurahan))
    assert answer.status == 201, answer.body
    return str(answer.headers["Location"])


async def plan(
    marketing: Doors, stand: str, rupiah: int, kind: str = "transport", actor: Actor = KASI
) -> Reply:
    """Plan a line of support for the stand."""
    body = {"kind": kind, "planned_rupiah": rupiah}
    return await marketing.post(f"{stand}/support", body, actor)


async def set_budget(marketing: Doors, event: UUID, rupiah: int) -> Reply:
    return await marketing.post(f"/v1/market-events/{event}/budgets", {"rupiah": rupiah})
