"""Everything that a woman was taught, by the programme and by other offices, counted once.

Other offices' trainings count as much as ours. Two offices that name the same days for her may both
claim one training: it counts once, and staff see which.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Taught:
    """One training that she took part in. `ours`: a session of the programme."""

    id: UUID
    ours: bool
    by_office: str
    began_on: date
    ended_on: date
    hours: Decimal

    def shares_days_with(self, other: "Taught") -> bool:
        """Whether both were on one day."""
        return self.began_on <= other.ended_on and other.began_on <= self.ended_on


@dataclass(frozen=True, slots=True)
class Counted:
    """`claimed_again`: trainings on days that another office had named before, not counted."""

    by_us: int
    by_others: int
    hours: Decimal
    claimed_again: frozenset[UUID]

    @property
    def never_served(self) -> bool:
        """Nobody has taught her anything yet: she comes first."""
        return self.by_us + self.by_others == 0


def count(taught: Iterable[Taught]) -> Counted:
    """Ours first, then others' in the order of their days: the same facts give the same figures."""
    counted: list[Taught] = []
    again: set[UUID] = set()
    for training in sorted(taught, key=lambda t: (not t.ours, t.began_on, t.by_office, t.id)):
        claimed = not training.ours and any(
            training.shares_days_with(other) and training.by_office != other.by_office
            for other in counted
        )
        if claimed:
            again.add(training.id)
        else:
            counted.append(training)
    ours = sum(1 for training in counted if training.ours)
    hours = sum((training.hours for training in counted), Decimal())
    return Counted(ours, len(counted) - ours, hours, frozenset(again))
