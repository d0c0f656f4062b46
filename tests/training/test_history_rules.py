"""What counts of what she was taught: each training once, whoever gave it."""

from datetime import date
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest

from services.training.domain.history import Taught, count


def taught(n: int, office: str, first: int, last: int, hours: str = "6") -> Taught:
    ours = office == "dpmp3akb"
    days = (date(2026, 5, first), date(2026, 5, last))
    return Taught(UUID(int=n), ours, office, *days, Decimal(hours))


OURS, OURS_TOO = taught(1, "dpmp3akb", 4, 4), taught(2, "dpmp3akb", 5, 5)
PERINDAG = taught(3, "perindag", 10, 12, "18")
SAME_DAYS = taught(4, "pendidikan", 12, 13, "12")
LATER = taught(5, "pendidikan", 13, 13, "4.5")
SAME_DAY_AS_OURS = taught(6, "perindag", 4, 4)
BEGAN_BEFORE_OURS = taught(8, "perindag", 3, 4)
TWICE_A_DAY = taught(7, "perindag", 11, 11, "2")


@pytest.mark.parametrize(
    ("trainings", "by_us", "by_others", "hours", "again"),
    [
        ((), 0, 0, "0", ()),
        ((OURS, OURS_TOO), 2, 0, "12", ()),
        ((OURS, PERINDAG), 1, 1, "24", ()),
        ((PERINDAG, SAME_DAYS), 0, 1, "18", (SAME_DAYS,)),
        ((PERINDAG, LATER), 0, 2, "22.5", ()),
        ((OURS, SAME_DAY_AS_OURS), 1, 0, "6", (SAME_DAY_AS_OURS,)),
        ((OURS, BEGAN_BEFORE_OURS), 1, 0, "6", (BEGAN_BEFORE_OURS,)),
        ((PERINDAG, TWICE_A_DAY), 0, 2, "20", ()),  # one office knows what it did
    ],
)
def test_trainings_count_once_in_every_order(
    trainings: tuple[Taught, ...], by_us: int, by_others: int, hours: str, again: tuple[Taught, ...]
) -> None:
    for order in permutations(trainings):
        found = count(order)
        assert (found.by_us, found.by_others, found.hours) == (by_us, by_others, Decimal(hours))
        assert found.claimed_again == {training.id for training in again}
        assert found.never_served == (not trainings)
