"""Two hundred at once, through two copies of the api over one database."""

import asyncio
from collections import Counter

from tests.training.doors import Doors, record
from tests.training.facts import business
from tests.training.scenes import BUSINESSES, a_session, enrol, known

Copies = tuple[Doors, Doors]


async def test_two_hundred_want_forty_seats_and_forty_get_one(two_copies: Copies) -> None:
    session = await a_session(two_copies[0], capacity=40)
    facts = [business() for _ in range(200)]
    await two_copies[0].hear(BUSINESSES, *(record(fact) for fact in facts))
    answers = await asyncio.gather(
        *(enrol(two_copies[n % 2], session, str(fact.business_id)) for n, fact in enumerate(facts))
    )
    assert Counter(answer.status for answer in answers) == {201: 40, 409: 160}
    assert {a.code for a in answers if a.status == 409} == {"sesi-penuh"}
    assert await two_copies[0].count("enrolment") == 40
    assert len(await two_copies[1].told("enrolment.made")) == 40


async def test_two_hundred_count_one_room_and_every_count_is_kept_in_order(
    two_copies: Copies,
) -> None:
    session = await a_session(two_copies[0])
    path = f"/v1/sessions/{session}/headcounts"
    answers = await asyncio.gather(
        *(two_copies[n % 2].post(path, {"headcount": n, "source": "officer"}) for n in range(200))
    )
    assert {answer.status for answer in answers} == {201}
    told = await two_copies[0].told("headcount-reported")
    assert sorted(row["sequence"] for row in told) == list(range(2, 202))
    view = (await two_copies[1].get(path[:-1])).body
    assert len(view["counts"]) == 200
    newest = max(told, key=lambda row: int(row["sequence"]))
    assert view["headcount"] == newest["fact"]["headcount"]


async def test_two_hundred_ask_for_one_certificate_and_one_is_given(two_copies: Copies) -> None:
    one = two_copies[0]
    body = {"title": "Pelatihan", "year": 2017, "organising_office": "dp3ap2kb"}
    activity = (await one.post("/v1/activities", body)).headers["Location"]
    cohort = (await one.post(f"{activity}/cohorts", {"title": "Satu"})).headers["Location"]
    her = await known(one)
    session = await a_session(one, cohort_id=cohort.rpartition("/")[2])
    seat = (await enrol(one, session, her)).headers["Location"]
    there = {"state": "present", "hours": "6"}
    assert (await one.post(f"{seat}/attendance", there, if_match='"1"')).status == 200
    answers = await asyncio.gather(
        *(
            two_copies[n % 2].post(f"{cohort}/certificates", {"business_id": her})
            for n in range(200)
        )
    )
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 199}
    assert len(await one.told("certificate.issued")) == 1
