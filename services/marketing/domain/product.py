"""A product: what is sold, in which unit, for how much, and how long it keeps."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.marketing.domain.refusals import PriceNegative, ShelfLifeTooShort


class BrandStatus(StrEnum):
    """How far the product's brand is. Its numbers and dates come later (M1)."""

    NONE = "none"
    NAME_ONLY = "name_only"
    APPLIED = "applied"
    REGISTERED = "registered"
    REJECTED = "rejected"


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
    version: int = 1

    def __post_init__(self) -> None:
        """Raises PriceNegative or ShelfLifeTooShort."""
        if self.price_rupiah < 0:
            raise PriceNegative(pointer="/price_rupiah")
        if self.shelf_life_days is not None and self.shelf_life_days < 1:
            raise ShelfLifeTooShort(pointer="/shelf_life_days")
