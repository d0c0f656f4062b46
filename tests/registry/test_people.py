"""Registering people: what is refused, what is kept, and what is shown to whom."""

import asyncio
import json
from uuid import uuid4

import pytest

from services.registry import seals
from tests.registry.people import PONDOK_CABE_ILIR, REMPOA, nik, registered_woman, told, woman
from tests.training.doors import KASI, PAMULANG, Doors, person

PETUGAS = person("petugas", PAMULANG)
ELSEWHERE = person("petugas", "36.74.05")


async def test_a_woman_is_registered_with_her_household(registry: Doors) -> None:
    reply = await registry.post("/v1/people", woman(), PETUGAS)
    assert reply.status == 201
    assert reply.headers["Location"] == f"/v1/people/{reply.body['person_id']}"
    assert reply.body["doubts"] == []
    shown = await registry.get(reply.headers["Location"], PETUGAS)
    assert shown.status == 200
    assert shown.etag == '"1"'
    assert shown.body["name"] == "Rahayu Contoh"
    assert shown.body["household_id"] == reply.body["household_id"]


async def test_only_ids_and_codes_of_a_person_are_told(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    [event] = await told(registry, "registry.person")
    assert event["type"] == "id.binaan.registry.person.registered.v1"
    assert (event["key"], event["sequence"]) == (str(person_id), 1)
    assert json.loads(event["body"]).keys() == {
        "occurred_on",
        "person_id",
        "household_id",
        "role_in_household",
        "kelurahan",
    }


async def test_two_members_of_a_family_card_are_one_household(registry: Doors) -> None:
    first = await registry.post("/v1/people", woman())
    other = woman(nik=nik(2), role_in_household="child")
    second = await registry.post("/v1/people", other)
    assert first.body["household_id"] == second.body["household_id"]
    assert await registry.count("household") == 1


async def test_a_nik_is_shown_by_its_last_four_digits_only(registry: Doors) -> None:
    number = nik(4321)
    reply = await registry.post("/v1/people", woman(nik=number))
    shown = await registry.get(reply.headers["Location"])
    assert shown.body["nik"] == "************4321"
    assert number not in json.dumps(reply.body) + json.dumps(shown.body)


async def test_what_names_a_person_lies_in_no_table_in_clear(registry: Doors) -> None:
    number, card = nik(4321), "3674069876543210"
    person_id = await registered_woman(registry, nik=number, household_number=card)
    await registry.post("/v1/people", woman(nik=number, household_number=card))
    await registry.get(f"/v1/people/{person_id}")
    tables = await registry.rows(
        "select relname from pg_class where relkind = 'r'"
        " and relnamespace = current_schema()::regnamespace"
    )
    for table in tables:
        rows = await registry.rows(f"select t::text as row from {table['relname']} t")
        for row in rows:
            for secret in (number, card, "Rahayu", "1985-05-15", "081200000000"):
                assert secret not in row["row"]
                assert secret.encode().hex() not in row["row"]


async def test_a_sealed_nik_opens_for_its_own_row_only(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    [row] = await registry.rows("select identity from person")
    assert seals.open_identity(row["identity"], person_id) == nik()
    with pytest.raises(Exception, match="of another row"):
        seals.open_identity(row["identity"], uuid4())


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"nik": "36740655058500"}, "nik-bukan-16-angka", "/nik"),
        ({"nik": "3674 0655 0585 0001"}, "nik-bukan-16-angka", "/nik"),
        ({"nik": "3.67406E+15"}, "nik-bukan-16-angka", "/nik"),
        ({"nik": "3" * 16}, "nik-tidak-sah", "/nik"),
        ({"nik": nik(0)}, "nik-tidak-sah", "/nik"),
        ({"nik": nik(day=72)}, "nik-tanggal-mustahil", "/nik"),
        ({"nik": nik(month=13)}, "nik-tanggal-mustahil", "/nik"),
        ({"household_number": "123"}, "nomor-kk-tidak-sah", "/household_number"),
        ({"birth_date": "2999-01-01"}, "tanggal-lahir-mustahil", "/birth_date"),
        ({"kelurahan": "36.74.06.9999"}, "kelurahan-tidak-dikenal", "/kelurahan"),
    ],
)
async def test_a_refused_registration_leaves_nothing(
    registry: Doors, wrong: dict[str, str], code: str, pointer: str
) -> None:
    reply = await registry.post("/v1/people", woman(**wrong))
    assert (reply.status, reply.code) == (422, code)
    assert reply.body["errors"][0]["pointer"] == pointer
    assert not [
        value for value in wrong.values() if value in json.dumps(reply.body) and pointer == "/nik"
    ]
    for table in ("person", "household", "journal", "outbox"):
        assert await registry.count(table) == 0


async def test_a_taken_nik_names_nobody_and_leaves_nothing(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    again = woman(name="Nama Lain", household_number="3674060000000001", kelurahan=REMPOA)
    reply = await registry.post("/v1/people", again, ELSEWHERE)
    assert (reply.status, reply.code) == (409, "nik-sudah-terdaftar")
    said = json.dumps(reply.body)
    assert str(person_id) not in said
    assert "Rahayu" not in said
    assert PONDOK_CABE_ILIR not in said
    assert await registry.count("household") == 1
    assert await registry.count("journal") == 1


async def test_a_taken_nik_gives_the_persons_id_to_whoever_reaches_her(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    reply = await registry.post("/v1/people", woman(), PETUGAS)
    assert (reply.status, reply.code) == (409, "nik-sudah-terdaftar")
    assert str(person_id) in reply.body["detail"]
    assert "Rahayu" not in json.dumps(reply.body)


async def test_of_two_registrations_at_once_one_wins(registry: Doors) -> None:
    bodies = [
        woman(household_number=f"36740600000000{n:02}", name=f"Nama {n}") for n in range(1, 9)
    ]
    replies = await asyncio.gather(*(registry.post("/v1/people", body) for body in bodies))
    assert sorted(reply.status for reply in replies) == [201, *[409] * 7]
    assert {reply.code for reply in replies if reply.status == 409} == {"nik-sudah-terdaftar"}
    assert await registry.count("person") == 1
    assert await registry.count("household") == 1
    assert len(await told(registry, "registry.person")) == 1


async def test_many_members_of_a_new_household_at_once_are_one_household(registry: Doors) -> None:
    bodies = [woman(nik=nik(serial)) for serial in range(1, 9)]
    replies = await asyncio.gather(*(registry.post("/v1/people", body) for body in bodies))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.body["household_id"] for reply in replies}) == 1


async def test_a_section_head_may_accept_an_impossible_date_with_a_reason(registry: Doors) -> None:
    body = woman(nik=nik(month=13), impossible_date_accepted_because="KTP asli diperlihatkan")
    refused = await registry.post("/v1/people", body, PETUGAS)
    assert (refused.status, refused.code) == (403, "hanya-kepala-seksi")
    accepted = await registry.post("/v1/people", body, KASI)
    assert accepted.status == 201
    assert accepted.body["doubts"] == ["tanggal-lahir-berbeda"]
    [row] = await registry.rows("select date_accepted_why from person")
    assert row["date_accepted_why"] == "KTP asli diperlihatkan"


async def test_what_differs_from_the_nik_is_a_doubt_and_no_refusal(registry: Doors) -> None:
    stranger = "327106" + nik(7, day=16)[6:]
    reply = await registry.post("/v1/people", woman(nik=stranger))
    assert reply.status == 201
    assert reply.body["doubts"] == [
        "tanggal-lahir-berbeda",
        "jenis-kelamin-berbeda",
        "terbit-di-daerah-lain",
    ]


async def test_a_temporary_number_is_kept_as_a_local_id(registry: Doors) -> None:
    reply = await registry.post("/v1/people", woman(nik="0000000000000017"))
    assert reply.status == 201
    shown = await registry.get(reply.headers["Location"])
    assert shown.body["identity_kind"] == "local"


async def test_a_person_of_another_area_is_not_shown(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    reply = await registry.get(f"/v1/people/{person_id}", ELSEWHERE)
    assert (reply.status, reply.code) == (403, "di-luar-wilayah")
    assert "Rahayu" not in json.dumps(reply.body)


async def test_an_unknown_person_is_not_found(registry: Doors) -> None:
    reply = await registry.get(f"/v1/people/{uuid4()}")
    assert (reply.status, reply.code) == (404, "orang-tidak-ditemukan")


async def test_a_repeated_post_is_one_person(registry: Doors) -> None:
    replies = [await registry.post("/v1/people", woman(), key="once") for _ in range(3)]
    assert len({reply.body["person_id"] for reply in replies}) == 1
    assert await registry.count("person") == 1


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "a\nb", "x" * 121])
async def test_a_name_is_a_line_with_something_in_it(registry: Doors, name: str) -> None:
    reply = await registry.post("/v1/people", woman(name=name))
    assert reply.status in (400, 422)
    assert await registry.count("person") == 0


async def test_names_and_contacts_of_several_are_given_at_once_and_only_of_ones_own_area(
    registry: Doors,
) -> None:
    here = await registered_woman(registry)
    there = await registered_woman(registry, nik=nik(2), kelurahan=REMPOA)
    asked = f"/v1/people?ids={there},{here},{uuid4()},{here}&purpose=training"
    assert [p["person_id"] for p in (await registry.get(asked)).body["items"]] == [
        str(here),
        str(there),
    ]
    [seen] = (await registry.get(asked, PETUGAS)).body["items"]
    assert (seen["person_id"], seen["name"]) == (str(here), "Rahayu Contoh")


async def test_a_list_of_people_is_asked_for_with_a_purpose_and_within_bounds(
    registry: Doors,
) -> None:
    for query in (
        f"ids={uuid4()}",
        f"ids={uuid4()}&purpose=curiosity",
        "purpose=training&ids=",
        "purpose=training&ids=1",
        "purpose=training&ids=" + ",".join(str(uuid4()) for _ in range(101)),
    ):
        reply = await registry.get(f"/v1/people?{query}")
        assert (reply.status, reply.code) == (400, "isian-tidak-sah"), query


async def test_who_was_shown_her_data_is_written_down_and_nobody_else(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    await registry.get(f"/v1/people/{person_id}", ELSEWHERE)
    await registry.get(f"/v1/people?ids={person_id}&purpose=visit", ELSEWHERE)
    await registry.get(f"/v1/people/{person_id}", PETUGAS)
    await registry.get(f"/v1/people?ids={person_id}&purpose=visit", KASI)
    readings = await registry.get(f"/v1/people/{person_id}/readings")
    assert [(r["read_by"], r["purpose"]) for r in readings.body["items"]] == [
        (PETUGAS.subject, "record"),
        (KASI.subject, "visit"),
    ]
    first = await registry.get(f"/v1/people/{person_id}/readings?limit=1")
    assert "next" in first.headers["Link"]


async def test_who_read_is_told_to_the_head_and_the_auditor_of_her_area_only(
    registry: Doors,
) -> None:
    person_id = await registered_woman(registry)
    assert (await registry.get(f"/v1/people/{person_id}/readings", PETUGAS)).status == 403
    head_elsewhere = person("kasi", "36.74.05")
    assert (await registry.get(f"/v1/people/{person_id}/readings", head_elsewhere)).status == 403
    assert (await registry.get(f"/v1/people/{uuid4()}/readings")).status == 404
