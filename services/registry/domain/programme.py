"""Where the programme works and who runs it: sites by year, offices under their titles."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from services.registry.domain.refusals import (
    OfficeTitleBeforeLast,
    SiteStatusBackwards,
    SiteStatusElsewhen,
    SiteStatusUnchanged,
    ValidityBackwards,
)


class SiteStatus(StrEnum):
    """Planned, at work, over."""

    PLANNED = "planned"
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Site:
    """A kelurahan of the programme in a year, and its status since a day."""

    id: UUID
    kelurahan: str
    year: int
    status: SiteStatus
    since: date
    version: int = 1


@dataclass(frozen=True, slots=True)
class Office:
    """An office under one title, from a day to a last day; None: until further notice."""

    id: UUID
    code: str
    title: str
    valid_from: date
    valid_until: date | None
    follows: str | None
    version: int = 1

    def __post_init__(self) -> None:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValidityBackwards(pointer="/valid_until", valid_from=self.valid_from)


def list_site(before: Site | None, said: Site) -> Site:
    """The site after somebody said what it is in its year.

    Raises SiteStatusElsewhen, SiteStatusUnchanged or SiteStatusBackwards.
    """
    if said.since.year > said.year or said.since.year < said.year - 1:  # planned the year before
        raise SiteStatusElsewhen(pointer="/since", since=said.since, year=said.year)
    if before is None:
        return said
    if said.status is before.status:
        raise SiteStatusUnchanged(pointer="/status", status=said.status.value)
    if said.since < before.since:
        raise SiteStatusBackwards(pointer="/since", since=said.since, last_since=before.since)
    return replace(before, status=said.status, since=said.since, version=before.version + 1)


def name_office(before: Office | None, said: Office) -> Office | None:
    """The office's earlier title as it ends on the eve of the new one; None: nothing to end.

    Raises OfficeTitleBeforeLast.
    """
    if before is None:
        return None
    last = before.valid_until or before.valid_from
    if said.valid_from <= last:
        raise OfficeTitleBeforeLast(pointer="/valid_from", valid_from=said.valid_from, last_on=last)
    if before.valid_until is not None:
        return None
    eve = said.valid_from - timedelta(days=1)
    return replace(before, valid_until=eve, version=before.version + 1)
