"""The life of a product's brand, and the checks that follow once it has one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.marketing.domain.product import BrandStatus, Product, ProductStatus
from services.marketing.domain.refusals import (
    BrandDetailsMissing,
    BrandDetailsUnasked,
    BrandStepBeforeLast,
    BrandStepImpossible,
    CheckedInFuture,
    NotBranded,
)

NONE, NAME_ONLY, APPLIED, REGISTERED, REJECTED = BrandStatus
# A registered mark is renewed, or lapses to a mere name. Nobody goes back to no name at all.
STEPS: Mapping[BrandStatus, frozenset[BrandStatus]] = {
    NONE: frozenset({NAME_ONLY, APPLIED, REGISTERED}),
    NAME_ONLY: frozenset({APPLIED, REGISTERED}),
    APPLIED: frozenset({REGISTERED, REJECTED}),
    REJECTED: frozenset({NAME_ONLY, APPLIED}),
    REGISTERED: frozenset({REGISTERED, NAME_ONLY}),
}
BRANDED = frozenset({APPLIED, REGISTERED})


@dataclass(frozen=True, slots=True)
class BrandStep:
    """What the brand is from now on. Numbers and dates as the office that issues marks says."""

    status: BrandStatus
    number: str | None
    brand_class: int | None
    expires_on: date | None


def step(product: Product, told: BrandStep, day: date) -> Product:
    """The product with its brand one step further, since that day.

    Raises BrandStepImpossible, BrandStepBeforeLast, BrandDetailsMissing or BrandDetailsUnasked.
    """
    if told.status not in STEPS[product.brand_status]:
        raise BrandStepImpossible(
            pointer="/status", before=product.brand_status.value, after=told.status.value
        )
    before = product.brand_changed_on
    if before is not None and day < before:
        raise BrandStepBeforeLast(pointer="/changed_on", before=before)
    _check_details(told)
    return replace(
        product,
        brand_status=told.status,
        brand_number=told.number,
        brand_class=told.brand_class,
        brand_expires_on=told.expires_on,
        brand_changed_on=day,
        version=product.version + 1,
    )


def _check_details(told: BrandStep) -> None:
    wanted = {
        "/number": (told.number, told.status in BRANDED),
        "/brand_class": (told.brand_class, told.status is REGISTERED),
        "/expires_on": (told.expires_on, told.status is REGISTERED),
    }
    for pointer, (value, needed) in wanted.items():
        if needed and value is None:
            raise BrandDetailsMissing(pointer=pointer)
        # The class may be known from the application on; nothing else is before its step.
        early = pointer == "/brand_class" and told.status is APPLIED
        if value is not None and not needed and not early:
            raise BrandDetailsUnasked(pointer=pointer)


@dataclass(frozen=True, slots=True)
class Check:
    """Is it still to be had, and as good as when it got its brand?"""

    available: bool
    quality_kept: bool
    checked_on: date


def check(product: Product, found: Check, today: date) -> Product:
    """The product after a check: a lapse warns, the next one suspends, a good one reinstates.

    Raises NotBranded or CheckedInFuture.
    """
    if product.brand_status not in BRANDED:
        raise NotBranded(brand_status=product.brand_status.value)
    if found.checked_on > today:
        raise CheckedInFuture(pointer="/checked_on")
    if found.available and found.quality_kept:
        status = ProductStatus.ACTIVE
    elif product.status is ProductStatus.ACTIVE:
        status = ProductStatus.WARNED
    else:
        status = ProductStatus.SUSPENDED
    return replace(product, status=status, version=product.version + 1)
