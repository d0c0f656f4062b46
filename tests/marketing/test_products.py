"""Products through HTTP on a real database."""

import pytest

from shared.ids import uuid7
from tests.marketing.scenes import known_business, product_body
from tests.training.doors import Doors
from tests.training.facts import old_id


async def test_a_product_can_be_read_and_is_told_without_its_name(marketing: Doors) -> None:
    her = await known_business(marketing)
    made = await marketing.post("/v1/products", product_body(her, shelf_life_days=None))
    read = await marketing.get(made.headers["Location"])
    assert (read.body["name"], read.body["price_rupiah"]) == ("Cokelat warna bertulisan", 35_000)
    (told,) = await marketing.told()
    assert (told["key"], told["sequence"]) == (made.body["product_id"], 1)
    assert (told["fact"]["price_rupiah"], told["fact"]["shelf_life_days"]) == (35_000, None)
    assert b"Cokelat" not in told["body"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"price_rupiah": -1}, 422, "harga-kurang-dari-nol"),
        ({"price_rupiah": 35_000.5}, 400, "isian-tidak-sah"),
        ({"shelf_life_days": 0}, 422, "masa-simpan-terlalu-pendek"),
        ({"unit": "Toples Besar"}, 400, "isian-tidak-sah"),
        ({"brand_status": "famous"}, 400, "isian-tidak-sah"),
    ],
)
async def test_a_refused_product_leaves_nothing(
    marketing: Doors, wrong: dict[str, object], status: int, code: str
) -> None:
    her = await known_business(marketing)
    answer = await marketing.post("/v1/products", product_body(her, **wrong))
    assert (answer.status, answer.code) == (status, code)
    assert await marketing.count("product") + await marketing.count("journal") == 0


async def test_a_business_that_is_not_known_is_not_yet_known_only_when_its_id_is_new(
    marketing: Doors,
) -> None:
    new, old = [
        await marketing.post("/v1/products", product_body(unknown))
        for unknown in (uuid7(), old_id())
    ]
    assert (new.status, new.code, new.headers["Retry-After"]) == (409, "belum-tersedia", "1")
    assert (old.status, old.code) == (404, "usaha-tidak-ditemukan")
    assert await marketing.count("product") == 0
