"""Who and what plays. Reported: the places, the day, the trades, twenty jars a day. All names,
numbers of persons and families, prices and the fair are invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PAMULANG_BARAT = "36.74.06.1001"
PAMULANG_TIMUR = "36.74.06.1008"
PONDOK_CABE_ILIR = "36.74.06.1005"
KEDAUNG = "36.74.06.1006"
REMPOA = "36.74.05.1005"  # in another kecamatan, Ciputat Timur
KELURAHAN = (PONDOK_CABE_ILIR, REMPOA, PAMULANG_BARAT, PAMULANG_TIMUR, KEDAUNG)
NAMES = {
    PAMULANG_BARAT: "Pamulang Barat",
    PAMULANG_TIMUR: "Pamulang Timur",
    PONDOK_CABE_ILIR: "Pondok Cabe Ilir",
    KEDAUNG: "Kedaung",
    REMPOA: "Rempoa",
}

WOMEN, SEATS = 84, 80  # about eighty came; the four too many are ours, to contest the seats
_FIRST = (
    "Ratna Sari Wulan Indah Lestari Kartika Melati Dahlia Cempaka Mawar Anggrek Kenanga".split()
)
_SECOND = "Contoh Misal Umpama Ibarat Teladan Peraga Rekaan".split()  # all mean "for example"
_TRADES = (
    ("food", "catering", "portion"),
    ("food", "snacks", "pack"),
    ("food", "snacks", "pack"),
    ("accessories", "jewellery", "piece"),
    ("clothing", "sewing", "piece"),
)
CHOCOLATE_MAKER = 0

SESSION: dict[str, Any] = {
    "title": "Keterampilan industri rumahan",
    "topics": ["marketing", "product", "packaging"],
    "held_on": "2017-07-31",
    "hours": "6",
    "kelurahan": PAMULANG_BARAT,
    "capacity": SEATS,
    "organising_office": "dpmp3akb",
}
PRODUCT: dict[str, Any] = {
    "name": "Cokelat toples (contoh)",
    "unit": "jar",
    "price_rupiah": 35_000,
    "shelf_life_days": 90,
    "brand_status": "none",
}


def place(kelurahan: str) -> str:
    """The name of a kelurahan of the training, else its code."""
    return NAMES.get(kelurahan, kelurahan)


@dataclass(frozen=True)
class Woman:
    """One of the women and her home business, as the office enters them."""

    number: int
    person: dict[str, Any]
    business: dict[str, Any]

    @property
    def kelurahan(self) -> str:
        return str(self.person["kelurahan"])


def women() -> Iterator[Woman]:
    """Everybody, the chocolate maker of Pondok Cabe Ilir first."""
    for number in range(WOMEN):
        kelurahan = KELURAHAN[number % len(KELURAHAN)]
        business = _chocolate() if number == CHOCOLATE_MAKER else _trade(number)
        yield Woman(number, _person(number, kelurahan), {**business, "kelurahan": kelurahan})


def _person(number: int, kelurahan: str) -> dict[str, Any]:
    first, second = _FIRST[number % len(_FIRST)], _SECOND[number // len(_FIRST)]
    day, month, year = 1 + number % 28, 1 + number % 12, 1970 + number % 25
    district = kelurahan.replace(".", "")[:6]
    born = f"{day + 40:02}{month:02}{year % 100:02}"  # women's numbers carry the day plus forty
    return {
        "name": f"{first} {second}",
        "nik": f"{district}{born}{9901 + number:04}",
        "birth_date": f"{year}-{month:02}-{day:02}",
        "household_number": f"{district}010117{9901 + number:04}",
        "role_in_household": "wife",
        "kelurahan": kelurahan,
    }


def _chocolate() -> dict[str, Any]:
    """Three months in business on the day of the training; the officer types a zero too many."""
    return {
        "sector": "food",
        "sub_sector": "confectionery",
        "started_on": "2017-05-01",
        "production_mode": "to_order",
        "capacity": {"quantity": "200", "unit": "jar", "period": "day"},
        "channels": [{"kind": "online"}],
        "constraints": [
            {"kind": "brand", "severity": 3},
            {"kind": "marketing", "severity": 3},
            {"kind": "packaging", "severity": 2},
        ],
    }


def _trade(number: int) -> dict[str, Any]:
    sector, sub_sector, unit = _TRADES[number % len(_TRADES)]
    return {
        "sector": sector,
        "sub_sector": sub_sector,
        "started_on": f"20{10 + number % 7}-0{1 + number % 9}-01",
        "production_mode": "to_order",
        "capacity": {"quantity": str(5 + number % 40), "unit": unit, "period": "week"},
        "channels": [{"kind": "home"}],
        "constraints": [{"kind": "marketing", "severity": 1 + number % 3}],
    }
