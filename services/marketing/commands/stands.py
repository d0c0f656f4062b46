"""What marketing can be told about stands."""

from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from services.marketing import events
from services.marketing.commands.forms import Command, Reason, on_paper
from services.marketing.domain.market_event import MarketEvent
from services.marketing.domain.product import Product, ProductStatus
from services.marketing.domain.readiness import PointName, all_points
from services.marketing.domain.refusals import (
    MarketEventNotFound,
    OverrideNotYours,
    ProductNotFound,
    StandChanged,
    StandNotFound,
)
from services.marketing.domain.stand import (
    Asking,
    Stand,
    StandStatus,
    Supply,
    allot,
    release,
)
from services.marketing.domain.supply import Promise
from services.marketing.store import market_events, products, readiness, stands
from shared.contracts.values import Quantity
from shared.db import Tx
from shared.ids import is_fresh, uuid7


class ConfirmStand(Command):
    """Give a product a stand at a market event. `promised`: how much of it she will bring.

    `confirmed_on`: the day it was given, if that was on paper earlier than today.
    `override_reason`: why it gets one although somebody found it wanting; of a head of section.
    """

    product_id: UUID
    promised: Quantity | None = None
    confirmed_on: date | None = None
    override_reason: Reason | None = None


class ReleaseStand(Command):
    """Give a stand back, and say why."""

    reason: Reason


class StandSaved(BaseModel):
    """The stand as it is now."""

    stand_id: UUID
    stand_number: int
    status: StandStatus
    version: int


class StandGiven(StandSaved):
    """A new stand. `open_points`: what the product isn't ready in; its readiness says what to do.

    `overridden`: those of them that somebody found wanting, and the head of section allowed.
    """

    open_points: tuple[PointName, ...]
    overridden: tuple[PointName, ...]


async def confirm_stand(tx: Tx, market_event_id: UUID, command: ConfirmStand) -> StandGiven:
    """Raises ProductNotFound, MarketEventNotFound, DayAhead, OverrideNotYours and `allot`'s."""
    if command.override_reason is not None and "kasi" not in tx.actor.roles:
        raise OverrideNotYours(pointer="/override_reason")
    day = on_paper(command.confirmed_on, tx.today, "/confirmed_on")
    product = await products.find(tx.conn, command.product_id)
    if product is None:
        raise ProductNotFound(pointer="/product_id")
    attended = await _attended(tx, product.business_id)
    event = await market_events.lock(tx.conn, market_event_id)
    if event is None:
        raise MarketEventNotFound
    # The event's row doesn't hold back a promise at another event: the business's products do.
    product = await products.lock_all(tx.conn, product)
    facts = await readiness.facts(tx.conn, product, event.details.starts_on, day)
    points = all_points(facts, day)
    promised = None if command.promised is None else Decimal(command.promised)
    asking = Asking(
        business_id=product.business_id,
        product_id=product.id,
        attended=attended,
        suspended=product.status is ProductStatus.SUSPENDED,
        supply=None if promised is None else await _supply(tx, product, event, promised, day),
        points=points,
        allowed=command.override_reason is not None,
    )
    taken = await stands.taken(tx.conn, market_event_id)
    # The host's day counts at the door; of a stand that was given earlier, the day it was given.
    there = command.confirmed_on or tx.now.astimezone(ZoneInfo(event.details.time_zone)).date()
    stand = Stand(
        id=uuid7(),
        market_event_id=market_event_id,
        product_id=product.id,
        business_id=product.business_id,
        number=allot(event, taken, asking, there),
        promised=promised,
        overridden=tuple(point.name for point in asking.wanting),
    )
    await stands.insert(tx, stand, day, command.override_reason if asking.wanting else None)
    fact = events.stand_confirmed(stand, event, day)
    tx.emit(fact, key=stand.id, version=stand.version)
    return StandGiven(
        **_saved(stand).model_dump(),
        open_points=tuple(point.name for point in points if point.needed is not None),
        overridden=tuple(point.name for point in asking.wanting),
    )


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


async def _supply(
    tx: Tx, product: Product, event: MarketEvent, promised: Decimal, day: date
) -> Supply:
    """What the business can make, and what it has promised for events after that day."""
    return Supply(
        promise=Promise(event.details.starts_on, promised),
        unit=product.unit,
        capacity=await products.capacity(tx.conn, product.business_id),
        others=await stands.promises(tx.conn, product.business_id, product.unit, day),
        today=day,
    )


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
