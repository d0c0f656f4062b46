"""Papers, trainings and deciles of other offices: kept with their day, told under our ids."""

from datetime import date
from itertools import permutations
from typing import Any
from uuid import uuid5

import asyncpg
import pytest
from aiokafka.structs import ConsumerRecord

from shared.contracts import office_feeds as feeds
from tests.registry.people import chocolate, nik, woman
from tests.registry.reports import GUIDANCE, report, waiting
from tests.training.doors import PAMULANG, SERPONG, Doors, person, record

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
        told = (await registry.told("licence.reported.v1"))[-1]["fact"]
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
        newest = (await registry.told("licence.reported.v2"))[-1]
        assert newest["sequence"] == 3
        stood = tuple(report["status"] for report in newest["fact"]["reports"])
        ends.add((*row.values(), stood))
    assert ends == {("issued", 3, ("issued", "expired", "issued"))}


async def test_a_batch_about_one_paper_tells_its_newest_state(registry: Doors) -> None:
    await business(registry)
    batch = [pirt(feeds.PirtRevoked, 3), pirt(feeds.PirtIssued, 1), pirt(feeds.PirtExpired, 2)]
    assert await registry.hear(LICENCES, *batch) == ["done"] * 3
    (told,) = await registry.told("licence.reported.v1")
    assert told["fact"]["status"] == "revoked"


async def test_an_earlier_day_is_told_the_same_in_every_batch_and_order(registry: Doors) -> None:
    """Version 1 tells where a paper stands: of a batch, or after late news, not where it stood."""
    await business(registry)
    life = [
        (feeds.PirtIssued, 1, date(2025, 1, 1)),
        (feeds.PirtRevoked, 2, date(2025, 9, 1)),
        (feeds.PirtIssued, 3, date(2026, 2, 1)),
    ]
    stood = set()
    alone = [[[one] for one in order] for order in permutations(life)]
    for n, batches in enumerate([*alone, [life]]):
        for batch in batches:
            records = [
                record(report(feeds.PIRT, form, f"P-{n}", number=NUMBER, product="Cokelat",
                              valid_until=date(2031, 1, 1), occurred_on=since), sequence)
                for form, sequence, since in batch
            ]  # fmt: skip
            assert await registry.hear(LICENCES, *records) == ["done"] * len(batch)
        newest = (await registry.told("licence.reported.v2"))[-1]["fact"]
        stood.add(tuple((r["status"], r["since"]) for r in newest["reports"]))
    (life_told,) = stood
    assert life_told == (
        ("issued", "2025-01-01"), ("revoked", "2025-09-01"), ("issued", "2026-02-01"),
    )  # fmt: skip


async def test_what_the_previous_release_heard_meanwhile_is_among_the_reports(
    registry: Doors,
) -> None:
    await business(registry)
    await registry.hear(LICENCES, pirt(feeds.PirtIssued, 1))
    await registry.db.pool.execute("delete from licence_report")  # as it keeps a paper
    await registry.hear(LICENCES, pirt(feeds.PirtRevoked, 2))
    told = (await registry.told("licence.reported.v2"))[-1]["fact"]
    assert [report["status"] for report in told["reports"]] == ["issued", "revoked"]


async def test_a_report_told_again_under_another_id_tells_nothing_new(registry: Doors) -> None:
    await business(registry)
    await registry.hear(LICENCES, pirt(feeds.PirtIssued, 1))
    assert await registry.hear(LICENCES, pirt(feeds.PirtIssued, 1)) == ["done"]
    assert len(await registry.told("licence.reported.v2")) == 1
    assert await registry.count("licence_report") == 1


async def test_two_versions_of_the_contract_are_told_of_one_version_of_the_paper(
    registry: Doors,
) -> None:
    await business(registry)
    await registry.hear(LICENCES, pirt(feeds.PirtIssued, 1), pirt(feeds.PirtIssued, 1))
    await registry.hear(LICENCES, pirt(feeds.PirtRevoked, 2))
    told = await registry.told("licence.reported")
    assert [(row["type"][-2:], row["sequence"]) for row in told] == [
        ("v2", 1), ("v1", 1), ("v2", 2), ("v1", 2),
    ]  # fmt: skip
    for newer, older in zip(told[::2], told[1::2], strict=True):
        assert newer["event_id"] == uuid5(older["event_id"], newer["type"])
        assert newer["fact"]["reports"][-1]["status"] == older["fact"]["status"]
        shared = ("topic", "key", "time", "correlation_id", "causation_id")
        assert [newer[name] for name in shared] == [older[name] for name in shared]
    with pytest.raises(asyncpg.UniqueViolationError):  # each version once in each form
        await registry.db.pool.execute(
            """insert into journal select gen_random_uuid(), topic, key, sequence, type, time,
                      correlation_id, causation_id, traceparent, body
               from journal where key = $1""",
            told[0]["key"],
        )


async def test_everything_that_offices_reported_is_shown_with_its_day_and_source(
    registry: Doors,
) -> None:
    her = await business(registry)
    decile = report(feeds.DECILE, feeds.DecileUpdated, "F-1", decile=3, as_of=date(2026, 3, 31))
    guided = report(feeds.GUIDANCE, feeds.BusinessGuided, "BINA-1")
    await registry.hear(LICENCES, pirt(feeds.PirtRevoked, 2), pirt(feeds.PirtIssued, 1))
    await registry.hear(DECILES, record(decile))
    await registry.hear(GUIDANCE, record(guided))
    await registry.hear(TRAININGS, training())
    path = f"/v1/businesses/{her}/observations"
    told = (await registry.get(path, person("petugas", PAMULANG))).body["offices"]
    (paper,) = told["licences"]
    assert (paper["by_office"], paper["kind"], paper["status"], paper["product"]) == (
        "kesehatan", "pirt", "revoked", "Cokelat",
    )  # fmt: skip
    assert [r["status"] for r in paper["reports"]] == ["issued", "revoked"]
    assert paper["number"] == NUMBER
    (said,) = told["guidance"]
    assert (said["by_office"], said["guided"], said["since"], said["source"]) == (
        "koperasi-ukm", True, "2026-05-04", "urn:binaan:36.74:koperasi-ukm",
    )  # fmt: skip
    (known,) = told["deciles"]
    assert (known["by_office"], known["decile"], known["as_of"]) == ("sosial", 3, "2026-03-31")
    (taught,) = told["trainings"]
    assert (taught["by_office"], taught["ended_on"], taught["hours"]) == (
        "perindag", "2026-05-04", "12.5",
    )  # fmt: skip
    assert nik() not in str(told)
    assert (await registry.get(path, person("petugas", SERPONG))).status == 403


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
