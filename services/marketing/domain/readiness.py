"""Whether a product is ready for the market, point by point, and what to do about each.

The rule `kesiapan-2`: a brand that is at least applied for and hasn't run out, four of the five
points of the checklist within a year, packaging of sixty points, production that isn't to order
only, and a training certificate; and no licence that was revoked or has run out. Whether she needs
one that nobody has told of is not for this rule to say. Thresholds are the programme's own; another
rule gets another id.

What somebody has looked at and found wanting bars a stand: a rejected or expired brand, a checklist
or a packaging below the threshold, a licence that holds no more. What nobody has looked at, or she
hasn't reached yet, is shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.marketing.domain.brand import BRANDED
from services.marketing.domain.licence import Told, standing
from services.marketing.domain.product import BrandStatus
from services.marketing.domain.quality import Packaging, Quality
from shared.errors import Language, Needed

RULE = "kesiapan-2"
LicenceName = Literal["nib", "pirt", "halal", "merek_letter"]
PointName = Literal["brand", "quality", "packaging", "capacity", "certificate"] | LicenceName
LADDER: tuple[LicenceName, ...] = ("nib", "pirt", "halal", "merek_letter")
FOR_ONE_PRODUCT = frozenset({"pirt", "halal"})
_TITLES = {
    "nib": ("NIB", "NIB"),
    "pirt": ("P-IRT", "P-IRT"),
    "halal": ("sertifikat halal", "halal certificate"),
}
_STATES = {
    "issued": ("berlaku", "in force"),
    "expired": ("habis masa berlakunya", "run out"),
    "revoked": ("dicabut", "revoked"),
}
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
    licences: tuple[Told, ...] = ()
    """Of each paper of an office the newest report up to the day, and what staff entered."""
    products: int = 1
    """How many the business has: which of them an office's P-IRT is for isn't said."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a point that staff should know."""

    indonesian: str
    english: str

    def text(self, language: Language) -> str:
        """In the reader's language."""
        return self.english if language == "en" else self.indonesian


@dataclass(frozen=True, slots=True)
class Point:
    """One point: what is known (`fact`, since `on`), and what is needed when it isn't met.

    `bars`: somebody has found it wanting, so there is no stand until it is mended or allowed.
    `source`: whether an office said so (`by_office`) or staff entered it; None: nobody has.
    """

    name: PointName
    state: State
    fact: str | None
    on: date | None
    needed: Needed | None
    bars: bool = False
    source: Literal["office", "staff"] | None = None
    by_office: str | None = None
    valid_until: date | None = None
    remark: Remark | None = None


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
            None if fact is None else "staff",
        )
        for name, (state, fact, on) in found.items()
    )


def judge_licences(facts: Facts, today: date) -> tuple[Point, ...]:
    """Each licence on the ladder, as the newest dated fact says. Only one that lapsed is needed."""
    return tuple(_licence(name, facts, today) for name in LADDER)


def all_points(facts: Facts, today: date) -> tuple[Point, ...]:
    """The five points and the licences."""
    return judge(facts, today) + judge_licences(facts, today)


def missing(facts: Facts, today: date) -> tuple[Needed, ...]:
    """The smallest set of facts with which the product is ready; empty: it is."""
    return tuple(point.needed for point in all_points(facts, today) if point.needed is not None)


def _licence(name: LicenceName, facts: Facts, today: date) -> Point:
    told = [one for one in facts.licences if one.kind == name]
    remark: Remark | None = None
    offices = [one for one in told if one.by_office is not None]
    if name in FOR_ONE_PRODUCT and facts.products > 1 and offices:
        # Whose product it is isn't guessed: staff enter the paper with the product that it is for.
        told = [one for one in told if one.by_office is None]
        remark = _of_one_product(offices, facts.products)
    found = standing(told, today)
    if found is None:
        return Point(name, State.UNKNOWN, None, None, None, remark=remark)
    counts = found.counts
    holds = counts.holds(today)
    fact, on = counts.fact(today)
    lapsed = (
        not holds and name != "merek_letter"
    )  # a letter has served once the mark is applied for
    if found.against is not None:
        remark = _otherwise(found.against, today)
    return Point(
        name,
        State.MET if holds else State.NOT_MET,
        fact,
        on,
        _renewal(name, facts, counts.by_office) if lapsed else None,
        lapsed,
        "staff" if counts.by_office is None else "office",
        counts.by_office,
        counts.valid_until,
        remark,
    )


def _otherwise(other: Told, today: date) -> Remark:
    """What the side says that doesn't count, because its fact is older."""
    fact, on = other.fact(today)
    who, by = other.by_office or "catatan petugas", other.by_office or "what staff entered"
    return Remark(
        f"Berbeda: menurut {who} {_STATES.get(fact, (fact, fact))[0]} sejak {on}. "
        "Yang dipakai fakta terbaru; periksa mana yang benar.",
        f"In conflict: by {by} it is {_STATES.get(fact, (fact, fact))[1]} since {on}. "
        "The newest fact counts; find out which is right.",
    )


def _of_one_product(offices: Sequence[Told], products: int) -> Remark:
    who = ", ".join(sorted({str(one.by_office) for one in offices}))
    return Remark(
        f"Ada izin dari {who} untuk salah satu dari {products} produk usaha ini. "
        "Catat izinnya pada produk yang dimaksud.",
        f"There is a paper of {who} for one of this business's {products} products. "
        "Enter it with the product that it is for.",
    )


def _renewal(name: LicenceName, facts: Facts, by_office: str | None) -> Needed:
    indonesian, english = _TITLES[name]
    return Needed(
        name,
        by_office or "petugas",
        f"Urus lagi {indonesian} yang tidak berlaku lagi, lalu catat.",
        f"Renew the {english} that holds no more, and enter it.",
        facts.next_event_on,
        facts.product_id,
    )


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
