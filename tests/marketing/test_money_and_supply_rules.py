"""What can be promised, given and paid, and what would turn a "no", without a database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.marketing.domain.market_event import Details, MarketEvent
from services.marketing.domain.readiness import Point, State
from services.marketing.domain.refusals import (
    AmountZero,
    BudgetBelowCommitted,
    BudgetShort,
    EventUnasked,
    EventWanted,
    MonthAhead,
    MonthNotEvents,
    NoStandThere,
    NotAttended,
    PromiseZero,
    SaleEmpty,
    SameHands,
    StandGone,
    SupplyShort,
    SupplyUnknown,
    SupportNotApproved,
    SupportNotPlanned,
)
from services.marketing.domain.sale import Sale, SaleChannel, accept
from services.marketing.domain.stand import Asking, Stand, Supply, allot, missing
from services.marketing.domain.supply import (
    Capacity,
    Promise,
    available,
    enough_per_day,
    shortfall,
)
from services.marketing.domain.support import (
    Approval,
    Budget,
    Support,
    SupportKind,
    SupportStatus,
    approve,
    pay,
    set_budget,
)
from services.marketing.domain.support import missing as missing_for_support
from shared.errors import Needed, Refusal

TODAY = date(2017, 8, 2)
STARTS = date(2017, 8, 12)  # in ten days
HERS, OF_HERS = uuid4(), uuid4()
DETAILS = Details("32.71", "Pasar", "Alun-Alun", STARTS, STARTS, "Asia/Jakarta", 3)
EVENT = MarketEvent(uuid4(), "urn:binaan:32.71:perdagangan", "2017/1", DETAILS)
TWENTY = Capacity(Decimal(20), "jar", "day")

amounts = st.decimals("0.001", "500", places=3)
promises = st.builds(Promise, st.integers(1, 40).map(lambda n: TODAY + timedelta(days=n)), amounts)


@pytest.mark.parametrize(
    ("others", "quantity", "short"),
    [
        ([], 200, 0),
        ([], 201, 1),
        ([Promise(STARTS, Decimal(150))], 50, 0),
        ([Promise(STARTS, Decimal(150))], 60, 10),
        ([Promise(date(2017, 8, 7), Decimal(100))], 100, 0),
        ([Promise(date(2017, 8, 7), Decimal(100))], 101, 1),
        # A later event needs what is made until then: four hundred in twenty days.
        ([Promise(date(2017, 8, 22), Decimal(350))], 50, 0),
        ([Promise(date(2017, 8, 22), Decimal(350))], 60, 10),
    ],
)
def test_a_promise_is_capacity_times_days_less_what_is_promised(
    others: list[Promise], quantity: int, short: int
) -> None:
    new = Promise(STARTS, Decimal(quantity))
    assert shortfall(TWENTY.per_day, others, new, TODAY) == short
    assert available(TWENTY.per_day, others, new, TODAY) == quantity - short


@pytest.mark.parametrize(("period", "per_day"), [("day", 20), ("week", 20 / 7), ("month", 2 / 3)])
def test_a_period_is_one_seven_or_thirty_days(period: str, per_day: float) -> None:
    assert float(Capacity(Decimal(20), "jar", period).per_day) == pytest.approx(per_day)


def whole_plan_fits(per_day: Fraction, promised: Sequence[Promise]) -> bool:
    """Independently: day by day, make as much as possible and hand over what is due."""
    stock = Fraction(0)
    for n in range(1, 41):
        stock += per_day
        stock -= sum(
            (Fraction(p.quantity) for p in promised if p.by == TODAY + timedelta(days=n)),
            Fraction(0),
        )
        if stock < 0:
            return False
    return True


@given(st.lists(promises, max_size=5), promises, st.fractions(0, 60))
def test_promises_that_are_accepted_one_by_one_can_all_be_kept(
    asked: list[Promise], last: Promise, per_day: Fraction
) -> None:
    kept: list[Promise] = []
    for promise in [*asked, last]:
        fits = shortfall(per_day, kept, promise, TODAY) == 0
        assert fits == whole_plan_fits(per_day, [*kept, promise])
        if fits:
            kept.append(promise)
    assert whole_plan_fits(per_day, kept)


@given(st.lists(promises, max_size=5), promises)
def test_the_capacity_that_is_asked_for_is_enough_and_hardly_less_is_not(
    others: list[Promise], new: Promise
) -> None:
    enough = enough_per_day(others, new, TODAY)
    assert shortfall(Fraction(enough), others, new, TODAY) == 0
    less = Fraction(enough) - Fraction("0.001")
    assert shortfall(less, others, new, TODAY) > 0


FOUND = ("brand", "quality", "packaging")


def wanting(name: Any) -> Point:
    """A point of readiness that somebody has looked at and found wanting."""
    need = Needed(name, "fasilitator", "Perbaiki.", "Improve it.", None, OF_HERS)
    return Point(name, State.NOT_MET, None, None, need, bars=True)


@dataclass(frozen=True)
class World:
    """Everything that the rule of stands looks at."""

    attended: bool
    suspended: bool
    capacity: Capacity | None
    others: tuple[Promise, ...]
    promised: Decimal | None
    taken: int
    wanting: frozenset[str] = frozenset()
    allowed: bool = False

    @property
    def asking(self) -> Asking:
        supply = None
        if self.promised is not None:
            new = Promise(STARTS, self.promised)
            supply = Supply(new, "jar", self.capacity, self.others, TODAY)
        points = tuple(wanting(name) for name in sorted(self.wanting))
        return Asking(HERS, OF_HERS, self.attended, self.suspended, supply, points, self.allowed)

    @property
    def numbers(self) -> dict[int, UUID]:
        return {n: uuid4() for n in range(1, self.taken + 1)}

    def given(self) -> bool:
        try:
            allot(EVENT, self.numbers, self.asking, TODAY)
        except Refusal:
            return False
        return True

    def with_facts(self, needed: Iterable[Needed]) -> "World":
        world = self
        for need in needed:
            if need.fact == "attendance":
                world = replace(world, attended=True)
            elif need.fact == "check":
                world = replace(world, suspended=False)
            elif need.fact in FOUND:
                world = replace(world, wanting=world.wanting - {need.fact})
            elif need.fact == "stand":
                world = replace(world, taken=DETAILS.stands - 1)
            else:
                assert need.fact == "capacity"
                least = need.english.split(" at least ")[1].split(" ")[0]
                world = replace(world, capacity=Capacity(Decimal(least), "jar", "day"))
        return world


worlds = st.builds(
    World,
    attended=st.booleans(),
    suspended=st.booleans(),
    capacity=st.none()
    | st.builds(
        Capacity,
        st.decimals(0, 100, places=3),
        st.sampled_from(["jar", "box"]),
        st.sampled_from(["day", "week", "month"]),
    ),
    others=st.lists(promises, max_size=3).map(tuple),
    promised=st.none() | amounts,
    taken=st.integers(0, 5),
    wanting=st.frozensets(st.sampled_from(["brand", "quality", "packaging"])),
    allowed=st.booleans(),
)


@given(worlds)
def test_what_is_said_to_be_missing_turns_a_stand_s_no_and_less_of_it_does_not(
    world: World,
) -> None:
    needed = missing(EVENT, world.numbers, world.asking)
    assert world.given() == (not needed)
    assert world.with_facts(needed).given()
    for size in range(len(needed)):
        for some in combinations(needed, size):
            assert not world.with_facts(some).given()


@given(worlds)
def test_a_stand_s_refusal_carries_all_that_is_missing_with_who_and_by_when(world: World) -> None:
    needed = missing(EVENT, world.numbers, world.asking)
    assume(needed)
    with pytest.raises(Refusal) as refused:
        allot(EVENT, world.numbers, world.asking, TODAY)
    assert refused.value.needed == needed
    assert all(need.by == STARTS - timedelta(days=1) for need in needed)
    assert all(need.who in ("fasilitator", "petugas", "kasi") for need in needed)


def ask_for(quantity: int, capacity: Capacity | None = TWENTY) -> Asking:
    supply = Supply(Promise(STARTS, Decimal(quantity)), "jar", capacity, (), TODAY)
    return Asking(HERS, OF_HERS, True, False, supply)


def test_a_promise_that_is_too_much_says_by_how_much_and_what_could_be() -> None:
    with pytest.raises(SupplyShort) as refused:
        allot(EVENT, {}, ask_for(250), TODAY)
    facts = refused.value.facts
    assert (facts["short"], facts["available"]) == (Decimal("50.000"), Decimal("200.000"))
    assert refused.value.needed[0].english.startswith("Record a capacity of at least 25.000 jar")


@pytest.mark.parametrize("capacity", [None, Capacity(Decimal(20), "box", "day")])
def test_a_capacity_that_is_unknown_or_in_another_unit_is_no_promise(
    capacity: Capacity | None,
) -> None:
    with pytest.raises(SupplyUnknown):
        allot(EVENT, {}, ask_for(1, capacity), TODAY)


def test_attendance_is_told_first() -> None:
    with pytest.raises(NotAttended) as refused:
        allot(EVENT, {}, replace(ask_for(250), attended=False), TODAY)
    assert [need.fact for need in refused.value.needed] == ["attendance", "capacity"]


def test_nothing_is_no_promise() -> None:
    with pytest.raises(PromiseZero):
        Stand(uuid4(), EVENT.id, OF_HERS, HERS, 1, promised=Decimal(0))


LINE = Support(uuid4(), uuid4(), EVENT.id, HERS, SupportKind.TRANSPORT, 300_000, "petugas-1")


def asked(**fields: Any) -> Approval:
    base = Approval(Budget(1_000_000, 0), "kasi-1", stand_confirmed=True, starts_on=STARTS)
    return replace(base, **fields)


def may(support: Support, approval: Approval) -> bool:
    try:
        approve(support, approval)
    except Refusal:
        return False
    return True


@given(
    st.integers(0, 2_000_000),
    st.integers(0, 2_000_000),
    st.integers(1, 2_000_000),
    st.booleans(),
)
def test_what_is_said_to_be_missing_turns_a_support_s_no_and_less_of_it_does_not(
    rupiah: int, committed: int, planned: int, same_hands: bool
) -> None:
    line = replace(LINE, planned_rupiah=planned)
    approval = asked(
        budget=Budget(rupiah, committed), approver="petugas-1" if same_hands else "kasi-1"
    )

    def supplied(needed: Iterable[Needed]) -> Approval:
        world = approval
        for need in needed:
            if need.fact == "approver":
                world = replace(world, approver="kasi-2")
            else:
                least = int(need.english.rsplit("Rp ", 1)[1].rstrip(".").replace(",", ""))
                world = replace(world, budget=Budget(least, committed))
        return world

    needed = missing_for_support(line, approval)
    assert may(line, approval) == (not needed)
    assert may(line, supplied(needed))
    for size in range(len(needed)):
        for some in combinations(needed, size):
            assert not may(line, supplied(some))


def test_whoever_planned_it_may_not_approve_it() -> None:
    with pytest.raises(SameHands) as refused:
        approve(LINE, asked(approver="petugas-1"))
    assert [need.who for need in refused.value.needed] == ["verifikator"]


def test_a_short_budget_says_what_is_left_and_what_would_do() -> None:
    with pytest.raises(BudgetShort) as refused:
        approve(LINE, asked(budget=Budget(400_000, 200_000)))
    assert refused.value.facts == {"wanted": 300_000, "left": 200_000, "short": 100_000}
    (need,) = refused.value.needed
    assert (need.who, need.by, need.about) == ("kasi", STARTS, EVENT.id)
    assert "Rp 500.000" in need.indonesian


def test_a_line_goes_from_planned_to_approved_to_paid_and_not_otherwise() -> None:
    approved = approve(LINE, asked())
    paid = pay(approved, 275_000, Budget(300_000, 0), STARTS)
    assert (approved.status, paid.status) == (SupportStatus.APPROVED, SupportStatus.PAID)
    assert (paid.actual_rupiah, paid.version) == (275_000, 3)
    for line in (approved, paid):
        with pytest.raises(SupportNotPlanned):
            approve(line, asked())
    for line in (LINE, paid):
        with pytest.raises(SupportNotApproved):
            pay(line, 1, Budget(300_000, 0), STARTS)


def test_it_may_cost_more_than_planned_as_long_as_the_budget_has_it() -> None:
    approved = approve(LINE, asked())
    assert pay(approved, 400_000, Budget(1_000_000, 600_000), STARTS).actual_rupiah == 400_000
    with pytest.raises(BudgetShort):
        pay(approved, 400_001, Budget(1_000_000, 600_000), STARTS)


def test_a_stand_that_was_given_back_gets_no_support_and_nothing_would_help() -> None:
    with pytest.raises(StandGone) as refused:
        approve(LINE, asked(stand_confirmed=False))
    assert refused.value.needed == ()


def test_a_budget_is_not_set_below_what_was_agreed_to() -> None:
    set_budget(500, 500)
    with pytest.raises(BudgetBelowCommitted):
        set_budget(499, 500)


def test_a_line_of_nothing_is_none() -> None:
    with pytest.raises(AmountZero):
        replace(LINE, planned_rupiah=0)


SALE = Sale(uuid4(), OF_HERS, HERS, "jar", None, SaleChannel.ONLINE, "2017-08", Decimal(1), 35_000)
AT_EVENT = replace(SALE, channel=SaleChannel.EVENT, market_event_id=EVENT.id)


def test_a_sale_of_this_month_is_accepted() -> None:
    accept(SALE, None, False, TODAY)
    accept(AT_EVENT, DETAILS, True, TODAY)


def test_a_sale_names_its_event_if_it_was_at_one_and_only_then() -> None:
    with pytest.raises(EventWanted):
        replace(AT_EVENT, market_event_id=None)
    with pytest.raises(EventUnasked):
        replace(SALE, market_event_id=EVENT.id)
    with pytest.raises(SaleEmpty):
        replace(SALE, quantity=Decimal(0))


@pytest.mark.parametrize(
    ("sale", "had_stand", "refusal"),
    [
        (replace(SALE, month="2017-09"), False, MonthAhead),
        (AT_EVENT, False, NoStandThere),
        (replace(AT_EVENT, month="2017-07"), True, MonthNotEvents),
    ],
)
def test_a_sale_that_cannot_be_is_refused(
    sale: Sale, had_stand: bool, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        accept(sale, DETAILS if sale.market_event_id else None, had_stand, TODAY)
