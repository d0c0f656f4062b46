"""What the registry tells: women of the programme and their home businesses."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fact import Fact, Part, published
from shared.contracts.values import Code, KelurahanCode, Quantity

PERSON = "registry.person"
BUSINESS = "registry.business"

# Relations to the head of a household as family cards (KK) list them.
HouseholdRole = Literal[
    "head",
    "husband",
    "wife",
    "child",
    "child_in_law",
    "grandchild",
    "parent",
    "parent_in_law",
    "relative",
    "helper",
    "other",
]
ProductionMode = Literal["to_order", "batch", "continuous"]
Period = Literal["day", "week", "month"]
Channel = Literal["online", "home", "shop", "market", "reseller", "event", "order"]
ConstraintKind = Literal[
    "brand",
    "marketing",
    "standard",
    "capital",
    "packaging",
    "licence",
    "raw_material",
    "time",
    "confidence",
]


@published("id.binaan.registry.person.registered.v1", topic=PERSON, key="person_id")
class PersonRegistered(Fact):
    """A person was entered into the registry: here are ids and codes, who she is stays there."""

    person_id: UUID
    household_id: UUID
    role_in_household: HouseholdRole
    kelurahan: KelurahanCode  # where she lives


class Kbli(Part):
    """The class of an economic activity: 5 digits, and the edition that they belong to."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class Capacity(Part):
    """How much the business can make: a quantity of a unit in each period."""

    quantity: Quantity
    unit: Code
    period: Period


class Constraint(Part):
    """What holds the business back: 1 a little, 2 clearly, 3 it stops her."""

    kind: ConstraintKind
    severity: Annotated[int, Field(ge=1, le=3)]


class BusinessState(Fact):
    """A home business as it stands after the event."""

    business_id: UUID
    owner_id: UUID  # a person_id
    kelurahan: KelurahanCode
    sector: Code
    sub_sector: Code
    kbli: Kbli | None
    started_on: date
    production_mode: ProductionMode
    capacity: Capacity
    channels: tuple[Channel, ...]
    constraints: tuple[Constraint, ...]


@published("id.binaan.registry.business.registered.v1", topic=BUSINESS, key="business_id")
class BusinessRegistered(BusinessState):
    """A home business was entered into the registry."""


@published("id.binaan.registry.business.production-changed.v1", topic=BUSINESS, key="business_id")
class BusinessProductionChanged(BusinessState):
    """The business works differently since `occurred_on`: a change in the world."""


@published("id.binaan.registry.business.corrected.v1", topic=BUSINESS, key="business_id")
class BusinessCorrected(BusinessState):
    """A wrong entry about a business was put right: the world didn't change."""

    corrected: tuple[Code, ...]  # names of the fields, never their values
