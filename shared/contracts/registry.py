"""What the registry tells: women of the programme and their home businesses."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fact import Fact, Part, published
from shared.contracts.values import Code, Count, KelurahanCode, Line, Quantity

PERSON = "registry.person"
BUSINESS = "registry.business"
SITE = "registry.site"
OFFICE = "registry.office"
OPENING_BALANCE = "registry.opening-balance"
LICENCE = "registry.licence"
OUTSIDE_TRAINING = "registry.outside-training"

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
# Industri rumahan: pemula, berkembang, maju; what has grown beyond is mikro.
BusinessClass = Literal["pemula", "berkembang", "maju", "mikro"]
Guided = Literal["yes", "no", "unknown"]
CoverageSource = Literal["office_list", "owner_said", "letter", "other", "office_event"]
SiteStatus = Literal["planned", "active", "closed"]
LicenceKind = Literal["merek_letter", "nib", "pirt", "halal"]
LicenceStatus = Literal["issued", "expired", "revoked"]


@published("id.binaan.registry.person.registered.v1", topic=PERSON, key="person_id")
class PersonRegistered(Fact):
    """A person was entered into the registry: here are ids and codes, who she is stays there."""

    person_id: UUID
    household_id: UUID
    role_in_household: HouseholdRole
    kelurahan: KelurahanCode  # where she lives


class PersonState(Fact):
    """What the civil registry says about a person, as it stands after the event.

    Each day is the one from which it holds; null: nobody has said so.
    """

    person_id: UUID
    household_id: UUID
    role_in_household: HouseholdRole
    kelurahan: KelurahanCode  # where she lives, or lived last within the city
    verified_on: date | None
    moved_away_on: date | None  # out of the city
    died_on: date | None


@published("id.binaan.registry.person.verified.v1", topic=PERSON, key="person_id")
class PersonVerified(PersonState):
    """The civil registry has confirmed who she is and where she lives."""


@published("id.binaan.registry.person.moved.v1", topic=PERSON, key="person_id")
class PersonMoved(PersonState):
    """She lives elsewhere since `occurred_on`."""


@published("id.binaan.registry.person.died.v1", topic=PERSON, key="person_id")
class PersonDied(PersonState):
    """She died."""


@published("id.binaan.registry.person.identity-corrected.v1", topic=PERSON, key="person_id")
class PersonIdentityCorrected(PersonState):
    """Her NIK was put right. Which one it is stays in the registry."""


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


class Assessment(Part):
    """The class that an assessor gave the business. The reasons stay in the registry."""

    business_class: BusinessClass
    assessed_on: date


class Coverage(Part):
    """Whether another office guides the business, as it was answered on a day."""

    guided: Guided
    by_office: Code | None
    answered_on: date
    source: CoverageSource


class FollowUp(Part):
    """What she made in month 0, 3, 6 or 12. What her household earns stays in the registry."""

    month: Annotated[int, Field(ge=0, le=12)]
    observed_on: date
    output: Capacity
    helpers: Count


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
    assessment: Assessment | None = None
    coverage: Coverage | None = None
    constraints_asked_on: date | None = None  # when they were asked again
    follow_up: FollowUp | None = None  # the newest


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


@published("id.binaan.registry.business.assessed.v1", topic=BUSINESS, key="business_id")
class BusinessAssessed(BusinessState):
    """An assessor gave the business a class."""


@published("id.binaan.registry.business.coverage-answered.v1", topic=BUSINESS, key="business_id")
class BusinessCoverageAnswered(BusinessState):
    """It was answered whether another office guides the business."""


@published("id.binaan.registry.business.constraints-asked.v1", topic=BUSINESS, key="business_id")
class BusinessConstraintsAsked(BusinessState):
    """She was asked again what holds her back."""


@published("id.binaan.registry.business.follow-up-recorded.v1", topic=BUSINESS, key="business_id")
class BusinessFollowUpRecorded(BusinessState):
    """Somebody looked how the business is doing, some months after the beginning."""


@published("id.binaan.registry.site.listed.v1", topic=SITE, key="site_id")
class SiteListed(Fact):
    """A kelurahan is a site of the programme in a year, with this status since `occurred_on`."""

    site_id: UUID
    kelurahan: KelurahanCode
    year: Annotated[int, Field(ge=1979, le=2100)]
    status: SiteStatus


@published("id.binaan.registry.office.named.v1", topic=OFFICE, key="office_id")
class OfficeNamed(Fact):
    """An office bears this title since `valid_from`. Its code stays, its title and duties don't."""

    office_id: UUID
    code: Code
    title: Line
    valid_from: date
    valid_until: date | None  # the last day
    follows: Code | None  # the office whose duties it took over


@published(
    "id.binaan.registry.opening-balance.recorded.v1", topic=OPENING_BALANCE, key="balance_id"
)
class OpeningBalanceRecorded(Fact):
    """An old list says how many businesses were helped before: a count, never registered ones."""

    balance_id: UUID
    kecamatan: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$")]
    businesses: Count
    as_of: date


@published("id.binaan.registry.licence.reported.v1", topic=LICENCE, key="licence_id")
class LicenceReported(Fact):
    """How a paper of a business stands since `occurred_on`, by an office. Its number stays here."""

    licence_id: UUID
    business_id: UUID
    kind: LicenceKind
    status: LicenceStatus
    valid_until: date | None  # the last day
    by_office: Code


class LicenceTold(Part):
    """How a paper stood since a day, in one report of its office."""

    status: LicenceStatus
    since: date
    valid_until: date | None  # the last day


@published(
    "id.binaan.registry.licence.reported.v2",
    topic=LICENCE,
    key="licence_id",
    beside=LicenceReported,
)
class LicenceReportedV2(Fact):
    """A paper of a business with what its office said of it: how it stood on any day follows.

    `reports`: in the office's own order, the newest last, at most a hundred. Of those from a day or
    before, the last one says how the paper stood on it. Its number stays here.
    """

    licence_id: UUID
    business_id: UUID
    kind: LicenceKind
    by_office: Code
    reports: Annotated[tuple[LicenceTold, ...], Field(min_length=1, max_length=100)]

    def earlier(self) -> LicenceReported:
        """Version 1 knows the newest report only."""
        newest = self.reports[-1]
        return LicenceReported(
            occurred_on=self.occurred_on,
            licence_id=self.licence_id,
            business_id=self.business_id,
            kind=self.kind,
            status=newest.status,
            valid_until=newest.valid_until,
            by_office=self.by_office,
        )


@published(
    "id.binaan.registry.outside-training.reported.v1",
    topic=OUTSIDE_TRAINING,
    key="outside_training_id",
)
class OutsideTrainingReported(Fact):
    """Another office has trained a person. `occurred_on`: the last day."""

    outside_training_id: UUID
    person_id: UUID
    by_office: Code
    title: Line
    topics: tuple[Code, ...]
    began_on: date
    hours: Quantity
    kelurahan: KelurahanCode | None  # the venue, where it lies in the city and was said
