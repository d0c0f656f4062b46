"""Enrolment through HTTP on a real database: who gets a seat, and who hears why not."""

import asyncio
from collections import Counter
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from shared.contracts.registry import BusinessCorrected
from shared.ids import uuid7
from tests.training.doors import (
    CIPUTAT_TIMUR,
    PAMULANG,
    PAMULANG_BARAT,
    REMPOA,
    SERPONG,
    Doors,
    person,
    record,
)
from tests.training.facts import business, old_id
from tests.training.scenes import BUSINESSES, a_session, enrol, known, session_body


async def test_a_scheduled_session_can_be_read_and_is_told(training: Doors) -> None:
    session = await a_session(training, hours="4.50")
    read = await training.get(f"/v1/sessions/{session}")
    assert read.body["hours"] == "4.5"
    assert (read.body["taken"], read.body["capacity"]) == (0, 80)
    (told,) = await training.told()
    assert told["type"] == "id.binaan.training.session.scheduled.v1"
    assert (told["key"], told["sequence"]) == (session, 1)
    assert told["fact"]["kelurahan"] == PAMULANG_BARAT


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"kelurahan": "36.74.99.1001"}, 422, "kelurahan-tidak-dikenal"),
        ({"hours": "0"}, 422, "lama-sesi-tidak-wajar"),
        ({"hours": "24.5"}, 422, "lama-sesi-tidak-wajar"),
        ({"hours": "1e3"}, 400, "isian-tidak-sah"),
        ({"hours": 6.0}, 400, "isian-tidak-sah"),
        ({"capacity": 0}, 400, "isian-tidak-sah"),
        ({"title": "\n"}, 400, "isian-tidak-sah"),
        ({"topics": []}, 400, "isian-tidak-sah"),
        ({"colour": "red"}, 400, "isian-tidak-sah"),
    ],
)
async def test_a_session_that_cannot_be_leaves_nothing(
    training: Doors, wrong: dict[str, object], status: int, code: str
) -> None:
    answer = await training.post("/v1/sessions", session_body(**wrong))
    assert (answer.status, answer.code) == (status, code)
    assert await training.count("session") + await training.count("journal") == 0


async def test_an_enrolment_is_read_with_its_history_and_told_by_ids_only(training: Doors) -> None:
    session, her = await a_session(training), await known(training)
    made = await enrol(training, session, her)
    assert (made.status, made.body["state"], made.etag) == (201, "enrolled", '"1"')
    read = await training.get(made.headers["Location"])
    assert read.body["business_id"] == her
    assert [entry["state"] for entry in read.body["attendance"]] == ["enrolled"]
    (told,) = await training.told("enrolment.made")
    assert told["fact"]["occurred_on"] == "2017-07-31"
    assert told["fact"]["business_id"] == her
    assert told["fact"]["hours"] is None


async def test_a_hundred_want_ten_seats_and_ten_get_one(training: Doors) -> None:
    session = await a_session(training, capacity=10)
    facts = [business() for _ in range(100)]
    await training.hear(BUSINESSES, *(record(fact) for fact in facts))
    answers = await asyncio.gather(
        *(enrol(training, session, str(fact.business_id)) for fact in facts)
    )
    assert Counter(answer.status for answer in answers) == {201: 10, 409: 90}
    assert {a.code for a in answers if a.status == 409} == {"sesi-penuh"}
    assert await training.count("enrolment") == 10
    assert len(await training.told("enrolment.made")) == 10
    assert (await training.get(f"/v1/sessions/{session}")).body["taken"] == 10


async def test_fifty_ask_for_the_same_business_and_it_gets_one_seat(training: Doors) -> None:
    session, her = await a_session(training), await known(training)
    answers = await asyncio.gather(*(enrol(training, session, her) for _ in range(50)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 49}
    assert {a.code for a in answers if a.status == 409} == {"sudah-terdaftar"}
    assert await training.count("attendance") == 1


async def test_the_same_key_gives_the_same_answer_and_one_seat(training: Doors) -> None:
    session, her = await a_session(training), await known(training)
    answers = await asyncio.gather(*(enrol(training, session, her, key="once") for _ in range(20)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["enrolment_id"] for answer in answers}) == 1
    assert await training.count("enrolment") == 1


async def test_a_full_session_says_so_in_the_caller_s_language(training: Doors) -> None:
    session = await a_session(training, capacity=1)
    await enrol(training, session, await known(training))
    late = await known(training)
    refused = await enrol(training, session, late)
    assert refused.body["detail"] == "Sesi sudah penuh: 1 tempat, semuanya terisi."
    refused = await enrol(training, session, late, **{"Accept-Language": "en"})
    assert refused.body["detail"] == "The session is full: 1 seats, all taken."


@pytest.mark.parametrize(
    ("new_id", "status", "code"),
    [
        (uuid7, 409, "belum-tersedia"),
        (old_id, 404, "usaha-tidak-ditemukan"),
        (uuid4, 404, "usaha-tidak-ditemukan"),
    ],
)
async def test_a_business_that_is_not_known_is_not_yet_known_only_when_its_id_is_new(
    training: Doors, new_id: Callable[[], UUID], status: int, code: str
) -> None:
    session = await a_session(training)
    answer = await enrol(training, session, str(new_id()))
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers.get("Retry-After") == ("1" if status == 409 else None)
    assert await training.count("enrolment") == 0


async def test_an_enrolment_needs_a_session(training: Doors) -> None:
    answer = await enrol(training, str(uuid7()), await known(training))
    assert (answer.status, answer.code) == (404, "sesi-tidak-ditemukan")


@pytest.mark.parametrize(
    ("area", "status"),
    [(PAMULANG, 201), (CIPUTAT_TIMUR, 201), (REMPOA, 201), (SERPONG, 403), ("36.74", 201)],
)
async def test_who_reaches_the_venue_or_the_business_may_enrol_her(
    training: Doors, area: str, status: int
) -> None:
    session, rempoa = await a_session(training), await known(training, REMPOA)
    answer = await enrol(training, session, rempoa, actor=person("petugas", area))
    assert answer.status == status
    assert await training.count("enrolment") == (status == 201)
    if status == 403:
        assert answer.code == "di-luar-wilayah"


async def test_a_business_is_known_as_it_was_told_last(training: Doors) -> None:
    first = business()
    moved = BusinessCorrected(
        **first.model_dump() | {"kelurahan": REMPOA, "corrected": ("kelurahan",)}
    )
    for records in ((record(moved, 2), record(first, 1)), (record(first, 1), record(moved, 2))):
        await training.hear(BUSINESSES, *records)
    rows = await training.rows("select kelurahan, version from known_business_now")
    assert rows == [{"kelurahan": REMPOA, "version": 2}]


async def test_a_rebuilt_copy_of_businesses_takes_the_old_one_s_place(training: Doors) -> None:
    session, before, after = await a_session(training), business(), business()
    await training.hear(BUSINESSES, record(before))
    await training.rebuilt(BUSINESSES, record(after))
    assert (await enrol(training, session, str(after.business_id))).status == 201
    assert (await enrol(training, session, str(before.business_id))).code == "belum-tersedia"
