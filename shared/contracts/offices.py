"""What offices outside the programme tell us, each on its own topic, under its own principal.

The trade office of Kota Bogor is the example of a host city. Its feed is invented for the demo.
"""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from shared.contracts.fact import Fact, published
from shared.contracts.values import CityCode, Count, Line

BOGOR_MARKET_EVENT = "office.32.71-perdagangan.market-event"


class MarketEvent(Fact):
    """A market event as its host describes it; days are those of `time_zone`."""

    event_ref: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
    name: Line
    host_city: CityCode
    place: Line
    starts_on: date
    ends_on: date
    stands: Count
    time_zone: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z_]+(/[A-Za-z_]+)+$", max_length=64)
    ]


@published(
    "id.go.kotabogor.perdagangan.market-event.announced.v1",
    topic=BOGOR_MARKET_EVENT,
    key="event_ref",
)
class MarketEventAnnounced(MarketEvent):
    """The host invites to a market event."""


@published(
    "id.go.kotabogor.perdagangan.market-event.changed.v1", topic=BOGOR_MARKET_EVENT, key="event_ref"
)
class MarketEventChanged(MarketEvent):
    """The host changed dates, place or the number of stands."""


@published(
    "id.go.kotabogor.perdagangan.market-event.cancelled.v1",
    topic=BOGOR_MARKET_EVENT,
    key="event_ref",
)
class MarketEventCancelled(MarketEvent):
    """The host called it off; the fields say what was called off."""
