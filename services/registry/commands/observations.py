"""What the registry can be told that somebody observed of a business.

An observation is a new row and overwrites nothing, so it needs no version of the business: two
that come at once follow one another.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.registry import events
from services.registry.commands.businesses import BusinessSaved, Constraints, constraints
from services.registry.commands.forms import Command, Reason
from services.registry.domain import business as businesses
from services.registry.domain import observations as rules
from services.registry.domain.business import Business
from services.registry.domain.capacity import Output, Period
from services.registry.domain.observations import (
    Assessment,
    BusinessClass,
    Coverage,
    CoverageSource,
    FollowUp,
    Guided,
    IncomeBand,
)
from services.registry.domain.refusals import BusinessNotFound
from services.registry.store import businesses as store
from services.registry.store import observations
from shared.contracts.values import Code, Count, Quantity
from shared.db import Tx


class AssessBusiness(Command):
    """Give the business a class, with the assessor's reasons."""

    business_class: BusinessClass
    assessed_on: date
    reasons: Reason


class AnswerCoverage(Command):
    """Say whether another office guides the business, and which one if so."""

    guided: Guided
    by_office: Code | None = None
    answered_on: date
    source: Literal["office_list", "owner_said", "letter", "other"]


class AskConstraints(Command):
    """Say what holds the business back now; what isn't named no longer does."""

    asked_on: date
    constraints: Constraints


class OutputEntry(Command):
    """What she made: `quantity`, a decimal string, of `unit` in each `period`."""

    quantity: Quantity
    unit: Code
    period: Period


class RecordFollowUp(Command):
    """Say how she is doing. `month` 0 is the baseline; `helpers` are those who work with her."""

    month: Literal[0, 3, 6, 12]
    observed_on: date
    income_band: IncomeBand = Field(repr=False)
    output: OutputEntry
    helpers: Annotated[Count, Field(le=1000)]


async def assess_business(tx: Tx, business_id: UUID, command: AssessBusiness) -> BusinessSaved:
    """Raises BusinessNotFound and the refusals of the rule."""
    before = await _locked(tx, business_id)
    found = Assessment(command.business_class, command.assessed_on)
    after = businesses.observe(before, rules.assess(before.observed, found, tx.today))
    await observations.add_assessment(tx, after, found, command.reasons)
    tx.emit(events.business_assessed(after, found.assessed_on), key=after.id, version=after.version)
    return BusinessSaved(business_id=after.id, version=after.version)


async def answer_coverage(tx: Tx, business_id: UUID, command: AnswerCoverage) -> BusinessSaved:
    """Raises BusinessNotFound and the refusals of the rule."""
    before = await _locked(tx, business_id)
    source = CoverageSource(command.source)
    found = Coverage(command.guided, command.by_office, command.answered_on, source)
    after = businesses.observe(before, rules.answer_coverage(before.observed, found, tx.today))
    await observations.add_coverage(tx, after, found)
    tx.emit(events.coverage_answered(after, found.answered_on), key=after.id, version=after.version)
    return BusinessSaved(business_id=after.id, version=after.version)


async def ask_constraints(tx: Tx, business_id: UUID, command: AskConstraints) -> BusinessSaved:
    """Raises BusinessNotFound, NamedTwice and the refusals of the rule."""
    before, day = await _locked(tx, business_id), command.asked_on
    seen = rules.ask_constraints(before.observed, day, tx.today)
    after = businesses.observe(before, seen, constraints(command.constraints))
    await store.save_asked(tx, after, businesses.differences(before, after), day)
    await observations.add_constraints(tx, after, day)
    tx.emit(events.constraints_asked(after, day), key=after.id, version=after.version)
    return BusinessSaved(business_id=after.id, version=after.version)


async def record_follow_up(tx: Tx, business_id: UUID, command: RecordFollowUp) -> BusinessSaved:
    """Raises BusinessNotFound, UnknownUnit and the refusals of the rule."""
    before, made = await _locked(tx, business_id), command.output
    found = FollowUp(
        month=command.month,
        observed_on=command.observed_on,
        income_band=command.income_band,
        output=Output(Decimal(made.quantity), made.unit, made.period),
        helpers=command.helpers,
    )
    after = businesses.observe(before, rules.follow_up(before.observed, found, tx.today))
    await observations.add_follow_up(tx, after, found)
    fact = events.follow_up_recorded(after, found.observed_on)
    tx.emit(fact, key=after.id, version=after.version)
    return BusinessSaved(business_id=after.id, version=after.version)


async def _locked(tx: Tx, business_id: UUID) -> Business:
    business = await store.lock(tx.conn, business_id)
    if business is None:
        raise BusinessNotFound
    return business
