"""A product: what is sold, in which unit, for how much, and what is known of it so far."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.marketing.domain.licence import Licence
from services.marketing.domain.quality import Packaging, Quality
from services.marketing.domain.refusals import PriceNegative, ShelfLifeTooShort


class BrandStatus(StrEnum):
    """How far the product's brand is."""

    NONE = "none"
    NAME_ONLY = "name_only"
    APPLIED = "applied"
    REGISTERED = "registered"
    REJECTED = "rejected"


class ProductStatus(StrEnum):
    """After branding: a lapse warns, a second one in a row suspends from stands."""

    ACTIVE = "active"
    WARNED = "warned"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Product:
    """`price_rupiah` is for one `unit`; `shelf_life_days`: None when it keeps."""

    id: UUID
    business_id: UUID
    name: str
    unit: str
    price_rupiah: int
    shelf_life_days: int | None
    brand_status: BrandStatus
    brand_number: str | None = None
    brand_class: int | None = None
    brand_expires_on: date | None = None
    brand_changed_on: date | None = None
    quality: Quality | None = None
    packaging: Packaging | None = None
    licences: tuple[Licence, ...] = ()  # the newest of each kind
    status: ProductStatus = ProductStatus.ACTIVE
    version: int = 1

    def __post_init__(self) -> None:
        """Raises PriceNegative or ShelfLifeTooShort."""
        if self.price_rupiah < 0:
            raise PriceNegative(pointer="/price_rupiah")
        if self.shelf_life_days is not None and self.shelf_life_days < 1:
            raise ShelfLifeTooShort(pointer="/shelf_life_days")
