"""What marketing tells: products, market events under our own ids, stands, support and sales."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fact import Fact, Part, published
from shared.contracts.values import CityCode, Code, Count, Line, Quantity, Rupiah

MARKET_EVENT = "marketing.market-event"
PRODUCT = "marketing.product"
STAND = "marketing.stand"
SUPPORT = "marketing.support"
SALE = "marketing.sale"

BrandStatus = Literal["none", "name_only", "applied", "registered", "rejected"]
MarketEventStatus = Literal["open", "cancelled"]
StandStatus = Literal["confirmed", "released"]
ProductStatus = Literal["active", "warned", "suspended"]
LicenceKind = Literal["nib", "pirt", "halal", "merek"]
SupportKind = Literal["stand", "transport", "lodging", "other"]
SupportStatus = Literal["planned", "approved", "paid"]
SaleChannel = Literal["online", "home", "shop", "market", "reseller", "event", "order"]
Points = Annotated[int, Field(ge=0, le=100)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


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


class Quality(Part):
    """The checklist of one assessment: what she has a standard for."""

    recipe: bool
    weight: bool
    shelf_life: bool
    hygiene: bool
    label: bool
    assessed_on: date


class Packaging(Part):
    """The packaging's score: the first one ever, and the newest."""

    before: Points
    before_on: date
    after: Points
    after_on: date


class Licence(Part):
    """A licence and until when it holds. Its number stays in marketing."""

    kind: LicenceKind
    valid_from: date
    valid_until: date | None


class Product(Fact):
    """A product of a business, as it stands after the event."""

    product_id: UUID
    business_id: UUID
    unit: Code
    price_rupiah: Rupiah
    shelf_life_days: Annotated[int, Field(ge=0, le=36_500)] | None
    brand_status: BrandStatus
    brand_class: Annotated[int, Field(ge=1, le=45)] | None = None  # of the Nice classification
    brand_expires_on: date | None = None
    quality: Quality | None = None
    packaging: Packaging | None = None
    licences: tuple[Licence, ...] = ()
    status: ProductStatus = "active"


@published("id.binaan.marketing.product.added.v1", topic=PRODUCT, key="product_id")
class ProductAdded(Product):
    """A business has a product to sell."""


@published("id.binaan.marketing.product.brand-changed.v1", topic=PRODUCT, key="product_id")
class ProductBrandChanged(Product):
    """The product's brand is one step further, or was rejected."""


@published("id.binaan.marketing.product.assessed.v1", topic=PRODUCT, key="product_id")
class ProductAssessed(Product):
    """Its quality checklist or its packaging was looked at."""


@published("id.binaan.marketing.product.licensed.v1", topic=PRODUCT, key="product_id")
class ProductLicensed(Product):
    """It has a licence, or a new one in the place of an old one."""


@published("id.binaan.marketing.product.checked.v1", topic=PRODUCT, key="product_id")
class ProductChecked(Product):
    """Availability and quality were checked after branding, and its status stays."""


@published("id.binaan.marketing.product.warned.v1", topic=PRODUCT, key="product_id")
class ProductWarned(Product):
    """A check found a lapse: one more, and it gets no stand."""


@published("id.binaan.marketing.product.suspended.v1", topic=PRODUCT, key="product_id")
class ProductSuspended(Product):
    """A second lapse in a row: it gets no stand until a check is passed."""


@published("id.binaan.marketing.product.reinstated.v1", topic=PRODUCT, key="product_id")
class ProductReinstated(Product):
    """A check was passed after a lapse."""


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
    promised: Quantity | None = None  # how much she brings, in the product's unit


@published("id.binaan.marketing.stand.confirmed.v1", topic=STAND, key="stand_id")
class StandConfirmed(Stand):
    """The product has a stand."""


@published("id.binaan.marketing.stand.released.v1", topic=STAND, key="stand_id")
class StandReleased(Stand):
    """The product gave its stand back, or the event was cancelled."""


class Support(Fact):
    """A line of what the office pays for a participant of a market event."""

    support_id: UUID
    stand_id: UUID
    market_event_id: UUID
    business_id: UUID
    kind: SupportKind
    planned_rupiah: Rupiah
    actual_rupiah: Rupiah | None
    status: SupportStatus


@published("id.binaan.marketing.support.planned.v1", topic=SUPPORT, key="support_id")
class SupportPlanned(Support):
    """Somebody asked for it; nothing is promised yet."""


@published("id.binaan.marketing.support.approved.v1", topic=SUPPORT, key="support_id")
class SupportApproved(Support):
    """Somebody else agreed; it counts against the event's budget."""


@published("id.binaan.marketing.support.paid.v1", topic=SUPPORT, key="support_id")
class SupportPaid(Support):
    """It cost so much."""


class Sale(Fact):
    """What a product sold in one month through one channel, as it stands after the event."""

    sale_id: UUID
    product_id: UUID
    business_id: UUID
    market_event_id: UUID | None  # with the channel `event`
    channel: SaleChannel
    month: Month
    quantity: Quantity  # in the product's unit
    unit: Code
    rupiah: Rupiah


@published("id.binaan.marketing.sale.reported.v1", topic=SALE, key="sale_id")
class SaleReported(Sale):
    """What a product sold in one month through one channel, as its maker reports it."""


@published("id.binaan.marketing.sale.corrected.v1", topic=SALE, key="sale_id")
class SaleCorrected(Sale):
    """The report was wrong and is right now: the world didn't change. Nothing may be left of it."""
