"""Two hundred at once, through two copies of the api over one database."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from shared.contracts.training import EnrolmentAttended
from tests.marketing.scenes import (
    BUSINESSES,
    ENROLMENTS,
    a_stand,
    ask,
    attended,
    known_business,
    open_event,
    plan,
    product_of,
    set_budget,
)
from tests.training.doors import Doors, person, record
from tests.training.facts import business, enrolment

Copies = tuple[Doors, Doors]
CHECKER = person("verifikator")


async def test_two_hundred_want_twenty_stands_and_twenty_get_one_each(two_copies: Copies) -> None:
    one = two_copies[0]
    event = await open_event(one, stands=20)
    hers = [business() for _ in range(200)]
    await one.hear(BUSINESSES, *(record(b) for b in hers))
    seats = [enrolment(EnrolmentAttended, b.business_id) for b in hers]
    await one.hear(ENROLMENTS, *(record(s, 2) for s in seats))
    products = await asyncio.gather(*(product_of(one, b.business_id) for b in hers))
    answers = await asyncio.gather(
        *(ask(two_copies[n % 2], event, product) for n, product in enumerate(products))
    )
    assert Counter(answer.status for answer in answers) == {201: 20, 409: 180}
    assert {a.code for a in answers if a.status == 409} == {"stan-habis"}
    given = sorted(a.body["stand_number"] for a in answers if a.status == 201)
    assert given == list(range(1, 21))
    assert len(await one.told("stand.confirmed")) == 20


async def test_two_hundred_promises_of_one_business_never_exceed_what_it_makes(
    two_copies: Copies,
) -> None:
    one = two_copies[0]
    days = 10
    starts = datetime.now(one.db.zone).date() + timedelta(days=days)
    # Twenty jars a day; two products, two hundred events on one day, fifteen jars asked at each.
    her = await known_business(one)
    await attended(one, her)
    products = [await product_of(one, her) for _ in range(2)]
    events = [await open_event(one, f"2026/{n}", starts_on=starts) for n in range(200)]
    answers = await asyncio.gather(
        *(
            ask(two_copies[n % 2], event, products[n // 2 % 2], promised="15")
            for n, event in enumerate(events)
        )
    )
    assert Counter(a.status for a in answers) == {201: 20 * days // 15, 409: 200 - 20 * days // 15}
    assert {a.code for a in answers if a.status == 409} == {"pasokan-kurang"}
    (row,) = await one.rows("select sum(promised) as promised from stand")
    assert row["promised"] <= 20 * days


async def test_two_hundred_approvals_never_exceed_the_budget(two_copies: Copies) -> None:
    one = two_copies[0]
    event = await open_event(one)
    stand = await a_stand(one, event)
    assert (await set_budget(one, event, 1_000_000)).status == 201
    lines = await asyncio.gather(*(plan(one, stand, 30_000) for _ in range(200)))
    answers = await asyncio.gather(
        *(
            two_copies[n % 2].post(
                f"{line.headers['Location']}/approval", {}, CHECKER, if_match='"1"'
            )
            for n, line in enumerate(lines)
        )
    )
    assert Counter(answer.status for answer in answers) == {200: 33, 409: 167}
    assert {a.code for a in answers if a.status == 409} == {"anggaran-kurang"}
    approved = [a.headers["Location"] for a in answers if a.status == 200]
    # What they cost is more than planned: again only as many as the budget has room for.
    paid = await asyncio.gather(
        *(
            two_copies[n % 2].post(f"{line}/payment", {"actual_rupiah": 35_000}, if_match='"2"')
            for n, line in enumerate(approved)
        )
    )
    assert {answer.status for answer in paid} == {200, 409}
    view = (await one.get(f"/v1/market-events/{event}/budget")).body
    assert view["committed"] <= view["rupiah"] == 1_000_000
    assert view["left"] < 35_000 - 30_000
    rows = await one.rows("select status, actual_rupiah, planned_rupiah from support")
    spent = sum(
        row["actual_rupiah"] or row["planned_rupiah"] for row in rows if row["status"] != "planned"
    )
    assert spent == view["committed"]


async def test_a_budget_set_and_approvals_at_once_agree(two_copies: Copies) -> None:
    one = two_copies[0]
    event = await open_event(one)
    stand = await a_stand(one, event)
    await set_budget(one, event, 300_000)
    lines = [await plan(one, stand, 30_000) for _ in range(10)]
    await asyncio.gather(
        *(
            two_copies[n % 2].post(
                f"{line.headers['Location']}/approval", {}, CHECKER, if_match='"1"'
            )
            for n, line in enumerate(lines)
        ),
        *(set_budget(two_copies[n % 2], event, 100_000 + n) for n in range(20)),
    )
    view = (await one.get(f"/v1/market-events/{event}/budget")).body
    assert view["committed"] <= view["rupiah"]


async def test_two_hundred_report_one_sale_and_it_counts_once(two_copies: Copies) -> None:
    one = two_copies[0]
    product = await product_of(one, await known_business(one))
    month = f"{datetime.now(UTC):%Y-%m}"
    body = {
        "product_id": product,
        "channel": "online",
        "month": month,
        "quantity": "20",
        "rupiah": 700_000,
    }
    answers = await asyncio.gather(*(two_copies[n % 2].post("/v1/sales", body) for n in range(200)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 199}
    totals = (await one.get("/v1/sales-totals")).body["items"]
    assert [(total["reports"], total["rupiah"]) for total in totals] == [(1, 700_000)]
