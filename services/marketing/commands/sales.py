"""What marketing can be told about sales."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.marketing import events
from services.marketing.commands.forms import Amount, Command, Reason
from services.marketing.domain.refusals import (
    MarketEventNotFound,
    ProductNotFound,
    SaleNotFound,
    SaleReportedAlready,
)
from services.marketing.domain.sale import Sale, SaleChannel, accept, correct
from services.marketing.store import market_events, products, sales, stands
from shared.contracts.values import Quantity
from shared.db import Tx
from shared.ids import uuid7

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class Correction(Command):
    """Why the report is put right. `version`: of the report that was found to be wrong."""

    version: Annotated[int, Field(ge=1)]
    reason: Reason


class ReportSale(Command):
    """What a product sold in a month through a channel; at an event, say at which.

    `quantity` in the product's unit, a decimal string; `rupiah` for all of it. With `correction`
    it takes the place of what was reported for the same product, month, channel and event.
    """

    product_id: UUID
    market_event_id: UUID | None = None
    channel: SaleChannel
    month: Month
    quantity: Quantity
    rupiah: Amount
    correction: Correction | None = None


class SaleSaved(BaseModel):
    """The sale is recorded in this version."""

    sale_id: UUID
    version: int


async def report_sale(tx: Tx, command: ReportSale) -> SaleSaved:
    """Raises ProductNotFound, MarketEventNotFound, SaleReportedAlready, and those of the rules.

    With a correction: SaleNotFound and the refusals of `correct`.
    """
    if command.correction is not None:
        return await _correct(tx, command, command.correction)
    product = await products.find(tx.conn, command.product_id)
    if product is None:
        raise ProductNotFound(pointer="/product_id")
    sale = Sale(
        id=uuid7(),
        product_id=product.id,
        business_id=product.business_id,
        unit=product.unit,
        market_event_id=command.market_event_id,
        channel=command.channel,
        month=command.month,
        quantity=Decimal(command.quantity),
        rupiah=command.rupiah,
    )
    event, had_stand = None, False
    if sale.market_event_id is not None:
        event = await market_events.find(tx.conn, sale.market_event_id)
        if event is None:
            raise MarketEventNotFound(pointer="/market_event_id")
        had_stand = await stands.had(tx.conn, product.id, sale.market_event_id)
    accept(sale, event.details if event else None, had_stand, tx.today)
    if not await sales.insert(tx, sale):
        before = await _reported(tx, command)
        raise SaleReportedAlready(version=before.version)
    tx.emit(events.sale_reported(sale, tx.today), key=sale.id, version=sale.version)
    return SaleSaved(sale_id=sale.id, version=sale.version)


async def _correct(tx: Tx, command: ReportSale, correction: Correction) -> SaleSaved:
    before = await _reported(tx, command)
    after = correct(before, correction.version, Decimal(command.quantity), command.rupiah)
    await sales.save_corrected(tx, before, after, correction.reason)
    tx.emit(events.sale_corrected(after, tx.today), key=after.id, version=after.version)
    return SaleSaved(sale_id=after.id, version=after.version)


async def _reported(tx: Tx, command: ReportSale) -> Sale:
    """What was reported for the same product, month, channel and event, its row locked."""
    found = await sales.lock(
        tx.conn, command.product_id, command.month, command.channel, command.market_event_id
    )
    if found is None:
        raise SaleNotFound(pointer="/correction")
    return found
