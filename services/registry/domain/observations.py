"""What is observed of a business from time to time. Nothing is overwritten, the newest counts."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.registry.domain.capacity import Output
from services.registry.domain.refusals import (
    FollowUpBackwards,
    FollowUpWithoutBaseline,
    GuidedByNobody,
    ObservedBeforeLast,
    ObservedInFuture,
)
from shared.errors import Needed


class BusinessClass(StrEnum):
    """Industri rumahan in three classes, and what has grown beyond them."""

    PEMULA = "pemula"
    BERKEMBANG = "berkembang"
    MAJU = "maju"
    MIKRO = "mikro"


class Guided(StrEnum):
    """Whether another office guides the business."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class CoverageSource(StrEnum):
    """Who or what says so."""

    OFFICE_LIST = "office_list"
    OWNER_SAID = "owner_said"
    LETTER = "letter"
    OTHER = "other"
    OFFICE_EVENT = "office_event"
    """The office told us itself, by its feed."""


class IncomeBand(StrEnum):
    """What the household earns in a month, in rupiah; from less to more."""

    BELOW_1M = "below_1m"
    FROM_1M = "from_1m"
    FROM_2M = "from_2m"
    FROM_3M = "from_3m"
    FROM_5M = "from_5m"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The class that an assessor gave."""

    business_class: BusinessClass
    assessed_on: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer to: does another office guide this business already?"""

    guided: Guided
    by_office: str | None
    answered_on: date
    source: CoverageSource

    def __post_init__(self) -> None:
        if (self.guided is Guided.YES) != (self.by_office is not None):
            raise GuidedByNobody(pointer="/by_office")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How she is doing, `month` months after the beginning; month 0 is the baseline."""

    month: int
    observed_on: date
    income_band: IncomeBand
    output: Output
    helpers: int


@dataclass(frozen=True, slots=True)
class Observed:
    """The newest observation of each kind; None: not yet."""

    assessment: Assessment | None = None
    coverage: Coverage | None = None
    constraints_asked_on: date | None = None
    follow_up: FollowUp | None = None


NOTHING_YET = Observed()


def assess(observed: Observed, found: Assessment, today: date) -> Observed:
    """Raises ObservedInFuture or ObservedBeforeLast."""
    last = observed.assessment.assessed_on if observed.assessment else None
    _in_order("/assessed_on", found.assessed_on, last, today)
    return replace(observed, assessment=found)


def answer_coverage(observed: Observed, found: Coverage, today: date) -> Observed:
    """Raises ObservedInFuture or ObservedBeforeLast."""
    last = observed.coverage.answered_on if observed.coverage else None
    _in_order("/answered_on", found.answered_on, last, today)
    return replace(observed, coverage=found)


def ask_constraints(observed: Observed, asked_on: date, today: date) -> Observed:
    """Raises ObservedInFuture or ObservedBeforeLast."""
    _in_order("/asked_on", asked_on, observed.constraints_asked_on, today)
    return replace(observed, constraints_asked_on=asked_on)


def follow_up(observed: Observed, found: FollowUp, today: date) -> Observed:
    """An entry of the same month again takes the earlier one's place.

    Raises FollowUpWithoutBaseline, FollowUpBackwards, ObservedInFuture or ObservedBeforeLast.
    """
    last = observed.follow_up
    if last is None and found.month > 0:
        raise FollowUpWithoutBaseline(pointer="/month", needed=(_BASELINE,))
    if last is not None and found.month < last.month:
        raise FollowUpBackwards(pointer="/month", month=found.month, last_month=last.month)
    _in_order("/observed_on", found.observed_on, last.observed_on if last else None, today)
    return replace(observed, follow_up=found)


def _in_order(pointer: str, day: date, last: date | None, today: date) -> None:
    if day > today:
        raise ObservedInFuture(pointer=pointer, observed_on=day)
    if last is not None and day < last:
        raise ObservedBeforeLast(pointer=pointer, observed_on=day, last_on=last)


_BASELINE = Needed(
    fact="baseline",
    who="fasilitator",
    indonesian="Catat keadaan awal (bulan 0) lebih dulu.",
    english="Record the baseline (month 0) first.",
)
