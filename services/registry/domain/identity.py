"""The NIK, the national identity number: `PPKKCC DDMMYY NNNN`, and what it may be refused for.

It names the place of first registration (not of residence) and the birth date, +40 on the day for
women. No check digit is known, and the year has two digits, so a NIK alone proves little.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.registry.domain.refusals import (
    HouseholdNumberMalformed,
    NikDateImpossible,
    NikImpossible,
    NikMalformed,
)

_LENGTH = 16
_FEMALE_DAYS = 40  # added to the day of birth of women


class IdentityKind(StrEnum):
    """A leading zero marks a temporary number of a local office: an id, but never a NIK."""

    NIK = "nik"
    LOCAL = "local"


class Doubt(StrEnum):
    """What differs between a NIK and what was entered beside it: told, never refused."""

    BIRTH_DATE = "tanggal-lahir-berbeda"
    SEX = "jenis-kelamin-berbeda"
    OTHER_CITY = "terbit-di-daerah-lain"


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """Sixteen digits that a person is known by. Its text is never printed."""

    digits: str = field(repr=False)
    kind: IdentityKind

    @property
    def female(self) -> bool:
        """Whether the number was given to a woman. Meaningless for a local number."""
        return int(self.digits[6:8]) > _FEMALE_DAYS

    def names_a_day(self) -> bool:
        """Whether its birth date exists in the century that suits it best."""
        return any(_exists(*self._day_month_year(), century) for century in (1900, 2000))

    def doubts(self, birth_date: date, female: bool | None, city: str) -> tuple[Doubt, ...]:
        """How it differs from what was entered; `city` is a Kemendagri code like `36.74`."""
        if self.kind is IdentityKind.LOCAL:
            return ()
        found = []
        entered = (birth_date.day, birth_date.month, birth_date.year % 100)
        if self._day_month_year() != entered:
            found.append(Doubt.BIRTH_DATE)
        if female is not None and female != self.female:
            found.append(Doubt.SEX)
        if not self.digits.startswith(city.replace(".", "")):
            found.append(Doubt.OTHER_CITY)
        return tuple(found)

    def _day_month_year(self) -> tuple[int, int, int]:
        day = int(self.digits[6:8])
        if day > _FEMALE_DAYS:
            day -= _FEMALE_DAYS
        return day, int(self.digits[8:10]), int(self.digits[10:12])


def identity_number(text: str, *, date_accepted: bool = False) -> IdentityNumber:
    """Read a NIK or a local number.

    `date_accepted`: a section head has accepted a birth date that doesn't exist.
    Raises NikMalformed, NikImpossible or NikDateImpossible.
    """
    if not _sixteen_digits(text):
        raise NikMalformed(pointer="/nik")
    if len(set(text)) == 1:
        raise NikImpossible(pointer="/nik")
    if text.startswith("0"):
        return IdentityNumber(text, IdentityKind.LOCAL)
    number = IdentityNumber(text, IdentityKind.NIK)
    if text.endswith("0000"):
        raise NikImpossible(pointer="/nik")
    if not number.names_a_day() and not date_accepted:
        raise NikDateImpossible(pointer="/nik")
    return number


def masked(digits: str) -> str:
    """All but the last four digits hidden."""
    return "*" * (len(digits) - 4) + digits[-4:]


def household_number(text: str) -> str:
    """Read the number of a family card (KK). Raises HouseholdNumberMalformed."""
    if not _sixteen_digits(text) or len(set(text)) == 1:
        raise HouseholdNumberMalformed(pointer="/household_number")
    return text


def _sixteen_digits(text: str) -> bool:
    return len(text) == _LENGTH and text.isascii() and text.isdigit()


def _exists(day: int, month: int, year: int, century: int) -> bool:
    try:
        date(century + year, month, day)
    except ValueError:
        return False
    return True
