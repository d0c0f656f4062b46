"""Products and stands through HTTP on a real database."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.offices import MarketEventCancelled
from shared.contracts.registry import BusinessCorrected
from shared.contracts.training import AttendanceCorrected, EnrolmentAttended, EnrolmentMade
from shared.ids import uuid7
from tests.marketing.scenes import (
    BUSINESSES,
    ENROLMENTS,
    FEED,
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
    PAMULANG,
    REMPOA,
    SERPONG,
    Doors,
    Reply,
    person,
    record,
)
from tests.training.facts import business, enrolment, market_event, old_id


async def give_back(marketing: Doors, stand: str, version: int = 1, **how: Any) -> Reply:
    body = {"reason": "Produksi tidak mencukupi"}
    return await marketing.post(f"{stand}/release", body, if_match=f'"{version}"', **how)


async def test_a_product_can_be_read_and_is_told_without_its_name(marketing: Doors) -> None:
    her = await known_business(marketing)
    made = await marketing.post("/v1/products", product_body(her, shelf_life_days=None))
    read = await marketing.get(made.headers["Location"])
    assert (read.body["name"], read.body["price_rupiah"]) == ("Cokelat warna bertulisan", 35_000)
    (told,) = await marketing.told()
    assert (told["key"], told["sequence"]) == (made.body["product_id"], 1)
    assert (told["fact"]["price_rupiah"], told["fact"]["shelf_life_days"]) == (35_000, None)
    assert b"Cokelat" not in told["body"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"price_rupiah": -1}, 422, "harga-kurang-dari-nol"),
        ({"price_rupiah": 35_000.5}, 400, "isian-tidak-sah"),
        ({"shelf_life_days": 0}, 422, "masa-simpan-terlalu-pendek"),
        ({"unit": "Toples Besar"}, 400, "isian-tidak-sah"),
        ({"brand_status": "famous"}, 400, "isian-tidak-sah"),
    ],
)
async def test_a_refused_product_leaves_nothing(
    marketing: Doors, wrong: dict[str, object], status: int, code: str
) -> None:
    her = await known_business(marketing)
    answer = await marketing.post("/v1/products", product_body(her, **wrong))
    assert (answer.status, answer.code) == (status, code)
    assert await marketing.count("product") + await marketing.count("journal") == 0


async def test_a_business_that_is_not_known_is_not_yet_known_only_when_its_id_is_new(
    marketing: Doors,
) -> None:
    new, old = [
        await marketing.post("/v1/products", product_body(unknown))
        for unknown in (uuid7(), old_id())
    ]
    assert (new.status, new.code, new.headers["Retry-After"]) == (409, "belum-tersedia", "1")
    assert (old.status, old.code) == (404, "usaha-tidak-ditemukan")
    assert await marketing.count("product") == 0


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


async def test_without_attendance_the_refusal_says_what_to_do(marketing: Doors) -> None:
    event, her = await open_event(marketing), old_id(7)
    await marketing.hear(BUSINESSES, record(business(her)))
    answer = await ask(marketing, event, await product_of(marketing, her))
    assert (answer.status, answer.code) == (409, "belum-ikut-pelatihan")
    assert "Catat kehadirannya di pelatihan" in answer.body["detail"]
    assert await marketing.count("stand") == 0


@pytest.mark.parametrize(
    ("business_age", "seat_age", "code", "retry"),
    [
        ("new", "none", "belum-tersedia", "1"),
        ("old", "new", "belum-tersedia", "1"),
        ("old", "old", "belum-ikut-pelatihan", None),
        ("old", "none", "belum-ikut-pelatihan", None),
    ],
)
async def test_attendance_that_may_be_on_its_way_is_not_yet_known(
    marketing: Doors, business_age: str, seat_age: str, code: str, retry: str | None
) -> None:
    event = await open_event(marketing)
    her = uuid7() if business_age == "new" else old_id(8)
    seat = {"none": None, "new": uuid7(), "old": old_id(9)}[seat_age]
    await marketing.hear(BUSINESSES, record(business(her)))
    if seat:
        await marketing.hear(ENROLMENTS, record(enrolment(EnrolmentMade, her, seat)))
    answer = await ask(marketing, event, await product_of(marketing, her))
    assert (answer.status, answer.code) == (409, code)
    assert answer.headers.get("Retry-After") == retry


async def test_every_order_of_business_and_enrolment_facts_ends_the_same(
    marketing: Doors,
) -> None:
    event = await open_event(marketing, stands=1000)
    ends = set()
    for n, order in enumerate(permutations(range(5))):
        her, seat = old_id(2 * n + 100), old_id(2 * n + 101)
        first = business(her)
        moved = BusinessCorrected(
            **first.model_dump() | {"kelurahan": REMPOA, "corrected": ("kelurahan",)}
        )
        facts = [
            (BUSINESSES, record(first, 1)),
            (BUSINESSES, record(moved, 2)),
            (ENROLMENTS, record(enrolment(EnrolmentMade, her, seat), 1)),
            (ENROLMENTS, record(enrolment(AttendanceCorrected, her, seat), 2)),
            (ENROLMENTS, record(enrolment(EnrolmentAttended, her, seat), 3)),
        ]
        for i in order:
            consumer, fact = facts[i]
            assert await marketing.hear(consumer, fact) == ["done"]
        (row,) = await marketing.rows(
            "select b.kelurahan, b.version, e.state, e.version as seat_version "
            "from known_business_now b join known_enrolment_now e using (business_id) "
            "where b.business_id = $1",
            her,
        )
        answer = await ask(marketing, event, await product_of(marketing, her))
        ends.add((*row.values(), answer.status))
    assert ends == {(REMPOA, 2, "present", 3, 201)}


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


async def test_rebuilt_copies_take_the_old_ones_place(marketing: Doors) -> None:
    event = await open_event(marketing)
    product = await trained_product(marketing)
    await marketing.rebuilt(ENROLMENTS)
    assert (await ask(marketing, event, product)).code == "belum-tersedia"
    await marketing.rebuilt(BUSINESSES)
    body = product_body((await marketing.rows("select business_id from product"))[0]["business_id"])
    assert (await marketing.post("/v1/products", body)).code == "belum-tersedia"
