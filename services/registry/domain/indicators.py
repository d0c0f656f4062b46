"""The ten figures: what each counts, in words that can be held against it.

All of them count *registered businesses*, and all say what was the case on a day by what is known
now: an entry that was wrong and was put right is right on every day. Counts of old lists (opening
balances) are in none of them.
"""

from dataclasses import dataclass
from datetime import date

from shared.errors import Language


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `in_period`: it counts what happened in the period, not how things stood."""

    code: str
    title: tuple[str, str]  # Indonesian, English
    definition: tuple[str, str]
    in_period: bool = False

    def titled(self, language: Language) -> str:
        """Its title in the reader's language."""
        return self.title[language == "en"]

    def defined(self, language: Language) -> str:
        """Its definition in the reader's language."""
        return self.definition[language == "en"]


FIGURES: tuple[Figure, ...] = (
    Figure(
        "registered",
        ("Terdata", "Registered"),
        (
            "Usaha yang sudah didata pada akhir periode; daftar lama tidak termasuk.",
            "Businesses registered by the end of the period; old lists are not included.",
        ),
    ),
    Figure(
        "covered_elsewhere",
        ("Dibina dinas lain", "Covered elsewhere"),
        (
            "Usaha yang menurut jawaban terakhir sampai akhir periode sudah dibina dinas lain.",
            "Businesses that another office guides, by the last answer up to the period's end.",
        ),
    ),
    Figure(
        "trained",
        ("Dilatih", "Trained"),
        (
            "Usaha yang pemiliknya hadir pada sedikitnya satu sesi pelatihan dalam periode.",
            "Businesses whose owner was present at one training session or more in the period.",
        ),
        in_period=True,
    ),
    Figure(
        "certified",
        ("Bersertifikat", "Certified"),
        (
            "Usaha yang menerima sertifikat dalam periode dan tidak dicabut sampai akhirnya.",
            "Businesses given a certificate in the period that wasn't revoked by its end.",
        ),
        in_period=True,
    ),
    Figure(
        "branded",
        ("Bermerek", "Branded"),
        (
            "Usaha dengan produk yang mereknya diajukan atau terdaftar, dan masih berlaku.",
            "Businesses with a product whose mark is applied for or registered, and not expired.",
        ),
    ),
    Figure(
        "ready",
        ("Siap pasar", "Ready"),
        (
            "Usaha bersertifikat, tidak hanya menurut pesanan, dengan produk yang memenuhi aturan "
            "kesiapan-1: bermerek, mutu sedikitnya 4 dari 5 dalam setahun, kemasan sedikitnya 60, "
            "dan tidak ditangguhkan.",
            "Businesses with a certificate, not to order only, with a product that meets rule "
            "kesiapan-1: branded, quality 4 of 5 or more within a year, packaging 60 or more, and "
            "not suspended.",
        ),
    ),
    Figure(
        "at_a_market",
        ("Ikut pasar", "At a market"),
        (
            "Usaha dengan stan pada acara pasar yang dimulai dalam periode dan tidak dilepas.",
            "Businesses with a stand, not released, at a market event that began in the period.",
        ),
        in_period=True,
    ),
    Figure(
        "sold",
        ("Menjual", "Sold"),
        (
            "Usaha yang melaporkan penjualan lebih dari nol untuk bulan di dalam periode.",
            "Businesses that reported sales above zero for a month in the period.",
        ),
        in_period=True,
    ),
    Figure(
        "producing_continuously",
        ("Berproduksi terus-menerus", "Producing continuously"),
        (
            "Usaha yang pada akhir periode berproduksi terus-menerus, bukan menurut pesanan.",
            "Businesses that produced continuously at the end of the period, not to order.",
        ),
    ),
    Figure(
        "earning_more",
        ("Penghasilan naik", "Earning more"),
        (
            "Usaha yang golongan penghasilan rumah tangganya pada pengamatan terakhir (bulan 3, "
            "6, atau 12) lebih tinggi daripada keadaan awal.",
            "Businesses whose household's income band at the last follow-up (month 3, 6 or 12) is "
            "above the one at the baseline.",
        ),
    ),
)


def period(year: int | None, as_of: date) -> tuple[date, date]:
    """First and last day that count: of the year, or of all time, and never after `as_of`."""
    if year is None:
        return date.min, as_of
    return date(year, 1, 1), min(as_of, date(year, 12, 31))
