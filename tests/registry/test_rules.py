"""The registry's rules, without a database: NIK, capacity, changes, corrections, sentences."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.commands.businesses import CorrectBusiness, RegisterBusiness
from services.registry.domain import business as businesses
from services.registry.domain import refusals as no
from services.registry.domain.business import (
    Business,
    Channel,
    ChannelKind,
    ProductionMode,
)
from services.registry.domain.capacity import Capacity, Period
from services.registry.domain.identity import (
    Doubt,
    IdentityKind,
    household_number,
    identity_number,
    masked,
)
from services.registry.domain.journey import KINDS, sentence
from services.registry.domain.sectors import SECTORS, SUB_SECTORS, known_sub_sector
from shared.contracts import registry as contract
from shared.contracts.fact import FACTS
from shared.errors import Refusal

TODAY = date(2017, 8, 15)
CHOCOLATE = Business(
    id=UUID(int=1),
    owner_id=UUID(int=2),
    kelurahan="36.74.06.1005",
    sector="food",
    sub_sector="confectionery",
    kbli=None,
    started_on=date(2017, 5, 1),
    production_mode=ProductionMode.TO_ORDER,
    capacity=Capacity(Decimal(20), "jar", Period.DAY),
    channels=(Channel(ChannelKind.ONLINE),),
    constraints=(),
    production_since=date(2017, 5, 1),
    registered_on=date(2017, 7, 24),
)
BIRTHS = st.dates(date(1930, 1, 1), date(2017, 1, 1))
PLACES = st.integers(110101, 947999).map(str)
REFUSALS = [
    kind for kind in vars(no).values() if isinstance(kind, type) and issubclass(kind, Refusal)
]
SERIALS = st.integers(1, 9999).map("{:04}".format)


def written(place: str, born: date, serial: str, *, female: bool) -> str:
    return f"{place}{born.day + 40 * female:02}{born:%m%y}{serial}"


@given(PLACES, BIRTHS, SERIALS, st.booleans())
def test_every_well_formed_nik_is_taken(place: str, born: date, serial: str, female: bool) -> None:
    number = identity_number(written(place, born, serial, female=female))
    assert number.kind is IdentityKind.NIK
    assert number.female is female
    assert Doubt.BIRTH_DATE not in number.doubts(born, None, "36.74")
    assert (Doubt.OTHER_CITY in number.doubts(born, None, "36.74")) != place.startswith("3674")


@given(PLACES, BIRTHS, SERIALS, st.booleans(), BIRTHS)
def test_another_birth_date_is_a_doubt_and_no_refusal(
    place: str, born: date, serial: str, female: bool, entered: date
) -> None:
    number = identity_number(written(place, born, serial, female=female))
    differs = (born.day, born.month, born.year % 100) != (
        entered.day,
        entered.month,
        entered.year % 100,
    )
    assert (Doubt.BIRTH_DATE in number.doubts(entered, None, "36.74")) is differs


@given(st.text(max_size=20).filter(lambda text: not (len(text) == 16 and text.isdigit())))
def test_anything_else_than_sixteen_digits_is_refused(text: str) -> None:
    with pytest.raises(no.NikMalformed):
        identity_number(text)


@pytest.mark.parametrize("text", ["٣٦٧٤٠٦٥٥٠٥٨٥٠٠٠١", "３６７４０６５５０５８５０００１"])
def test_digits_of_other_scripts_are_refused(text: str) -> None:
    assert len(text) == 16
    assert text.isdigit()
    with pytest.raises(no.NikMalformed):
        identity_number(text)


@pytest.mark.parametrize("day", [0, 32, 40, 72, 99])
def test_a_day_that_no_month_has_is_refused(day: int) -> None:
    with pytest.raises(no.NikDateImpossible):
        identity_number(f"367406{day:02}05850001")


@pytest.mark.parametrize(
    ("digits", "possible"),
    [("290200", True), ("290201", False), ("690296", True), ("310485", False), ("150085", False)],
)
def test_the_date_has_to_exist_in_one_of_the_two_centuries(digits: str, possible: bool) -> None:
    text = f"367406{digits}0001"
    if possible:
        assert identity_number(text).names_a_day()
    else:
        with pytest.raises(no.NikDateImpossible):
            identity_number(text)
        assert identity_number(text, date_accepted=True).kind is IdentityKind.NIK


def test_an_accepted_date_does_not_excuse_the_rest() -> None:
    for text in ("3" * 16, "3674069905850000", "367406"):
        with pytest.raises((no.NikImpossible, no.NikMalformed)):
            identity_number(text, date_accepted=True)


def test_a_leading_zero_is_a_local_id_and_no_nik() -> None:
    number = identity_number("0674069999999999")
    assert number.kind is IdentityKind.LOCAL
    assert number.doubts(date(1985, 5, 15), True, "36.74") == ()


def test_an_identity_number_never_prints_itself() -> None:
    number = identity_number("3674065505850001")
    assert "5505850001" not in repr(number) + str(number)
    assert masked(number.digits) == "************0001"


@pytest.mark.parametrize("text", ["", "1" * 16, "36740612345678", "36740612345678AB"])
def test_a_family_card_number_has_sixteen_digits(text: str) -> None:
    with pytest.raises(no.HouseholdNumberMalformed):
        household_number(text)


@given(st.decimals(max_value=0, allow_nan=False, allow_infinity=False))
def test_a_capacity_is_more_than_zero(quantity: Decimal) -> None:
    with pytest.raises(no.CapacityNotPositive):
        Capacity(quantity, "jar", Period.DAY)


@given(st.decimals(min_value=Decimal("0.001"), max_value=999_999_999, places=3))
def test_a_capacity_is_told_exactly(quantity: Decimal) -> None:
    from services.registry.events import business_registered

    told = business_registered(replace(CHOCOLATE, capacity=Capacity(quantity, "kg", Period.MONTH)))
    assert Decimal(told.capacity.quantity) == quantity


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e400", "1234567890", "0.0001", "-1", "5_0", " 5 ", "５"]
)
def test_a_quantity_that_cannot_be_kept_is_refused(text: str) -> None:
    body = f'{{"reason_code":"other","reason":"salah","capacity":{{"quantity":"{text}",'
    with pytest.raises(ValueError, match="quantity"):
        CorrectBusiness.model_validate_json(body + '"unit":"jar","period":"day"}}')


def test_a_change_takes_effect_on_its_day_and_raises_the_version() -> None:
    after = businesses.change_production(
        CHOCOLATE, ProductionMode.BATCH, CHOCOLATE.capacity, date(2017, 8, 7), TODAY
    )
    assert (after.production_since, after.version) == (date(2017, 8, 7), 2)
    assert [changed.field for changed in businesses.differences(CHOCOLATE, after)] == [
        "production_mode"
    ]


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (date(2017, 8, 16), no.EffectiveInFuture),
        (date(2017, 4, 30), no.EffectiveBeforeStart),
        (date(2017, 6, 30), no.EffectiveBeforeLastChange),
    ],
)
def test_a_change_lies_between_the_last_one_and_today(day: date, refusal: type[Refusal]) -> None:
    changed = replace(CHOCOLATE, production_since=date(2017, 7, 1))
    with pytest.raises(refusal):
        businesses.change_production(changed, ProductionMode.BATCH, changed.capacity, day, TODAY)


def test_today_and_the_day_of_the_last_change_are_allowed() -> None:
    for day in (TODAY, CHOCOLATE.production_since):
        businesses.change_production(
            CHOCOLATE, ProductionMode.BATCH, CHOCOLATE.capacity, day, TODAY
        )


def test_a_corrected_start_moves_the_production_that_never_changed() -> None:
    right = replace(CHOCOLATE, started_on=date(2017, 4, 1))
    assert businesses.correct(CHOCOLATE, right, TODAY).production_since == date(2017, 4, 1)
    changed = replace(CHOCOLATE, production_since=date(2017, 7, 1))
    right = replace(changed, started_on=date(2017, 4, 1))
    assert businesses.correct(changed, right, TODAY).production_since == date(2017, 7, 1)


def test_every_sub_sector_lies_in_one_sector() -> None:
    codes = [code for table in SUB_SECTORS.values() for code in table]
    assert SECTORS.keys() == SUB_SECTORS.keys()
    assert len(codes) == len(set(codes))
    for sector, table in SUB_SECTORS.items():
        for code in table:
            assert known_sub_sector(sector, code) == (sector, code)


def test_the_rules_and_the_contract_know_the_same_codes() -> None:
    from typing import get_args

    from services.registry.domain.business import ConstraintKind
    from services.registry.domain.observations import BusinessClass, CoverageSource, Guided
    from services.registry.domain.person import HouseholdRole
    from services.registry.domain.programme import SiteStatus

    for ours, theirs in (
        (BusinessClass, contract.BusinessClass),
        (Guided, contract.Guided),
        (CoverageSource, contract.CoverageSource),
        (SiteStatus, contract.SiteStatus),
        (ProductionMode, contract.ProductionMode),
        (Period, contract.Period),
        (ChannelKind, contract.Channel),
        (ConstraintKind, contract.ConstraintKind),
        (HouseholdRole, contract.HouseholdRole),
    ):
        assert {member.value for member in ours} == set(get_args(theirs))


def test_every_step_of_the_journey_has_a_sentence_in_both_languages() -> None:
    from services.registry.reactions.journey import JOURNEY

    kinds = {".".join(fact.TYPE.split(".")[-3:-1]) for fact in JOURNEY.facts}
    assert kinds == set(KINDS)
    assert all(fact in FACTS.values() and fact.TOPIC in JOURNEY.topics for fact in JOURNEY.facts)
    assert sentence("something.new", {}, "id") == "something.new"


def test_a_registration_cannot_carry_unknown_fields() -> None:
    assert RegisterBusiness.model_config["extra"] == "forbid"
    with pytest.raises(ValueError, match="extra_forbidden"):
        CorrectBusiness.model_validate({"reason_code": "other", "reason": "abc", "version": 9})


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda kind: kind.__name__)
def test_no_refusal_can_show_a_persons_data(refusal: type[Refusal]) -> None:
    shown = (refusal.__doc__ or "") + refusal.english
    assert not any(f"{{{name}}}" in shown for name in ("nik", "name", "phone", "birth_date"))
