"""What a business can promise: capacity x days to the event, less what is promised already.

Several events share one capacity: by each event's day, all that is promised up to it has to be
made. Quantities are in the unit of the capacity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction

DAYS = {"day": 1, "week": 7, "month": 30}
STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much she makes of one unit in a period: day, week or month (of thirty days)."""

    quantity: Decimal
    unit: str
    period: str

    @property
    def per_day(self) -> Fraction:
        """In a day."""
        return Fraction(self.quantity) / DAYS[self.period]


@dataclass(frozen=True, slots=True)
class Promise:
    """A quantity that has to be there when an event begins."""

    by: date
    quantity: Decimal


def shortfall(per_day: Fraction, others: Sequence[Promise], new: Promise, today: date) -> Fraction:
    """By how much the new promise is too much; 0 when it can be kept.

    Only days from the new one on count: what was short before is not its fault.
    """
    short = (wanted - per_day * days for wanted, days in _due(others, new, today))
    return max(Fraction(0), *short)


def enough_per_day(others: Sequence[Promise], new: Promise, today: date) -> Decimal:
    """The least capacity a day with which all of it can be kept, rounded up to thousandths."""
    least = max(wanted / days for wanted, days in _due(others, new, today))
    return _rounded(least, ROUND_CEILING)


def available(per_day: Fraction, others: Sequence[Promise], new: Promise, today: date) -> Decimal:
    """The most that could be promised instead, rounded down to thousandths."""
    most = Fraction(new.quantity) - shortfall(per_day, others, new, today)
    return _rounded(max(Fraction(0), most), ROUND_FLOOR)


def rounded_up(amount: Fraction) -> Decimal:
    """A quantity as people write it, in thousandths."""
    return _rounded(amount, ROUND_CEILING)


def _due(others: Sequence[Promise], new: Promise, today: date) -> Iterator[tuple[Fraction, int]]:
    """For each day from the new promise on: all that has to be made by then, and days to it."""
    promises = [*others, new]
    for day in sorted({p.by for p in promises if p.by >= new.by}):
        wanted = sum((Fraction(p.quantity) for p in promises if p.by <= day), Fraction(0))
        yield wanted, max((day - today).days, 1)


def _rounded(amount: Fraction, how: str) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    rounded = exact.quantize(STEP, rounding=how)
    # The division is rounded itself: don't let that undo the direction.
    if how == ROUND_CEILING and Fraction(rounded) < amount:
        return rounded + STEP
    if how == ROUND_FLOOR and Fraction(rounded) > amount:
        return rounded - STEP
    return rounded
