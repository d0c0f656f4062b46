"""Trainings of other offices count in a woman's history, as registry tells of them."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.registry import OutsideTrainingReported
from tests.training.doors import REMPOA, SERPONG, Doors, person, record
from tests.training.facts import business, old_id

OUTSIDE, BUSINESSES = "training.outside-trainings", "training.businesses"
HER, BUSINESS = old_id(7), old_id(8)


def outside(number: int = 1, **other: Any) -> OutsideTrainingReported:
    said = {
        "occurred_on": date(2026, 5, 4),
        "outside_training_id": UUID(int=number),
        "person_id": HER,
        "by_office": "perindag",
        "title": "Desain kemasan",
        "topics": ("packaging", "branding"),
        "began_on": date(2026, 5, 3),
        "hours": "12.5",
        "kelurahan": None,
    } | other
    return OutsideTrainingReported(**said)  # type: ignore[arg-type]


async def test_she_was_taught_by_others_before_registry_told_of_her_business(
    training: Doors,
) -> None:
    path = f"/v1/businesses/{BUSINESS}/trainings"
    await training.hear(OUTSIDE, record(outside()))
    assert (await training.get(path)).status == 404
    await training.hear(BUSINESSES, record(business(BUSINESS, owner_id=HER)))
    view = (await training.get(path)).body
    assert (view["by_us"], view["by_others"], view["hours"]) == (0, 1, "12.5")
    assert view["never_served"] is False
    (shown,) = view["trainings"]
    assert (shown["by_office"], shown["topics"], shown["counted"]) == (
        "perindag", ["packaging", "branding"], True,
    )  # fmt: skip


async def test_a_later_version_counts_and_an_older_one_changes_nothing(training: Doors) -> None:
    await training.hear(BUSINESSES, record(business(BUSINESS, owner_id=HER)))
    await training.hear(OUTSIDE, record(outside(hours="8"), 2), record(outside(), 1))
    view = (await training.get(f"/v1/businesses/{BUSINESS}/trainings")).body
    assert (view["by_others"], view["hours"]) == (1, "8")


async def test_a_rebuild_ends_like_the_live_one(training: Doors) -> None:
    records = [record(outside(n), 1) for n in range(3)] + [record(outside(1, hours="2"), 2)]
    await training.hear(OUTSIDE, *records)
    query = "select * from known_outside_training_now order by outside_training_id"
    live = await training.rows(query)
    await training.rebuilt(OUTSIDE, *records)
    assert await training.rows(query) == live
    assert len(live) == 3


async def test_who_works_elsewhere_is_not_shown_her_history(training: Doors) -> None:
    await training.hear(BUSINESSES, record(business(BUSINESS, REMPOA, owner_id=HER)))
    path = f"/v1/businesses/{BUSINESS}/trainings"
    assert (await training.get(path, person("petugas", REMPOA))).status == 200
    assert (await training.get(path, person("petugas", SERPONG))).status == 403


async def test_an_earlier_day_counts_what_had_ended_by_then(training: Doors) -> None:
    await training.hear(BUSINESSES, record(business(BUSINESS, owner_id=HER)))
    later = outside(2, began_on=date(2026, 6, 1), occurred_on=date(2026, 6, 2), hours="4")
    await training.hear(OUTSIDE, record(outside()), record(later))
    path = f"/v1/businesses/{BUSINESS}/trainings"
    seen = {}
    for on in ("2026-05-03", "2026-05-04", "2026-06-01", "2026-06-02"):
        view = (await training.get(f"{path}?on={on}")).body
        seen[view["on"]] = (view["by_others"], view["hours"], view["never_served"])
    assert seen == {
        "2026-05-03": (0, "0", True),
        "2026-05-04": (1, "12.5", False),
        "2026-06-01": (1, "12.5", False),
        "2026-06-02": (2, "16.5", False),
    }
