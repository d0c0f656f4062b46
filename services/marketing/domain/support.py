"""Support of a participant: planned by one, approved by another, paid, never beyond the budget."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.marketing.domain.refusals import (
    AmountZero,
    BudgetBelowCommitted,
    BudgetShort,
    SameHands,
    StandGone,
    SupportNotApproved,
    SupportNotPlanned,
)
from shared.errors import Needed, spoken


class SupportKind(StrEnum):
    """What it is for."""

    STAND = "stand"
    TRANSPORT = "transport"
    LODGING = "lodging"
    OTHER = "other"


class SupportStatus(StrEnum):
    """Only what is approved or paid counts against the budget."""

    PLANNED = "planned"
    APPROVED = "approved"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Support:
    """One line of support. Amounts in rupiah."""

    id: UUID
    stand_id: UUID
    market_event_id: UUID
    business_id: UUID
    kind: SupportKind
    planned_rupiah: int
    planned_by: str
    actual_rupiah: int | None = None
    status: SupportStatus = SupportStatus.PLANNED
    version: int = 1

    def __post_init__(self) -> None:
        """Raises AmountZero."""
        if self.planned_rupiah < 1:
            raise AmountZero(pointer="/planned_rupiah")


@dataclass(frozen=True, slots=True)
class Budget:
    """The event's budget while its row is locked. `committed`: all other lines that count."""

    rupiah: int
    committed: int

    @property
    def left(self) -> int:
        """What may still be spent."""
        return max(self.rupiah - self.committed, 0)


@dataclass(frozen=True, slots=True)
class Approval:
    """Everything that the rule looks at when somebody approves a line."""

    budget: Budget
    approver: str
    stand_confirmed: bool
    starts_on: date


def missing(support: Support, asked: Approval) -> tuple[Needed, ...]:
    """The smallest set of facts with which this line is approved.

    Empty when it is, and when nothing would help: another status, a stand given back.
    """
    if support.status is not SupportStatus.PLANNED or not asked.stand_confirmed:
        return ()
    needed = []
    if asked.approver == support.planned_by:
        needed.append(_other_hands(support, asked.starts_on))
    if support.planned_rupiah > asked.budget.left:
        wanted = asked.budget.committed + support.planned_rupiah
        needed.append(_more_budget(support, wanted, asked.starts_on))
    return tuple(needed)


def approve(support: Support, asked: Approval) -> Support:
    """Raises SupportNotPlanned, StandGone, SameHands or BudgetShort, with what is missing."""
    if support.status is not SupportStatus.PLANNED:
        raise SupportNotPlanned
    if not asked.stand_confirmed:
        raise StandGone
    needed = missing(support, asked)
    if asked.approver == support.planned_by:
        raise SameHands(needed=needed)
    if needed:
        raise _short(support.planned_rupiah, asked.budget, needed)
    return replace(support, status=SupportStatus.APPROVED, version=support.version + 1)


def pay(support: Support, actual_rupiah: int, budget: Budget, starts_on: date) -> Support:
    """Take what it cost. Raises SupportNotApproved or BudgetShort.

    It may differ from what was planned, as long as the budget has it.
    """
    if support.status is not SupportStatus.APPROVED:
        raise SupportNotApproved
    if actual_rupiah > budget.left:
        needed = _more_budget(support, budget.committed + actual_rupiah, starts_on)
        raise _short(actual_rupiah, budget, [needed])
    return replace(
        support,
        status=SupportStatus.PAID,
        actual_rupiah=actual_rupiah,
        version=support.version + 1,
    )


def set_budget(rupiah: int, committed: int) -> None:
    """Raises BudgetBelowCommitted: what was agreed to can't be taken back by a smaller budget."""
    if rupiah < committed:
        raise BudgetBelowCommitted(pointer="/rupiah", committed=committed)


def _short(wanted: int, budget: Budget, needed: Sequence[Needed]) -> BudgetShort:
    left = budget.left
    return BudgetShort(needed=needed, wanted=wanted, left=left, short=wanted - left)


def _other_hands(support: Support, starts_on: date) -> Needed:
    return Needed(
        fact="approver",
        who="verifikator",
        indonesian="Minta orang lain menyetujui: yang merencanakan tidak boleh menyetujui.",
        english="Ask somebody else to approve: whoever planned it may not.",
        by=starts_on,
        about=support.id,
    )


def _more_budget(support: Support, wanted: int, starts_on: date) -> Needed:
    return Needed(
        fact="budget",
        who="kasi",
        indonesian=f"Tetapkan anggaran acara sedikitnya Rp {spoken(wanted, 'id')}.",
        english=f"Set the event's budget to at least Rp {spoken(wanted, 'en')}.",
        by=starts_on,
        about=support.market_event_id,
    )
