"""What marketing can be told about products: brand, assessments, licences, checks."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.marketing import events
from services.marketing.commands.forms import Command, on_paper
from services.marketing.domain import brand, quality
from services.marketing.domain.brand import BrandStep, Check
from services.marketing.domain.licence import Licence, LicenceKind, with_licence
from services.marketing.domain.product import BrandStatus, Product, ProductStatus
from services.marketing.domain.quality import Assessment, Quality
from services.marketing.domain.refusals import (
    BusinessNotFound,
    BusinessNotKnownYet,
    ProductChanged,
    ProductNotFound,
)
from services.marketing.store import products
from shared.contracts.values import Code, Line
from shared.db import Tx
from shared.ids import is_fresh, uuid7

Number = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9./-]{2,39}$")]


class AddProduct(Command):
    """A business has something to sell. `shelf_life_days`: none for things that keep.

    `added_on`: since when, if that was written down on paper earlier than today.
    """

    business_id: UUID
    name: Line
    unit: Code
    price_rupiah: Annotated[int, Field(le=1_000_000_000_000)]
    shelf_life_days: Annotated[int, Field(le=36_500)] | None = None
    brand_status: BrandStatus = BrandStatus.NONE
    added_on: date | None = None


class ChangeBrand(Command):
    """The brand's next step. A number from the application on; class and expiry registered.

    `changed_on`: the day of the step, if that was earlier than today.
    """

    status: BrandStatus
    number: Number | None = None
    brand_class: Annotated[int, Field(ge=1, le=45)] | None = None
    expires_on: date | None = None
    changed_on: date | None = None


class Checklist(Command):
    """What she has a standard for."""

    recipe: bool
    weight: bool
    shelf_life: bool
    hygiene: bool
    label: bool


class AssessProduct(Command):
    """What was looked at one day: quality, packaging (0 to 100), or both."""

    quality: Checklist | None = None
    packaging: Annotated[int, Field(ge=0, le=100)] | None = None
    photo_reference: Code | None = None
    assessed_on: date


class AddLicence(Command):
    """A licence that another office gave. `valid_until` null: until it is taken back."""

    kind: LicenceKind
    number: Number
    valid_from: date
    valid_until: date | None = None


class CheckProduct(Command):
    """Is it to be had, and as good as when it got its brand?"""

    available: bool
    quality_kept: bool
    checked_on: date


class ProductSaved(BaseModel):
    """The product is recorded in this version."""

    product_id: UUID
    status: ProductStatus
    version: int


async def add_product(tx: Tx, command: AddProduct) -> ProductSaved:
    """Raises BusinessNotKnownYet, BusinessNotFound, DayAhead and those of `Product`."""
    if not await products.business_is_known(tx.conn, command.business_id):
        fresh = is_fresh(command.business_id, tx.now)
        raise (BusinessNotKnownYet if fresh else BusinessNotFound)(pointer="/business_id")
    product = Product(
        id=uuid7(),
        business_id=command.business_id,
        name=command.name,
        unit=command.unit,
        price_rupiah=command.price_rupiah,
        shelf_life_days=command.shelf_life_days,
        brand_status=command.brand_status,
    )
    day = on_paper(command.added_on, tx.today, "/added_on")
    await products.insert(tx, product, day)
    tx.emit(events.product_added(product, day), key=product.id, version=product.version)
    return _saved(product)


async def change_brand(
    tx: Tx, product_id: UUID, version: int, command: ChangeBrand
) -> ProductSaved:
    """Raises ProductNotFound, ProductChanged, DayAhead and the refusals of `brand.step`."""
    before = await _locked(tx, product_id)
    if before.version != version:
        raise ProductChanged
    told = BrandStep(command.status, command.number, command.brand_class, command.expires_on)
    day = on_paper(command.changed_on, tx.today, "/changed_on")
    after = brand.step(before, told, day)
    await products.save_brand(tx, after)
    tx.emit(events.brand_changed(after, day), key=after.id, version=after.version)
    return _saved(after)


async def assess_product(tx: Tx, product_id: UUID, command: AssessProduct) -> ProductSaved:
    """Raises ProductNotFound and the refusals of `Assessment.check`."""
    before = await _locked(tx, product_id)
    seen = command.quality
    checklist = Quality(**seen.model_dump(), assessed_on=command.assessed_on) if seen else None
    told = Assessment(checklist, command.packaging, command.photo_reference, command.assessed_on)
    told.check(tx.today)
    after = replace(
        before,
        quality=quality.newest(before.quality, told.quality),
        packaging=quality.packaged(before.packaging, told.packaging, told.assessed_on),
        version=before.version + 1,
    )
    await products.save_assessment(tx, after, told)
    fact = events.product_assessed(after, told.assessed_on)
    tx.emit(fact, key=after.id, version=after.version)
    return _saved(after)


async def add_licence(tx: Tx, product_id: UUID, command: AddLicence) -> ProductSaved:
    """Raises ProductNotFound, LicenceNumberWrong, LicenceDatesReversed or LicenceTooLong."""
    before = await _locked(tx, product_id)
    told = Licence(command.kind, command.number, command.valid_from, command.valid_until)
    licences = with_licence(before.licences, told)
    after = replace(before, licences=licences, version=before.version + 1)
    await products.save_licence(tx, after, told)
    tx.emit(events.product_licensed(after, tx.today), key=after.id, version=after.version)
    return _saved(after)


async def check_product(tx: Tx, product_id: UUID, command: CheckProduct) -> ProductSaved:
    """Raises ProductNotFound and the refusals of `brand.check`."""
    before = await _locked(tx, product_id)
    found = Check(command.available, command.quality_kept, command.checked_on)
    after = brand.check(before, found, tx.today)
    await products.save_check(tx, after, found)
    fact = events.product_checked(before, after, found.checked_on)
    tx.emit(fact, key=after.id, version=after.version)
    return _saved(after)


async def _locked(tx: Tx, product_id: UUID) -> Product:
    product = await products.lock(tx.conn, product_id)
    if product is None:
        raise ProductNotFound
    return product


def _saved(product: Product) -> ProductSaved:
    return ProductSaved(product_id=product.id, status=product.status, version=product.version)
