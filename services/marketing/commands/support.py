"""What marketing can be told about support of participants, and an event's budget."""

from uuid import UUID

from pydantic import BaseModel

from services.marketing import events
from services.marketing.commands.forms import Amount, Command
from services.marketing.domain import support as rules
from services.marketing.domain.refusals import (
    MarketEventNotFound,
    StandGone,
    StandNotFound,
    SupportChanged,
    SupportNotFound,
)
from services.marketing.domain.support import Approval, Support, SupportKind, SupportStatus
from services.marketing.store import market_events, support
from shared.db import Tx
from shared.ids import uuid7


class SetBudget(Command):
    """How much the office may spend on an event, in rupiah: all of it, not an addition."""

    rupiah: Amount


class PlanSupport(Command):
    """Plan one line of support for whoever has the stand."""

    kind: SupportKind
    planned_rupiah: Amount


class ApproveSupport(Command):
    """Agree to a line that somebody else planned."""


class PaySupport(Command):
    """What it cost."""

    actual_rupiah: Amount


class BudgetSaved(BaseModel):
    """The event's budget as it is now."""

    market_event_id: UUID
    rupiah: int
    committed: int
    version: int


class SupportSaved(BaseModel):
    """The line as it is now."""

    support_id: UUID
    status: SupportStatus
    version: int


async def set_budget(tx: Tx, market_event_id: UUID, command: SetBudget) -> BudgetSaved:
    """Raises MarketEventNotFound or BudgetBelowCommitted."""
    if not await market_events.exists(tx.conn, market_event_id):
        raise MarketEventNotFound
    version = await support.lock_new_budget(tx, market_event_id) + 1
    budget = await support.lock_budget(tx.conn, market_event_id, without=None)
    rules.set_budget(command.rupiah, budget.committed)
    await support.save_budget(tx, market_event_id, command.rupiah, version)
    return BudgetSaved(
        market_event_id=market_event_id,
        rupiah=command.rupiah,
        committed=budget.committed,
        version=version,
    )


async def plan_support(tx: Tx, stand_id: UUID, command: PlanSupport) -> SupportSaved:
    """Raises StandNotFound, StandGone or AmountZero. A plan takes nothing from the budget."""
    place = await support.place(tx.conn, stand_id)
    if place is None:
        raise StandNotFound
    if not place.stand_confirmed:
        raise StandGone
    line = Support(
        id=uuid7(),
        stand_id=stand_id,
        market_event_id=place.market_event_id,
        business_id=place.business_id,
        kind=command.kind,
        planned_rupiah=command.planned_rupiah,
        planned_by=tx.actor.subject,
    )
    await support.insert(tx, line)
    tx.emit(events.support_planned(line, tx.today), key=line.id, version=line.version)
    return _saved(line)


async def approve_support(
    tx: Tx, support_id: UUID, version: int, _: ApproveSupport
) -> SupportSaved:
    """Raises SupportNotFound, SupportChanged and the refusals of `approve`."""
    before, place = await _locked(tx, support_id, version)
    budget = await support.lock_budget(tx.conn, before.market_event_id, without=before.id)
    asked = Approval(budget, tx.actor.subject, place.stand_confirmed, place.starts_on)
    after = rules.approve(before, asked)
    await support.save_approved(tx, after)
    tx.emit(events.support_approved(after, tx.today), key=after.id, version=after.version)
    return _saved(after)


async def pay_support(tx: Tx, support_id: UUID, version: int, command: PaySupport) -> SupportSaved:
    """Raises SupportNotFound, SupportChanged, SupportNotApproved or BudgetShort."""
    before, place = await _locked(tx, support_id, version)
    budget = await support.lock_budget(tx.conn, before.market_event_id, without=before.id)
    after = rules.pay(before, command.actual_rupiah, budget, place.starts_on)
    await support.save_paid(tx, after)
    tx.emit(events.support_paid(after, tx.today), key=after.id, version=after.version)
    return _saved(after)


async def _locked(tx: Tx, support_id: UUID, version: int) -> tuple[Support, support.Place]:
    line = await support.lock(tx.conn, support_id)
    if line is None:
        raise SupportNotFound
    if line.version != version:
        raise SupportChanged
    await support.lock_stand(tx.conn, line.stand_id)
    place = await support.place(tx.conn, line.stand_id)
    if place is None:
        raise StandNotFound
    return line, place


def _saved(line: Support) -> SupportSaved:
    return SupportSaved(support_id=line.id, status=line.status, version=line.version)
