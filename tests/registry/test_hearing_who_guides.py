"""Offices say which businesses they guide: eligibility, training and the journey hear of it."""

from datetime import date
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.structs import ConsumerRecord

from shared.actor import service_actor
from shared.cloudevents import Reader
from shared.contracts.office_feeds import GUIDANCE as FEED
from shared.contracts.office_feeds import BusinessGuided, BusinessReleased
from shared.parked import due
from tests.registry.people import chocolate, nik, woman
from tests.registry.reports import GUIDANCE, report, waiting
from tests.training.doors import KEYS, Doors, record

KASI_SAYS = {"guided": "no", "answered_on": "2026-01-10", "source": "owner_said"}


def guided(ref: str = "BINA-1", sequence: int = 1, **said: Any) -> ConsumerRecord:
    return record(report(FEED, BusinessGuided, ref, **said), sequence)


def released(ref: str = "BINA-1", sequence: int = 2, **said: Any) -> ConsumerRecord:
    return record(report(FEED, BusinessReleased, ref, **said), sequence)


async def business(doors: Doors, owner: str = "", **other: Any) -> str:
    if not owner:
        owner = (await doors.post("/v1/people", woman(**other))).body["person_id"]
    answer = await doors.post("/v1/businesses", chocolate(owner))
    assert answer.status == 201, answer.body
    return str(answer.body["business_id"])


async def coverage(doors: Doors, business_id: str) -> tuple[str, str]:
    """The state and the sentence of the rule's condition."""
    answer = (await doors.get(f"/v1/businesses/{business_id}/eligibility")).body
    return next(
        (reason["state"], reason["detail"])
        for reason in answer["reasons"]
        if reason["condition"] == "not_guided_elsewhere"
    )


async def drained(doors: Doors) -> int:
    async with doors.db.pool.acquire() as conn:
        actor = service_actor("registry")
        return await due.drain_due(doors.writers[GUIDANCE], Reader(FEED.facts, KEYS), conn, actor)


async def test_a_guided_business_is_not_eligible_until_it_is_released(registry: Doors) -> None:
    her = await business(registry)
    assert (await coverage(registry, her))[0] == "unknown"
    assert await registry.hear(GUIDANCE, guided()) == ["done"]
    state, sentence = await coverage(registry, her)
    assert (state, "koperasi-ukm" in sentence) == ("not_met", True)
    assert await registry.hear(GUIDANCE, released()) == ["done"]
    assert (await coverage(registry, her))[0] == "met"
    told = await registry.told("coverage-answered")
    assert [row["sequence"] for row in told] == [2, 3]
    assert [row["fact"]["coverage"]["source"] for row in told] == ["office_event"] * 2
    assert [row["fact"]["coverage"]["by_office"] for row in told] == ["koperasi-ukm", None]
    assert nik() not in str(told)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_highest_sequence_counts_in_every_order(
    registry: Doors, order: tuple[int, ...]
) -> None:
    her = await business(registry)
    records = [guided(), released(), guided(sequence=3)]
    for place in order:
        assert await registry.hear(GUIDANCE, records[place]) == ["done"]
    assert (await coverage(registry, her))[0] == "not_met"


async def test_an_older_word_than_what_staff_were_told_since_does_not_change_the_answer(
    registry: Doors,
) -> None:
    her = await business(registry)
    day = (await registry.rows("select (now() at time zone 'Asia/Jakarta')::date as day"))[0]["day"]
    answer = await registry.post(
        f"/v1/businesses/{her}/coverage", KASI_SAYS | {"answered_on": str(day)}
    )
    assert answer.status in (200, 201), answer.body
    headers = dict(guided().headers) | {"ce_time": b"2026-05-04T10:00:00+07:00"}
    late = guided()
    late.headers = tuple(headers.items())
    assert await registry.hear(GUIDANCE, late) == ["done"]
    assert (await coverage(registry, her))[0] == "met"
    assert await registry.count("guidance") == 1


async def test_who_has_no_business_yet_is_waited_for_twice_over(registry: Doors) -> None:
    assert await registry.hear(GUIDANCE, guided()) == ["waiting"]
    owner = (await registry.post("/v1/people", woman())).body["person_id"]
    assert await drained(registry) == 0  # she is there, her business isn't
    await registry.db.pool.execute("update parked set due_at = now() + interval '1 day'")
    her = await business(registry, owner)
    assert await drained(registry) == 1
    assert (await coverage(registry, her))[0] == "not_met"


async def test_of_several_businesses_none_is_guessed(registry: Doors) -> None:
    first = await business(registry)
    owner = (await registry.get(f"/v1/businesses/{first}")).body["owner_id"]
    second = await business(registry, owner)
    records = [
        guided("A"),
        guided("B", kbli="10732"),  # both are of this class
        guided("C", business_id=uuid4()),
        guided("D", business_id=UUID(second)),
    ]
    assert await registry.hear(GUIDANCE, *records) == ["parked", "parked", "parked", "done"]
    rows = await waiting(registry)
    assert [row["code"] for row in rows] == [
        "usaha-bermakna-ganda", "usaha-bermakna-ganda", "usaha-milik-orang-lain",
    ]  # fmt: skip
    assert all(first in row["detail"] and second in row["detail"] for row in rows)


async def test_a_day_that_has_not_come_is_parked(registry: Doors) -> None:
    await business(registry)
    late = guided(occurred_on=date(2999, 1, 1))
    assert await registry.hear(GUIDANCE, late, released()) == ["parked", "behind"]


async def test_what_an_office_said_of_an_earlier_day_is_shown_for_it_in_every_order(
    registry: Doors,
) -> None:
    her = await business(registry)
    days = (date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1))
    life = [guided(sequence=1, occurred_on=days[0]), released(sequence=2, occurred_on=days[1]),
            guided(sequence=3, occurred_on=days[2])]  # fmt: skip
    assert await registry.hear(GUIDANCE, life[2], life[0]) == ["done", "done"]
    await registry.db.pool.execute("delete from guidance_report where sequence = 3")  # as before
    assert await registry.hear(GUIDANCE, life[1]) == ["done"]

    async def shown(on: date) -> list[tuple[str, str]]:
        answer = (await registry.get(f"/v1/businesses/{her}/eligibility?on={on}")).body
        return [(s["on"], s["detail"]) for s in answer["shown"]]

    says, ends = "koperasi-ukm menyatakan membina", "koperasi-ukm menyatakan tidak lagi membina"
    assert await shown(date(2025, 12, 31)) == []
    assert await shown(date(2026, 2, 1)) == [("2026-01-01", f"{says} usaha ini.")]
    assert await shown(date(2026, 4, 1)) == [("2026-03-01", f"{ends} usaha ini.")]
    assert await shown(days[2]) == [("2026-05-01", f"{says} usaha ini.")]
    told = (await registry.get(f"/v1/businesses/{her}/observations")).body["offices"]["guidance"]
    assert [(word["guided"], word["since"]) for word in told] == [
        (True, "2026-01-01"), (False, "2026-03-01"), (True, "2026-05-01"),
    ]  # fmt: skip
