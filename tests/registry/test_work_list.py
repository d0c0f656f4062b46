"""The work list by HTTP: what staff see, of which area, and that looking is written down."""

from typing import Any
from uuid import uuid4

import pytest

from services.registry.reactions import CONSUMERS
from shared import housekeeping, metrics
from shared.contracts.areas import place
from shared.contracts.office_feeds import GUIDANCE, BusinessGuided, ResidentDied
from shared.parked import work_list
from tests.registry.people import chocolate, nik, registered_business, registered_woman
from tests.registry.reports import GUIDANCE as HEARS_GUIDANCE
from tests.registry.reports import RESIDENTS, report, resident
from tests.registry.work import (
    FEED,
    IN_SERPONG,
    OF_PAMULANG,
    OF_SERPONG,
    SERPONG,
    VERIFIKATOR,
    ambiguous,
    items,
    moved,
    replayed,
    strangers,
)
from tests.training.doors import Doors, person, record


async def test_an_event_is_listed_with_its_sender_its_reason_and_what_may_be_chosen(
    registry: Doors,
) -> None:
    parked_id = await ambiguous(registry, moved(2))
    first, second = await items(registry)
    choices = place(None, "Serpong").suggestions  # type: ignore[union-attr]
    assert first | {"parked_at": 0, "event_id": 0, "suggestions": 0, "reason": 0} == {
        "parked_id": str(parked_id),
        "state": "parked",
        "consumer": RESIDENTS,
        "topic": FEED,
        "source": "urn:binaan:36.74:dukcapil",
        "office": "36.74-dukcapil",
        "office_name": "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang Selatan",
        "event_id": 0,
        "key": "DKC-1",
        "sequence": 1,
        "pointer": "/data/area",
        "code": "wilayah-bermakna-ganda",
        "reason": 0,
        "suggestions": 0,
        "area": IN_SERPONG,
        "parked_at": 0,
        "deadline": None,
        "tries": 0,
        "behind": 1,
    }
    assert first["reason"].startswith("Wilayah ini dapat berarti lebih dari satu tempat.")
    assert [choice["value"] for choice in first["suggestions"]] == [{"code": c} for c in choices]
    assert {
        "pointer": "/data/area",
        "value": {"code": "36.74.01.1009"},
        "name": "Serpong, Serpong",
    } in first["suggestions"]
    assert (second["state"], second["behind"], second["area"]) == ("behind", 0, IN_SERPONG)
    english = await registry.get("/v1/parked", VERIFIKATOR, **{"Accept-Language": "en"})
    reasons = [item["reason"] for item in english.body["items"]]
    assert reasons[0].startswith("This area can mean more than one place. Choose one of: 36.74.01.")
    assert "36.74.01.1009 Serpong" in reasons[0]
    assert reasons[1] == "Waits for an earlier event of the same key. It needn't be sent again."


async def test_the_list_says_nothing_about_a_person(registry: Doors) -> None:
    await ambiguous(registry, moved(2))
    await registry.db.pool.execute("update parked set key = $1, event_id = key || sequence", nik())
    text = str((await registry.get("/v1/parked", VERIFIKATOR)).body)
    assert nik() not in text
    assert "Rahayu" not in text
    assert {item["key"] for item in await items(registry)} == {None}


@pytest.mark.parametrize(
    ("choice", "fits"),
    [
        ("state=parked", 1),
        ("state=behind", 1),
        ("state=waiting", 1),
        (f"topic={FEED}", 2),
        ("topic=registry.business", 0),
        ("office=36.74-dukcapil", 2),
        ("office=36.74-koperasi-ukm", 1),
        ("office=36.74-nobody", 0),
        ("office=36.74-dukcapil&topic=office.36.74-koperasi-ukm.guidance", 0),
        ("source=urn:binaan:36.74:koperasi-ukm", 1),
        ("code=wilayah-bermakna-ganda", 1),
        ("area=36.74.01", 2),
        ("area=36.74", 2),
        ("area=36.74.06", 0),
        ("state=parked&code=behind", 0),
    ],
)
async def test_the_list_can_be_filtered(registry: Doors, choice: str, fits: int) -> None:
    await ambiguous(registry, moved(2))
    guided = report(GUIDANCE, BusinessGuided, "BINA-1", nik=nik(7))
    assert await registry.hear(HEARS_GUIDANCE, record(guided)) == ["waiting"]
    assert len(await items(registry, f"?{choice}")) == fits


@pytest.mark.parametrize("query", ["state=done", "area=3674", "area=36.7", "kelurahan=36.74.01"])
async def test_a_filter_that_is_none_is_refused(registry: Doors, query: str) -> None:
    assert (await registry.get(f"/v1/parked?{query}", VERIFIKATOR)).status == 400


async def test_pages_follow_one_another_and_nothing_is_left_out(registry: Doors) -> None:
    await strangers(registry, 5)
    seen: list[Any] = []
    url = "/v1/parked?limit=2"
    while url:
        answer = await registry.get(url, VERIFIKATOR)
        seen += [item["key"] for item in answer.body["items"]]
        url = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == [f"S-{n}" for n in range(1, 6)]


async def test_what_is_waited_for_is_said_in_words_and_not_by_its_index(registry: Doors) -> None:
    home = {"code": "36.74.06.1005"}
    assert await registry.hear(RESIDENTS, moved(1, nik=nik(9), area=home)) == ["waiting"]
    (item,) = await items(registry)
    assert item["reason"] == "Menunggu sampai orang ini terdaftar dalam program."
    assert item["deadline"] > item["parked_at"]
    assert item["area"] == "36.74.06.1005"
    owner = await registered_woman(registry)
    guided = record(report(GUIDANCE, BusinessGuided, "BINA-1"))
    assert await registry.hear(HEARS_GUIDANCE, guided) == ["waiting"]
    item = (await items(registry))[-1]
    assert item["reason"] == "Menunggu sampai usaha orang ini terdaftar."
    assert str(owner) not in str(item)
    await registry.db.pool.execute("update parked set code = 'waited_too_long'")
    assert {each["reason"] for each in await items(registry)} == {
        "Yang dimaksud tidak dikenal sampai batas waktunya lewat."
    }


async def test_an_owner_of_two_businesses_can_be_chosen_for(registry: Doors) -> None:
    one = (await registered_business(registry)).body["business_id"]
    owner = await registry.db.pool.fetchval("select owner_id from business")
    other = (await registry.post("/v1/businesses", chocolate(owner))).body["business_id"]
    guided = record(report(GUIDANCE, BusinessGuided, "BINA-1"))
    assert await registry.hear(HEARS_GUIDANCE, guided) == ["parked"]
    (item,) = await items(registry, actor=OF_PAMULANG)
    assert item["area"] == "36.74.06.1005"
    assert [each["value"] for each in item["suggestions"]] == sorted((one, other))
    chosen = item["suggestions"][1]
    change = {"pointer": chosen["pointer"], "value": chosen["value"]}
    answer = await replayed(registry, item["parked_id"], change, actor=OF_PAMULANG)
    assert answer.status == 200, answer.body
    assert await registry.db.pool.fetchval("select business_id::text from guidance") == other


async def test_staff_of_an_area_see_what_is_known_to_lie_in_it_and_nothing_else(
    registry: Doors,
) -> None:
    parked_id = await ambiguous(registry)
    nowhere = record(resident(ResidentDied, "DKC-2", nik="3674065505850000"))
    assert await registry.hear(RESIDENTS, nowhere) == ["parked"]
    assert [item["key"] for item in await items(registry)] == ["DKC-1", "DKC-2"]
    assert [item["key"] for item in await items(registry, actor=OF_SERPONG)] == ["DKC-1"]
    assert await items(registry, actor=OF_PAMULANG) == []
    unknown = (await items(registry))[1]["parked_id"]
    for actor, one, status in (
        (OF_SERPONG, parked_id, 200),
        (OF_SERPONG, unknown, 403),
        (OF_PAMULANG, parked_id, 403),
        (VERIFIKATOR, unknown, 200),
    ):
        assert (await registry.get(f"/v1/parked/{one}", actor)).status == status
    for act in ("replay", "discard"):
        body = {"code": "test", "reason": "x"} if act == "discard" else {}
        refused = await registry.post(f"/v1/parked/{parked_id}/{act}", body, OF_PAMULANG)
        assert (refused.status, refused.code) == (403, "di-luar-wilayah")
    lookers = await registry.rows("select actor from parked_audit order by audit_id")
    assert [row["actor"] for row in lookers] == [OF_SERPONG.subject, VERIFIKATOR.subject]


async def test_what_queues_behind_is_of_the_area_of_what_it_queues_behind(registry: Doors) -> None:
    await ambiguous(registry, moved(2))
    at_once = [moved(n, "DKC-3") for n in (1, 2)]
    assert await registry.hear(RESIDENTS, *at_once) == ["parked", "behind"]
    assert await registry.hear(RESIDENTS, moved(3, "DKC-3")) == ["behind"]
    seen = await items(registry, actor=OF_SERPONG)
    assert [item["key"] for item in seen] == ["DKC-1"] * 2 + ["DKC-3"] * 3
    assert {item["area"] for item in seen} == {IN_SERPONG}


async def test_the_content_is_shown_as_it_came_and_that_somebody_looked_is_written_down(
    registry: Doors,
) -> None:
    parked_id = await ambiguous(registry, moved(2))
    path = f"/v1/parked/{parked_id}"
    shown = (await registry.get(path, VERIFIKATOR)).body
    assert shown["content"]["nik"] == nik()
    assert shown["content"]["area"] == SERPONG | {"code": None, "kecamatan": None}
    assert shown["attributes"]["subject"] == shown["attributes"]["key"] == "DKC-1"
    assert shown["attributes"]["sequence"].endswith("1")
    assert (shown["content_text"], shown["ended_at"], shown["behind"]) == (None, None, 1)
    again = (await registry.get(path, person("auditor"))).body
    assert [(h["actor"], h["act"]) for h in again["history"]] == [
        (VERIFIKATOR.subject, "shown"),
        ("auditor-kota", "shown"),
    ]
    nobody = await registry.get(f"/v1/parked/{uuid4()}", VERIFIKATOR)
    assert (nobody.status, nobody.code) == (404, "kejadian-tidak-terbuka")


async def test_an_operator_sees_that_it_is_there_and_not_what_it_holds(registry: Doors) -> None:
    parked_id = await ambiguous(registry)
    operator = person("operator")
    assert len(await items(registry, actor=operator)) == 1
    assert (await registry.get("/v1/parked/groups", operator)).status == 200
    for path in (f"/v1/parked/{parked_id}",):
        assert (await registry.get(path, operator)).code == "peran-tidak-cukup"
    assert (await replayed(registry, parked_id, actor=operator)).code == "peran-tidak-cukup"
    assert (await replayed(registry, parked_id, actor=person("auditor"))).status == 403
    assert await registry.count("parked_audit") == 0


async def test_what_is_only_tried_out_is_in_no_list_and_in_no_figure(registry: Doors) -> None:
    parked_id = await ambiguous(registry)
    await registry.db.pool.execute("update parked set consumer = consumer || '.trial'")
    assert await items(registry) == []
    assert (await registry.get("/v1/parked/groups", VERIFIKATOR)).body["items"] == []
    assert (await registry.get(f"/v1/parked/{parked_id}", VERIFIKATOR)).status == 404
    assert (await replayed(registry, parked_id)).status == 404
    async with registry.db.pool.acquire() as conn:
        assert await work_list.listed(conn) == []
        assert len(await work_list.listed(conn, consumer=f"{RESIDENTS}.trial")) == 1
    await housekeeping.gauges(registry.db, [RESIDENTS, f"{RESIDENTS}.trial"])
    assert 'consumer="registry.residents.trial"' not in metrics.exposition().decode()


async def test_figures_tell_how_many_are_open_how_old_they_are_and_how_many_are_late(
    registry: Doors,
) -> None:
    await ambiguous(registry, moved(2), moved(3))
    home = {"code": "36.74.06.1005"}
    await registry.hear(RESIDENTS, moved(1, "DKC-2", nik=nik(9), area=home))
    await registry.db.pool.execute(
        "update parked set parked_at = now() - interval '2 hours', deadline = now() where state <> 'behind'"  # noqa: E501
    )
    await housekeeping.gauges(registry.db, [c.name for c in CONSUMERS])
    told = dict(
        line.rsplit(" ", 1)
        for line in metrics.exposition().decode().splitlines()
        if f'consumer="{RESIDENTS}"' in line
    )
    for name, value in (
        ("parked_rows", 1), ("behind_rows", 2), ("waiting_rows", 1), ("overdue_rows", 2)
    ):  # fmt: skip
        assert float(told[f'binaan_{name}{{consumer="{RESIDENTS}"}}']) == value, name
    for state in ("parked", "waiting"):
        age = float(told[f'binaan_{state}_oldest_age_seconds{{consumer="{RESIDENTS}"}}'])
        assert 7_190 < age < 7_500
