"""What training keeps of what others report."""

from operator import attrgetter
from typing import cast

from shared.consumers import Consumer, Projection, Received
from shared.contracts.registry import (
    BUSINESS,
    BusinessAssessed,
    BusinessConstraintsAsked,
    BusinessCorrected,
    BusinessCoverageAnswered,
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
        BusinessAssessed,
        BusinessCoverageAnswered,
    ),
    table="known_business",
    key="business_id",
    columns={
        "business_id": attrgetter("fact.business_id"),
        "owner_id": attrgetter("fact.owner_id"),
        "kelurahan": attrgetter("fact.kelurahan"),
        "constraints": lambda event: " ".join(c.kind for c in _state(event).constraints),
        "guided": lambda event: c.guided if (c := _state(event).coverage) else None,
        "guided_by": lambda event: c.by_office if (c := _state(event).coverage) else None,
        "business_class": lambda e: a.business_class if (a := _state(e).assessment) else None,
    },
)

CONSUMERS: tuple[Consumer, ...] = (BUSINESSES,)
