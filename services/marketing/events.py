"""What marketing tells the others: domain values as published facts, ids and codes only."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from services.marketing.domain.market_event import MarketEvent
from services.marketing.domain.product import Product, ProductStatus
from services.marketing.domain.sale import Sale
from services.marketing.domain.stand import Stand
from services.marketing.domain.support import Support
from shared.contracts.marketing import (
    Licence,
    MarketEventListed,
    Packaging,
    ProductAdded,
    ProductAssessed,
    ProductBrandChanged,
    ProductChecked,
    ProductLicensed,
    ProductReinstated,
    ProductSuspended,
    ProductWarned,
    Quality,
    SaleCorrected,
    SaleReported,
    StandConfirmed,
    StandReleased,
    SupportApproved,
    SupportPaid,
    SupportPlanned,
)
from shared.contracts.values import quantity

ProductCheck = ProductChecked | ProductWarned | ProductSuspended | ProductReinstated
_CHECKED: Mapping[ProductStatus, type[ProductCheck]] = {
    ProductStatus.WARNED: ProductWarned,
    ProductStatus.SUSPENDED: ProductSuspended,
    ProductStatus.ACTIVE: ProductReinstated,
}


def product_added(product: Product, today: date) -> ProductAdded:
    """The business has something to sell. The product's name stays here."""
    return ProductAdded(occurred_on=today, **_product(product))


def brand_changed(product: Product, today: date) -> ProductBrandChanged:
    """The brand is one step further. Its number stays here."""
    return ProductBrandChanged(occurred_on=today, **_product(product))


def product_assessed(product: Product, assessed_on: date) -> ProductAssessed:
    """Somebody looked at quality or packaging, on that day."""
    return ProductAssessed(occurred_on=assessed_on, **_product(product))


def product_licensed(product: Product, today: date) -> ProductLicensed:
    """It has a licence. The number stays here."""
    return ProductLicensed(occurred_on=today, **_product(product))


def product_checked(before: Product, after: Product, checked_on: date) -> ProductCheck:
    """What the check changed: one fact, named by the product's new status."""
    fact: type[ProductCheck] = ProductChecked
    if after.status is not before.status:
        fact = _CHECKED[after.status]
    return fact(occurred_on=checked_on, **_product(after))


def support_planned(support: Support, today: date) -> SupportPlanned:
    """Somebody asked for it."""
    return SupportPlanned(occurred_on=today, **_support(support))


def support_approved(support: Support, today: date) -> SupportApproved:
    """Somebody else agreed."""
    return SupportApproved(occurred_on=today, **_support(support))


def support_paid(support: Support, today: date) -> SupportPaid:
    """It cost so much."""
    return SupportPaid(occurred_on=today, **_support(support))


def sale_reported(sale: Sale, today: date) -> SaleReported:
    """Its maker says that so much was sold."""
    return SaleReported(occurred_on=today, **_sale(sale))


def sale_corrected(sale: Sale, today: date) -> SaleCorrected:
    """The report was wrong; the reason stays here."""
    return SaleCorrected(occurred_on=today, **_sale(sale))


def market_event_listed(event: MarketEvent, occurred_on: date) -> MarketEventListed:
    """The office's event as we know it now; `occurred_on` is the day of the office's fact."""
    return MarketEventListed(
        occurred_on=occurred_on,
        market_event_id=event.id,
        host_city=event.details.host_city,
        name=event.details.name,
        place=event.details.place,
        starts_on=event.details.starts_on,
        ends_on=event.details.ends_on,
        stands=event.details.stands,
        status=event.status.value,
    )


def stand_confirmed(stand: Stand, event: MarketEvent, today: date) -> StandConfirmed:
    """The product has a stand."""
    return StandConfirmed(occurred_on=today, **_state(stand, event))


def stand_released(stand: Stand, event: MarketEvent, occurred_on: date) -> StandReleased:
    """The stand was given back, or its event was cancelled; the reason stays here."""
    return StandReleased(occurred_on=occurred_on, **_state(stand, event))


def _state(stand: Stand, event: MarketEvent) -> dict[str, Any]:
    return {
        "stand_id": stand.id,
        "market_event_id": event.id,
        "market_event_name": event.details.name,
        "host_city": event.details.host_city,
        "starts_on": event.details.starts_on,
        "product_id": stand.product_id,
        "business_id": stand.business_id,
        "stand_number": stand.number,
        "status": stand.status.value,
        "promised": None if stand.promised is None else quantity(stand.promised),
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "business_id": product.business_id,
        "unit": product.unit,
        "price_rupiah": product.price_rupiah,
        "shelf_life_days": product.shelf_life_days,
        "brand_status": product.brand_status.value,
        "brand_class": product.brand_class,
        "brand_expires_on": product.brand_expires_on,
        "quality": None if product.quality is None else Quality(**asdict(product.quality)),
        "packaging": None if product.packaging is None else Packaging(**asdict(product.packaging)),
        "licences": tuple(
            Licence(
                kind=licence.kind.value,
                valid_from=licence.valid_from,
                valid_until=licence.valid_until,
            )
            for licence in product.licences
        ),
        "status": product.status.value,
    }


def _support(support: Support) -> dict[str, Any]:
    return {
        "support_id": support.id,
        "stand_id": support.stand_id,
        "market_event_id": support.market_event_id,
        "business_id": support.business_id,
        "kind": support.kind.value,
        "planned_rupiah": support.planned_rupiah,
        "actual_rupiah": support.actual_rupiah,
        "status": support.status.value,
    }


def _sale(sale: Sale) -> dict[str, Any]:
    return {
        "sale_id": sale.id,
        "product_id": sale.product_id,
        "business_id": sale.business_id,
        "market_event_id": sale.market_event_id,
        "channel": sale.channel.value,
        "month": sale.month,
        "quantity": quantity(sale.quantity),
        "unit": sale.unit,
        "rupiah": sale.rupiah,
    }
