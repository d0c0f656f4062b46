"""A market event of another city, as its own office tells it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid5

from services.marketing.domain.refusals import EndsBeforeItStarts, SequenceMissing

_MARKET_EVENTS = UUID("6d0f3a5e-0c53-5f0e-9a39-5d9b8f3f7d42")


class Status(StrEnum):
    """A cancelled event stays cancelled; a host that changes its mind announces a new one."""

    OPEN = "open"
    CANCELLED = "cancelled"


@lru_cache(maxsize=16_384)  # an event is told of many times
def market_event_id(source: str, event_ref: str) -> UUID:
    """Our id of an office's event: derived, so that any of its facts may arrive first."""
    return uuid5(_MARKET_EVENTS, f"{source}\n{event_ref}")


@dataclass(frozen=True, slots=True)
class Details:
    """What the office says about its event. Dates are in `time_zone`, the host's."""

    host_city: str
    name: str
    place: str
    starts_on: date
    ends_on: date
    time_zone: str
    stands: int

    def __post_init__(self) -> None:
        """Raises EndsBeforeItStarts."""
        if self.ends_on < self.starts_on:
            raise EndsBeforeItStarts(
                pointer="/data/ends_on", starts_on=self.starts_on, ends_on=self.ends_on
            )


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of the office: full details, its per-event sequence, and whether it cancels."""

    sequence: int
    details: Details
    cancels: bool

    def __post_init__(self) -> None:
        """Raises SequenceMissing."""
        if self.sequence < 1:
            raise SequenceMissing(pointer="/sequence")


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """`heard` is the office's highest sequence so far, `version` our own count of changes."""

    id: UUID
    source: str
    event_ref: str
    details: Details
    status: Status = Status.OPEN
    heard: int = 0
    version: int = 0


def hear(event: MarketEvent, told: Told) -> MarketEvent:
    """The event after one more fact; the same object when the fact changes nothing.

    Details are those of the highest sequence. A cancellation counts whenever it arrives, even
    after a later change overtook it: stands are given back in every order of arrival alike.
    """
    newer = told.sequence > event.heard
    cancels = told.cancels and event.status is Status.OPEN
    if not newer and not cancels:
        return event
    # Not dataclasses.replace, which takes four times as long: this is made for every fact.
    return MarketEvent(
        event.id,
        event.source,
        event.event_ref,
        details=told.details if newer else event.details,
        status=Status.CANCELLED if told.cancels else event.status,
        heard=max(event.heard, told.sequence),
        version=event.version + 1,
    )
