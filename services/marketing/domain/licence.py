"""Licences as dated facts: what staff entered and what offices report, and which of them counts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
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


@dataclass(frozen=True, slots=True)
class Told:
    """How a licence stands since a day, by an office or, without one, as staff entered it.

    `valid_until`: the last day. A status that isn't `issued` says that it doesn't hold.
    """

    kind: str
    status: str
    since: date
    valid_until: date | None
    by_office: str | None = None

    def holds(self, day: date) -> bool:
        """Whether it says of that day that the licence holds."""
        return self.status == "issued" and (self.valid_until is None or day <= self.valid_until)

    def fact(self, day: date) -> tuple[str, date]:
        """What is so on that day, and since when: a licence runs out by itself."""
        if self.status != "issued" or self.holds(day) or self.valid_until is None:
            return self.status, self.since
        return "expired", self.valid_until + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of a kind of licence, and the other side's word where it says otherwise."""

    counts: Told
    against: Told | None


def standing(told: Iterable[Told], day: date) -> Standing | None:
    """Of one kind: the newest dated fact up to that day counts. None: nobody has said anything.

    `told`: of each paper of an office its newest report; of several papers one that holds is
    enough. An office's word comes before that of staff from the same day: it is its paper.
    """
    known = [one for one in told if one.since <= day]
    offices = [one for one in known if one.by_office is not None]
    office = max(offices, key=lambda one: (one.holds(day), one.since), default=None)
    entered = (one for one in known if one.by_office is None)
    staff = max(entered, key=lambda one: (one.since, one.holds(day)), default=None)
    if office is None or staff is None:
        only = office or staff
        return None if only is None else Standing(only, None)
    counts, other = (office, staff) if office.since >= staff.since else (staff, office)
    return Standing(counts, None if counts.holds(day) == other.holds(day) else other)
