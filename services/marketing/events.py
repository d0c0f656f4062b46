"""What marketing tells the others: domain values as published facts, ids and codes only."""

from datetime import date
from typing import Any

from services.marketing.domain.market_event import MarketEvent
from services.marketing.domain.product import Product
from services.marketing.domain.stand import Stand
from shared.contracts.marketing import (
    MarketEventListed,
    ProductAdded,
    StandConfirmed,
    StandReleased,
)


def product_added(product: Product, today: date) -> ProductAdded:
    """The business has something to sell. The product's name stays here."""
    return ProductAdded(
        occurred_on=today,
        product_id=product.id,
        business_id=product.business_id,
        unit=product.unit,
        price_rupiah=product.price_rupiah,
        shelf_life_days=product.shelf_life_days,
        brand_status=product.brand_status.value,
    )


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
    }
