"""Sites by year, offices under their titles, and counts of old lists that are never added."""

import asyncio
import json
from typing import Any

import pytest

from tests.registry.people import PONDOK_CABE_ILIR, REMPOA, registered_business, told
from tests.training.doors import PAMULANG, Doors, Reply, person

PETUGAS = person("petugas", PAMULANG)
SITE = {
    "kelurahan": PONDOK_CABE_ILIR,
    "year": 2017,
    "status": "active",
    "since": "2017-01-16",
}
OFFICE = {"code": "women", "title": "Badan Pemberdayaan", "valid_from": "2010-01-04"}
BALANCE = {
    "kecamatan": PAMULANG,
    "businesses": 30,
    "as_of": "2017-07-31",
    "source": "Daftar dinas (contoh)",
}


async def site(registry: Doors, **other: Any) -> Reply:
    return await registry.post("/v1/sites", SITE | other)


async def office(registry: Doors, **other: Any) -> Reply:
    return await registry.post("/v1/offices", OFFICE | other)


async def balance(registry: Doors, **other: Any) -> Reply:
    return await registry.post("/v1/opening-balances", BALANCE | other)


async def test_a_kelurahan_is_a_site_of_a_year_with_a_status_that_moves(registry: Doors) -> None:
    planned = await site(registry, status="planned", since="2016-11-01")
    active = await site(registry)
    closed = await site(registry, status="closed", since="2017-12-20")
    assert [reply.body["version"] for reply in (planned, active, closed)] == [1, 2, 3]
    assert (await site(registry, year=2018, since="2018-01-08")).status == 201
    shown = await registry.get("/v1/sites?year=2017", PETUGAS)
    [only] = shown.body["items"]
    assert (only["status"], only["since"]) == ("closed", "2017-12-20")
    events = [json.loads(event["body"]) for event in await told(registry, "registry.site")]
    assert {(e["year"], e["status"]) for e in events} == {
        (2017, "planned"),
        (2017, "active"),
        (2017, "closed"),
        (2018, "active"),
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kelurahan": "36.74.06.9999"}, "kelurahan-tidak-dikenal"),
        ({"since": "2018-01-01"}, "status-lokasi-di-luar-tahun"),
        ({"since": "2015-12-31"}, "status-lokasi-di-luar-tahun"),
        ({}, "status-lokasi-sama"),
        ({"status": "closed", "since": "2017-01-15"}, "status-lokasi-mundur"),
    ],
)
async def test_a_site_s_status_that_cannot_be_is_refused(
    registry: Doors, wrong: dict[str, str], code: str
) -> None:
    assert (await site(registry)).status == 201
    assert (await site(registry, **wrong)).code == code
    assert len(await told(registry, "registry.site")) == 1


async def test_a_site_listed_by_two_at_once_is_one_site(registry: Doors) -> None:
    replies = await asyncio.gather(*(site(registry) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 7
    assert await registry.count("site") == await registry.count("site_status") == 1


async def test_only_a_head_of_section_decides_on_sites_and_sees_her_areas(
    registry: Doors,
) -> None:
    assert (await registry.post("/v1/sites", SITE, PETUGAS)).status == 403
    elsewhere = person("kasi", "36.74.05")
    assert (await registry.post("/v1/sites", SITE, elsewhere)).status == 403
    assert (await site(registry)).status == 201
    assert (await site(registry, kelurahan=REMPOA)).status == 201
    [one] = (await registry.get("/v1/sites", PETUGAS)).body["items"]
    assert one["kelurahan"] == PONDOK_CABE_ILIR


async def test_an_office_bears_the_title_of_the_day(registry: Doors) -> None:
    assert (await office(registry)).status == 201
    renamed = {"title": "Dinas Pemberdayaan", "valid_from": "2017-01-02"}
    assert (await office(registry, **renamed)).status == 201
    for day, title in (
        ("2016-12-31", "Badan Pemberdayaan"),
        ("2017-01-02", "Dinas Pemberdayaan"),
        ("2017-07-31", "Dinas Pemberdayaan"),
    ):
        [then] = (await registry.get(f"/v1/offices?on={day}", PETUGAS)).body["items"]
        assert then["title"] == title
    assert (await registry.get("/v1/offices?on=2009-12-31", PETUGAS)).body["items"] == []
    first, second = (await registry.get("/v1/offices", PETUGAS)).body["items"]
    assert (first["valid_until"], second["valid_until"]) == ("2017-01-01", None)
    events = [json.loads(event["body"]) for event in await told(registry, "registry.office")]
    assert sorted((e["title"], e["valid_until"] or "") for e in events) == [
        ("Badan Pemberdayaan", ""),
        ("Badan Pemberdayaan", "2017-01-01"),
        ("Dinas Pemberdayaan", ""),
    ]


async def test_an_office_that_took_over_another_s_duties_names_it(registry: Doors) -> None:
    assert (await office(registry, valid_until="2016-12-31")).status == 201
    heir = {"code": "women-and-families", "valid_from": "2017-01-02", "follows": "women"}
    assert (await office(registry, **heir)).status == 201
    [now] = (await registry.get("/v1/offices?on=2017-07-31", PETUGAS)).body["items"]
    assert (now["code"], now["follows"]) == ("women-and-families", "women")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"valid_from": "2010-01-04"}, "nama-dinas-bertumpang-tindih"),
        ({"valid_from": "2009-01-05"}, "nama-dinas-bertumpang-tindih"),
        ({"valid_from": "2017-01-02", "valid_until": "2017-01-01"}, "masa-berlaku-terbalik"),
    ],
)
async def test_titles_of_an_office_do_not_overlap(
    registry: Doors, wrong: dict[str, str], code: str
) -> None:
    assert (await office(registry)).status == 201
    assert (await office(registry, **wrong)).code == code


async def test_an_opening_balance_is_never_added_to_what_is_registered(registry: Doors) -> None:
    await registered_business(registry, registered_on="2017-07-10")
    before = (await registry.get("/v1/indicators")).body
    assert before["figures"][0]["value"] == 1
    assert (await balance(registry)).status == 201
    assert (await balance(registry, kecamatan="36.74.05", businesses=120)).status == 201
    [mine] = (await registry.get("/v1/opening-balances", PETUGAS)).body["items"]
    assert mine.items() >= BALANCE.items()
    everybody = (await registry.get("/v1/opening-balances")).body["items"]
    assert sum(row["businesses"] for row in everybody) == 150
    assert (await registry.get("/v1/indicators")).body == before
    events = await told(registry, "registry.opening-balance")
    assert [json.loads(event["body"])["businesses"] for event in events] == [30, 120]
    assert not any("Daftar dinas" in event["body"] for event in events)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "saldo-awal-sudah-ada"),
        ({"kecamatan": "36.74.99"}, "kecamatan-tidak-dikenal"),
        ({"as_of": "2999-01-01"}, "saldo-awal-di-masa-depan"),
    ],
)
async def test_an_opening_balance_that_cannot_be_is_refused(
    registry: Doors, wrong: dict[str, str], code: str
) -> None:
    assert (await balance(registry)).status == 201
    assert (await balance(registry, **wrong)).code == code
