"""Whose stands and products one sees, and the list of market events."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.offices import MarketEventCancelled
from shared.contracts.registry import BusinessCorrected
from tests.marketing.scenes import (
    BUSINESSES,
    FEED,
    ask,
    attended,
    open_event,
    product_of,
    trained_product,
)
from tests.training.doors import (
    CIPUTAT_TIMUR,
    PAMULANG,
    REMPOA,
    SERPONG,
    Doors,
    Reply,
    person,
    record,
)
from tests.training.facts import business, market_event


async def give_back(marketing: Doors, stand: str, version: int = 1, **how: Any) -> Reply:
    body = {"reason": "Produksi tidak mencukupi"}
    return await marketing.post(f"{stand}/release", body, if_match=f'"{version}"', **how)


@pytest.mark.parametrize(
    ("area", "status"), [(CIPUTAT_TIMUR, 201), (PAMULANG, 403), (SERPONG, 403)]
)
async def test_a_stand_is_asked_for_by_the_business_s_own_officer(
    marketing: Doors, area: str, status: int
) -> None:
    event, product = await open_event(marketing), await trained_product(marketing, REMPOA)
    answer = await ask(marketing, event, product, person("petugas", area))
    assert answer.status == status
    assert await marketing.count("stand") == (status == 201)


async def test_each_officer_sees_the_stands_of_the_own_area_in_pages(marketing: Doors) -> None:
    event = await open_event(marketing)
    for kelurahan in (REMPOA, REMPOA, REMPOA, "36.74.06.1001"):
        await ask(marketing, event, await trained_product(marketing, kelurahan))

    async def numbers(area: str) -> list[list[int]]:
        found, following = [], f"/v1/market-events/{event}/stands?limit=2"
        while following:
            page = await marketing.get(following, person("petugas", area))
            found.append([stand["stand_number"] for stand in page.body["items"]])
            link = page.headers.get("Link", "")
            following = link[1 : link.index(">")] if link else ""
        return found

    assert await numbers(CIPUTAT_TIMUR) == [[1, 2], [3]]
    assert await numbers(PAMULANG) == [[4]]
    assert await numbers(SERPONG) == [[]]


async def test_market_events_are_listed_by_date_and_status(marketing: Doors) -> None:
    refs = ["c", "a", "b"]
    days = [datetime(2099, month, 1, tzinfo=UTC).date() for month in (3, 1, 2)]
    events = [
        str(await open_event(marketing, ref, starts_on=day))
        for ref, day in zip(refs, days, strict=True)
    ]
    await marketing.hear(
        FEED, record(market_event(MarketEventCancelled, "b", starts_on=days[2]), 2)
    )

    async def listed(query: str) -> list[str]:
        answer = await marketing.get(f"/v1/market-events{query}")
        return [item["market_event_id"] for item in answer.body["items"]]

    assert await listed("") == [events[1], events[2], events[0]]
    assert await listed("?status=open") == [events[1], events[0]]
    assert await listed("?starts_from=2099-02-01") == [events[2], events[0]]
    assert await listed("?limit=1") == [events[1]]


async def test_a_corrected_kelurahan_moves_product_and_stand_to_the_other_officer(
    marketing: Doors,
) -> None:
    event, fact = await open_event(marketing), business(kelurahan=SERPONG)
    await marketing.hear(BUSINESSES, record(fact, 1))
    await attended(marketing, fact.business_id)
    product = await product_of(marketing, fact.business_id)
    moved = BusinessCorrected(
        **fact.model_dump() | {"kelurahan": REMPOA, "corrected": ("kelurahan",)}
    )
    await marketing.hear(BUSINESSES, record(moved, 2))
    old, new = person("petugas", SERPONG), person("petugas", CIPUTAT_TIMUR)
    assert (await ask(marketing, event, product, old)).status == 403
    stand = (await ask(marketing, event, product, new)).headers["Location"]
    for officer, status in ((old, 403), (new, 200)):
        assert (await marketing.get(f"/v1/products/{product}", officer)).status == status
        assert (await marketing.get(stand, officer)).status == status
        assert (await give_back(marketing, stand, actor=officer)).status == status
