"""Attendance through HTTP on a real database: entries, corrections, and what others hear."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from shared.db import Origin, transaction
from shared.ids import uuid7
from tests.training.doors import (
    CIPUTAT_TIMUR,
    KASI,
    PAMULANG,
    REMPOA,
    SERPONG,
    Doors,
    Reply,
    person,
)
from tests.training.scenes import a_session, enrol, known

TOMORROW_OR_LATER = "2099-01-01"


async def a_seat(training: Doors, held_on: str = "2017-07-31", home: str = REMPOA) -> str:
    """An enrolment's path."""
    session = await a_session(training, held_on=held_on)
    made = await enrol(training, session, await known(training, home))
    assert made.status == 201, made.body
    return str(made.headers["Location"])


async def attend(training: Doors, seat: str, body: dict[str, Any], **how: Any) -> Reply:
    return await training.post(f"{seat}/attendance", body, **{"if_match": '"1"'} | how)


async def correct(training: Doors, seat: str, body: dict[str, Any], **how: Any) -> Reply:
    return await training.post(f"{seat}/attendance-corrections", body, **{"if_match": '"2"'} | how)


PRESENT = {"state": "present", "hours": "6"}


async def test_who_was_there_is_told_on_the_day_of_the_session(training: Doors) -> None:
    seat = await a_seat(training)
    answer = await attend(training, seat, PRESENT)
    assert (answer.status, answer.body["state"], answer.etag) == (200, "present", '"2"')
    (told,) = await training.told("enrolment.attended")
    assert (told["sequence"], told["fact"]["hours"]) == (2, "6")
    assert told["fact"]["occurred_on"] == "2017-07-31"


async def test_who_was_not_there_is_told_without_the_reason(training: Doors) -> None:
    seat = await a_seat(training)
    await attend(training, seat, {"state": "excused", "reason": "Anak sakit demam"})
    (told,) = await training.told("enrolment.missed")
    assert (told["fact"]["state"], told["fact"]["hours"]) == ("excused", None)
    assert b"demam" not in told["body"]


async def test_a_correction_keeps_what_was_recorded_before(training: Doors) -> None:
    seat = await a_seat(training)
    await attend(training, seat, {"state": "absent"})
    body = {"state": "present", "hours": "2.5", "reason": "Datang terlambat"}
    assert (await correct(training, seat, body)).status == 200
    read = await training.get(seat)
    assert (read.body["state"], read.body["hours"], read.body["version"]) == ("present", "2.5", 3)
    history = [(e["version"], e["state"], e["reason"]) for e in read.body["attendance"]]
    assert history == [
        (1, "enrolled", None),
        (2, "absent", None),
        (3, "present", "Datang terlambat"),
    ]
    assert {entry["recorded_by"] for entry in read.body["attendance"]} == {KASI.subject}
    (told,) = await training.told("attendance-corrected")
    assert (told["sequence"], told["fact"]["state"]) == (3, "present")
    assert b"terlambat" not in told["body"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"state": "present"}, 422, "jam-wajib-diisi"),
        ({"state": "present", "hours": "6.01"}, 422, "jam-melebihi-sesi"),
        ({"state": "absent", "hours": "1"}, 422, "jam-tanpa-kehadiran"),
        ({"state": "excused"}, 422, "alasan-wajib-diisi"),
        ({"state": "excused", "reason": "   "}, 422, "alasan-wajib-diisi"),
        ({"state": "enrolled"}, 400, "isian-tidak-sah"),
        ({"state": "present", "hours": "-1"}, 400, "isian-tidak-sah"),
        ({"state": "absent", "reason": "a\u0000b"}, 400, "isian-tidak-sah"),
    ],
)
async def test_a_refused_entry_leaves_nothing(
    training: Doors, body: dict[str, Any], status: int, code: str
) -> None:
    seat = await a_seat(training)
    answer = await attend(training, seat, body)
    assert (answer.status, answer.code) == (status, code)
    assert (await training.get(seat)).body["version"] == 1
    assert await training.count("attendance") == 1
    assert [row["sequence"] for row in await training.told("enrolment")] == [1]


async def test_nobody_is_present_before_the_day(training: Doors) -> None:
    seat = await a_seat(training, held_on=TOMORROW_OR_LATER)
    answer = await attend(training, seat, PRESENT)
    assert (answer.status, answer.code) == (409, "sesi-belum-berlangsung")
    assert TOMORROW_OR_LATER in answer.body["detail"]


async def test_the_day_is_the_one_of_the_city_s_clock(training: Doors) -> None:
    origin = Origin(KASI, str(uuid7()))
    async with transaction(training.db, origin) as tx:
        today, utc = tx.today, tx.now.date()
    assert today - utc in (timedelta(0), timedelta(days=1))
    seat = await a_seat(training, held_on=str(today))
    assert (await attend(training, seat, PRESENT)).status == 200
    seat = await a_seat(training, held_on=str(today + timedelta(days=1)))
    assert (await attend(training, seat, PRESENT)).code == "sesi-belum-berlangsung"


async def test_of_many_entries_at_once_one_counts(training: Doors) -> None:
    seat = await a_seat(training)
    answers = await asyncio.gather(
        *(attend(training, seat, {"state": "absent"}) for _ in range(20))
    )
    assert Counter(a.status for a in answers) == {200: 1, 412: 19}
    assert await training.count("attendance") == 2
    assert [row["sequence"] for row in await training.told("enrolment")] == [1, 2]


async def test_a_second_entry_points_to_the_correction(training: Doors) -> None:
    seat = await a_seat(training)
    await attend(training, seat, PRESENT)
    answer = await attend(training, seat, {"state": "absent"}, if_match='"2"')
    assert (answer.status, answer.code) == (409, "kehadiran-sudah-dicatat")
    assert "koreksi" in answer.body["detail"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"state": "absent"}, 422, "alasan-wajib-diisi"),
        ({"state": "present", "hours": "6.0", "reason": "Salah"}, 409, "tidak-ada-perubahan"),
        ({"state": "present", "hours": "8", "reason": "Salah"}, 422, "jam-melebihi-sesi"),
    ],
)
async def test_a_refused_correction_leaves_nothing(
    training: Doors, body: dict[str, Any], status: int, code: str
) -> None:
    seat = await a_seat(training)
    await attend(training, seat, PRESENT)
    answer = await correct(training, seat, body)
    assert (answer.status, answer.code) == (status, code)
    assert await training.count("attendance") == 2


async def test_what_was_not_recorded_is_not_corrected(training: Doors) -> None:
    seat = await a_seat(training)
    body = {"state": "absent", "reason": "Salah"}
    answer = await correct(training, seat, body, if_match='"1"')
    assert (answer.status, answer.code) == (409, "kehadiran-belum-dicatat")


async def test_an_old_version_is_refused_and_a_missing_one_is_asked_for(training: Doors) -> None:
    seat = await a_seat(training)
    stale = await attend(training, seat, PRESENT, if_match='"7"')
    assert (stale.status, stale.code) == (412, "versi-berubah")
    assert (await attend(training, seat, PRESENT, if_match=None)).status == 428


async def test_an_unknown_seat_is_not_found(training: Doors) -> None:
    answer = await attend(training, f"/v1/enrolments/{uuid7()}", PRESENT)
    assert (answer.status, answer.code) == (404, "pendaftaran-tidak-ditemukan")


@pytest.mark.parametrize(
    ("area", "status"), [(PAMULANG, 200), (CIPUTAT_TIMUR, 200), (SERPONG, 403)]
)
async def test_attendance_is_recorded_from_the_venue_s_or_the_business_s_side(
    training: Doors, area: str, status: int
) -> None:
    seat = await a_seat(training)
    answer = await attend(training, seat, PRESENT, actor=person("fasilitator", area))
    assert answer.status == status
    assert (await training.get(seat)).body["version"] == (2 if status == 200 else 1)


@pytest.mark.parametrize("role", ["fasilitator", "verifikator", "auditor", "operator"])
async def test_only_officers_correct(training: Doors, role: str) -> None:
    seat = await a_seat(training)
    await attend(training, seat, PRESENT)
    body = {"state": "absent", "reason": "Salah catat"}
    assert (await correct(training, seat, body, actor=person(role))).status == 403
