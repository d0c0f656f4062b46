"""Who gets which stand, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.marketing.domain.market_event import Details, MarketEvent, Status
from services.marketing.domain.product import BrandStatus, Product
from services.marketing.domain.refusals import (
    AttendanceNotKnownYet,
    EventCancelled,
    EventStarted,
    HasStand,
    NotAttended,
    PriceNegative,
    ShelfLifeTooShort,
    StandReleasedAlready,
    StandsGone,
)
from services.marketing.domain.stand import Asking, Stand, StandStatus, allot, release
from shared.errors import Refusal

STARTS = date(2027, 1, 9)
BEFORE = STARTS - timedelta(days=1)
EVENT = MarketEvent(
    id=uuid4(),
    source="urn:binaan:32.71:perdagangan",
    event_ref="2027/pasar-1",
    details=Details(
        host_city="32.71",
        name="Pasar Kreatif Bogor",
        place="Alun-Alun Kota Bogor",
        starts_on=STARTS,
        ends_on=STARTS,
        time_zone="Asia/Jakarta",
        stands=3,
    ),
)
CANCELLED = replace(EVENT, status=Status.CANCELLED)
HERS, OF_HERS = uuid4(), uuid4()


def asking(attended: bool | None = True) -> Asking:
    return Asking(HERS, OF_HERS, attended)


def others(*numbers: int) -> dict[int, UUID]:
    return {number: uuid4() for number in numbers}


@pytest.mark.parametrize(
    ("numbers", "given"), [((), 1), ((1,), 2), ((2,), 1), ((1, 3), 2), ((2, 3), 1), ((7,), 1)]
)
def test_the_lowest_free_number_is_given(numbers: tuple[int, ...], given: int) -> None:
    assert allot(EVENT, others(*numbers), asking(), BEFORE) == given


@pytest.mark.parametrize("numbers", [(1, 2, 3), (1, 2, 3, 4), (4, 5, 6)])
def test_no_stand_is_given_beyond_those_of_the_host(numbers: tuple[int, ...]) -> None:
    with pytest.raises(StandsGone) as refused:
        allot(EVENT, others(*numbers), asking(), BEFORE)
    assert refused.value.facts == {"stands": 3}


def test_an_event_without_stands_has_none_to_give() -> None:
    empty = replace(EVENT, details=replace(EVENT.details, stands=0))
    with pytest.raises(StandsGone):
        allot(empty, {}, asking(), BEFORE)


def test_a_business_has_one_stand_at_an_event_and_hears_its_number() -> None:
    with pytest.raises(HasStand) as refused:
        allot(EVENT, others(1, 3) | {2: HERS}, asking(), BEFORE)
    assert refused.value.facts == {"stand_number": 2}


@pytest.mark.parametrize(
    ("event", "attended", "today", "refusal"),
    [
        (CANCELLED, True, BEFORE, EventCancelled),
        (EVENT, True, STARTS, EventStarted),
        (EVENT, True, STARTS + timedelta(days=30), EventStarted),
        (EVENT, False, BEFORE, NotAttended),
        (EVENT, None, BEFORE, AttendanceNotKnownYet),
        (CANCELLED, None, BEFORE, EventCancelled),
        (EVENT, None, STARTS, EventStarted),
    ],
)
def test_a_stand_is_refused(
    event: MarketEvent, attended: bool | None, today: date, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        allot(event, {}, asking(attended), today)


def test_the_refusal_says_what_to_do_about_missing_attendance() -> None:
    assert "Catat kehadirannya" in NotAttended().message()
    assert "Record its attendance" in NotAttended().message("en")
    assert AttendanceNotKnownYet().kind == "not_yet"


def test_a_stand_is_given_back_once() -> None:
    stand = Stand(uuid4(), EVENT.id, uuid4(), HERS, 1)
    gone = release(stand)
    assert (gone.status, gone.version) == (StandStatus.RELEASED, 2)
    with pytest.raises(StandReleasedAlready):
        release(gone)


PRODUCT = Product(
    id=uuid4(),
    business_id=HERS,
    name="Cokelat warna bertulisan",
    unit="toples",
    price_rupiah=35_000,
    shelf_life_days=90,
    brand_status=BrandStatus.NONE,
)


def test_a_product_may_be_free_and_may_keep_for_ever() -> None:
    assert replace(PRODUCT, price_rupiah=0, shelf_life_days=None).price_rupiah == 0


def test_no_product_costs_less_than_nothing() -> None:
    with pytest.raises(PriceNegative) as refused:
        replace(PRODUCT, price_rupiah=-1)
    assert refused.value.pointer == "/price_rupiah"


@pytest.mark.parametrize("days", [0, -1])
def test_a_product_keeps_for_a_day_at_least(days: int) -> None:
    with pytest.raises(ShelfLifeTooShort):
        replace(PRODUCT, shelf_life_days=days)
