"""Brands, checks, licences, assessments and readiness, without a database."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, permutations
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.marketing.domain.brand import STEPS, BrandStep, Check, check, step
from services.marketing.domain.licence import Licence, LicenceKind, Told, with_licence
from services.marketing.domain.product import BrandStatus, Product, ProductStatus
from services.marketing.domain.quality import Assessment, Packaging, Quality, newest, packaged
from services.marketing.domain.readiness import (
    Facts,
    State,
    all_points,
    judge,
    judge_licences,
    missing,
)
from services.marketing.domain.refusals import (
    AssessedInFuture,
    BrandDetailsMissing,
    BrandDetailsUnasked,
    BrandStepImpossible,
    CheckedInFuture,
    LicenceDatesReversed,
    LicenceNumberWrong,
    LicenceTooLong,
    NotBranded,
    NothingAssessed,
)
from shared.errors import Needed, Refusal

TODAY = date(2017, 8, 2)
LATER = date(2027, 8, 2)
PRODUCT = Product(uuid4(), uuid4(), "Cokelat", "jar", 35_000, 90, BrandStatus.NONE)
BRANDED = replace(PRODUCT, brand_status=BrandStatus.REGISTERED)
GOOD = Check(available=True, quality_kept=True, checked_on=TODAY)
BAD = Check(available=False, quality_kept=True, checked_on=TODAY)
WORSE = Check(available=True, quality_kept=False, checked_on=TODAY)
ALL = Quality(True, True, True, True, True, TODAY)

NAME = BrandStep(BrandStatus.NAME_ONLY, None, None, None)
APPLIED = BrandStep(BrandStatus.APPLIED, "JID2017", None, None)
REGISTERED = BrandStep(BrandStatus.REGISTERED, "IDM2017", 30, LATER)
REJECTED = BrandStep(BrandStatus.REJECTED, None, None, None)


def told(status: BrandStatus) -> BrandStep:
    return next(s for s in (NAME, APPLIED, REGISTERED, REJECTED) if s.status is status)


@pytest.mark.parametrize("before", BrandStatus)
@pytest.mark.parametrize("after", [s for s in BrandStatus if s is not BrandStatus.NONE])
def test_a_brand_goes_its_way_and_no_other(before: BrandStatus, after: BrandStatus) -> None:
    product = replace(PRODUCT, brand_status=before)
    if after not in STEPS[before]:
        with pytest.raises(BrandStepImpossible):
            step(product, told(after), TODAY)
        return
    changed = step(product, told(after), TODAY)
    assert (changed.brand_status, changed.brand_changed_on, changed.version) == (after, TODAY, 2)


def test_nobody_goes_back_to_no_brand_at_all() -> None:
    assert all(BrandStatus.NONE not in following for following in STEPS.values())


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (replace(APPLIED, number=None), BrandDetailsMissing),
        (replace(REGISTERED, number=None), BrandDetailsMissing),
        (replace(REGISTERED, brand_class=None), BrandDetailsMissing),
        (replace(REGISTERED, expires_on=None), BrandDetailsMissing),
        (replace(NAME, number="JID2017"), BrandDetailsUnasked),
        (replace(NAME, brand_class=30), BrandDetailsUnasked),
        (replace(APPLIED, expires_on=LATER), BrandDetailsUnasked),
    ],
)
def test_each_step_has_its_own_details(wrong: BrandStep, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        step(PRODUCT, wrong, TODAY)


@pytest.mark.parametrize(
    ("checks", "status"),
    [
        ([GOOD], ProductStatus.ACTIVE),
        ([BAD], ProductStatus.WARNED),
        ([WORSE], ProductStatus.WARNED),
        ([BAD, GOOD], ProductStatus.ACTIVE),
        ([BAD, WORSE], ProductStatus.SUSPENDED),
        ([BAD, GOOD, BAD], ProductStatus.WARNED),
        ([BAD, BAD, BAD], ProductStatus.SUSPENDED),
        ([BAD, BAD, GOOD], ProductStatus.ACTIVE),
    ],
)
def test_a_lapse_warns_the_next_suspends_and_a_good_check_reinstates(
    checks: Sequence[Check], status: ProductStatus
) -> None:
    product = BRANDED
    for found in checks:
        product = check(product, found, TODAY)
    assert (product.status, product.version) == (status, 1 + len(checks))


def test_checks_begin_with_the_brand_and_not_tomorrow() -> None:
    with pytest.raises(NotBranded):
        check(PRODUCT, GOOD, TODAY)
    with pytest.raises(CheckedInFuture):
        check(BRANDED, replace(GOOD, checked_on=TODAY + timedelta(days=1)), TODAY)


@pytest.mark.parametrize(
    ("kind", "number", "until", "refusal"),
    [
        (LicenceKind.NIB, "912000000001", None, LicenceNumberWrong),
        (LicenceKind.NIB, "91200000000123", None, LicenceNumberWrong),
        (LicenceKind.PIRT, "2063674010001", None, LicenceNumberWrong),
        (LicenceKind.HALAL, "x", None, LicenceNumberWrong),
        (LicenceKind.NIB, "9120000000012", TODAY, LicenceDatesReversed),
        (LicenceKind.PIRT, "206367401000122", date(2023, 1, 1), LicenceTooLong),
        (LicenceKind.MEREK, "IDM2017", date(2028, 1, 1), LicenceTooLong),
    ],
)
def test_a_licence_that_cannot_be_is_refused(
    kind: LicenceKind, number: str, until: date | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        Licence(kind, number, TODAY, until)


def test_the_newest_licence_of_each_kind_counts_in_any_order() -> None:
    old = Licence(LicenceKind.NIB, "9120000000012", date(2016, 1, 1), None)
    new = Licence(LicenceKind.NIB, "9120000000013", date(2017, 1, 1), None)
    halal = Licence(LicenceKind.HALAL, "ID36-2017", TODAY, LATER)
    for order in permutations((old, new, halal)):
        held: tuple[Licence, ...] = ()
        for licence in order:
            held = with_licence(held, licence)
        assert held == (new, halal)


days = st.integers(0, 400).map(lambda n: TODAY - timedelta(days=n))


@given(st.lists(st.tuples(st.integers(0, 100), days), min_size=1, max_size=6))
def test_packaging_before_is_the_first_day_s_and_after_the_last_day_s(
    scores: list[tuple[int, date]],
) -> None:
    known: Packaging | None = None
    for points, on in scores:
        known = packaged(known, points, on)
    assert known is not None
    assert known.before_on == min(on for _, on in scores)
    assert known.after_on == max(on for _, on in scores)
    assert known.before in [p for p, on in scores if on == known.before_on]
    assert known.after == [p for p, on in scores if on == known.after_on][-1]


def test_an_older_checklist_told_later_changes_nothing() -> None:
    older = replace(ALL, label=False, assessed_on=TODAY - timedelta(days=1))
    assert newest(ALL, older) is ALL
    assert newest(older, ALL) is ALL
    assert newest(ALL, None) is ALL
    assert (ALL.score, older.score) == (5, 4)


def test_an_assessment_says_something_and_not_of_tomorrow() -> None:
    with pytest.raises(NothingAssessed):
        Assessment(None, None, None, TODAY).check(TODAY)
    with pytest.raises(AssessedInFuture):
        Assessment(ALL, None, None, TODAY).check(TODAY - timedelta(days=1))
    Assessment(None, 0, None, TODAY).check(TODAY)


booleans = st.booleans()
BLANK = Facts(
    product_id=PRODUCT.id,
    business_id=PRODUCT.business_id,
    brand=BrandStatus.NONE,
    brand_on=None,
    brand_expires_on=None,
    quality=None,
    packaging=None,
    production_mode=None,
    capacity=None,
    certified_on=None,
    next_event_on=None,
)
facts = st.builds(
    Facts,
    product_id=st.just(PRODUCT.id),
    business_id=st.just(PRODUCT.business_id),
    brand=st.sampled_from(BrandStatus),
    brand_on=st.none() | days,
    brand_expires_on=st.none() | days | st.just(LATER),
    quality=st.none() | st.builds(Quality, booleans, booleans, booleans, booleans, booleans, days),
    packaging=st.none() | st.builds(Packaging, st.just(0), days, st.integers(0, 100), days),
    production_mode=st.sampled_from([None, "to_order", "batch", "continuous"]),
    capacity=st.none() | st.decimals(0, 100, places=1),
    certified_on=st.none() | days,
    next_event_on=st.none() | st.just(LATER),
    licences=st.lists(
        st.builds(
            Told,
            st.sampled_from(["nib", "pirt", "halal", "merek_letter", "merek"]),
            st.sampled_from(["issued", "expired", "revoked"]),
            days,
            st.none() | days | st.just(LATER),
            st.none() | st.sampled_from(["dpmptsp", "kesehatan"]),
        ),
        max_size=4,
    ).map(tuple),
    products=st.integers(1, 2),
)


def renewed(need: Needed) -> Told:
    """The licence as whoever was asked tells of it: its office, or staff."""
    office = None if need.who == "petugas" else need.who
    return Told(need.fact, "issued", TODAY, LATER, office)


def supplied(world: Facts, needed: Iterable[Needed]) -> Facts:
    """The world after these facts were supplied."""
    for need in needed:
        world = {
            "brand": replace(world, brand=BrandStatus.REGISTERED, brand_expires_on=LATER),
            "quality": replace(world, quality=ALL),
            "packaging": replace(world, packaging=Packaging(0, TODAY, 60, TODAY)),
            "capacity": replace(world, production_mode="batch", capacity=Decimal(20)),
            "certificate": replace(world, certified_on=TODAY),
        }.get(need.fact) or replace(world, licences=(*world.licences, renewed(need)))
    return world


def ready(world: Facts) -> bool:
    lapsed = (
        point.state is State.NOT_MET and point.name != "merek_letter"
        for point in judge_licences(world, TODAY)
    )
    return all(point.state is State.MET for point in judge(world, TODAY)) and not any(lapsed)


@given(facts)
def test_what_is_said_to_be_missing_makes_it_ready_and_less_of_it_does_not(world: Facts) -> None:
    needed = missing(world, TODAY)
    assert ready(world) == (not needed)
    assert ready(supplied(world, needed))
    for size in range(len(needed)):
        for some in combinations(needed, size):
            assert not ready(supplied(world, some))


@given(facts)
def test_each_point_has_a_state_and_unless_met_what_to_do_who_and_by_when(world: Facts) -> None:
    points = judge(world, TODAY)
    assert [p.name for p in points] == ["brand", "quality", "packaging", "capacity", "certificate"]
    for point in points:
        assert (point.needed is None) == (point.state is State.MET)
    for point in all_points(world, TODAY):
        assert (point.source is None) == (point.fact is None)
        if point.needed is not None:
            assert point.needed.fact == point.name
            assert point.needed.by == world.next_event_on
            assert point.needed.who in ("petugas", "fasilitator", point.by_office)


def test_what_nobody_looked_at_is_unknown_and_not_a_no() -> None:
    states = {point.name: point.state.value for point in judge(BLANK, TODAY)}
    assert states == {
        "brand": "not_met",
        "quality": "unknown",
        "packaging": "unknown",
        "capacity": "unknown",
        "certificate": "not_met",
    }


def test_an_old_checklist_is_unknown_again() -> None:
    old = replace(ALL, assessed_on=TODAY - timedelta(days=366))
    world = replace(BLANK, quality=old)
    assert judge(world, TODAY)[1].state is State.UNKNOWN
    assert judge(world, TODAY - timedelta(days=1))[1].state is State.MET
