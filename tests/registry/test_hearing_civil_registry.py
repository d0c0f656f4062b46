"""What the civil registry reports, on a real database: any order, any batch, the same end."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from aiokafka.structs import ConsumerRecord

from shared.actor import service_actor
from shared.cloudevents import Reader
from shared.contracts.office_feeds import (
    RESIDENTS as FEED,
)
from shared.contracts.office_feeds import (
    NikCorrected,
    ResidentDied,
    ResidentMoved,
    ResidentVerified,
)
from shared.parked import due
from shared.settings import load_settings
from tests.registry.people import nik, woman
from tests.registry.reports import RESIDENTS, resident, waiting
from tests.training.doors import KEYS, Doors, record

OWNER = {"BINAAN_OWNER_DATABASE_URL": "postgresql://nobody@localhost/none"}
PARIGI_BARU = "36.74.03.1009"
OLD_NAME = {"kelurahan": "Perigi Baru", "kecamatan": "Pondok Aren"}
CARD = "3674061234567899"


async def registered(doors: Doors, **other: Any) -> str:
    answer = await doors.post("/v1/people", woman(**other))
    assert answer.status == 201, answer.body
    return str(answer.body["person_id"])


async def person(doors: Doors) -> dict[str, Any]:
    (row,) = await doors.rows(
        "select kelurahan, verified_on::text, moved_away_on::text, moved_to, died_on::text, version"
        " from person"
    )
    return row


async def drained(doors: Doors) -> int:
    async with doors.db.pool.acquire() as conn:
        reader = Reader(FEED.facts, KEYS)
        return await due.drain_due(
            doors.writers[RESIDENTS], reader, conn, service_actor("registry")
        )


def life(
    ref: str = "DKC-1", own: str = nik(), right: str = nik(2), card: str = CARD
) -> list[ConsumerRecord]:
    """She is verified, gets the right number, moves within the city, and out of it."""
    return [
        record(resident(ResidentVerified, ref, nik=own, family_card=card), 1),
        record(resident(NikCorrected, ref, nik=right, former_nik=own), 2),
        record(resident(ResidentMoved, ref, nik=right, area=OLD_NAME), 3),
        record(resident(ResidentMoved, ref, nik=right, area={"code": "3271"}), 4),
    ]


async def test_each_report_changes_her_and_is_told_under_our_id_without_her_number(
    registry: Doors,
) -> None:
    person_id = await registered(registry)
    records = life()
    assert await registry.hear(RESIDENTS, *records) == ["done"] * 4
    assert await person(registry) == {
        "kelurahan": PARIGI_BARU,
        "verified_on": "2026-05-04",
        "moved_away_on": "2026-05-04",
        "moved_to": "32.71",
        "died_on": None,
        "version": 5,
    }
    told = (await registry.told("registry.person."))[1:]
    assert [row["type"].split(".")[-2] for row in told] == [
        "verified", "identity-corrected", "moved", "moved",
    ]  # fmt: skip
    assert {row["key"] for row in told} == {person_id}
    assert [row["sequence"] for row in told] == [2, 3, 4, 5]
    assert [row["causation_id"] for row in told] == [
        dict(r.headers)["ce_id"].decode() for r in records
    ]
    assert (
        told[0]["fact"]["household_id"]
        != (await registry.told("registered"))[0]["fact"]["household_id"]
    )
    assert nik(2) not in str(told)
    assert (await registry.get(f"/v1/people/{person_id}")).body["nik"].endswith("0002")
    kinds = await registry.rows("select kind from person_history order by version")
    assert [row["kind"] for row in kinds] == ["verified", "identity_corrected", "moved", "moved"]


async def test_every_order_ends_the_same(registry: Doors) -> None:
    """Even where a new number comes before its correction: what waits lets earlier ones pass."""
    for n, order in enumerate(permutations(range(4))):
        own, right, ref = nik(2 * n + 1), nik(2 * n + 2), f"DKC-{n}"
        await registered(registry, nik=own, household_number=f"36740612345{n:05}")
        records = life(ref, own, right, f"36740699999{n:05}")
        for place in order:
            await registry.hear(RESIDENTS, records[place])
    await registry.db.pool.execute("update parked set due_at = now() where state = 'waiting'")
    await drained(registry)
    assert await waiting(registry) == []
    ends = await registry.rows(
        "select distinct kelurahan, moved_to, verified_on::text, home, away, card, r.identity"
        " from person join resident r using (person_id)"
    )
    assert [tuple(row.values()) for row in ends] == [
        (PARIGI_BARU, "32.71", "2026-05-04", 3, 4, 1, 2)
    ]
    assert await registry.count("resident") == n + 1 == 24


async def test_a_second_delivery_and_the_same_news_under_another_id_change_nothing(
    registry: Doors,
) -> None:
    await registered(registry)
    records = life()
    await registry.hear(RESIDENTS, *records)
    assert set(await registry.hear(RESIDENTS, *records)) == {"duplicate"}
    again = [record(resident(ResidentVerified, nik=nik(2)), 1)]
    assert await registry.hear(RESIDENTS, *again) == ["done"]
    assert (await person(registry))["version"] == 5


async def test_who_is_not_registered_is_waited_for_and_followed_in_order_once_she_is(
    registry: Doors,
) -> None:
    first_two = (life()[0], record(resident(ResidentMoved, area=OLD_NAME), 2))
    assert await registry.hear(RESIDENTS, first_two[0]) == ["waiting"]
    assert await registry.hear(RESIDENTS, first_two[1]) == ["behind"]
    (first, _) = await waiting(registry)
    assert nik() not in str(first)
    assert (first["deadline"] - first["parked_at"]).days == 30
    await registry.db.pool.execute("update parked set due_at = now() + interval '1 day'")
    assert await drained(registry) == 0
    await registered(registry)
    assert await drained(registry) == 2
    assert (await person(registry))["kelurahan"] == PARIGI_BARU
    told = [row["type"].split(".")[-2] for row in await registry.told("registry.person.")]
    assert told == ["registered", "verified", "moved"]


async def test_how_long_she_is_waited_for_is_a_setting(registry: Doors) -> None:
    await registry.hear(RESIDENTS, record(resident(ResidentDied, "DKC-0"), 1))
    registry.writers[RESIDENTS].waits = timedelta(days=7)
    await registry.hear(RESIDENTS, life()[0])
    rows = await waiting(registry)
    assert [(row["deadline"] - row["parked_at"]).days for row in rows] == [30, 7]
    assert load_settings("migrate", OWNER | {"BINAAN_WAITING_DAYS": "7"}).waiting_days == 7


async def test_who_is_not_registered_by_the_deadline_is_forgotten_and_it_is_said(
    registry: Doors,
) -> None:
    await registry.hear(RESIDENTS, life()[0])
    await registry.db.pool.execute(
        "update parked set deadline = now() - interval '1 hour', due_at = now()"
    )
    assert await drained(registry) == 1
    assert not await registry.db.pool.fetch("select from parked")
    rows = await registry.db.pool.fetch("select outcome, code from receipt order by receipt_no")
    said = [(row["outcome"], row["code"]) for row in rows]
    assert said == [("waiting", "waiting"), ("discarded", "not_registered")]


async def test_a_corrected_number_of_another_person_is_for_staff_to_settle(
    registry: Doors,
) -> None:
    one = await registered(registry)
    other = await registered(registry, nik=nik(2), household_number="3674061234567891")
    correction = record(resident(NikCorrected, nik=nik(2), former_nik=nik()), 1)
    assert await registry.hear(RESIDENTS, correction) == ["parked"]
    (row,) = await waiting(registry)
    assert (row["code"], row["pointer"]) == ("nik-milik-orang-lain", "/data/nik")
    assert one in row["detail"]
    assert other in row["detail"]
    assert nik(2) not in str(row)


@pytest.mark.parametrize(
    ("said", "code", "suggestion"),
    [
        ({"area": {"kelurahan": "Serpong"}}, "wilayah-bermakna-ganda", "36.74.01.1009"),
        ({"area": {"kelurahan": "Rempoa"}}, "wilayah-bermakna-ganda", "36.74.05.1005"),
        ({"area": {"code": "36.74.06"}}, "wilayah-bukan-kelurahan", "36.74.06.1005"),
        ({"area": {"code": "3674069999"}}, "wilayah-tidak-dikenal", "-"),
        ({"nik": "3674065505850000"}, "nik-tidak-sah", ""),
        ({"occurred_on": date(2999, 1, 1)}, "tanggal-di-masa-depan", "2999-01-01"),
    ],
)
async def test_what_cannot_be_taken_is_parked_with_its_reason_and_what_to_choose_from(
    registry: Doors, said: dict[str, Any], code: str, suggestion: str
) -> None:
    await registered(registry)
    records = [record(resident(ResidentVerified, **said)), record(resident(ResidentDied), 2)]
    assert await registry.hear(RESIDENTS, *records) == ["parked", "behind"]
    (row, _) = await waiting(registry)
    assert row["code"] == code
    assert suggestion in row["detail"]
    assert (await person(registry))["version"] == 1


async def test_who_died_stays_dead_whatever_comes_later(registry: Doors) -> None:
    await registered(registry)
    died = record(resident(ResidentDied), 5)
    late = record(resident(ResidentVerified), 6)
    assert await registry.hear(RESIDENTS, died, late) == ["done", "done"]
    assert (await person(registry))["died_on"] == "2026-05-04"
    assert [row["fact"]["died_on"] for row in await registry.told("verified")] == ["2026-05-04"]


async def test_the_same_id_with_other_content_is_refused(registry: Doors) -> None:
    await registered(registry)
    first = record(resident(ResidentVerified), 1)
    event_id = dict(first.headers)["ce_id"].decode()
    other = record(resident(ResidentDied), 2, event_id=UUID(event_id))
    assert await registry.hear(RESIDENTS, first) == ["done"]
    assert await registry.hear(RESIDENTS, other) == ["rejected"]
    assert (await person(registry))["died_on"] is None
