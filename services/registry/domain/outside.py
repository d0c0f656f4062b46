"""Papers and trainings of other offices: for each of their references the newest report counts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

from services.registry.domain.feed_refusals import EndsBeforeItBegan

_LICENCES = UUID("0c5e0f4e-43a1-5a7e-8a8e-0b2f3c9d7e15")
_TRAININGS = UUID("7b1d2c7a-9a8f-5f0d-b1b4-6f0e8c2d4a3b")


def licence_id(source: str, licence_ref: str) -> UUID:
    """Our id of an office's paper: derived, so that any report of it may come first."""
    return uuid5(_LICENCES, f"{source}\n{licence_ref}")


def training_id(source: str, participation_ref: str) -> UUID:
    """Our id of one person's part in another office's training."""
    return uuid5(_TRAININGS, f"{source}\n{participation_ref}")


@dataclass(frozen=True, slots=True)
class Report:
    """How a paper stands since a day, in one report of its office. `valid_until`: the last day."""

    status: str
    since: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Licence:
    """A paper as one report of its office says that it stands. `heard`: the report's sequence."""

    id: UUID
    source: str
    licence_ref: str
    business_id: UUID
    by_office: str
    kind: str
    status: str
    number: str
    product: str | None
    since: date
    valid_until: date | None
    heard: int


@dataclass(frozen=True, slots=True)
class Training:
    """What another office taught one person. Raises EndsBeforeItBegan."""

    id: UUID
    source: str
    participation_ref: str
    person_id: UUID
    by_office: str
    title: str
    topics: tuple[str, ...]
    began_on: date
    ended_on: date
    hours: Decimal
    kelurahan: str | None
    heard: int
    version: int = 1

    def __post_init__(self) -> None:
        if self.ended_on < self.began_on:
            raise EndsBeforeItBegan(
                pointer="/data/began_on", began_on=self.began_on, ends_on=self.ended_on
            )
