"""What training keeps of what others report."""

from operator import attrgetter

from shared.consumers import Consumer, Projection
from shared.contracts.registry import (
    BUSINESS,
    BusinessCorrected,
    BusinessProductionChanged,
    BusinessRegistered,
)

BUSINESSES = Projection(
    name="training.businesses",
    topics=(BUSINESS,),
    facts=(BusinessRegistered, BusinessProductionChanged, BusinessCorrected),
    table="known_business",
    key="business_id",
    columns={
        "business_id": attrgetter("fact.business_id"),
        "owner_id": attrgetter("fact.owner_id"),
        "kelurahan": attrgetter("fact.kelurahan"),
    },
)

CONSUMERS: tuple[Consumer, ...] = (BUSINESSES,)
