"""Licences that offices report count for readiness and the stand, beside what staff entered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.registry import LicenceReported, LicenceReportedV2, LicenceTold
from tests.marketing.scenes import (
    ask,
    attended,
    known_business,
    open_event,
    product_body,
    product_of,
)
from tests.training.doors import KASI, Doors, person, record
from tests.training.facts import old_id

LICENCES = "marketing.licences"
PAPER = old_id(70)
OLD, NEW, FAR = date(2025, 1, 1), date(2026, 1, 1), date(2099, 1, 1)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)  # past in every zone
ISSUED = ("issued", OLD, FAR)
REVOKED = ("revoked", NEW, FAR)
Report = tuple[Any, date, date | None]


def reported(
    business_id: UUID, *reports: Report, kind: Any = "pirt", paper: UUID = PAPER
) -> LicenceReportedV2:
    return LicenceReportedV2(
        occurred_on=reports[-1][1],
        licence_id=paper,
        business_id=business_id,
        kind=kind,
        by_office="kesehatan",
        reports=tuple(
            LicenceTold(status=status, since=since, valid_until=until)
            for status, since, until in reports
        ),
    )


async def of_office(marketing: Doors, fact: LicenceReportedV2, version: int = 1) -> None:
    """As the topic has it: version 2 first, then version 1."""
    records = (record(fact, version), record(fact.earlier(), version))
    assert await marketing.hear(LICENCES, *records) == ["done", "done"]


async def of_staff(marketing: Doors, product: str, since: date, until: date | None = FAR) -> None:
    body = {"kind": "pirt", "number": "206367401000122", "valid_from": str(since)}
    if until is not None and until < FAR:
        body["valid_until"] = str(until)
    answer = await marketing.post(f"/v1/products/{product}/licences", body)
    assert answer.status == 201, answer.body


async def pirt(marketing: Doors, product: str, on: date | None = None, **headers: str) -> Any:
    path = f"/v1/products/{product}/readiness" + (f"?on={on}" if on else "")
    view = (await marketing.get(path, KASI, **headers)).body
    (point,) = (p for p in view["licences"] if p["point"] == "pirt")
    return point


async def test_each_licence_is_met_not_met_or_unknown_with_fact_date_and_source(
    marketing: Doors,
) -> None:
    her = await known_business(marketing)
    product = await product_of(marketing, her)
    view = (await marketing.get(f"/v1/products/{product}/readiness")).body
    assert [(p["point"], p["state"], p["needed"]) for p in view["licences"]] == [
        (name, "unknown", None) for name in ("nib", "pirt", "halal", "merek_letter")
    ]
    await of_office(marketing, reported(her, ISSUED))
    point = await pirt(marketing, product)
    assert (point["state"], point["fact"], point["on"]) == ("met", "issued", "2025-01-01")
    assert (point["source"], point["by_office"], point["remark"]) == ("office", "kesehatan", None)
    assert point["valid_until"] == "2099-01-01"
    await of_office(marketing, reported(her, ISSUED, REVOKED), 2)
    point = await pirt(marketing, product)
    assert (point["state"], point["fact"], point["on"]) == ("not_met", "revoked", "2026-01-01")
    assert (point["needed"]["fact"], point["needed"]["who"]) == ("pirt", "kesehatan")
    view = (await marketing.get(f"/v1/products/{product}")).body
    assert [(p["status"], p["since"]) for p in view["office_papers"]] == [
        ("issued", "2025-01-01"),
        ("revoked", "2026-01-01"),
    ]


async def test_an_earlier_day_gives_what_was_known_for_that_day(marketing: Doors) -> None:
    her = await known_business(marketing)
    product = await product_of(marketing, her)
    life = (("issued", OLD, date(2025, 6, 30)), ("issued", date(2025, 8, 1), FAR), REVOKED)
    await of_office(marketing, reported(her, *life))
    days = (date(2024, 12, 31), OLD, date(2025, 6, 30), date(2025, 7, 1), date(2025, 8, 1), NEW)
    seen = [(p["state"], p["fact"]) for p in [await pirt(marketing, product, d) for d in days]]
    assert seen == [
        ("unknown", None),
        ("met", "issued"),
        ("met", "issued"),
        ("not_met", "expired"),
        ("met", "issued"),
        ("not_met", "revoked"),
    ]


async def test_the_newest_fact_counts_and_what_staff_know_otherwise_is_said(
    marketing: Doors,
) -> None:
    her = await known_business(marketing)
    product = await product_of(marketing, her)
    await of_staff(marketing, product, OLD)
    assert (await pirt(marketing, product))["source"] == "staff"
    await of_office(marketing, reported(her, REVOKED))
    point = await pirt(marketing, product)
    assert (point["state"], point["source"]) == ("not_met", "office")
    assert point["remark"].startswith("Berbeda: menurut catatan petugas berlaku sejak 2025-01-01.")
    await of_staff(marketing, product, date(2026, 3, 1))
    point = await pirt(marketing, product, None, **{"Accept-Language": "en"})
    assert (point["state"], point["source"]) == ("met", "staff")
    assert point["remark"].startswith("In conflict: by kesehatan it is revoked since 2026-01-01.")


async def test_a_revoked_licence_bars_a_stand_until_it_is_renewed_or_allowed(
    marketing: Doors,
) -> None:
    event, her = await open_event(marketing), await known_business(marketing)
    await attended(marketing, her)
    product = await product_of(marketing, her)
    await of_office(marketing, reported(her, ISSUED, REVOKED))
    refused = await ask(marketing, event, product)
    assert (refused.status, refused.code) == (409, "produk-belum-siap")
    assert [(need["fact"], need["who"]) for need in refused.body["needed"]] == [
        ("pirt", "kesehatan")
    ]
    view = (await marketing.get(f"/v1/products/{product}/readiness")).body
    assert [need["fact"] for need in view["next_stand"]["needed"]] == ["pirt"]
    path = f"/v1/market-events/{event}/stands"
    allowed = {"product_id": product, "override_reason": "Sedang diurus di Dinas Kesehatan"}
    given = await marketing.post(path, allowed)
    assert (given.status, given.body["overridden"]) == (201, ["pirt"])
    assert given.body["open_points"] == ["brand", "quality", "packaging", "certificate", "pirt"]
    other = await open_event(marketing, "2099/pasar-2")
    on_paper = {"product_id": product, "confirmed_on": "2025-12-31"}
    before = await marketing.post(f"/v1/market-events/{other}/stands", on_paper)
    assert (before.status, before.body["overridden"]) == (201, [])
    third = await open_event(marketing, "2099/pasar-3")
    await of_office(marketing, reported(her, ISSUED, REVOKED, ("issued", YESTERDAY, FAR)), 2)
    assert (await ask(marketing, third, product)).status == 201


async def test_which_product_an_office_s_paper_is_for_is_not_guessed(marketing: Doors) -> None:
    her = await known_business(marketing)
    products = [await product_of(marketing, her)]
    await of_office(marketing, reported(her, ISSUED, REVOKED))
    assert (await pirt(marketing, products[0]))["bars_stand"]
    added = await marketing.post("/v1/products", product_body(her))
    products.append(added.body["product_id"])
    for product in products:
        point = await pirt(marketing, product)
        assert (point["state"], point["bars_stand"]) == ("unknown", False)
        assert "salah satu dari 2 produk" in point["remark"]
    await of_staff(marketing, products[1], NEW)
    states = [(await pirt(marketing, product))["state"] for product in products]
    assert states == ["unknown", "met"]


async def test_who_reads_both_versions_applies_a_change_once_and_keeps_the_fuller_one(
    marketing: Doors,
) -> None:
    her = await known_business(marketing)
    before = reported(her, ISSUED).earlier()  # told before version 2 was
    assert await marketing.hear(LICENCES, record(before, 1)) == ["done"]
    query = "select version, reports from known_licence_now"
    (row,) = await marketing.rows(query)
    assert (row["version"], row["reports"].count("status")) == (1, 1)
    newer = reported(her, ISSUED, REVOKED)
    pair = [record(newer, 2), record(newer.earlier(), 2)]
    for batch in ([pair[0]], [pair[1]], pair):
        await marketing.hear(LICENCES, *batch)
        (row,) = await marketing.rows(query)
        assert (row["version"], row["reports"].count("status")) == (2, 2)
    assert isinstance(newer.earlier(), LicenceReported)
    await marketing.rebuilt(LICENCES, record(before, 1), *pair)
    assert await marketing.rows(query) == [row]


async def test_a_code_that_is_not_known_yet_does_not_hold(marketing: Doors) -> None:
    her = await known_business(marketing)
    product = await product_of(marketing, her)
    later = reported(her, ISSUED).model_dump_json().replace('"issued"', '"suspended"')
    known = record(reported(her, ISSUED))
    known.value = later.encode()
    assert await marketing.hear(LICENCES, known) == ["done"]
    point = await pirt(marketing, product)
    assert (point["state"], point["fact"]) == ("not_met", "suspended")


async def test_licences_are_shown_to_whoever_reaches_the_business(marketing: Doors) -> None:
    product = await product_of(marketing, await known_business(marketing))
    for path in (f"/v1/products/{product}", f"/v1/products/{product}/readiness"):
        assert (await marketing.get(path, person("petugas", "36.74.01"))).status == 403
