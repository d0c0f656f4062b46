"""What marketing can be told about sales."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from services.marketing import events
from services.marketing.commands.forms import Amount, Command
from services.marketing.domain.refusals import (
    MarketEventNotFound,
    ProductNotFound,
    SaleReportedAlready,
)
from services.marketing.domain.sale import Sale, SaleChannel, accept
from services.marketing.store import market_events, products, sales, stands
from shared.contracts.values import Quantity
from shared.db import Tx
from shared.ids import uuid7

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class ReportSale(Command):
    """What a product sold in a month through a channel; at an event, say at which.

    `quantity` in the product's unit, a decimal string; `rupiah` for all of it.
    """

    product_id: UUID
    market_event_id: UUID | None = None
    channel: SaleChannel
    month: Month
    quantity: Quantity
    rupiah: Amount


class SaleSaved(BaseModel):
    """The sale is recorded."""

    sale_id: UUID
    version: int


async def report_sale(tx: Tx, command: ReportSale) -> SaleSaved:
    """Raises ProductNotFound, MarketEventNotFound, SaleReportedAlready, and those of the rules."""
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
        raise SaleReportedAlready
    tx.emit(events.sale_reported(sale, tx.today), key=sale.id, version=sale.version)
    return SaleSaved(sale_id=sale.id, version=sale.version)
