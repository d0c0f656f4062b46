"""Licences as dated facts: until when, and what a number looks like."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.marketing.domain.refusals import (
    LicenceDatesReversed,
    LicenceNumberWrong,
    LicenceTooLong,
)


class LicenceKind(StrEnum):
    """The business number, the licence of home-made food, the halal certificate, the mark."""

    NIB = "nib"
    PIRT = "pirt"
    HALAL = "halal"
    MEREK = "merek"


NUMBERS = {
    LicenceKind.NIB: re.compile(r"[0-9]{13}"),
    LicenceKind.PIRT: re.compile(r"[0-9]{15}"),
    LicenceKind.HALAL: re.compile(r"[A-Z0-9][A-Z0-9./-]{2,39}"),
    LicenceKind.MEREK: re.compile(r"[A-Z0-9][A-Z0-9./-]{2,39}"),
}
YEARS = {LicenceKind.PIRT: 5, LicenceKind.MEREK: 10}  # the longest that one can be valid


@dataclass(frozen=True, slots=True)
class Licence:
    """`valid_until` None: it holds until it is taken back."""

    kind: LicenceKind
    number: str
    valid_from: date
    valid_until: date | None

    def __post_init__(self) -> None:
        """Raises LicenceNumberWrong, LicenceDatesReversed or LicenceTooLong."""
        if not NUMBERS[self.kind].fullmatch(self.number):
            raise LicenceNumberWrong(pointer="/number", kind=self.kind.value)
        if self.valid_until is None:
            return
        if self.valid_until <= self.valid_from:
            raise LicenceDatesReversed(pointer="/valid_until")
        years = YEARS.get(self.kind)
        if years and self.valid_until.year - self.valid_from.year > years:
            raise LicenceTooLong(pointer="/valid_until", kind=self.kind.value, years=years)


def with_licence(known: tuple[Licence, ...], told: Licence) -> tuple[Licence, ...]:
    """The newest licence of each kind, by the day from which it holds."""
    held = {licence.kind: licence for licence in known}
    before = held.get(told.kind)
    if before is None or before.valid_from <= told.valid_from:
        held[told.kind] = told
    return tuple(held[kind] for kind in LicenceKind if kind in held)
