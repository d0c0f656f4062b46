"""What marketing tells: products, market events under our own ids, and stands at them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.fact import Fact, published
from shared.contracts.values import CityCode, Code, Count, Line, Rupiah

MARKET_EVENT = "marketing.market-event"
PRODUCT = "marketing.product"
STAND = "marketing.stand"

BrandStatus = Literal["none", "name_only", "applied", "registered", "rejected"]
MarketEventStatus = Literal["open", "cancelled"]
StandStatus = Literal["confirmed", "released"]


@published("id.binaan.marketing.market-event.listed.v1", topic=MARKET_EVENT, key="market_event_id")
class MarketEventListed(Fact):
    """A market event as the programme knows it, after its host announced or changed it."""

    market_event_id: UUID
    host_city: CityCode
    name: Line
    place: Line
    starts_on: date
    ends_on: date
    stands: Count
    status: MarketEventStatus


@published("id.binaan.marketing.product.added.v1", topic=PRODUCT, key="product_id")
class ProductAdded(Fact):
    """A business has a product to sell."""

    product_id: UUID
    business_id: UUID
    unit: Code
    price_rupiah: Rupiah
    shelf_life_days: Annotated[int, Field(ge=0, le=36_500)] | None
    brand_status: BrandStatus


class Stand(Fact):
    """A stand of one product at one market event, as it stands after the event."""

    stand_id: UUID
    market_event_id: UUID
    market_event_name: Line
    host_city: CityCode
    starts_on: date
    product_id: UUID
    business_id: UUID
    stand_number: Annotated[int, Field(ge=1, le=1_000_000)]
    status: StandStatus


@published("id.binaan.marketing.stand.confirmed.v1", topic=STAND, key="stand_id")
class StandConfirmed(Stand):
    """The product has a stand."""


@published("id.binaan.marketing.stand.released.v1", topic=STAND, key="stand_id")
class StandReleased(Stand):
    """The product gave its stand back, or the event was cancelled."""
