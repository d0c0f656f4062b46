"""What the registry can be told about the programme itself: sites, offices, what was before."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.registry import events
from services.registry.commands.forms import Command, in_the_city
from services.registry.domain import programme as rules
from services.registry.domain.programme import Office, Site, SiteStatus
from services.registry.domain.refusals import (
    BalanceInFuture,
    BalanceRecordedAlready,
    SiteStatusUnchanged,
    UnknownKecamatan,
)
from services.registry.store import programme as store
from shared.contracts.areas import AREAS
from shared.contracts.values import Code, Count, KelurahanCode, Line
from shared.db import Tx
from shared.ids import uuid7

Kecamatan = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$")]


class ListSite(Command):
    """Say what a kelurahan is in the programme of a year, since a day."""

    kelurahan: KelurahanCode
    year: Annotated[int, Field(ge=1979, le=2100)]
    status: SiteStatus
    since: date


class NameOffice(Command):
    """Say under which title an office is known since a day. The earlier title ends on its eve.

    `follows`: the code of the office whose duties it took over, if it is another one.
    """

    code: Code
    title: Line
    valid_from: date
    valid_until: date | None = None
    follows: Code | None = None


class RecordBalance(Command):
    """Say how many businesses an old list counts in a kecamatan. `source`: which list."""

    kecamatan: Kecamatan
    businesses: Count
    as_of: date
    source: Line


class SiteSaved(BaseModel):
    """A site is listed in this version."""

    site_id: UUID
    version: int


class OfficeSaved(BaseModel):
    """A title of an office is recorded."""

    office_id: UUID
    version: int


class BalanceSaved(BaseModel):
    """A count of an old list is recorded."""

    balance_id: UUID


async def list_site(tx: Tx, command: ListSite) -> SiteSaved:
    """Raises UnknownKelurahan and the refusals of the rule."""
    in_the_city(command.kelurahan)
    before = await store.lock_site(tx, command.kelurahan, command.year)
    said = Site(uuid7(), command.kelurahan, command.year, command.status, command.since)
    site = rules.list_site(before, said)
    if not await store.save_site(tx, site):
        raise SiteStatusUnchanged(pointer="/status", status=site.status.value)
    tx.emit(events.site_listed(site), key=site.id, version=site.version)
    return SiteSaved(site_id=site.id, version=site.version)


async def name_office(tx: Tx, command: NameOffice) -> OfficeSaved:
    """Raises ValidityBackwards or OfficeTitleBeforeLast."""
    before = await store.lock_office(tx, command.code)
    office = Office(uuid7(), **command.model_dump())
    ended = rules.name_office(before, office)
    if ended is not None:
        await store.end_office(tx, ended)
        tx.emit(events.office_named(ended, tx.today), key=ended.id, version=ended.version)
    await store.insert_office(tx, office)
    fact = events.office_named(office, office.valid_from)
    tx.emit(fact, key=office.id, version=office.version)
    return OfficeSaved(office_id=office.id, version=office.version)


async def record_balance(tx: Tx, command: RecordBalance) -> BalanceSaved:
    """Raises UnknownKecamatan, BalanceInFuture or BalanceRecordedAlready."""
    kecamatan, as_of = command.kecamatan, command.as_of
    if not any(area.kecamatan_code == kecamatan for area in AREAS.values()):
        raise UnknownKecamatan(pointer="/kecamatan", kecamatan=kecamatan)
    if as_of > tx.today:
        raise BalanceInFuture(pointer="/as_of", as_of=as_of)
    balance_id, businesses = uuid7(), command.businesses
    written = await store.insert_balance(
        tx, balance_id, kecamatan, businesses, as_of, command.source
    )
    if not written:
        raise BalanceRecordedAlready(pointer="/kecamatan", kecamatan=kecamatan, as_of=as_of)
    fact = events.opening_balance_recorded(balance_id, kecamatan, businesses, as_of)
    tx.emit(fact, key=balance_id, version=1)
    return BalanceSaved(balance_id=balance_id)
