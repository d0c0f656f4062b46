"""What a product sold in a month through a channel, as its maker reports it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.marketing.domain.market_event import Details
from services.marketing.domain.refusals import (
    EventUnasked,
    EventWanted,
    MonthAhead,
    MonthNotEvents,
    NoStandThere,
    SaleChanged,
    SaleEmpty,
    SaleUnchanged,
)


class SaleChannel(StrEnum):
    """Where it was sold."""

    ONLINE = "online"
    HOME = "home"
    SHOP = "shop"
    MARKET = "market"
    RESELLER = "reseller"
    EVENT = "event"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Sale:
    """`month` is `2017-08`; `quantity` in the product's unit; `rupiah` for all of it.

    A correction may say that nothing was sold after all.
    """

    id: UUID
    product_id: UUID
    business_id: UUID
    unit: str
    market_event_id: UUID | None
    channel: SaleChannel
    month: str
    quantity: Decimal
    rupiah: int
    version: int = 1

    def __post_init__(self) -> None:
        """Raises SaleEmpty, EventWanted or EventUnasked."""
        if self.quantity <= 0 and (self.version == 1 or self.rupiah > 0):
            raise SaleEmpty(pointer="/quantity")
        if self.channel is SaleChannel.EVENT and self.market_event_id is None:
            raise EventWanted(pointer="/market_event_id")
        if self.channel is not SaleChannel.EVENT and self.market_event_id is not None:
            raise EventUnasked(pointer="/market_event_id")


def accept(sale: Sale, event: Details | None, had_stand: bool, today: date) -> None:
    """Raises MonthAhead, NoStandThere or MonthNotEvents. `event`: of a sale at one."""
    if sale.month > month_of(today):
        raise MonthAhead(pointer="/month")
    if event is None:
        return
    if not had_stand:
        raise NoStandThere(pointer="/market_event_id")
    if not month_of(event.starts_on) <= sale.month <= month_of(event.ends_on):
        raise MonthNotEvents(pointer="/month", starts_on=event.starts_on, ends_on=event.ends_on)


def correct(sale: Sale, version: int, quantity: Decimal, rupiah: int) -> Sale:
    """The same report with what was really sold. Raises SaleChanged, SaleUnchanged or SaleEmpty.

    `version`: of the report that whoever corrects it has seen.
    """
    if sale.version != version:
        raise SaleChanged(pointer="/correction/version", version=sale.version)
    if (sale.quantity, sale.rupiah) == (quantity, rupiah):
        raise SaleUnchanged(pointer="/quantity")
    return replace(sale, quantity=quantity, rupiah=rupiah, version=sale.version + 1)


def month_of(day: date) -> str:
    """The month of a day, `2017-08`."""
    return f"{day:%Y-%m}"
