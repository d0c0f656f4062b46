"""From an activity to a certificate, through HTTP on a real database."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.registry import BusinessConstraintsAsked, Constraint
from shared.ids import uuid7
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
from tests.training.facts import business
from tests.training.scenes import BUSINESSES, a_session, enrol, known

PRESENT = {"state": "present", "hours": "6"}


async def a_cohort(training: Doors) -> str:
    body = {"title": "Pelatihan keterampilan", "year": 2017, "organising_office": "dp3ap2kb"}
    activity = await training.post("/v1/activities", body)
    path = f"{activity.headers['Location']}/cohorts"
    return str((await training.post(path, {"title": "Angkatan Pamulang"})).body["cohort_id"])


async def attend(training: Doors, session: str, her: str, **told: Any) -> str:
    seat = str((await enrol(training, session, her)).headers["Location"])
    answer = await training.post(f"{seat}/attendance", PRESENT | told, if_match='"1"')
    assert answer.status == 200, answer.body
    return seat


async def certify(training: Doors, cohort: str, her: str, **how: Any) -> Reply:
    path = f"/v1/cohorts/{cohort}/certificates"
    return await training.post(path, {"business_id": her}, **how)


async def checked(training: Doors, number: str) -> dict[str, Any]:
    answer = await training.get(f"/v1/certificates?number={number}", person("operator", SERPONG))
    body: dict[str, Any] = answer.body
    return body


async def test_an_activity_has_cohorts_and_a_cohort_sessions_and_each_is_told(
    training: Doors,
) -> None:
    cohort = await a_cohort(training)
    session = await a_session(training, cohort_id=cohort)
    view = (await training.get(f"/v1/cohorts/{cohort}")).body
    assert (view["title"], view["year"], view["organising_office"]) == (
        "Angkatan Pamulang",
        2017,
        "dp3ap2kb",
    )
    assert [held["session_id"] for held in view["sessions"]] == [session]
    activity = (await training.get(f"/v1/activities/{view['activity_id']}")).body
    assert activity["cohorts"] == [
        {"cohort_id": cohort, "title": "Angkatan Pamulang", "sessions": 1, "certificates": 0}
    ]
    told = await training.told()
    assert [row["type"].split(".", 2)[2] for row in told] == [
        "training.activity.planned.v1",
        "training.cohort.opened.v1",
        "training.session.scheduled.v1",
    ]
    assert told[2]["fact"]["cohort_id"] == cohort


async def test_a_certificate_is_given_for_real_attendance_and_its_number_can_be_verified(
    training: Doors,
) -> None:
    cohort, her = await a_cohort(training), await known(training)
    await attend(training, await a_session(training, cohort_id=cohort), her)
    given = await certify(training, cohort, her)
    assert (given.status, given.body["status"]) == (201, "issued")
    view = (await training.get(given.headers["Location"])).body
    assert view["business_id"] == her
    found = await checked(training, view["number"].lower().replace("-", "+"))
    assert (found["finding"], found["cohort_title"], found["year"]) == (
        "issued",
        "Angkatan Pamulang",
        2017,
    )
    assert her not in str(found)
    assert view["person_id"] not in str(found)
    (told,) = await training.told("certificate.issued")
    assert (told["key"], told["fact"]["number"]) == (view["certificate_id"], view["number"])


async def test_without_attendance_the_refusal_says_at_which_session_and_who_can_put_it_right(
    training: Doors,
) -> None:
    cohort, her = await a_cohort(training), await known(training)
    first = await a_session(training, cohort_id=cohort)
    second = await a_session(training, cohort_id=cohort, held_on="2099-01-09")
    await attend(training, first, her)
    refused = await certify(training, cohort, her)
    assert (refused.status, refused.code) == (409, "sertifikat-belum-berhak")
    (need,) = refused.body["needed"]
    assert (need["fact"], need["who"], need["by"], need["about"]) == (
        "attendance",
        "fasilitator",
        "2099-01-09",
        second,
    )
    assert await training.count("certificate") == 0


async def test_a_hundred_ask_for_one_certificate_and_one_is_given(training: Doors) -> None:
    cohort, her = await a_cohort(training), await known(training)
    await attend(training, await a_session(training, cohort_id=cohort), her)
    answers = await asyncio.gather(*(certify(training, cohort, her) for _ in range(100)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 99}
    assert {a.code for a in answers if a.status == 409} == {"sudah-bersertifikat"}
    assert len(await training.told("certificate.issued")) == 1


async def test_who_was_not_there_after_all_keeps_no_certificate(training: Doors) -> None:
    cohort = await a_cohort(training)
    session = await a_session(training, cohort_id=cohort)
    hers = [await known(training) for _ in range(8)]
    seats = [await attend(training, session, her) for her in hers]
    wrong = {"state": "absent", "reason": "Salah orang"}
    await asyncio.gather(
        *(certify(training, cohort, her) for her in hers),
        *(training.post(f"{seat}/attendance-corrections", wrong, if_match='"2"') for seat in seats),
    )
    rows = await training.rows("select status, count(*) from certificate group by status")
    assert {row["status"] for row in rows} <= {"revoked"}
    issued = await training.told("certificate.issued")
    revoked = await training.told("certificate.revoked")
    assert sorted(row["key"] for row in issued) == sorted(row["key"] for row in revoked)
    assert b"Salah orang" not in b"".join(row["body"] for row in revoked)


async def test_a_revoked_certificate_is_known_as_such_and_another_may_be_given(
    training: Doors,
) -> None:
    cohort, her = await a_cohort(training), await known(training)
    await attend(training, await a_session(training, cohort_id=cohort), her)
    given = await certify(training, cohort, her)
    path = given.headers["Location"]
    number = (await training.get(path)).body["number"]
    body = {"reason": "Keliru"}
    assert (await training.post(f"{path}/revocation", body, if_match='"9"')).status == 412
    gone = await training.post(f"{path}/revocation", body, if_match='"1"')
    assert (gone.status, gone.body["status"], gone.etag) == (200, "revoked", '"2"')
    again = await training.post(f"{path}/revocation", body, if_match='"2"')
    assert again.code == "sertifikat-sudah-dicabut"
    assert (await checked(training, number))["finding"] == "revoked"
    assert (await certify(training, cohort, her)).status == 201


@pytest.mark.parametrize(
    ("number", "finding"),
    [("KPQR-STVW-XBCF", "not_a_number"), ("BBBB-BBBB-BBBB", "unknown"), ("%3D1", "not_a_number")],
)
async def test_a_number_that_is_none_of_ours_says_only_that(
    training: Doors, number: str, finding: str
) -> None:
    found = await checked(training, number)
    assert found["finding"] == finding
    assert {value for name, value in found.items() if name != "finding"} == {None}


async def test_a_cohort_with_certificates_takes_no_further_session(training: Doors) -> None:
    cohort, her = await a_cohort(training), await known(training)
    await attend(training, await a_session(training, cohort_id=cohort), her)
    await certify(training, cohort, her)
    body = {
        "title": "Susulan",
        "topics": ["marketing"],
        "held_on": "2017-08-07",
        "hours": "6",
        "kelurahan": "36.74.06.1001",
        "capacity": 10,
        "organising_office": "dp3ap2kb",
    }
    answer = await training.post("/v1/sessions", body | {"cohort_id": cohort})
    assert (answer.status, answer.code) == (409, "angkatan-sudah-bersertifikat")
    answer = await training.post("/v1/sessions", body | {"cohort_id": str(uuid4())})
    assert (answer.status, answer.code) == (404, "angkatan-tidak-ditemukan")
    assert (await training.post("/v1/sessions", body)).status == 201


@pytest.mark.parametrize(
    ("area", "status"), [(CIPUTAT_TIMUR, 201), (PAMULANG, 403), (SERPONG, 403)]
)
async def test_a_certificate_is_given_by_the_business_s_own_officer(
    training: Doors, area: str, status: int
) -> None:
    cohort, her = await a_cohort(training), await known(training, REMPOA)
    await attend(training, await a_session(training, cohort_id=cohort), her)
    answer = await certify(training, cohort, her, actor=person("petugas", area))
    assert answer.status == status
    assert await training.count("certificate") == (status == 201)


async def test_what_does_not_exist_is_not_found(training: Doors) -> None:
    her = await known(training)
    for path in ("activities", "cohorts", "certificates"):
        assert (await training.get(f"/v1/{path}/{uuid7()}")).status == 404
    assert (await certify(training, str(uuid7()), her)).code == "angkatan-tidak-ditemukan"
    fresh = await certify(training, str(uuid7()), str(uuid7()))
    assert fresh.code == "belum-tersedia"


async def test_the_room_is_counted_beside_the_names_also_of_other_kecamatan(
    training: Doors,
) -> None:
    session = await a_session(training)
    path = f"/v1/sessions/{session}/headcount"
    assert (await training.get(path)).body["verdict"] == "not_counted"
    for kelurahan in (REMPOA, REMPOA, "36.74.06.1001"):
        await attend(training, session, await known(training, kelurahan))
    await enrol(training, session, await known(training))
    for headcount, approximate in ((75, True), (4, False)):
        body = {"headcount": headcount, "approximate": approximate, "source": "news-report"}
        assert (await training.post(f"{path}s", body)).status == 201
    view = (await training.get(path)).body
    assert (view["headcount"], view["present"], view["unrecorded"]) == (4, 3, 1)
    assert (view["difference"], view["verdict"]) == (1, "not_recorded")
    assert [count["headcount"] for count in view["counts"]] == [4, 75]
    assert view["by_kecamatan"] == [
        {"kecamatan": CIPUTAT_TIMUR, "enrolled": 2, "present": 2},
        {"kecamatan": PAMULANG, "enrolled": 2, "present": 1},
    ]
    told = await training.told("headcount-reported")
    assert [(t["sequence"], t["fact"]["headcount"], t["fact"]["approximate"]) for t in told] == [
        (2, 75, True),
        (3, 4, False),
    ]
    assert {t["fact"]["occurred_on"] for t in told} == {"2017-07-31"}


async def test_a_room_is_not_counted_before_the_day(training: Doors) -> None:
    session = await a_session(training, held_on="2099-01-09")
    body = {"headcount": 80, "source": "news-report"}
    answer = await training.post(f"/v1/sessions/{session}/headcounts", body)
    assert (answer.status, answer.code) == (409, "sesi-belum-berlangsung")
    answer = await training.post(f"/v1/sessions/{uuid7()}/headcounts", body)
    assert answer.status == 404


async def test_confidence_and_learning_are_kept_told_and_summed_up_for_the_cohort(
    training: Doors,
) -> None:
    cohort = await a_cohort(training)
    session = await a_session(training, cohort_id=cohort)
    seat = ""
    for before, after in ((2, 4), (1, 4)):
        seat = await attend(training, session, await known(training))
        path = f"{seat}/assessments"
        asked = await training.post(path, {"confidence_before": before}, if_match='"2"')
        assert asked.status == 200
        later = {"confidence_after": after, "learning": [{"topic": "packaging", "score": after}]}
        assert (await training.post(path, later, if_match='"3"')).etag == '"4"'
    view = (await training.get(seat)).body
    assert (view["confidence_before"], view["confidence_after"]) == (1, 4)
    assert view["learning"] == [{"topic": "packaging", "score": 4}]
    assert [answer["version"] for answer in view["answers"]] == [3, 4]
    told = await training.told("enrolment.assessed")
    assert told[-1]["fact"]["learning"] == [{"topic": "packaging", "score": 4}]
    summed = (await training.get(f"/v1/cohorts/{cohort}")).body
    assert (summed["confidence_answers"], summed["attended_all"]) == (2, 2)
    assert (summed["confidence_before"], summed["confidence_after"]) == ("1.5", "4")
    assert summed["learning"] == [{"topic": "packaging", "answers": 2, "mean": "4"}]


async def test_topics_are_tied_to_what_holds_the_businesses_of_one_s_area_back(
    training: Doors,
) -> None:
    fact = business(kelurahan=REMPOA)
    held_back = (
        Constraint(kind="marketing", severity=3),
        Constraint(kind="packaging", severity=1),
    )
    told = fact.model_copy(update={"constraints": held_back})
    await training.hear(BUSINESSES, record(told))
    await a_session(training)

    async def needed(area: str) -> dict[str, tuple[int, int]]:
        answer = await training.get("/v1/topics", person("petugas", area))
        return {t["topic"]: (t["businesses"], t["sessions"]) for t in answer.body["items"]}

    assert (await needed(CIPUTAT_TIMUR))["marketing"] == (1, 1)
    assert (await needed(CIPUTAT_TIMUR))["attractive-product"] == (1, 0)
    assert (await needed(CIPUTAT_TIMUR))["finance"] == (0, 0)
    assert (await needed(SERPONG))["marketing"] == (0, 1)
    eased = told.model_copy(update={"constraints": held_back[1:]})
    asked_again = BusinessConstraintsAsked(**eased.model_dump())
    await training.hear(BUSINESSES, record(asked_again, 2))
    assert (await needed(CIPUTAT_TIMUR))["marketing"] == (0, 1)
    assert (await needed(CIPUTAT_TIMUR))["attractive-product"] == (1, 0)


async def test_a_certificate_handed_out_on_paper_keeps_its_day_after_the_last_session(
    training: Doors,
) -> None:
    cohort, her = await a_cohort(training), await known(training)
    session = await a_session(training, cohort_id=cohort)
    held = (await training.get(f"/v1/sessions/{session}")).body["held_on"]
    await attend(training, session, her)
    path = f"/v1/cohorts/{cohort}/certificates"
    for day in ("2016-12-31", "2099-01-01"):
        refused = await training.post(path, {"business_id": her, "issued_on": day})
        assert (refused.status, refused.code) == (422, "tanggal-sertifikat-mustahil")
    given = await training.post(path, {"business_id": her, "issued_on": held})
    assert given.status == 201, given.body
    (told,) = await training.told("certificate.issued")
    assert (told["fact"]["issued_on"], told["fact"]["occurred_on"]) == (held, held)


async def test_what_is_missing_for_a_certificate_can_be_read_before_anybody_is_refused(
    training: Doors,
) -> None:
    cohort, her = await a_cohort(training), await known(training, REMPOA)
    path = f"/v1/cohorts/{cohort}/certificates/{her}"
    first = await a_session(training, cohort_id=cohort)
    seat = str((await enrol(training, first, her)).headers["Location"])
    refused = await certify(training, cohort, her)
    before = (await training.get(path)).body
    assert (before["earned"], before["attended"], before["sessions"]) == (False, 0, 1)
    assert before["needed"] == refused.body["needed"]
    await training.post(f"{seat}/attendance", PRESENT, if_match='"1"')
    earned = (await training.get(path)).body
    assert (earned["earned"], earned["needed"], earned["certificate_id"]) == (True, [], None)
    given = await certify(training, cohort, her)
    held = (await training.get(path)).body
    assert held["certificate_id"] == given.body["certificate_id"]
    assert (await training.get(path, person("petugas", SERPONG))).status in (403, 404)
    assert (await training.get(f"/v1/cohorts/{uuid7()}/certificates/{her}")).status == 404
