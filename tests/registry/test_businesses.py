"""Home businesses: entered, changed, corrected; what history keeps and what the others are told."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.registry.people import (
    PONDOK_CABE_ILIR,
    REMPOA,
    chocolate,
    registered_business,
    registered_woman,
    told,
)
from tests.training.doors import KASI, PAMULANG, Doors, Reply, person

PETUGAS = person("petugas", PAMULANG)
ELSEWHERE = person("petugas", "36.74.05")
JARS_30 = {"quantity": "30", "unit": "jar", "period": "day"}
CHANGE = {"production_mode": "batch", "capacity": JARS_30, "effective_on": "2017-08-07"}
CORRECTION = {"reason_code": "typing_error", "reason": "Salah ketik", "started_on": "2017-04-30"}


async def change(registry: Doors, business: Reply, **other: Any) -> Reply:
    path = f"{business.headers['Location']}/production-changes"
    return await registry.post(path, CHANGE | other, if_match=business.etag)


async def correct(registry: Doors, business: Reply, **other: Any) -> Reply:
    path = f"{business.headers['Location']}/corrections"
    return await registry.post(path, CORRECTION | other, if_match=business.etag)


async def test_a_business_is_shown_as_it_was_entered(registry: Doors) -> None:
    owner = await registered_woman(registry)
    reply = await registry.post("/v1/businesses", chocolate(owner), PETUGAS)
    assert reply.status == 201
    shown = await registry.get(reply.headers["Location"], PETUGAS)
    assert shown.body.items() >= chocolate(owner).items()
    assert shown.body["production_since"] == "2017-05-01"
    assert shown.etag == reply.etag == '"1"'


async def test_a_business_is_told_by_codes_without_its_links(registry: Doors) -> None:
    reply = await registered_business(registry)
    [event] = await told(registry, "registry.business")
    assert event["type"] == "id.binaan.registry.business.registered.v1"
    assert (event["key"], event["sequence"]) == (reply.body["business_id"], 1)
    body = json.loads(event["body"])
    assert body["channels"] == ["online"]
    assert body["capacity"] == {"quantity": "20", "unit": "jar", "period": "day"}
    assert "example.test" not in event["body"]


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"sector": "mining"}, "sektor-tidak-dikenal", "/sector"),
        ({"sub_sector": "sewing"}, "subsektor-tidak-cocok", "/sub_sector"),
        (
            {"capacity": {"quantity": "0", "unit": "jar", "period": "day"}},
            "kapasitas-harus-positif",
            "/capacity/quantity",
        ),
        (
            {"capacity": {"quantity": "2", "unit": "crate", "period": "day"}},
            "satuan-tidak-dikenal",
            "/capacity/unit",
        ),
        ({"started_on": "2999-01-01"}, "mulai-di-masa-depan", "/started_on"),
        ({"channels": [{"kind": "home"}, {"kind": "home"}]}, "disebut-dua-kali", "/channels"),
        (
            {"constraints": [{"kind": "brand", "severity": 1}, {"kind": "brand", "severity": 3}]},
            "disebut-dua-kali",
            "/constraints",
        ),
        ({"kelurahan": "36.74.06.9999"}, "kelurahan-tidak-dikenal", "/kelurahan"),
    ],
)
async def test_a_refused_business_leaves_nothing(
    registry: Doors, wrong: dict[str, Any], code: str, pointer: str
) -> None:
    owner = await registered_woman(registry)
    reply = await registry.post("/v1/businesses", chocolate(owner, **wrong))
    assert (reply.status, reply.code) == (422, code)
    assert reply.body["errors"][0]["pointer"] == pointer
    assert await registry.count("business") == 0
    assert await told(registry, "registry.business") == []


async def test_a_refusal_speaks_the_callers_language(registry: Doors) -> None:
    owner = await registered_woman(registry)
    body = chocolate(owner, sector="mining")
    indonesian = await registry.post("/v1/businesses", body)
    english = await registry.post("/v1/businesses", body, KASI, **{"Accept-Language": "en"})
    assert indonesian.body["detail"].startswith("Sektor mining tidak dikenal.")
    assert english.body["detail"].startswith("Sector mining is unknown.")


async def test_an_owner_has_to_be_registered(registry: Doors) -> None:
    reply = await registry.post("/v1/businesses", chocolate(uuid4()))
    assert (reply.status, reply.code) == (404, "orang-tidak-ditemukan")


async def test_one_woman_may_own_several_businesses(registry: Doors) -> None:
    owner = await registered_woman(registry)
    for _ in range(2):
        assert (await registry.post("/v1/businesses", chocolate(owner))).status == 201
    assert await registry.count("business") == 2


async def test_a_change_in_the_world_has_a_date_and_its_own_event(registry: Doors) -> None:
    business = await registered_business(registry)
    reply = await change(registry, business)
    assert (reply.status, reply.etag) == (200, '"2"')
    event = (await told(registry, "registry.business"))[-1]
    assert event["type"] == "id.binaan.registry.business.production-changed.v1"
    assert event["sequence"] == 2
    body = json.loads(event["body"])
    assert (body["occurred_on"], body["production_mode"]) == ("2017-08-07", "batch")
    assert body["capacity"] == JARS_30
    shown = await registry.get(business.headers["Location"])
    assert shown.body["production_since"] == "2017-08-07"


async def test_a_correction_has_a_reason_that_stays_here_and_another_event(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    reply = await correct(registry, business, reason="Ibunya bilang sejak April")
    assert (reply.status, reply.etag) == (200, '"2"')
    event = (await told(registry, "registry.business"))[-1]
    assert event["type"] == "id.binaan.registry.business.corrected.v1"
    body = json.loads(event["body"])
    assert body["corrected"] == ["started_on"]
    assert body["started_on"] == "2017-04-30"
    assert "April" not in event["body"]
    shown = await registry.get(business.headers["Location"])
    assert shown.body["production_since"] == "2017-04-30"


async def test_history_keeps_changes_and_corrections_apart(registry: Doors) -> None:
    business = await registered_business(registry)
    changed = await change(registry, business)
    await correct(registry, changed, sub_sector="snacks")
    reply = await registry.get(f"{business.headers['Location']}/history")
    entries = [
        (entry["version"], entry["kind"], entry["field"], entry["old"], entry["new"])
        for entry in reply.body["items"]
    ]
    capacity = {"quantity": "20", "unit": "jar", "period": "day"}
    assert entries == [
        (2, "change", "production_mode", "to_order", "batch"),
        (2, "change", "capacity", capacity, JARS_30),
        (3, "correction", "sub_sector", "confectionery", "snacks"),
        (3, "correction", "started_on", "2017-05-01", "2017-04-30"),
    ]
    first, last = reply.body["items"][0], reply.body["items"][-1]
    assert (first["effective_on"], first["reason"]) == ("2017-08-07", None)
    assert (last["effective_on"], last["reason_code"]) == (None, "typing_error")
    assert last["reason"] == "Salah ketik"
    assert last["recorded_by"] == KASI.subject


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"effective_on": "2999-01-01"}, "perubahan-di-masa-depan"),
        ({"effective_on": "2017-04-30"}, "perubahan-sebelum-mulai"),
        (
            {"production_mode": "to_order", "capacity": {**JARS_30, "quantity": "20.0"}},
            "tidak-ada-perubahan",
        ),
        ({"capacity": {**JARS_30, "quantity": "0.000"}}, "kapasitas-harus-positif"),
    ],
)
async def test_a_refused_change_leaves_everything_as_it_was(
    registry: Doors, wrong: dict[str, Any], code: str
) -> None:
    business = await registered_business(registry)
    reply = await change(registry, business, **wrong)
    assert (reply.status, reply.code) == (422, code)
    assert await registry.count("business_history") == 0
    assert len(await told(registry, "registry.business")) == 1


async def test_a_change_does_not_precede_the_one_before(registry: Doors) -> None:
    changed = await change(registry, await registered_business(registry))
    reply = await change(registry, changed, effective_on="2017-08-06", production_mode="continuous")
    assert (reply.status, reply.code) == (409, "perubahan-mendahului-yang-terakhir")


async def test_the_start_is_not_corrected_past_a_change(registry: Doors) -> None:
    changed = await change(registry, await registered_business(registry))
    reply = await correct(registry, changed, started_on="2017-09-01")
    assert (reply.status, reply.code) == (409, "mulai-setelah-perubahan")


async def test_a_correction_that_changes_nothing_is_refused(registry: Doors) -> None:
    business = await registered_business(registry)
    reply = await correct(registry, business, started_on="2017-05-01")
    assert (reply.status, reply.code) == (422, "tidak-ada-perubahan")


async def test_a_correction_is_checked_like_a_new_entry(registry: Doors) -> None:
    business = await registered_business(registry)
    reply = await correct(registry, business, sector="clothing")
    assert (reply.status, reply.code) == (422, "subsektor-tidak-cocok")
    both = await correct(registry, business, sector="clothing", sub_sector="batik")
    assert both.status == 200


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(registry: Doors) -> None:
    business = await registered_business(registry)
    assert (await change(registry, business)).status == 200
    reply = await correct(registry, business)
    assert (reply.status, reply.code) == (412, "versi-berubah")


async def test_of_two_changes_at_once_one_wins(registry: Doors) -> None:
    business = await registered_business(registry)
    modes = ["batch", "continuous"] * 3
    replies = await asyncio.gather(
        *(change(registry, business, production_mode=mode) for mode in modes)
    )
    assert sorted(reply.status for reply in replies) == [200, *[412] * 5]
    assert [event["sequence"] for event in await told(registry, "registry.business")] == [1, 2]


async def test_a_business_of_another_area_is_neither_shown_nor_changed(registry: Doors) -> None:
    business = await registered_business(registry)
    path = business.headers["Location"]
    for place in ("", "/history", "/journey"):
        assert (await registry.get(path + place, ELSEWHERE)).code == "di-luar-wilayah"
    for place, body in (("/production-changes", CHANGE), ("/corrections", CORRECTION)):
        reply = await registry.post(path + place, body, ELSEWHERE, if_match=business.etag)
        assert (reply.status, reply.code) == (403, "di-luar-wilayah")
    assert len(await told(registry, "registry.business")) == 1


async def test_a_correction_cannot_move_a_business_out_of_ones_area(registry: Doors) -> None:
    business = await registered_business(registry)
    path = f"{business.headers['Location']}/corrections"
    body = CORRECTION | {"kelurahan": REMPOA}
    reply = await registry.post(path, body, PETUGAS, if_match=business.etag)
    assert (reply.status, reply.code) == (403, "di-luar-wilayah")
    assert (await registry.post(path, body, KASI, if_match=business.etag)).status == 200


async def test_an_unknown_business_is_not_found(registry: Doors) -> None:
    path = f"/v1/businesses/{uuid4()}"
    for place in ("", "/history", "/journey"):
        assert (await registry.get(path + place)).code == "usaha-tidak-ditemukan"
    reply = await registry.post(f"{path}/corrections", CORRECTION, if_match='"1"')
    assert (reply.status, reply.code) == (404, "usaha-tidak-ditemukan")


async def test_the_list_shows_the_callers_areas_only(registry: Doors) -> None:
    for kelurahan in (PONDOK_CABE_ILIR, REMPOA, "36.74.06.1001"):
        await registered_business(registry, kelurahan=kelurahan)
    seen = await registry.get("/v1/businesses", PETUGAS)
    assert {item["kelurahan"] for item in seen.body["items"]} == {
        PONDOK_CABE_ILIR,
        "36.74.06.1001",
    }
    assert len((await registry.get("/v1/businesses")).body["items"]) == 3
    outside = await registry.get(f"/v1/businesses?kelurahan={REMPOA}", PETUGAS)
    assert outside.body["items"] == []
    everywhere = person("kasi", "*")
    assert len((await registry.get("/v1/businesses", everywhere)).body["items"]) == 3


async def test_pages_of_the_list_are_stable_while_businesses_are_added(registry: Doors) -> None:
    for _ in range(5):
        await registered_business(registry)
    seen: list[str] = []
    path = "/v1/businesses?limit=2&sector=food"
    while path:
        page = await registry.get(path)
        seen += [item["business_id"] for item in page.body["items"]]
        if len(seen) == 2:
            await registered_business(registry)
        link = page.headers.get("Link", "")
        path = link.split(">")[0].lstrip("<")
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen)


async def test_the_list_filters_by_sector(registry: Doors) -> None:
    await registered_business(registry)
    await registered_business(registry, sector="clothing", sub_sector="batik")
    found = await registry.get("/v1/businesses?sector=clothing")
    assert [item["sub_sector"] for item in found.body["items"]] == ["batik"]
