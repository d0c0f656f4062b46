"""Papers, trainings and deciles of other offices: kept with their day, told under our ids."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from shared.contracts import office_feeds as feeds
from tests.registry.people import chocolate, nik, woman
from tests.registry.reports import report, waiting
from tests.training.doors import Doors, record

LICENCES, TRAININGS = "registry.licences", "registry.outside-trainings"
DECILES = "registry.deciles"
NUMBER = "206367401000118"


async def owner(doors: Doors) -> str:
    return str((await doors.post("/v1/people", woman())).body["person_id"])


async def business(doors: Doors) -> str:
    answer = await doors.post("/v1/businesses", chocolate(await owner(doors)))
    return str(answer.body["business_id"])


def pirt(form: type[feeds.Pirt], sequence: int, **said: Any) -> ConsumerRecord:
    body = {"number": NUMBER, "product": "Cokelat", "valid_until": date(2031, 5, 4)} | said
    return record(report(feeds.PIRT, form, "P-1", **body), sequence)


def training(ref: str = "PLT-1", sequence: int = 1, **said: Any) -> ConsumerRecord:
    body = {
        "title": "Desain kemasan",
        "topics": ("packaging",),
        "began_on": date(2026, 5, 3),
        "hours": "12.5",
        "area": {"code": "3674050004"},
    } | said
    fact = report(feeds.TRAINING_PERINDAG, feeds.TrainingDelivered, ref, **body)
    return record(fact, sequence)


PAPERS: list[tuple[feeds.OfficeFeed, type[feeds.Licence], dict[str, Any], str, str]] = [
    (feeds.MEREK, feeds.MerekRecommended, {"letter": "500/1", "mark_class": 30}, "merek_letter",
     "issued"),
    (feeds.NIB, feeds.NibIssued, {"number": "9120001234567"}, "nib", "issued"),
    (feeds.NIB, feeds.NibRevoked, {"number": "9120001234567"}, "nib", "revoked"),
    (feeds.PIRT, feeds.PirtIssued, {"number": NUMBER, "product": "Cokelat"}, "pirt", "issued"),
    (feeds.PIRT, feeds.PirtExpired, {"number": NUMBER, "product": "Cokelat"}, "pirt", "expired"),
    (feeds.PIRT, feeds.PirtRevoked, {"number": NUMBER, "product": "Cokelat"}, "pirt", "revoked"),
    (feeds.HALAL, feeds.HalalIssued, {"number": "ID3611", "product": "Cokelat"}, "halal",
     "issued"),
    (feeds.HALAL, feeds.HalalExpired, {"number": "ID3611", "product": "Cokelat"}, "halal",
     "expired"),
]  # fmt: skip


async def test_every_paper_is_kept_with_its_day_and_told_without_its_number(
    registry: Doors,
) -> None:
    her = await business(registry)
    for n, (feed, form, said, kind, status) in enumerate(PAPERS):
        assert await registry.hear(LICENCES, record(report(feed, form, f"L-{n}", **said))) == [
            "done"
        ]
        told = (await registry.told("licence.reported"))[-1]["fact"]
        assert (told["business_id"], told["kind"], told["status"]) == (her, kind, status)
        assert told["by_office"] == feed.office.split("-", 1)[1]
        assert str(said.get("number") or said["letter"]) not in str(told)
    rows = await registry.rows("select distinct since::text, version from licence")
    assert rows == [{"since": "2026-05-04", "version": 1}]
    assert await registry.count("licence") == len(PAPERS)


async def test_the_highest_sequence_of_a_paper_counts_in_every_order(registry: Doors) -> None:
    await business(registry)
    life = [(feeds.PirtIssued, 1), (feeds.PirtExpired, 2), (feeds.PirtIssued, 3)]
    ends = set()
    for n, order in enumerate(permutations(life)):
        for form, sequence in order:
            fact = report(feeds.PIRT, form, f"P-{n}", number=NUMBER, product="Cokelat")
            assert await registry.hear(LICENCES, record(fact, sequence)) == ["done"]
        (row,) = await registry.rows(
            "select status, heard from licence where licence_ref = $1", f"P-{n}"
        )
        ends.add(tuple(row.values()))
    assert ends == {("issued", 3)}
    versions = [row["sequence"] for row in await registry.told("licence.reported")]
    assert versions[:3] == [1, 2, 3]


async def test_a_batch_about_one_paper_tells_its_newest_state(registry: Doors) -> None:
    await business(registry)
    batch = [pirt(feeds.PirtRevoked, 3), pirt(feeds.PirtIssued, 1), pirt(feeds.PirtExpired, 2)]
    assert await registry.hear(LICENCES, *batch) == ["done"] * 3
    (told,) = await registry.told("licence.reported")
    assert told["fact"]["status"] == "revoked"


async def test_a_training_of_another_office_is_told_for_the_person(registry: Doors) -> None:
    her = await owner(registry)
    assert await registry.hear(TRAININGS, training()) == ["done"]
    assert await registry.hear(TRAININGS, training(sequence=2, hours="8")) == ["done"]
    assert await registry.hear(TRAININGS, training(sequence=1)) == ["done"]  # older news
    told = await registry.told("outside-training.reported")
    assert [(row["sequence"], row["fact"]["hours"]) for row in told] == [(1, "12.5"), (2, "8")]
    fact = told[0]["fact"]
    assert (fact["person_id"], fact["by_office"], fact["kelurahan"]) == (
        her, "perindag", "36.74.05.1005",
    )  # fmt: skip
    assert nik() not in str(told)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"began_on": date(2026, 5, 9)}, "tanggal-terbalik"),
        ({"area": {"kelurahan": "Setu"}}, "wilayah-bermakna-ganda"),
        ({"nik": "1111111111111111"}, "nik-tidak-sah"),
    ],
)
async def test_a_training_that_cannot_be_true_is_parked(
    registry: Doors, said: dict[str, Any], code: str
) -> None:
    await owner(registry)
    assert await registry.hear(TRAININGS, training(**said), training("PLT-2")) == [
        "parked",
        "done",
    ]
    (row,) = await waiting(registry)
    assert row["code"] == code


async def test_who_is_not_registered_is_waited_for_by_each_feed(registry: Doors) -> None:
    decile = report(feeds.DECILE, feeds.DecileUpdated, "F-1", decile=3, as_of=date(2026, 3, 31))
    assert await registry.hear(TRAININGS, training()) == ["waiting"]
    assert await registry.hear(LICENCES, pirt(feeds.PirtIssued, 1)) == ["waiting"]
    assert await registry.hear(DECILES, record(decile)) == ["waiting"]
    rows = await waiting(registry)
    assert len({row["detail"] for row in rows}) == 1  # one registration lets all of them go
    assert nik() not in str(rows)


async def test_a_decile_is_added_and_never_overwritten(registry: Doors) -> None:
    await owner(registry)
    for sequence, (decile, day) in enumerate([(3, date(2026, 3, 31)), (5, date(2026, 6, 30))], 1):
        fact = report(feeds.DECILE, feeds.DecileUpdated, "F-1", decile=decile, as_of=day)
        assert await registry.hear(DECILES, record(fact, sequence)) == ["done"]
    rows = await registry.rows("select decile, as_of::text from decile order by as_of")
    assert [tuple(row.values()) for row in rows] == [(3, "2026-03-31"), (5, "2026-06-30")]
    assert await registry.told("decile") == []  # nobody else needs to know
