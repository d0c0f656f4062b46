"""What the registry can be told about home businesses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.registry import events
from services.registry.commands.forms import Command, Reason, in_the_city
from services.registry.domain import business as businesses
from services.registry.domain.business import (
    Business,
    Channel,
    ChannelKind,
    Constraint,
    ConstraintKind,
    Kbli,
    ProductionMode,
)
from services.registry.domain.capacity import Capacity, Period
from services.registry.domain.refusals import (
    BusinessChanged,
    BusinessNotFound,
    OutsideArea,
    PersonNotFound,
)
from services.registry.store import businesses as store
from shared.contracts.values import Code, KelurahanCode, Quantity
from shared.db import Tx
from shared.ids import uuid7

Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\x00-\x20\x7f]+$", max_length=300)]


class CapacityEntry(Command):
    """How much she can make: `quantity`, a decimal string, of `unit` in each `period`."""

    quantity: Quantity
    unit: Code
    period: Period


class ChannelEntry(Command):
    """Where she sells, with a link when it is online."""

    kind: ChannelKind
    link: Link | None = None


class ConstraintEntry(Command):
    """What holds the business back: 1 a little, 2 clearly, 3 it stops her."""

    kind: ConstraintKind
    severity: Annotated[int, Field(ge=1, le=3)]


class KbliEntry(Command):
    """The class of the economic activity, and the edition that its code belongs to."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
    version: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}$")]


Channels = Annotated[tuple[ChannelEntry, ...], Field(max_length=20)]
Constraints = Annotated[tuple[ConstraintEntry, ...], Field(max_length=20)]


class RegisterBusiness(Command):
    """Enter a home business. `started_on`: the first day of the business, estimated if need be.

    `registered_on`: the day she was written down, if that was on paper earlier than today.
    """

    owner_id: UUID
    kelurahan: KelurahanCode
    sector: Code
    sub_sector: Code
    kbli: KbliEntry | None = None
    started_on: date
    production_mode: ProductionMode
    capacity: CapacityEntry
    channels: Channels = ()
    constraints: Constraints = ()
    registered_on: date | None = None


class ChangeProduction(Command):
    """Say that she produces differently since `effective_on`: the world has changed."""

    production_mode: ProductionMode
    capacity: CapacityEntry
    effective_on: date


class CorrectionReason(StrEnum):
    """Why an entry was wrong."""

    TYPING_ERROR = "typing_error"
    MISUNDERSTOOD = "misunderstood"
    DOCUMENT_SEEN = "document_seen"
    OTHER = "other"


class CorrectBusiness(Command):
    """Put wrong entries right: only the fields that are given. The world has not changed."""

    reason_code: CorrectionReason
    reason: Reason
    kelurahan: KelurahanCode | None = None
    sector: Code | None = None
    sub_sector: Code | None = None
    kbli: KbliEntry | None = None
    started_on: date | None = None
    production_mode: ProductionMode | None = None
    capacity: CapacityEntry | None = None
    channels: Channels | None = None
    constraints: Constraints | None = None


class BusinessSaved(BaseModel):
    """A business is recorded in this version."""

    business_id: UUID
    version: int


async def register_business(tx: Tx, command: RegisterBusiness) -> BusinessSaved:
    """Raises PersonNotFound and the refusals of `register`."""
    in_the_city(command.kelurahan)
    business = businesses.register(
        Business(
            id=uuid7(),
            owner_id=command.owner_id,
            kelurahan=command.kelurahan,
            sector=command.sector,
            sub_sector=command.sub_sector,
            kbli=_kbli(command.kbli),
            started_on=command.started_on,
            production_mode=command.production_mode,
            capacity=_capacity(command.capacity),
            channels=_channels(command.channels),
            constraints=constraints(command.constraints),
            production_since=command.started_on,
            registered_on=command.registered_on or tx.today,
        ),
        tx.today,
    )
    if not await store.insert(tx, business):
        raise PersonNotFound(pointer="/owner_id")
    fact = events.business_registered(business)
    tx.emit(fact, key=business.id, version=business.version)
    return BusinessSaved(business_id=business.id, version=business.version)


async def change_production(
    tx: Tx, business_id: UUID, version: int, command: ChangeProduction
) -> BusinessSaved:
    """Raises BusinessNotFound, BusinessChanged and the refusals of the rule."""
    before = await _locked(tx, business_id, version)
    after = businesses.change_production(
        before,
        command.production_mode,
        _capacity(command.capacity),
        command.effective_on,
        tx.today,
    )
    differences = businesses.differences(before, after)
    await store.save_changed(tx, after, differences)
    tx.emit(events.production_changed(after), key=after.id, version=after.version)
    return BusinessSaved(business_id=after.id, version=after.version)


async def correct_business(
    tx: Tx, business_id: UUID, version: int, command: CorrectBusiness
) -> BusinessSaved:
    """Raises BusinessNotFound, BusinessChanged, OutsideArea and the refusals of the rule."""
    before = await _locked(tx, business_id, version)
    after = businesses.correct(before, _corrected(before, command), tx.today)
    if after.kelurahan != before.kelurahan:
        in_the_city(after.kelurahan)
        if not tx.actor.reaches(after.kelurahan):
            raise OutsideArea(pointer="/kelurahan", kelurahan=after.kelurahan)
    differences = businesses.differences(before, after)
    await store.save_corrected(tx, after, differences, command.reason_code, command.reason)
    fact = events.business_corrected(after, differences, tx.today)
    tx.emit(fact, key=after.id, version=after.version)
    return BusinessSaved(business_id=after.id, version=after.version)


async def _locked(tx: Tx, business_id: UUID, version: int) -> Business:
    business = await store.lock(tx.conn, business_id)
    if business is None:
        raise BusinessNotFound
    if business.version != version:
        raise BusinessChanged
    return business


def _corrected(before: Business, command: CorrectBusiness) -> Business:
    """The business with the given fields; what isn't given stays as it is."""
    right = replace(
        before,
        kelurahan=command.kelurahan or before.kelurahan,
        sector=command.sector or before.sector,
        sub_sector=command.sub_sector or before.sub_sector,
        started_on=command.started_on or before.started_on,
        production_mode=command.production_mode or before.production_mode,
        kbli=_kbli(command.kbli) or before.kbli,
    )
    if command.capacity is not None:
        right = replace(right, capacity=_capacity(command.capacity))
    if command.channels is not None:
        right = replace(right, channels=_channels(command.channels))
    if command.constraints is not None:
        right = replace(right, constraints=constraints(command.constraints))
    return right


def _capacity(entry: CapacityEntry) -> Capacity:
    return Capacity(Decimal(entry.quantity), entry.unit, entry.period)


def _channels(entries: Channels) -> tuple[Channel, ...]:
    return tuple(Channel(entry.kind, entry.link) for entry in entries)


def constraints(entries: Constraints) -> tuple[Constraint, ...]:
    """The entries as the rules know them."""
    return tuple(Constraint(entry.kind, entry.severity) for entry in entries)


def _kbli(entry: KbliEntry | None) -> Kbli | None:
    return None if entry is None else Kbli(entry.code, entry.version)
