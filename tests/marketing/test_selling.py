"""Reported sales that turn out wrong, through HTTP on a real database."""

import asyncio
from collections import Counter
from typing import Any

from tests.marketing.scenes import known_business, product_of
from tests.training.doors import KASI, REMPOA, SERPONG, Doors, Reply, person


async def report(marketing: Doors, product: str, how: Any = KASI, **told: object) -> Reply:
    body = {"product_id": product, "channel": "online", "month": "2017-08", "quantity": "120"}
    return await marketing.post("/v1/sales", body | {"rupiah": 4_200_000} | told, how)


def correction(version: int = 1, reason: str = "Salah ketik") -> dict[str, object]:
    return {"correction": {"version": version, "reason": reason}}


async def test_a_corrected_sale_keeps_what_it_was_and_the_sums_follow(marketing: Doors) -> None:
    product = await product_of(marketing, await known_business(marketing))
    made = await report(marketing, product)
    again = await report(marketing, product, quantity="112", rupiah=3_920_000)
    assert (again.status, again.code) == (409, "penjualan-sudah-dilaporkan")
    assert (
        "version 1"
        in (
            await marketing.post(
                "/v1/sales", again_body(product), KASI, **{"Accept-Language": "en"}
            )
        ).body["detail"]
    )
    right = await report(
        marketing, product, quantity="112", rupiah=3_920_000, **correction(reason="Dihitung ulang")
    )
    assert (right.status, right.body["version"]) == (201, 2)
    assert right.body["sale_id"] == made.body["sale_id"]
    view = (await marketing.get(right.headers["Location"])).body
    assert (view["quantity"], view["rupiah"], view["version"]) == ("112", 3_920_000, 2)
    (kept,) = view["corrections"]
    assert (kept["old_quantity"], kept["old_rupiah"]) == ("120", 4_200_000)
    assert (kept["reason"], kept["recorded_by"]) == ("Dihitung ulang", KASI.subject)
    totals = (await marketing.get("/v1/sales-totals")).body["items"]
    assert [(t["reports"], t["rupiah"]) for t in totals] == [(1, 3_920_000)]
    (told,) = await marketing.told("sale.corrected")
    assert (told["sequence"], told["fact"]["rupiah"]) == (2, 3_920_000)
    assert "reason" not in told["fact"]


def again_body(product: str) -> dict[str, object]:
    return {
        "product_id": product,
        "channel": "online",
        "month": "2017-08",
        "quantity": "112",
        "rupiah": 3_920_000,
    }


async def test_a_sale_that_never_was_is_corrected_to_nothing_and_only_so(marketing: Doors) -> None:
    product = await product_of(marketing, await known_business(marketing))
    assert (await report(marketing, product, quantity="0", rupiah=0)).code == "penjualan-nol"
    await report(marketing, product)
    paid = await report(marketing, product, quantity="0", rupiah=5, **correction())
    assert paid.code == "penjualan-nol"
    assert (await report(marketing, product, quantity="0", rupiah=0, **correction())).status == 201
    totals = (await marketing.get("/v1/sales-totals")).body["items"]
    assert [t["rupiah"] for t in totals] == [0]


async def test_a_correction_names_the_version_it_has_seen_and_what_was_reported(
    marketing: Doors,
) -> None:
    product = await product_of(marketing, await known_business(marketing))
    assert (await report(marketing, product, **correction())).code == "penjualan-tidak-ditemukan"
    await report(marketing, product)
    assert (await report(marketing, product, **correction())).code == "penjualan-tidak-berbeda"
    assert (await report(marketing, product, rupiah=1, **correction())).status == 201
    late = await report(marketing, product, rupiah=2, **correction())
    assert (late.status, late.code) == (409, "penjualan-sudah-berubah")
    no_reason = {"correction": {"version": 2, "reason": ""}}
    assert (await report(marketing, product, rupiah=2, **no_reason)).status == 400


async def test_a_sale_is_corrected_within_one_s_own_area_only(marketing: Doors) -> None:
    product = await product_of(marketing, await known_business(marketing, REMPOA))
    await report(marketing, product)
    other = person("petugas", SERPONG)
    assert (await report(marketing, product, other, rupiah=1, **correction())).status == 403


async def test_two_hundred_correct_one_sale_and_each_version_is_given_once(
    two_copies: tuple[Doors, Doors],
) -> None:
    one = two_copies[0]
    product = await product_of(one, await known_business(one))
    await report(one, product)
    answers = await asyncio.gather(
        *(report(two_copies[n % 2], product, rupiah=n, **correction()) for n in range(200))
    )
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 199}
    assert await one.count("sale_correction") == 1
