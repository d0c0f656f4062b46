"""What the registry tells the others: domain values as published facts, ids and codes only."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.domain.business import Business, Changed
from services.registry.domain.capacity import Capacity as DomainCapacity
from services.registry.domain.capacity import Output
from services.registry.domain.outside import Licence, Report, Training
from services.registry.domain.person import HouseholdRole, Person
from services.registry.domain.programme import Office, Site
from services.registry.domain.resident import Civil, News
from shared.contracts.registry import (
    Assessment,
    BusinessAssessed,
    BusinessConstraintsAsked,
    BusinessCorrected,
    BusinessCoverageAnswered,
    BusinessFollowUpRecorded,
    BusinessProductionChanged,
    BusinessRegistered,
    Capacity,
    Constraint,
    Coverage,
    FollowUp,
    Kbli,
    LicenceReportedV2,
    OfficeNamed,
    OpeningBalanceRecorded,
    OutsideTrainingReported,
    PersonDied,
    PersonIdentityCorrected,
    PersonMoved,
    PersonRegistered,
    PersonState,
    PersonVerified,
    SiteListed,
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


_CIVIL: dict[News, type[PersonState]] = {
    News.VERIFIED: PersonVerified,
    News.MOVED: PersonMoved,
    News.DIED: PersonDied,
    News.IDENTITY_CORRECTED: PersonIdentityCorrected,
}


def person_reported(person: Civil, news: News, on: date) -> PersonState:
    """What the civil registry's news made of her: days and codes, never a number."""
    return _CIVIL[news](
        occurred_on=on,
        person_id=person.id,
        household_id=person.household_id,
        role_in_household=HouseholdRole(person.role).value,
        kelurahan=person.kelurahan,
        verified_on=person.verified_on,
        moved_away_on=person.moved_away_on,
        died_on=person.died_on,
    )


def business_registered(business: Business) -> BusinessRegistered:
    """Her business is in the registry, since the day that she was written down."""
    return BusinessRegistered(occurred_on=business.registered_on, **_state(business))


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


def business_assessed(business: Business, on: date) -> BusinessAssessed:
    """It has a class."""
    return BusinessAssessed(occurred_on=on, **_state(business))


def coverage_answered(business: Business, on: date) -> BusinessCoverageAnswered:
    """Whether another office guides it."""
    return BusinessCoverageAnswered(occurred_on=on, **_state(business))


def constraints_asked(business: Business, on: date) -> BusinessConstraintsAsked:
    """She said again what holds her back."""
    return BusinessConstraintsAsked(occurred_on=on, **_state(business))


def follow_up_recorded(business: Business, on: date) -> BusinessFollowUpRecorded:
    """How she is doing; what her household earns stays here."""
    return BusinessFollowUpRecorded(occurred_on=on, **_state(business))


def site_listed(site: Site) -> SiteListed:
    """What a kelurahan is in the programme of a year."""
    return SiteListed(
        occurred_on=site.since,
        site_id=site.id,
        kelurahan=site.kelurahan,
        year=site.year,
        status=site.status.value,
    )


def office_named(office: Office, on: date) -> OfficeNamed:
    """Under which title an office is known, and how long."""
    return OfficeNamed(
        occurred_on=on,
        office_id=office.id,
        code=office.code,
        title=office.title,
        valid_from=office.valid_from,
        valid_until=office.valid_until,
        follows=office.follows,
    )


def opening_balance_recorded(
    balance_id: UUID, kecamatan: str, businesses: int, as_of: date
) -> OpeningBalanceRecorded:
    """What an old list counted; whose list it is stays here."""
    return OpeningBalanceRecorded(
        occurred_on=as_of,
        balance_id=balance_id,
        kecamatan=kecamatan,
        businesses=businesses,
        as_of=as_of,
    )


def licence_reported(paper: Licence, reports: Sequence[Report]) -> LicenceReportedV2:
    """How a paper of a business stands and stood; its number stays here."""
    return LicenceReportedV2.model_validate(
        {
            "occurred_on": reports[-1].since,
            "licence_id": paper.id,
            "business_id": paper.business_id,
            "kind": paper.kind,
            "by_office": paper.by_office,
            "reports": tuple(asdict(report) for report in reports),
        }
    )


def outside_training_reported(training: Training) -> OutsideTrainingReported:
    """What another office taught one person."""
    return OutsideTrainingReported(
        occurred_on=training.ended_on,
        outside_training_id=training.id,
        person_id=training.person_id,
        by_office=training.by_office,
        title=training.title,
        topics=training.topics,
        began_on=training.began_on,
        hours=quantity(training.hours),
        kelurahan=training.kelurahan,
    )


def _state(business: Business) -> dict[str, Any]:
    kbli = business.kbli
    return {
        "business_id": business.id,
        "owner_id": business.owner_id,
        "kelurahan": business.kelurahan,
        "sector": business.sector,
        "sub_sector": business.sub_sector,
        "kbli": None if kbli is None else Kbli(code=kbli.code, version=kbli.version),
        "started_on": business.started_on,
        "production_mode": business.production_mode.value,
        "capacity": _capacity(business.capacity),
        "channels": tuple(channel.kind.value for channel in business.channels),
        "constraints": tuple(
            Constraint(kind=constraint.kind.value, severity=constraint.severity)
            for constraint in business.constraints
        ),
        **_observed(business),
    }


def _observed(business: Business) -> dict[str, Any]:
    seen = business.observed
    assessment, coverage, follow_up = seen.assessment, seen.coverage, seen.follow_up
    return {
        "constraints_asked_on": seen.constraints_asked_on,
        "assessment": assessment
        and Assessment(
            business_class=assessment.business_class.value, assessed_on=assessment.assessed_on
        ),
        "coverage": coverage
        and Coverage(
            guided=coverage.guided.value,
            by_office=coverage.by_office,
            answered_on=coverage.answered_on,
            source=coverage.source.value,
        ),
        "follow_up": follow_up
        and FollowUp(
            month=follow_up.month,
            observed_on=follow_up.observed_on,
            output=_capacity(follow_up.output),
            helpers=follow_up.helpers,
        ),
    }


def _capacity(made: DomainCapacity | Output) -> Capacity:
    return Capacity(quantity=quantity(made.quantity), unit=made.unit, period=made.period.value)
