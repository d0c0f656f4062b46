"""What is next for a business, in the order of the chain: register, train, market, look again.

Only what can be done now: no certificate before she was at a session, no stand before a product is
ready. By what the other services have told; their own pages say the same in more detail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from shared.errors import Needed

Phase = Literal["register", "train", "market", "follow_up"]
FOLLOW_UPS = (3, 6, 12)  # months after the baseline
QUALITY_POINTS, QUALITY_DAYS, PACKAGING_POINTS = 4, 365, 60  # marketing's rule of readiness


@dataclass(frozen=True, slots=True)
class Product:
    """What marketing told of a product's newest version."""

    product_id: UUID
    brand_status: str
    brand_expires_on: date | None
    quality_score: int | None
    quality_on: date | None
    packaging_score: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a business today.

    `eligibility`: what that rule asks for. `seats`: states of her seats in sessions. `lapsed`:
    kinds of papers that no office says to hold any more, with the office. `unsold_on`: when the
    newest market event began of whose month no sales were reported. `baseline_on`: of month 0.
    """

    today: date
    business_id: UUID
    eligibility: tuple[Needed, ...]
    to_order: bool
    seats: frozenset[str]
    certified: bool
    products: tuple[Product, ...]
    lapsed: tuple[tuple[str, str], ...]
    has_stand: bool
    unsold_on: date | None
    baseline_on: date | None
    last_month: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and in which part of the chain."""

    phase: Phase
    needed: Needed


def next_steps(facts: Facts) -> tuple[Step, ...]:
    """All that somebody can do for her now; empty: she waits for nobody."""
    found = [Step("register", need) for need in facts.eligibility]
    found += [Step("train", need) for need in _training(facts)]
    found += [Step("market", need) for need in _market(facts)]
    found += [Step("follow_up", need) for need in _again(facts)]
    return tuple(found)


def _training(facts: Facts) -> Iterator[Needed]:
    if "present" in facts.seats:
        if not facts.certified:
            yield _need("certificate", facts.business_id)
    else:
        yield _need("attendance" if "enrolled" in facts.seats else "enrolment", facts.business_id)


def _market(facts: Facts) -> Iterator[Needed]:
    about = facts.business_id
    if facts.to_order:
        yield _need("production", about)
    if not facts.products:
        yield _need("product", about)
    wanting = [tuple(_product(product, facts.today)) for product in facts.products]
    for needs in wanting:
        yield from needs
    for kind, office in facts.lapsed:
        yield Needed(
            kind,
            office,
            f"Urus izin {kind}: menurut {office} tidak berlaku lagi.",
            f"See to the licence {kind}: {office} says that it holds no more.",
            about=about,
        )
    ready = () in wanting and not facts.lapsed and not facts.to_order and facts.certified
    if ready and not facts.has_stand:
        yield _need("stand", about)
    if facts.unsold_on is not None:
        yield _need("sales", about)


def _product(product: Product, today: date) -> Iterator[Needed]:
    about = product.product_id
    expired = product.brand_expires_on is not None and product.brand_expires_on < today
    if product.brand_status not in ("applied", "registered") or expired:
        yield _need("brand", about)
    looked = product.quality_on
    old = looked is None or (today - looked).days > QUALITY_DAYS
    if old or (product.quality_score or 0) < QUALITY_POINTS:
        yield _need("quality", about)
    if (product.packaging_score or 0) < PACKAGING_POINTS:
        yield _need("packaging", about)
    if product.status == "suspended":
        yield _need("check", about)


def _again(facts: Facts) -> Iterator[Needed]:
    if facts.baseline_on is None or facts.last_month is None:
        yield _need("baseline", facts.business_id)
        return
    month = next((month for month in FOLLOW_UPS if month > facts.last_month), None)
    if month is not None:
        yield _need("follow_up", facts.business_id, _after(facts.baseline_on, month))


# What is missing: who can supply it, and how that is said.
_SAID = {
    "enrolment": (
        "petugas",
        "Daftarkan ia pada satu sesi pelatihan.",
        "Enrol her for a training session.",
    ),
    "attendance": (
        "fasilitator",
        "Catat kehadirannya di sesi pelatihan.",
        "Record her attendance at the training session.",
    ),
    "certificate": (
        "petugas",
        "Lengkapi sesi angkatannya, lalu berikan sertifikat.",
        "Complete her cohort's sessions, then give her the certificate.",
    ),
    "production": (
        "petugas",
        "Dampingi agar tidak hanya berproduksi menurut pesanan, lalu catat.",
        "Help her produce otherwise than to order only, and record it.",
    ),
    "product": ("petugas", "Tambahkan produk yang dijualnya.", "Add the product that she sells."),
    "brand": (
        "petugas",
        "Ajukan merek produk ini, atau perpanjang.",
        "Apply for the product's mark, or renew it.",
    ),
    "quality": (
        "fasilitator",
        f"Nilai mutu produk: sedikitnya {QUALITY_POINTS} dari 5 butir terpenuhi.",
        f"Assess the product's quality: at least {QUALITY_POINTS} of 5 points met.",
    ),
    "packaging": (
        "fasilitator",
        f"Perbaiki dan nilai kemasan: sedikitnya {PACKAGING_POINTS} dari 100.",
        f"Improve the packaging and score it: at least {PACKAGING_POINTS} of 100.",
    ),
    "check": (
        "fasilitator",
        "Periksa lagi: produk tersedia dan mutunya terjaga.",
        "Check again: the product is available and its quality is kept.",
    ),
    "stand": (
        "kasi",
        "Ajukan stan pada acara pasar berikutnya.",
        "Ask for a stand at the next market event.",
    ),
    "sales": (
        "petugas",
        "Catat penjualannya sejak acara pasar terakhir.",
        "Report what she sold since the last market event.",
    ),
    "baseline": (
        "fasilitator",
        "Catat keadaan awal (bulan 0).",
        "Record the baseline (month 0).",
    ),
    "follow_up": (
        "fasilitator",
        "Catat perkembangan usahanya.",
        "Record how she is doing.",
    ),
}


def _need(fact: str, about: UUID, by: date | None = None) -> Needed:
    who, indonesian, english = _SAID[fact]
    return Needed(fact, who, indonesian, english, by, about)


def _after(day: date, months: int) -> date:
    """So many months later; a day that the month doesn't have is its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))
