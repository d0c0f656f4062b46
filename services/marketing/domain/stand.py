"""Stands at a market event: who may have one, and which number."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.marketing.domain.market_event import MarketEvent, Status
from services.marketing.domain.refusals import (
    AttendanceNotKnownYet,
    EventCancelled,
    EventStarted,
    HasStand,
    NotAttended,
    StandReleasedAlready,
    StandsGone,
)


class StandStatus(StrEnum):
    """A released stand keeps its row: who had it, and until when."""

    CONFIRMED = "confirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Stand:
    """One product of one business at one event. `number` counts from 1."""

    id: UUID
    market_event_id: UUID
    product_id: UUID
    business_id: UUID
    number: int
    status: StandStatus = StandStatus.CONFIRMED
    version: int = 1


def allot(
    event: MarketEvent,
    taken: Mapping[int, UUID],
    business_id: UUID,
    attended: bool | None,
    today: date,
) -> int:
    """The lowest free stand number. `taken`: number → business of the confirmed stands.

    `attended`: whether the business was at a training session, None when that may just not have
    arrived yet. `today` is the date at the event's place. Raises EventCancelled, EventStarted,
    HasStand, AttendanceNotKnownYet, NotAttended or StandsGone. A host that took stands away leaves
    more taken than there are; then none is free, whatever the numbers.
    """
    if event.status is Status.CANCELLED:
        raise EventCancelled
    if today >= event.details.starts_on:
        raise EventStarted(starts_on=event.details.starts_on)
    for number, holder in taken.items():
        if holder == business_id:
            raise HasStand(stand_number=number)
    if attended is None:
        raise AttendanceNotKnownYet(pointer="/product_id")
    if not attended:
        raise NotAttended(pointer="/product_id")
    if len(taken) >= event.details.stands:
        raise StandsGone(stands=event.details.stands)
    return next(n for n in range(1, event.details.stands + 1) if n not in taken)


def release(stand: Stand) -> Stand:
    """Give the stand back. Raises StandReleasedAlready."""
    if stand.status is StandStatus.RELEASED:
        raise StandReleasedAlready
    return replace(stand, status=StandStatus.RELEASED, version=stand.version + 1)
