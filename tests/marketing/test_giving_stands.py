"""Stands through HTTP on a real database: who gets one, and who hears why not."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.offices import MarketEventCancelled
from shared.contracts.training import EnrolmentAttended
from shared.ids import uuid7
from tests.marketing.scenes import (
    BUSINESSES,
    ENROLMENTS,
    FEED,
    ask,
    attended,
    known_business,
    open_event,
    product_of,
    trained_product,
)
from tests.training.doors import Doors, Reply, record
from tests.training.facts import business, enrolment, market_event


async def give_back(marketing: Doors, stand: str, version: int = 1, **how: Any) -> Reply:
    body = {"reason": "Produksi tidak mencukupi"}
    return await marketing.post(f"{stand}/release", body, if_match=f'"{version}"', **how)


async def test_a_stand_is_confirmed_read_and_told(marketing: Doors) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    given = await ask(marketing, event, product)
    assert (given.status, given.body["stand_number"], given.etag) == (201, 1, '"1"')
    read = await marketing.get(given.headers["Location"])
    assert (read.body["status"], read.body["product_id"]) == ("confirmed", product)
    (told,) = await marketing.told("stand.confirmed")
    assert told["fact"]["market_event_name"] == "Pasar Kreatif Bogor"
    assert (told["fact"]["host_city"], told["fact"]["stand_number"]) == ("32.71", 1)
    view = await marketing.get(f"/v1/market-events/{event}")
    assert (view.body["confirmed"], view.body["free"], view.body["overbooked"]) == (1, 19, 0)


async def test_a_hundred_want_five_stands_and_five_get_one_each(marketing: Doors) -> None:
    event = await open_event(marketing, stands=5)
    hers = [business() for _ in range(100)]
    await marketing.hear(BUSINESSES, *(record(b) for b in hers))
    seats = [enrolment(EnrolmentAttended, b.business_id) for b in hers]
    await marketing.hear(ENROLMENTS, *(record(s, 2) for s in seats))
    products = await asyncio.gather(*(product_of(marketing, b.business_id) for b in hers))
    answers = await asyncio.gather(*(ask(marketing, event, product) for product in products))
    assert Counter(answer.status for answer in answers) == {201: 5, 409: 95}
    assert {a.code for a in answers if a.status == 409} == {"stan-habis"}
    given = sorted(a.body["stand_number"] for a in answers if a.status == 201)
    assert given == [1, 2, 3, 4, 5]
    assert len(await marketing.told("stand.confirmed")) == 5


async def test_fifty_ask_for_one_business_and_it_gets_one_stand(marketing: Doors) -> None:
    event, her = await open_event(marketing), await known_business(marketing)
    await attended(marketing, her)
    products = [await product_of(marketing, her) for _ in range(2)]
    answers = await asyncio.gather(*(ask(marketing, event, products[n % 2]) for n in range(50)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 49}
    assert {a.code for a in answers if a.status == 409} == {"sudah-mendapat-stan"}
    assert await marketing.count("stand") == 1


async def test_stands_asked_for_while_the_host_cancels_are_all_given_back(
    marketing: Doors,
) -> None:
    event = await open_event(marketing)
    products = [await trained_product(marketing) for _ in range(12)]
    answers = [await ask(marketing, event, product) for product in products[:4]]
    asked = [ask(marketing, event, product) for product in products[4:]]
    cancelled = record(market_event(MarketEventCancelled), 2)
    late, _ = await asyncio.gather(asyncio.gather(*asked), marketing.hear(FEED, cancelled))
    answers += late
    assert await marketing.rows("select from stand where status = 'confirmed'") == []
    given = [a.body["stand_id"] for a in answers if a.status == 201]
    assert sorted(row["key"] for row in await marketing.told("stand.released")) == sorted(given)
    assert {a.code for a in answers if a.status == 409} <= {"acara-dibatalkan"}


async def test_an_event_that_has_begun_at_its_place_gives_no_stand(marketing: Doors) -> None:
    east = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    west = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Pago_Pago")).date()
    product = await trained_product(marketing)
    for ref, today, zone in (
        ("east", east, "Pacific/Kiritimati"),
        ("west", west, "Pacific/Pago_Pago"),
    ):
        now = await open_event(marketing, f"{ref}-now", starts_on=today, time_zone=zone)
        later = today + timedelta(days=1)
        soon = await open_event(marketing, f"{ref}-soon", starts_on=later, time_zone=zone)
        assert (await ask(marketing, now, product)).code == "acara-sudah-dimulai"
        assert (await ask(marketing, soon, product)).status == 201


@pytest.mark.parametrize("unknown", ["event", "product"])
async def test_a_stand_needs_an_event_and_a_product(marketing: Doors, unknown: str) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    answer = await (
        ask(marketing, uuid7(), product)
        if unknown == "event"
        else ask(marketing, event, str(uuid7()))
    )
    assert answer.status == 404
    assert (
        answer.code
        == {"event": "acara-tidak-ditemukan", "product": "produk-tidak-ditemukan"}[unknown]
    )


async def test_a_stand_given_back_goes_to_the_next_and_may_be_asked_for_again(
    marketing: Doors,
) -> None:
    event = await open_event(marketing, stands=1)
    first, second = [await trained_product(marketing) for _ in range(2)]
    stand = (await ask(marketing, event, first)).headers["Location"]
    assert (await ask(marketing, event, second)).code == "stan-habis"
    released = await give_back(marketing, stand)
    assert (released.status, released.body["status"], released.etag) == (200, "released", '"2"')
    assert (await ask(marketing, event, second)).body["stand_number"] == 1
    assert (await ask(marketing, event, first)).code == "stan-habis"
    (told,) = await marketing.told("stand.released")
    assert (told["sequence"], told["fact"]["status"]) == (2, "released")
    assert b"mencukupi" not in told["body"]


async def test_a_stand_is_given_back_once(marketing: Doors) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    stand = (await ask(marketing, event, product)).headers["Location"]
    answers = await asyncio.gather(*(give_back(marketing, stand) for _ in range(10)))
    assert Counter(a.status for a in answers) == {200: 1, 412: 9}
    assert (await give_back(marketing, stand, 2)).code == "stan-sudah-dilepas"
    assert len(await marketing.told("stand.released")) == 1


async def test_a_stand_given_on_paper_is_judged_by_the_day_it_was_given(marketing: Doors) -> None:
    days: Any = {"starts_on": date(2017, 10, 14), "ends_on": date(2017, 10, 15)}
    event, product = await open_event(marketing, **days), await trained_product(marketing)
    path, body = f"/v1/market-events/{event}/stands", {"product_id": product}
    late = await marketing.post(path, body | {"confirmed_on": "2017-10-14"})
    assert (late.status, late.code) == (409, "acara-sudah-dimulai")
    ahead = str(datetime.now(UTC).date() + timedelta(days=3))
    assert (await marketing.post(path, body | {"confirmed_on": ahead})).code == "tanggal-belum-tiba"
    # seven days of five in a week: one more than that is too much
    much = await marketing.post(path, body | {"confirmed_on": "2017-10-07", "promised": "99999"})
    assert much.code == "pasokan-kurang"
    given = await marketing.post(path, body | {"confirmed_on": "2017-10-07", "promised": "1"})
    assert given.status == 201, given.body
    (told,) = await marketing.told("stand.confirmed")
    assert told["fact"]["occurred_on"] == "2017-10-07"
    view = await marketing.get(f"/v1/stands/{given.body['stand_id']}")
    assert view.body["confirmed_on"] == "2017-10-07"
