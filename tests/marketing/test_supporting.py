"""Support within a budget, and sales, through HTTP on a real database."""

from typing import Any

import pytest

from shared.ids import uuid7
from tests.marketing.scenes import (
    a_stand,
    ask,
    known_business,
    open_event,
    plan,
    product_of,
    set_budget,
    trained_product,
)
from tests.training.doors import CIPUTAT_TIMUR, KASI, PAMULANG, REMPOA, Doors, Reply, person

CHECKER = person("verifikator")


async def approve(marketing: Doors, line: str, actor: Any = CHECKER, version: int = 1) -> Reply:
    return await marketing.post(f"{line}/approval", {}, actor, if_match=f'"{version}"')


async def pay(marketing: Doors, line: str, rupiah: int, version: int = 2) -> Reply:
    body = {"actual_rupiah": rupiah}
    return await marketing.post(f"{line}/payment", body, if_match=f'"{version}"')


async def test_support_is_planned_by_one_approved_by_another_and_paid(marketing: Doors) -> None:
    event = await open_event(marketing)
    stand = await a_stand(marketing, event)
    await set_budget(marketing, event, 1_000_000)
    line = (await plan(marketing, stand, 300_000)).headers["Location"]
    own = await approve(marketing, line, KASI)
    assert (own.status, own.code) == (409, "satu-tangan")
    assert [need["fact"] for need in own.body["needed"]] == ["approver"]
    agreed = await approve(marketing, line)
    assert (agreed.status, agreed.body["status"], agreed.etag) == (200, "approved", '"2"')
    assert (await approve(marketing, line)).status == 412
    assert (await approve(marketing, line, version=2)).code == "bantuan-sudah-disetujui"
    paid = await pay(marketing, line, 275_000)
    assert (paid.status, paid.body["status"]) == (200, "paid")
    view = (await marketing.get(line)).body
    assert (view["planned_rupiah"], view["actual_rupiah"]) == (300_000, 275_000)
    assert (view["planned_by"], view["approved_by"]) == (KASI.subject, CHECKER.subject)
    told = await marketing.told("support.")
    assert [row["type"].split(".")[-2] for row in told] == ["planned", "approved", "paid"]
    assert [row["sequence"] for row in told] == [1, 2, 3]
    assert told[-1]["fact"]["actual_rupiah"] == 275_000
    budget = (await marketing.get(f"/v1/market-events/{event}/budget")).body
    assert (budget["committed"], budget["left"]) == (275_000, 725_000)
    assert budget["by_kind"] == [
        {"kind": "transport", "lines": 1, "planned": 300_000, "approved": 0, "paid": 275_000}
    ]


async def test_without_a_budget_nothing_is_approved_and_the_refusal_says_how_much_it_takes(
    marketing: Doors,
) -> None:
    event = await open_event(marketing)
    stand = await a_stand(marketing, event)
    line = (await plan(marketing, stand, 300_000)).headers["Location"]
    refused = await approve(marketing, line)
    assert (refused.status, refused.code) == (409, "anggaran-kurang")
    assert "kurang Rp 300.000" in refused.body["detail"]
    (need,) = refused.body["needed"]
    assert (need["fact"], need["who"], need["about"]) == ("budget", "kasi", str(event))
    assert need["by"] == "2099-01-09"
    assert (await set_budget(marketing, event, 299_999)).status == 201
    assert (await approve(marketing, line)).status == 409
    assert (await set_budget(marketing, event, 300_000)).etag == '"2"'
    assert (await approve(marketing, line)).status == 200
    lower = await set_budget(marketing, event, 299_999)
    assert (lower.status, lower.code) == (409, "anggaran-di-bawah-persetujuan")


async def test_a_stand_given_back_frees_what_was_approved_for_it(marketing: Doors) -> None:
    event = await open_event(marketing)
    stand = await a_stand(marketing, event)
    await set_budget(marketing, event, 300_000)
    line, other = [(await plan(marketing, stand, 200_000)).headers["Location"] for _ in range(2)]
    await approve(marketing, line)
    release = {"reason": "Produksi tidak mencukupi"}
    assert (await marketing.post(f"{stand}/release", release, if_match='"1"')).status == 200
    budget = (await marketing.get(f"/v1/market-events/{event}/budget")).body
    assert budget["left"] == 300_000
    assert (await approve(marketing, other)).code == "stan-sudah-dilepas"
    assert (await plan(marketing, stand, 1)).code == "stan-sudah-dilepas"
    # The ticket may have been bought by then: what was paid counts.
    assert (await pay(marketing, line, 200_000)).status == 200
    budget = (await marketing.get(f"/v1/market-events/{event}/budget")).body
    assert budget["left"] == 100_000


@pytest.mark.parametrize(("area", "status"), [(CIPUTAT_TIMUR, 201), (PAMULANG, 403)])
async def test_support_is_planned_and_seen_in_the_business_s_own_area(
    marketing: Doors, area: str, status: int
) -> None:
    event = await open_event(marketing)
    stand = await a_stand(marketing, event, REMPOA)
    officer = person("petugas", area)
    assert (await plan(marketing, stand, 1, actor=officer)).status == status
    line = (await plan(marketing, stand, 1)).headers["Location"]
    assert (await marketing.get(line, officer)).status == (200 if status == 201 else 403)
    seen = (await marketing.get(f"{stand}/support", officer)).body["items"]
    assert len(seen) == (2 if status == 201 else 0)


@pytest.mark.parametrize("role", ["petugas", "fasilitator", "auditor"])
async def test_only_the_head_sets_a_budget_and_only_a_checker_approves(
    marketing: Doors, role: str
) -> None:
    event = await open_event(marketing)
    stand = await a_stand(marketing, event)
    line = (await plan(marketing, stand, 1)).headers["Location"]
    somebody = person(role)
    assert (await approve(marketing, line, somebody)).status == 403
    path = f"/v1/market-events/{event}/budgets"
    assert (await marketing.post(path, {"rupiah": 1}, somebody)).status == 403


async def test_what_does_not_exist_gets_no_support(marketing: Doors) -> None:
    assert (await plan(marketing, f"/v1/stands/{uuid7()}", 1)).code == "stan-tidak-ditemukan"
    assert (await set_budget(marketing, uuid7(), 1)).code == "acara-tidak-ditemukan"
    line = f"/v1/support/{uuid7()}"
    assert (await approve(marketing, line)).code == "bantuan-tidak-ditemukan"
    assert (await pay(marketing, line, 1)).code == "bantuan-tidak-ditemukan"
    event = await open_event(marketing)
    stand = await a_stand(marketing, event)
    assert (await plan(marketing, stand, 0)).code == "jumlah-nol"


def sale(product: str, **told: object) -> dict[str, Any]:
    return {
        "product_id": product,
        "channel": "online",
        "month": "2017-08",
        "quantity": "120",
        "rupiah": 4_200_000,
    } | told


async def test_sales_are_reported_by_channel_and_month_once_and_summed_up(
    marketing: Doors,
) -> None:
    near, far = [
        await product_of(marketing, await known_business(marketing, kelurahan))
        for kelurahan in ("36.74.06.1001", REMPOA)
    ]
    for body in (
        sale(near),
        sale(near, month="2017-09", rupiah=10),
        sale(near, channel="order", quantity="2.5", rupiah=5),
        sale(far, rupiah=100),
    ):
        answer = await marketing.post("/v1/sales", body)
        assert answer.status == 201, answer.body
    again = await marketing.post("/v1/sales", sale(near, rupiah=1))
    assert (again.status, again.code) == (409, "penjualan-sudah-dilaporkan")
    told = await marketing.told("sale.reported")
    assert (told[2]["fact"]["quantity"], told[2]["fact"]["unit"]) == ("2.5", "jar")

    async def seen(query: str, area: str = PAMULANG) -> list[int]:
        page = await marketing.get(f"/v1/sales{query}", person("petugas", area))
        return [item["rupiah"] for item in page.body["items"]]

    assert await seen("") == [4_200_000, 10, 5]
    assert await seen("?month=2017-08") == [4_200_000, 5]
    assert await seen("?channel=order") == [5]
    assert await seen("", CIPUTAT_TIMUR) == [100]
    totals = (await marketing.get("/v1/sales-totals?month=2017-08")).body["items"]
    assert [(t["channel"], t["reports"], t["businesses"], t["rupiah"]) for t in totals] == [
        ("online", 2, 2, 4_200_100),
        ("order", 1, 1, 5),
    ]


async def test_a_sale_at_an_event_needs_a_stand_there_and_its_month(marketing: Doors) -> None:
    event, product = await open_event(marketing), await trained_product(marketing)
    body = sale(product, channel="event", market_event_id=str(event))
    assert (await marketing.post("/v1/sales", body)).code == "tidak-ada-stan"
    assert (await ask(marketing, event, product)).status == 201
    assert (await marketing.post("/v1/sales", body)).code == "bulan-bukan-acara"
    ahead = await marketing.post("/v1/sales", body | {"month": "2099-01"})
    assert ahead.code == "bulan-belum-tiba"
    await marketing.rows("update market_event set starts_on = '2017-08-19', ends_on = '2017-08-20'")
    made = await marketing.post("/v1/sales", body)
    assert made.status == 201
    view = (await marketing.get(made.headers["Location"])).body
    assert (view["market_event_id"], view["channel"]) == (str(event), "event")
    totals = (await marketing.get(f"/v1/sales-totals?market_event_id={event}")).body["items"]
    assert [total["rupiah"] for total in totals] == [4_200_000]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"quantity": "0"}, 422, "penjualan-nol"),
        ({"quantity": "1e3"}, 400, "isian-tidak-sah"),
        ({"rupiah": -1}, 400, "isian-tidak-sah"),
        ({"month": "2017-13"}, 400, "isian-tidak-sah"),
        ({"channel": "event"}, 422, "acara-wajib-diisi"),
        ({"channel": "moon"}, 400, "isian-tidak-sah"),
        ({"product_id": str(uuid7())}, 404, "produk-tidak-ditemukan"),
    ],
)
async def test_a_sale_that_cannot_be_leaves_nothing(
    marketing: Doors, wrong: dict[str, object], status: int, code: str
) -> None:
    product = await product_of(marketing, await known_business(marketing))
    answer = await marketing.post("/v1/sales", sale(product, **wrong))
    assert (answer.status, answer.code) == (status, code)
    assert await marketing.count("sale") == 0
