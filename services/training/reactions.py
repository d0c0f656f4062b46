"""What training keeps of what others report."""

from decimal import Decimal
from operator import attrgetter
from typing import cast

from shared.consumers import Consumer, Projection, Received
from shared.contracts.registry import (
    BUSINESS,
    OUTSIDE_TRAINING,
    BusinessAssessed,
    BusinessConstraintsAsked,
    BusinessCorrected,
    BusinessCoverageAnswered,
    BusinessProductionChanged,
    BusinessRegistered,
    BusinessState,
    OutsideTrainingReported,
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


def _outside(event: Received) -> OutsideTrainingReported:
    return cast("OutsideTrainingReported", event.fact)


OUTSIDE_TRAININGS = Projection(
    name="training.outside-trainings",
    topics=(OUTSIDE_TRAINING,),
    facts=(OutsideTrainingReported,),
    table="known_outside_training",
    key="outside_training_id",
    columns={
        "outside_training_id": attrgetter("fact.outside_training_id"),
        "person_id": attrgetter("fact.person_id"),
        "by_office": attrgetter("fact.by_office"),
        "title": attrgetter("fact.title"),
        "topics": lambda event: " ".join(_outside(event).topics),
        "began_on": attrgetter("fact.began_on"),
        "ended_on": attrgetter("fact.occurred_on"),
        "hours": lambda event: Decimal(_outside(event).hours),
    },
)

CONSUMERS: tuple[Consumer, ...] = (BUSINESSES, OUTSIDE_TRAININGS)
