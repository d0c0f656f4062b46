"""What the demo makes up: names, numbers, trades, prices, days, and what came after the training.

No real person or business is in here. What was really reported lies in `reported`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.local.demo import reported

Json = dict[str, Any]

SHARES = {  # how many of the eighty come from each kelurahan
    reported.PONDOK_CABE_ILIR: 16,
    reported.PAMULANG_BARAT: 22,
    reported.PAMULANG_TIMUR: 18,
    reported.KEDAUNG: 14,
    reported.REMPOA: 10,
}
SEATS = 80
TOO_MANY = 4  # ask for a seat when all are taken
ELSEWHERE = 2  # are guided by another office, so they don't ask
CHOCOLATE_MAKER = 0
EXCUSED, ABSENT, LATE = 5, 41, 6  # of the eighty; the late one was first said to be excused
AWAY = (EXCUSED, ABSENT)
NOT_COLLECTED = (33, 62)  # were there, and haven't fetched their certificate

WRITTEN_DOWN, ANSWERED, LOOKED_AT = "2017-07-10", "2017-07-12", "2017-07-14"
CERTIFICATES_ON = "2017-08-07"
PRODUCTS_ON, FIRST_LOOK = "2017-08-01", "2017-08-02"
NAMED_ON, APPLIED_ON, SECOND_LOOK = "2017-08-10", "2017-08-21", "2017-09-15"
PRODUCTION_ON, STANDS_ON, FOLLOW_UP_ON = "2017-08-14", "2017-09-29", "2017-10-31"
YEAR_S_END = f"{reported.YEAR}-12-31"

OTHER_OFFICE = "diskop-ukm"
OFFICE = "dpmp3akb"  # the code of the office that organises the training; titles are public
OFFICES: tuple[Json, ...] = (  # F29: it has been renamed since; our dates
    {
        "code": OFFICE,
        "title": "Dinas Pemberdayaan Masyarakat, Pemberdayaan Perempuan, Perlindungan Anak dan "
        "Keluarga Berencana",
        "valid_from": "2017-01-02",
        "valid_until": "2021-12-31",
    },
    {
        "code": "dp3ap2kb",
        "title": "Dinas Pemberdayaan Perempuan, Perlindungan Anak, Pengendalian Penduduk dan "
        "Keluarga Berencana",
        "valid_from": "2022-01-01",
        "follows": OFFICE,
    },
)
BALANCES = {  # how the reported 150 might lie in five kecamatan: the report gives no split
    "36.74.06": 46,
    "36.74.05": 31,
    "36.74.04": 29,
    "36.74.01": 24,
    "36.74.03": 20,
}
SOURCE = "Catatan dinas per Juli 2017; pembagian per kecamatan adalah contoh"

ACTIVITY: Json = {
    "title": "Pelatihan keterampilan industri rumahan",
    "year": reported.YEAR,
    "organising_office": OFFICE,
}
COHORT: Json = {"title": "Angkatan Pamulang"}
SESSION: Json = {
    "title": "Keterampilan industri rumahan",
    "topics": list(reported.TOPICS),
    "held_on": reported.TRAINING_DAY,
    "hours": "6",
    "kelurahan": reported.PAMULANG_BARAT,
    "capacity": SEATS,
    "organising_office": OFFICE,
}

BUDGET = 6_000_000
PROMISED, TOO_MUCH = "200", "2000"  # jars that the chocolate maker would bring to the fair
COSTS = {"stand": 500_000, "transport": 300_000, "lodging": 450_000}  # planned; rupiah each
SAVED = 25_000  # what each line cost less than planned
TOO_DEAR = 4_000_000  # one more line, for which the budget is too small

_FIRST = (
    "Ratna Sari Wulan Indah Lestari Kartika Melati Dahlia Cempaka Mawar Anggrek Kenanga".split()
)
# all of them mean "for example"
_SECOND = "Contoh Misal Umpama Ibarat Teladan Peraga Rekaan Andaian".split()
_TRADES: tuple[tuple[str, str, str, int], ...] = (  # sector, sub-sector, unit, rupiah for one
    ("food", "catering", "portion", 22_000),
    ("food", "snacks", "pack", 12_000),
    ("food", "snacks", "pack", 15_000),
    ("food", "bakery", "box", 30_000),
    ("accessories", "crafts", "piece", 25_000),
    ("food", "catering", "portion", 18_000),
    ("food", "drinks", "bottle", 10_000),
    ("clothing", "sewing", "piece", 85_000),
    ("food", "snacks", "pack", 14_000),
    ("other", "household_goods", "piece", 40_000),
)
_KBLI = {"catering": "56210", "snacks": "10794", "bakery": "10710", "drinks": "11090"}
_NAMES = {
    "catering": "Nasi kotak",
    "snacks": "Keripik",
    "bakery": "Kue kering",
    "drinks": "Minuman jahe",
    "crafts": "Bros",
    "sewing": "Kerudung",
    "household_goods": "Keset",
}


@dataclass(frozen=True)
class Woman:
    """One of the women and her home business, as the office enters them."""

    number: int
    kelurahan: str
    person: Json
    business: Json

    @property
    def elsewhere(self) -> bool:
        """Whether another office guides her business already."""
        return self.number >= SEATS + TOO_MANY


def women() -> Iterator[Woman]:
    """Everybody, the chocolate maker of Pondok Cabe Ilir first."""
    for number, kelurahan in enumerate(_homes()):
        business = _chocolate() if number == CHOCOLATE_MAKER else _trade(number)
        told = {"kelurahan": kelurahan, "registered_on": WRITTEN_DOWN, **business}
        yield Woman(number, kelurahan, _person(number, kelurahan), told)


def _homes() -> Iterator[str]:
    """A kelurahan for each, so that every part of the list is mixed as the whole."""
    given = dict.fromkeys(SHARES, 0)
    for number in range(1, SEATS + 1):
        home = max(SHARES, key=lambda k: SHARES[k] * number / SEATS - given[k])
        home = reported.PONDOK_CABE_ILIR if number == 1 else home
        given[home] += 1
        yield home
    yield from list(SHARES)[:TOO_MANY]
    yield from list(SHARES)[-ELSEWHERE:]


def _person(number: int, kelurahan: str) -> Json:
    first, second = _FIRST[number % len(_FIRST)], _SECOND[number // len(_FIRST)]
    day, month, year = 1 + number % 28, 1 + number % 12, 1970 + number % 25
    district = kelurahan.replace(".", "")[:6]
    born = f"{day + 40:02}{month:02}{year % 100:02}"  # women's numbers carry the day plus forty
    return {
        "name": f"{first} {second}",
        "nik": f"{district}{born}{9901 + number:04}",
        "birth_date": f"{year}-{month:02}-{day:02}",
        "household_number": f"{district}010117{9901 + number:04}",
        "role_in_household": reported.ROLE,
        "kelurahan": kelurahan,
    }


def _chocolate() -> Json:
    """As reported, but for a zero too many that the officer types."""
    capacity = {**reported.CHOCOLATE["capacity"], "quantity": "200"}
    return {
        **reported.CHOCOLATE,
        "capacity": capacity,
        "sector": "food",
        "sub_sector": "confectionery",
        "kbli": {"code": "10732", "version": "2015"},
        "production_mode": reported.MODE,
        "constraints": [
            {"kind": "brand", "severity": 3},
            {"kind": reported.HELD_BACK_BY, "severity": 3},
            {"kind": "packaging", "severity": 2},
        ],
    }


def _trade(number: int) -> Json:
    sector, sub_sector, unit, _ = _TRADES[number % len(_TRADES)]
    kbli = {"kbli": {"code": _KBLI[sub_sector], "version": "2015"}} if sub_sector in _KBLI else {}
    return kbli | {
        "sector": sector,
        "sub_sector": sub_sector,
        "started_on": f"20{10 + number % 7}-0{1 + number % 9}-01",
        "production_mode": reported.MODE,
        "capacity": {"quantity": str(5 + number % 40), "unit": unit, "period": "week"},
        "channels": [{"kind": "home"}],
        "constraints": [
            {"kind": reported.HELD_BACK_BY, "severity": 1 + number % 3},
            {"kind": "standard", "severity": 1 + number % 2},
        ],
    }


@dataclass(frozen=True)
class Maker:
    """One of those who bring a product to the market, and how far she gets."""

    rank: int  # 0 is the chocolate maker
    number: int  # of the woman

    @property
    def product(self) -> Json:
        """What she sells, without the business's id."""
        if self.rank == 0:
            named = {"name": "Cokelat toples (contoh)", "unit": "jar", "price_rupiah": 35_000}
            return named | {"shelf_life_days": 90, **_NEW}
        sector, sub_sector, unit, rupiah = _TRADES[self.number % len(_TRADES)]
        keeps = {"shelf_life_days": 30} if sector == "food" else {}
        named = {"name": f"{_NAMES[sub_sector]} (contoh)", "unit": unit, "price_rupiah": rupiah}
        return named | keeps | _NEW

    @property
    def food(self) -> bool:
        return self.rank == 0 or _TRADES[self.number % len(_TRADES)][0] == "food"

    @property
    def applies(self) -> bool:
        """Whether she applies for her mark; the others get as far as a name."""
        return self.rank % 8 in (0, 3, 5)

    @property
    def looked_at(self) -> tuple[Json, Json]:
        """Quality and packaging before and after."""
        before = 1 + self.rank % 2
        after = 3 if self.rank == 8 else 4 + self.rank % 2
        return _look(before, 30 + self.rank), _look(after, 60 + self.rank % 5 * 7)

    @property
    def mode(self) -> str:
        """How she produces after the training."""
        if self.rank in (0, 5, 11, 16):
            return "continuous"
        return "batch" if self.applies and self.rank != 19 else reported.MODE

    @property
    def capacity(self) -> Json:
        """What she can make once she doesn't wait for orders."""
        if self.rank == 0:
            return {**reported.CHOCOLATE["capacity"], "quantity": "30"}
        unit = _TRADES[self.number % len(_TRADES)][2]
        return {"quantity": str(8 + self.number % 40), "unit": unit, "period": "week"}

    @property
    def goes_to_the_fair(self) -> bool:
        return self.rank in (0, 3, 5, 11)

    @property
    def sells(self) -> bool:
        return (self.rank % 3 != 1 and self.rank < 17) or self.goes_to_the_fair


_NEW = {"brand_status": reported.BRAND, "added_on": PRODUCTS_ON}
_CHECKLIST = ("recipe", "hygiene", "weight", "shelf_life", "label")


def _look(points: int, packaging: int) -> Json:
    quality = {name: rank < points for rank, name in enumerate(_CHECKLIST)}
    return {"quality": quality, "packaging": packaging}


def makers() -> list[Maker]:
    """Every third or so of those who were there."""
    numbers = [n for n in range(SEATS) if n % 10 in (0, 3, 7) and n not in AWAY]
    return [Maker(rank, number) for rank, number in enumerate(numbers)]


def confidence(number: int) -> tuple[int, int]:
    """Hers in her product before and after, from 1 to 5."""
    before = 1 + number % 3
    return before, min(5, before + 1 + (number * 7) % 2)


def learned(number: int) -> list[Json]:
    """How much she says that she learned, topic by topic."""
    return [
        {"topic": topic, "score": 3 + (number + rank) % 3}
        for rank, topic in enumerate(reported.TOPICS)
    ]


_BANDS = ("below_1m", "from_1m", "from_2m", "from_3m")


def baseline(number: int) -> Json:
    """How the household did on the day of the training."""
    made = _made(number)
    return {"income_band": _BANDS[number % 3], "output": made, "helpers": 0}


def follow_up(number: int) -> Json | None:
    """How it did three months later; None: she wasn't reached."""
    if number % 13 == 12:
        return None
    earns_more = number % 6 == 0 or number % 10 == 3
    made = _made(number)
    if number == CHOCOLATE_MAKER:
        made |= {"quantity": "30"}
    elif earns_more:
        made |= {"quantity": str(int(made["quantity"]) + 4)}
    band = _BANDS[number % 3 + (1 if earns_more else 0)]
    return {"income_band": band, "output": made, "helpers": 1 if earns_more else 0}


def _made(number: int) -> Json:
    if number == CHOCOLATE_MAKER:
        return dict(reported.CHOCOLATE["capacity"])
    unit = _TRADES[number % len(_TRADES)][2]
    return {"quantity": str(5 + number % 40), "unit": unit, "period": "week"}
