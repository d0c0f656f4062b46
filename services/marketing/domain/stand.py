"""Stands at a market event: who may have one, and which number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.marketing.domain.market_event import MarketEvent, Status
from services.marketing.domain.readiness import Point
from services.marketing.domain.refusals import (
    AttendanceNotKnownYet,
    EventCancelled,
    EventStarted,
    HasStand,
    NotAttended,
    ProductFoundWanting,
    ProductIsSuspended,
    PromiseZero,
    StandReleasedAlready,
    StandsGone,
    SupplyShort,
    SupplyUnknown,
)
from services.marketing.domain.supply import (
    Capacity,
    Promise,
    available,
    enough_per_day,
    rounded_up,
    shortfall,
)
from shared.errors import Needed, Refusal


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
    promised: Decimal | None = None  # how much she brings, in the product's unit
    overridden: tuple[str, ...] = ()  # points found wanting with which it was given all the same
    status: StandStatus = StandStatus.CONFIRMED
    version: int = 1

    def __post_init__(self) -> None:
        """Raises PromiseZero."""
        if self.promised is not None and self.promised <= 0:
            raise PromiseZero(pointer="/promised")


@dataclass(frozen=True, slots=True)
class Supply:
    """What she would bring, and what the business is known to make. `today`: the city's."""

    promise: Promise
    unit: str
    capacity: Capacity | None  # None: not known here
    others: tuple[Promise, ...]  # at other events that are still to come
    today: date

    @property
    def per_day(self) -> Fraction | None:
        """Capacity in the product's unit; None when it isn't known, or is in another unit."""
        if self.capacity is None or self.capacity.unit != self.unit:
            return None
        return self.capacity.per_day

    @property
    def short(self) -> Fraction | None:
        """By how much the promise is too much; None when nobody can tell."""
        if self.per_day is None:
            return None
        return shortfall(self.per_day, self.others, self.promise, self.today)


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything about the business and its product that the rule looks at.

    `attended`: whether it was at a training session, None when that may just not have arrived yet.
    `supply`: None when nothing is promised. `points`: the product's readiness; `allowed`: whether
    somebody who may do so gives the stand in spite of what was found wanting.
    """

    business_id: UUID
    product_id: UUID
    attended: bool | None
    suspended: bool = False
    supply: Supply | None = None
    points: tuple[Point, ...] = ()
    allowed: bool = False

    @property
    def wanting(self) -> tuple[Point, ...]:
        """The points that bar a stand, unless that is allowed."""
        return tuple(point for point in self.points if point.bars)


def missing(event: MarketEvent, taken: Mapping[int, UUID], asking: Asking) -> tuple[Needed, ...]:
    """The smallest set of facts with which there is a stand; empty: there is.

    Of an event that is cancelled or has begun, or where she has one, nothing is missing: nothing
    would help.
    """
    by = event.details.starts_on - timedelta(days=1)
    needed = []
    if not asking.attended:
        needed.append(_attendance(asking.business_id, by))
    if asking.suspended:
        needed.append(_good_check(asking.product_id, by))
    if not asking.allowed:
        needed += [replace(p.needed, by=by) for p in asking.wanting if p.needed is not None]
    if asking.supply is not None and asking.supply.short != 0:
        needed.append(_capacity(asking.business_id, asking.supply, by))
    if len(taken) >= event.details.stands:
        needed.append(_stands(event, len(taken) - event.details.stands + 1, by))
    return tuple(needed)


def allot(event: MarketEvent, taken: Mapping[int, UUID], asking: Asking, today: date) -> int:
    """The lowest free stand number. `taken`: number → business of the confirmed stands.

    `today` is the date at the event's place. Raises EventCancelled, EventStarted, HasStand,
    AttendanceNotKnownYet, NotAttended, ProductIsSuspended, ProductFoundWanting, SupplyUnknown,
    SupplyShort or StandsGone, the later six with what is missing. A host that took stands away
    leaves more taken than there are; then none is free, whatever the numbers.
    """
    if event.status is Status.CANCELLED:
        raise EventCancelled
    if today >= event.details.starts_on:
        raise EventStarted(starts_on=event.details.starts_on)
    for number, holder in taken.items():
        if holder == asking.business_id:
            raise HasStand(stand_number=number)
    if asking.attended is None:
        raise AttendanceNotKnownYet(pointer="/product_id")
    needed = missing(event, taken, asking)
    if needed:
        raise _refusal(event, asking, needed)
    return next(n for n in range(1, event.details.stands + 1) if n not in taken)


def _refusal(event: MarketEvent, asking: Asking, needed: Sequence[Needed]) -> Refusal:
    """The first "no" in the order in which staff can act on them."""
    if not asking.attended:
        return NotAttended(pointer="/product_id", needed=needed)
    if asking.suspended:
        return ProductIsSuspended(pointer="/product_id", needed=needed)
    if asking.wanting and not asking.allowed:
        names = ", ".join(point.name for point in asking.wanting)
        return ProductFoundWanting(pointer="/product_id", needed=needed, points=names)
    supply = asking.supply
    if supply is not None and supply.short != 0:
        if supply.per_day is None or supply.short is None:
            return SupplyUnknown(pointer="/promised", needed=needed, unit=supply.unit)
        return SupplyShort(
            pointer="/promised",
            needed=needed,
            promised=supply.promise.quantity,
            unit=supply.unit,
            short=rounded_up(supply.short),
            available=available(supply.per_day, supply.others, supply.promise, supply.today),
        )
    return StandsGone(needed=needed, stands=event.details.stands)


def _attendance(business_id: UUID, by: date) -> Needed:
    return Needed(
        fact="attendance",
        who="fasilitator",
        indonesian="Catat kehadirannya di satu sesi pelatihan.",
        english="Record its attendance at a training session.",
        by=by,
        about=business_id,
    )


def _good_check(product_id: UUID, by: date) -> Needed:
    return Needed(
        fact="check",
        who="fasilitator",
        indonesian="Periksa lagi: produk tersedia dan mutunya terjaga.",
        english="Check again: the product is available and its quality is kept.",
        by=by,
        about=product_id,
    )


def _capacity(business_id: UUID, supply: Supply, by: date) -> Needed:
    least = enough_per_day(supply.others, supply.promise, supply.today)
    return Needed(
        fact="capacity",
        who="petugas",
        indonesian=f"Catat kapasitas sedikitnya {least} {supply.unit} sehari di pendataan.",
        english=f"Record a capacity of at least {least} {supply.unit} a day in the registry.",
        by=by,
        about=business_id,
    )


def _stands(event: MarketEvent, more: int, by: date) -> Needed:
    return Needed(
        fact="stand",
        who="kasi",
        indonesian=f"Minta {more} stan lagi kepada penyelenggara, atau lepas stan usaha lain.",
        english=f"Ask the host for {more} more, or release the stand of another business.",
        by=by,
        about=event.id,
    )


def release(stand: Stand) -> Stand:
    """Give the stand back. Raises StandReleasedAlready."""
    if stand.status is StandStatus.RELEASED:
        raise StandReleasedAlready
    return replace(stand, status=StandStatus.RELEASED, version=stand.version + 1)
