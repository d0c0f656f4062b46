"""What the civil registry says about a person, in whatever order it arrives.

Its news has a sequence for each resident. A place within the city, a place elsewhere, a family card
and a number are heard apart, and the highest sequence of each counts: so every order of arrival
ends the same. Who has died stays dead, and who was verified stays verified.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.registry.domain.feed_refusals import ReportedInFuture, SequenceMissing


class News(StrEnum):
    """What the civil registry can report."""

    VERIFIED = "verified"
    MOVED = "moved"
    DIED = "died"
    IDENTITY_CORRECTED = "identity_corrected"


@dataclass(frozen=True, slots=True)
class Heard:
    """The highest sequence heard of each kind of news about one resident; 0: none."""

    home: int = 0
    away: int = 0
    card: int = 0
    identity: int = 0


@dataclass(frozen=True, slots=True)
class Civil:
    """A person as the civil registry's news leaves her. `kelurahan`: her last one in the city."""

    id: UUID
    household_id: UUID
    role: str
    kelurahan: str
    verified_on: date | None = None
    moved_away_on: date | None = None
    moved_to: str | None = None
    died_on: date | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """One report. Either `kelurahan` or `city` where it names a place, as of `on`."""

    news: News
    sequence: int
    on: date
    kelurahan: str | None = None
    city: str | None = None
    household_id: UUID | None = None


def possible(sequence: int, on: date, today: date) -> None:
    """Raises SequenceMissing or ReportedInFuture."""
    if sequence < 1:
        raise SequenceMissing(pointer="/sequence")
    if on > today:
        raise ReportedInFuture(pointer="/data/occurred_on", on=on)


def hear(person: Civil, heard: Heard, told: Told) -> tuple[Civil, Heard]:
    """The person after one more report; the same object when it changes nothing about her.

    A corrected number is not in `Civil`: `heard.identity` tells whether it counts.
    """
    after = _on_its_day(person, told)
    if told.kelurahan is not None and told.sequence > heard.home:
        heard = replace(heard, home=told.sequence)
        after = replace(after, kelurahan=told.kelurahan)
        if heard.home > heard.away:
            after = replace(after, moved_away_on=None, moved_to=None)
    if told.city is not None and told.sequence > heard.away:
        heard = replace(heard, away=told.sequence)
        if heard.away > heard.home:
            after = replace(after, moved_away_on=told.on, moved_to=told.city)
    if told.household_id is not None and told.sequence > heard.card:
        heard = replace(heard, card=told.sequence)
        after = replace(after, household_id=told.household_id)
    corrected = told.news is News.IDENTITY_CORRECTED and told.sequence > heard.identity
    if corrected:
        heard = replace(heard, identity=told.sequence)
    if after == person and not corrected:
        return person, heard
    return replace(after, version=person.version + 1), heard


def _on_its_day(person: Civil, told: Told) -> Civil:
    """The newest confirmation and the earliest day of death count."""
    if told.news is News.VERIFIED:
        return replace(person, verified_on=max(person.verified_on or told.on, told.on))
    if told.news is News.DIED:
        return replace(person, died_on=min(person.died_on or told.on, told.on))
    return person
