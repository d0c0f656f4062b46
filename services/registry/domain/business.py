"""A home business: what it makes, how much, how, and what holds it back.

A *change* happened in the world and has a date; a *correction* puts a wrong entry right. Both keep
what was recorded before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.registry.domain.capacity import Capacity
from services.registry.domain.observations import NOTHING_YET, Observed
from services.registry.domain.refusals import (
    EffectiveBeforeLastChange,
    EffectiveBeforeStart,
    EffectiveInFuture,
    NamedTwice,
    NothingChanged,
    RegisteredOutOfTime,
    StartAfterChange,
    StartInFuture,
)
from services.registry.domain.sectors import known_sub_sector


class ProductionMode(StrEnum):
    """When she produces."""

    TO_ORDER = "to_order"
    BATCH = "batch"
    CONTINUOUS = "continuous"


class ChannelKind(StrEnum):
    """Where she sells."""

    ONLINE = "online"
    HOME = "home"
    SHOP = "shop"
    MARKET = "market"
    RESELLER = "reseller"
    EVENT = "event"
    ORDER = "order"


class ConstraintKind(StrEnum):
    """What can hold a home business back."""

    BRAND = "brand"
    MARKETING = "marketing"
    STANDARD = "standard"
    CAPITAL = "capital"
    PACKAGING = "packaging"
    LICENCE = "licence"
    RAW_MATERIAL = "raw_material"
    TIME = "time"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Kbli:
    """An economic activity's class: five digits, and the edition that they belong to."""

    code: str
    version: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A way of selling. The link may lead to a person, so it never leaves the registry."""

    kind: ChannelKind
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """Severity: 1 a little, 2 clearly, 3 it stops her."""

    kind: ConstraintKind
    severity: int


@dataclass(frozen=True, slots=True)
class Business:
    """The business as it stands. `production_since`: the day its present production began.

    `registered_on`: the day she was written down, maybe on paper.
    """

    id: UUID
    owner_id: UUID
    kelurahan: str
    sector: str
    sub_sector: str
    kbli: Kbli | None
    started_on: date
    production_mode: ProductionMode
    capacity: Capacity
    channels: tuple[Channel, ...]
    constraints: tuple[Constraint, ...]
    production_since: date
    registered_on: date
    observed: Observed = NOTHING_YET
    version: int = 1


@dataclass(frozen=True, slots=True)
class Changed:
    """One field's value before and after."""

    field: str
    old: object
    new: object


# What a correction may touch, in the order that history shows it.
CORRECTABLE = (
    "kelurahan",
    "sector",
    "sub_sector",
    "kbli",
    "started_on",
    "production_mode",
    "capacity",
    "channels",
    "constraints",
)


def checked(business: Business, today: date) -> Business:
    """The business, when its entries can be true together. Raises the refusals of its fields."""
    known_sub_sector(business.sector, business.sub_sector)
    if business.started_on > today:
        raise StartInFuture(pointer="/started_on", started_on=business.started_on)
    _once((channel.kind for channel in business.channels), "Saluran penjualan", "/channels")
    _once((constraint.kind for constraint in business.constraints), "Kendala", "/constraints")
    return business


def register(business: Business, today: date) -> Business:
    """A new business. Raises RegisteredOutOfTime and what `checked` raises."""
    day = checked(business, today).registered_on
    if not business.started_on <= day <= today:
        raise RegisteredOutOfTime(pointer="/registered_on", registered_on=day)
    return business


def observe(
    business: Business, observed: Observed, constraints: tuple[Constraint, ...] | None = None
) -> Business:
    """The business with one more observation, and what holds it back now. Raises NamedTwice."""
    now = business.constraints if constraints is None else constraints
    _once((constraint.kind for constraint in now), "Kendala", "/constraints")
    return replace(business, observed=observed, constraints=now, version=business.version + 1)


def change_production(
    business: Business, mode: ProductionMode, capacity: Capacity, effective_on: date, today: date
) -> Business:
    """The business after its production changed on a day.

    Raises EffectiveInFuture, EffectiveBeforeStart, EffectiveBeforeLastChange or NothingChanged.
    """
    pointer = "/effective_on"
    if effective_on > today:
        raise EffectiveInFuture(pointer=pointer, effective_on=effective_on)
    if effective_on < business.started_on:
        raise EffectiveBeforeStart(
            pointer=pointer, effective_on=effective_on, started_on=business.started_on
        )
    if effective_on < business.production_since:
        raise EffectiveBeforeLastChange(
            pointer=pointer, effective_on=effective_on, production_since=business.production_since
        )
    if (mode, capacity) == (business.production_mode, business.capacity):
        raise NothingChanged
    return replace(
        business,
        production_mode=mode,
        capacity=capacity,
        production_since=effective_on,
        version=business.version + 1,
    )


def correct(business: Business, right: Business, today: date) -> Business:
    """The business with `right`'s entries in place of wrong ones.

    Raises NothingChanged, StartAfterChange and what `checked` raises.
    """
    if not differences(business, right):
        raise NothingChanged
    if business.production_since == business.started_on:  # never changed: it began as it is
        right = replace(right, production_since=right.started_on)
    elif right.started_on > business.production_since:
        raise StartAfterChange(
            pointer="/started_on",
            started_on=right.started_on,
            production_since=business.production_since,
        )
    return replace(checked(right, today), version=business.version + 1)


def differences(before: Business, after: Business) -> tuple[Changed, ...]:
    """The fields that staff see as different, in the order of CORRECTABLE."""
    return tuple(
        Changed(name, getattr(before, name), getattr(after, name))
        for name in CORRECTABLE
        if getattr(before, name) != getattr(after, name)
    )


def _once(kinds: Iterable[StrEnum], entry_kind: str, pointer: str) -> None:
    seen = set()
    for kind in kinds:
        if kind in seen:
            raise NamedTwice(pointer=pointer, kind_of_entry=entry_kind, entry=kind.value)
        seen.add(kind)
