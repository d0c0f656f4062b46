"""Everything that marketing can be told: the command, and the function that obeys or refuses."""

from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.marketing import events
from services.marketing.domain.product import BrandStatus, Product
from services.marketing.domain.refusals import (
    BusinessNotFound,
    BusinessNotKnownYet,
    MarketEventNotFound,
    ProductNotFound,
    StandChanged,
    StandNotFound,
)
from services.marketing.domain.stand import Stand, StandStatus, allot, release
from services.marketing.store import market_events, products, stands
from shared.contracts.values import Code, Line
from shared.db import Tx
from shared.ids import is_fresh, uuid7

# Free text of staff; it stays in marketing. Line breaks are fine, other control characters not.
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class AddProduct(_Command):
    """A business has something to sell. `shelf_life_days`: none for things that keep."""

    business_id: UUID
    name: Line
    unit: Code
    price_rupiah: Annotated[int, Field(le=1_000_000_000_000)]
    shelf_life_days: Annotated[int, Field(le=36_500)] | None = None
    brand_status: BrandStatus = BrandStatus.NONE


class ConfirmStand(_Command):
    """Give a product a stand at a market event."""

    product_id: UUID


class ReleaseStand(_Command):
    """Give a stand back, and say why."""

    reason: Reason


class ProductSaved(BaseModel):
    """The product is recorded in this version."""

    product_id: UUID
    version: int


class StandSaved(BaseModel):
    """The stand as it is now."""

    stand_id: UUID
    stand_number: int
    status: StandStatus
    version: int


async def add_product(tx: Tx, command: AddProduct) -> ProductSaved:
    """Raises BusinessNotKnownYet, BusinessNotFound, PriceNegative or ShelfLifeTooShort."""
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
    await products.insert(tx, product)
    tx.emit(events.product_added(product, tx.today), key=product.id, version=product.version)
    return ProductSaved(product_id=product.id, version=product.version)


async def confirm_stand(tx: Tx, market_event_id: UUID, command: ConfirmStand) -> StandSaved:
    """Raises ProductNotFound, MarketEventNotFound and the refusals of `allot`."""
    product = await products.find(tx.conn, command.product_id)
    if product is None:
        raise ProductNotFound(pointer="/product_id")
    attended = await _attended(tx, product.business_id)
    event = await market_events.lock(tx.conn, market_event_id)
    if event is None:
        raise MarketEventNotFound
    taken = await stands.taken(tx.conn, market_event_id)
    there = tx.now.astimezone(ZoneInfo(event.details.time_zone)).date()
    stand = Stand(
        id=uuid7(),
        market_event_id=market_event_id,
        product_id=product.id,
        business_id=product.business_id,
        number=allot(event, taken, product.business_id, attended, there),
    )
    await stands.insert(tx, stand)
    fact = events.stand_confirmed(stand, event, tx.today)
    tx.emit(fact, key=stand.id, version=stand.version)
    return _saved(stand)


async def release_stand(tx: Tx, stand_id: UUID, version: int, command: ReleaseStand) -> StandSaved:
    """Raises StandNotFound, StandChanged or StandReleasedAlready."""
    before = await stands.lock(tx.conn, stand_id)
    if before is None:
        raise StandNotFound
    if before.version != version:
        raise StandChanged
    after = release(before)
    event = await market_events.find_for_release(tx, after.market_event_id)
    await stands.save_released(tx, [after], command.reason)
    fact = events.stand_released(after, event, tx.today)
    tx.emit(fact, key=after.id, version=after.version)
    return _saved(after)


async def _attended(tx: Tx, business_id: UUID) -> bool | None:
    """Whether the business was at a session; None while that may be on its way.

    It may be when the business or its newest seat is of the last minute.
    """
    seats = await products.known_enrolments(tx.conn, business_id)
    if any(seat.state == "present" for seat in seats):
        return True
    newest = seats[0].enrolment_id if seats else business_id
    return None if is_fresh(newest, tx.now) else False


def _saved(stand: Stand) -> StandSaved:
    return StandSaved(
        stand_id=stand.id, stand_number=stand.number, status=stand.status, version=stand.version
    )
