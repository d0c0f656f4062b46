"""Quantities over time: what a business can make, and what it made."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.registry.domain.refusals import CapacityNotPositive
from services.registry.domain.sectors import known_unit


class Period(StrEnum):
    """What a capacity or an output is counted over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Capacity:
    """`quantity` of `unit` in each `period`."""

    quantity: Decimal
    unit: str
    period: Period

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise CapacityNotPositive(pointer="/capacity/quantity")
        known_unit(self.unit, "/capacity/unit")


@dataclass(frozen=True, slots=True)
class Output:
    """What she really made: as a capacity, and it may be nothing."""

    quantity: Decimal
    unit: str
    period: Period

    def __post_init__(self) -> None:
        known_unit(self.unit, "/output/unit")
