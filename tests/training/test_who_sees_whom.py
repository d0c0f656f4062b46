"""Rosters, calendars and areas: a woman from elsewhere isn't hidden."""

from shared.actor import Actor
from shared.contracts.registry import BusinessCorrected
from tests.training.doors import CIPUTAT_TIMUR, PAMULANG, REMPOA, SERPONG, Doors, person, record
from tests.training.facts import business
from tests.training.scenes import BUSINESSES, a_session, enrol, known


async def test_a_woman_from_elsewhere_is_on_the_roster_of_the_venue_s_officer(
    training: Doors,
) -> None:
    session = await a_session(training)
    near, far = await known(training), await known(training, REMPOA)
    for one in (near, far):
        await enrol(training, session, one)
    path = f"/v1/sessions/{session}/enrolments"

    async def seen(area: str) -> list[str]:
        answer = await training.get(path, person("petugas", area))
        return [seat["business_id"] for seat in answer.body["items"]]

    assert await seen(PAMULANG) == [near, far]
    assert await seen(CIPUTAT_TIMUR) == [far]
    assert await seen(SERPONG) == []


async def test_a_seat_is_read_from_the_venue_s_side_and_from_the_business_s(
    training: Doors,
) -> None:
    made = await enrol(training, await a_session(training), await known(training, REMPOA))
    path = made.headers["Location"]
    statuses = [
        (await training.get(path, person("petugas", area))).status
        for area in (PAMULANG, CIPUTAT_TIMUR, SERPONG)
    ]
    assert statuses == [200, 200, 403]


async def test_the_roster_and_the_calendar_come_in_pages_without_holes(training: Doors) -> None:
    days = ["2017-08-02", "2017-07-31", "2017-07-31", "2017-07-31"]
    sessions = [await a_session(training, held_on=day) for day in days]
    for _ in range(5):
        await enrol(training, sessions[0], await known(training))

    async def pages(path: str, key: str) -> list[list[str]]:
        found, following = [], f"{path}?limit=2"
        while following:
            page = await training.get(following)
            found.append([item[key] for item in page.body["items"]])
            link = page.headers.get("Link", "")
            following = link[1 : link.index(">")] if link else ""
        return found

    rosters = await pages(f"/v1/sessions/{sessions[0]}/enrolments", "enrolment_id")
    assert [len(page) for page in rosters] == [2, 2, 1]
    assert len({seat for page in rosters for seat in page}) == 5
    calendar = await pages("/v1/sessions", "session_id")
    assert calendar == [sessions[1:3], [sessions[3], sessions[0]]]  # a day is cut in two
    filtered = await training.get("/v1/sessions?held_from=2017-08-01")
    assert [item["session_id"] for item in filtered.body["items"]] == [sessions[0]]


async def test_a_corrected_kelurahan_moves_the_seat_to_the_other_officer(
    training: Doors,
) -> None:
    session, fact = await a_session(training), business(kelurahan=SERPONG)
    await training.hear(BUSINESSES, record(fact, 1))
    seat = (await enrol(training, session, str(fact.business_id))).headers["Location"]
    moved = BusinessCorrected(
        **fact.model_dump() | {"kelurahan": REMPOA, "corrected": ("kelurahan",)}
    )
    await training.hear(BUSINESSES, record(moved, 2))
    for area, status in ((CIPUTAT_TIMUR, 200), (SERPONG, 403)):
        officer = person("petugas", area)
        assert (await training.get(seat, officer)).status == status
        roster = await training.get(f"/v1/sessions/{session}/enrolments", officer)
        assert len(roster.body["items"]) == (status == 200)


async def test_a_seat_is_written_from_either_side_and_from_nowhere_else(training: Doors) -> None:
    for area, status in ((PAMULANG, 200), (CIPUTAT_TIMUR, 200), (SERPONG, 403)):
        made = await enrol(training, await a_session(training), await known(training, REMPOA))
        seat, officer = made.headers["Location"], person("petugas", area)
        there = {"state": "present", "hours": "6"}
        key = f"hadir-{area}"
        answers = [
            await training.post(f"{seat}/attendance", there, officer, if_match='"1"', key=key),
            await training.post(
                f"{seat}/assessments", {"confidence_before": 2}, officer, if_match='"2"'
            ),
            await training.post(
                f"{seat}/attendance-corrections",
                {"state": "present", "hours": "3", "reason": "Pulang lebih awal"},
                officer,
                if_match='"3"',
            ),
        ]
        assert [answer.status for answer in answers] == [status] * 3
        if status == 403:
            assert {answer.code for answer in answers} == {"di-luar-wilayah"}


async def test_an_answer_that_was_kept_is_not_told_again_to_who_has_moved_away(
    training: Doors,
) -> None:
    """The caller's area is asked before the stored answer of a repeated request is."""
    made = await enrol(training, await a_session(training), await known(training))
    path = f"{made.headers['Location']}/attendance"
    here, there = person("petugas", PAMULANG), {"state": "present", "hours": "6"}
    assert (await training.post(path, there, here, if_match='"1"', key="k")).status == 200
    moved = Actor(here.subject, here.roles, (SERPONG,))
    again = await training.post(path, there, moved, if_match='"1"', key="k")
    assert (again.status, again.code) == (403, "di-luar-wilayah")
