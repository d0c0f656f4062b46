"""What training keeps of what others report."""

from operator import attrgetter
from typing import cast

from shared.consumers import Consumer, Projection, Received
from shared.contracts.registry import (
    BUSINESS,
    BusinessConstraintsAsked,
    BusinessCorrected,
    BusinessProductionChanged,
    BusinessRegistered,
    BusinessState,
)


def _state(event: Received) -> BusinessState:
    return cast("BusinessState", event.fact)


BUSINESSES = Projection(
    name="training.businesses",
    topics=(BUSINESS,),
    facts=(
        BusinessRegistered,
        BusinessProductionChanged,
        BusinessCorrected,
        BusinessConstraintsAsked,
    ),
    table="known_business",
    key="business_id",
    columns={
        "business_id": attrgetter("fact.business_id"),
        "owner_id": attrgetter("fact.owner_id"),
        "kelurahan": attrgetter("fact.kelurahan"),
        "constraints": lambda event: " ".join(c.kind for c in _state(event).constraints),
    },
)

CONSUMERS: tuple[Consumer, ...] = (BUSINESSES,)
