"""A person of the programme and her place in a household."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.registry.domain.identity import IdentityNumber
from services.registry.domain.refusals import BirthDateImpossible

_OLDEST = date(1900, 1, 1)


class HouseholdRole(StrEnum):
    """The relation to the head of the household, as family cards list them."""

    HEAD = "head"
    HUSBAND = "husband"
    WIFE = "wife"
    CHILD = "child"
    CHILD_IN_LAW = "child_in_law"
    GRANDCHILD = "grandchild"
    PARENT = "parent"
    PARENT_IN_LAW = "parent_in_law"
    RELATIVE = "relative"
    HELPER = "helper"
    OTHER = "other"

    @property
    def female(self) -> bool | None:
        """What the role says about her sex; None when it says nothing."""
        return {HouseholdRole.HUSBAND: False, HouseholdRole.WIFE: True}.get(self)


@dataclass(frozen=True, slots=True)
class Person:
    """Who she is. `kelurahan` is where she lives, a Kemendagri code."""

    id: UUID
    household_id: UUID
    role: HouseholdRole
    name: str = field(repr=False)
    identity: IdentityNumber
    birth_date: date = field(repr=False)
    kelurahan: str
    phone: str | None = field(default=None, repr=False)
    version: int = 1


def possible_birth_date(birth_date: date, today: date) -> date:
    """The date, when a living person can have it. Raises BirthDateImpossible."""
    if not _OLDEST <= birth_date <= today:
        raise BirthDateImpossible(pointer="/birth_date")
    return birth_date
