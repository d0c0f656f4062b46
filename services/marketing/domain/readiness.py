"""Whether a product is ready for the market, point by point, and what to do about each.

The rule `kesiapan-1`: a brand that is at least applied for and hasn't run out, four of the five
points of the checklist within a year, packaging of sixty points, production that isn't to order
only, and a training certificate. Thresholds are the programme's own; another rule gets another id.

What somebody has looked at and found wanting bars a stand: a rejected or expired brand, a checklist
or a packaging below the threshold. What nobody has looked at, or she hasn't reached yet, is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.marketing.domain.brand import BRANDED
from services.marketing.domain.product import BrandStatus
from services.marketing.domain.quality import Packaging, Quality
from shared.errors import Needed

RULE = "kesiapan-1"
PointName = Literal["brand", "quality", "packaging", "capacity", "certificate"]
QUALITY_POINTS = 4
QUALITY_DAYS = 365
PACKAGING_POINTS = 60


class State(StrEnum):
    """Unknown is no "not met": nobody looked, or nobody told us."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rule looks at. `next_event_on`: the day by which it would be good to be ready."""

    product_id: UUID
    business_id: UUID
    brand: BrandStatus
    brand_on: date | None
    brand_expires_on: date | None
    quality: Quality | None
    packaging: Packaging | None
    production_mode: str | None
    capacity: Decimal | None
    certified_on: date | None
    next_event_on: date | None


@dataclass(frozen=True, slots=True)
class Point:
    """One point: what is known (`fact`, since `on`), and what is needed when it isn't met.

    `bars`: somebody has found it wanting, so there is no stand until it is mended or allowed.
    """

    name: PointName
    state: State
    fact: str | None
    on: date | None
    needed: Needed | None
    bars: bool = False


def judge(facts: Facts, today: date) -> tuple[Point, ...]:
    """All five points, in the order in which they are usually reached."""
    found: dict[PointName, tuple[State, str | None, date | None]] = {
        "brand": (_brand(facts, today), facts.brand.value, facts.brand_on),
        "quality": (_quality(facts, today), *_looked(facts.quality)),
        "packaging": (_packaging(facts), *_scored(facts.packaging)),
        "capacity": (_capacity(facts), facts.production_mode, None),
        "certificate": (
            State.MET if facts.certified_on else State.NOT_MET,
            "issued" if facts.certified_on else None,
            facts.certified_on,
        ),
    }
    return tuple(
        Point(
            name,
            state,
            fact,
            on,
            None if state is State.MET else _NEEDED[name](facts),
            state is State.NOT_MET and _found_wanting(name, facts),
        )
        for name, (state, fact, on) in found.items()
    )


def missing(facts: Facts, today: date) -> tuple[Needed, ...]:
    """The smallest set of facts with which the product is ready; empty: it is."""
    return tuple(point.needed for point in judge(facts, today) if point.needed is not None)


def _found_wanting(name: PointName, facts: Facts) -> bool:
    """Of a point that isn't met: whether somebody found so, or she just hasn't got there yet."""
    if name == "brand":
        return facts.brand is BrandStatus.REJECTED or facts.brand in BRANDED
    return name in ("quality", "packaging")


def _brand(facts: Facts, today: date) -> State:
    run_out = facts.brand_expires_on is not None and facts.brand_expires_on < today
    return State.MET if facts.brand in BRANDED and not run_out else State.NOT_MET


def _quality(facts: Facts, today: date) -> State:
    quality = facts.quality
    if quality is None or (today - quality.assessed_on).days > QUALITY_DAYS:
        return State.UNKNOWN
    return State.MET if quality.score >= QUALITY_POINTS else State.NOT_MET


def _packaging(facts: Facts) -> State:
    if facts.packaging is None:
        return State.UNKNOWN
    return State.MET if facts.packaging.after >= PACKAGING_POINTS else State.NOT_MET


def _capacity(facts: Facts) -> State:
    if facts.production_mode is None or facts.capacity is None:
        return State.UNKNOWN
    able = facts.capacity > 0 and facts.production_mode != "to_order"
    return State.MET if able else State.NOT_MET


def _looked(quality: Quality | None) -> tuple[str | None, date | None]:
    return (None, None) if quality is None else (f"{quality.score}/5", quality.assessed_on)


def _scored(packaging: Packaging | None) -> tuple[str | None, date | None]:
    return (None, None) if packaging is None else (f"{packaging.after}/100", packaging.after_on)


def _needs(
    fact: str, who: str, about_business: bool, indonesian: str, english: str
) -> Callable[[Facts], Needed]:
    def need(facts: Facts) -> Needed:
        about = facts.business_id if about_business else facts.product_id
        return Needed(fact, who, indonesian, english, facts.next_event_on, about)

    return need


_NEEDED: dict[str, Callable[[Facts], Needed]] = {
    "brand": _needs(
        "brand",
        "petugas",
        False,
        "Ajukan merek produk ini, atau perpanjang bila sudah habis masa berlakunya.",
        "Apply for the product's mark, or renew it if it has run out.",
    ),
    "quality": _needs(
        "quality",
        "fasilitator",
        False,
        f"Nilai mutu produk: sedikitnya {QUALITY_POINTS} dari 5 butir terpenuhi.",
        f"Assess the product's quality: at least {QUALITY_POINTS} of 5 points met.",
    ),
    "packaging": _needs(
        "packaging",
        "fasilitator",
        False,
        f"Perbaiki dan nilai kemasan: sedikitnya {PACKAGING_POINTS} dari 100.",
        f"Improve the packaging and score it: at least {PACKAGING_POINTS} of 100.",
    ),
    "capacity": _needs(
        "capacity",
        "petugas",
        True,
        "Catat perubahan produksi di pendataan: tidak hanya menurut pesanan.",
        "Record the changed production in the registry: not to order only.",
    ),
    "certificate": _needs(
        "certificate",
        "petugas",
        True,
        "Berikan sertifikat pelatihan setelah ia hadir di semua sesi angkatannya.",
        "Give her the training certificate once she was at all sessions of a cohort.",
    ),
}
