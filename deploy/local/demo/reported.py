"""What the newspaper report of a training on Monday 31 July 2017 tells, and nothing else.

In our own words, each with its number in docs/programme.md. Whatever the demo needs beyond this
lies in `invented`; on the screen ● marks the one and ○ the other.
"""

from typing import Any

YEAR = 2017
TRAINING_DAY = "2017-07-31"  # F14

PAMULANG_BARAT = "36.74.06.1001"
PAMULANG_TIMUR = "36.74.06.1008"
PONDOK_CABE_ILIR = "36.74.06.1005"
KEDAUNG = "36.74.06.1006"
REMPOA = "36.74.05.1005"  # F2: in another kecamatan, Ciputat Timur
KELURAHAN = {  # F1
    PAMULANG_BARAT: "Pamulang Barat",
    PAMULANG_TIMUR: "Pamulang Timur",
    PONDOK_CABE_ILIR: "Pondok Cabe Ilir",
    KEDAUNG: "Kedaung",
    REMPOA: "Rempoa",
}
KECAMATAN = "36.74.06"  # F1: Pamulang, where the training is held

ROLE = "wife"  # F3: housewives
HELPED_BEFORE = 150  # F6: home businesses, by the office's records …
KECAMATAN_HELPED = 5  # F6: … in so many kecamatan
SECTORS = ("food", "accessories", "clothing", "other")  # F7: mostly the first
BRAND = "none"  # F8
HELD_BACK_BY = "marketing"  # F9
MODE = "to_order"  # F10
HEADCOUNT = 80  # F15: "about"
TOPICS = ("marketing", "attractive-product", "packaging")  # F16
SUPPORT = ("stand", "transport", "lodging")  # F22: stand, tickets, accommodation

CHOCOLATE: dict[str, Any] = {  # F12 and F25: a maker of Pondok Cabe Ilir, three months in business
    "kelurahan": PONDOK_CABE_ILIR,
    "started_on": "2017-05-01",
    "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
    "channels": [{"kind": "online"}],
}
