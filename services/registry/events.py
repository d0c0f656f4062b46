"""What the registry tells the others: domain values as published facts, ids and codes only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.registry.domain.business import Business, Changed
from services.registry.domain.person import Person
from shared.contracts.registry import (
    BusinessCorrected,
    BusinessProductionChanged,
    BusinessRegistered,
    Capacity,
    Constraint,
    Kbli,
    PersonRegistered,
)
from shared.contracts.values import quantity


def person_registered(person: Person, today: date) -> PersonRegistered:
    """She is in the registry: who she is stays here, the others get her id."""
    return PersonRegistered(
        occurred_on=today,
        person_id=person.id,
        household_id=person.household_id,
        role_in_household=person.role.value,
        kelurahan=person.kelurahan,
    )


def business_registered(business: Business, today: date) -> BusinessRegistered:
    """Her business is in the registry."""
    return BusinessRegistered(occurred_on=today, **_state(business))


def production_changed(business: Business) -> BusinessProductionChanged:
    """She produces differently, since the day that the change took effect."""
    return BusinessProductionChanged(occurred_on=business.production_since, **_state(business))


def business_corrected(
    business: Business, corrected: Sequence[Changed], today: date
) -> BusinessCorrected:
    """An entry was wrong and is right now; the reason stays here."""
    return BusinessCorrected(
        occurred_on=today,
        corrected=tuple(changed.field for changed in corrected),
        **_state(business),
    )


def _state(business: Business) -> dict[str, Any]:
    kbli, capacity = business.kbli, business.capacity
    return {
        "business_id": business.id,
        "owner_id": business.owner_id,
        "kelurahan": business.kelurahan,
        "sector": business.sector,
        "sub_sector": business.sub_sector,
        "kbli": None if kbli is None else Kbli(code=kbli.code, version=kbli.version),
        "started_on": business.started_on,
        "production_mode": business.production_mode.value,
        "capacity": Capacity(
            quantity=quantity(capacity.quantity), unit=capacity.unit, period=capacity.period.value
        ),
        "channels": tuple(channel.kind.value for channel in business.channels),
        "constraints": tuple(
            Constraint(kind=constraint.kind.value, severity=constraint.severity)
            for constraint in business.constraints
        ),
    }
