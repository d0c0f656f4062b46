"""Ten figures: each equals a count made another way, moves with its input, and has a past."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.marketing.domain import readiness
from services.marketing.domain.product import BrandStatus
from services.marketing.domain.quality import Packaging, Quality
from services.registry.domain.indicators import FIGURES
from shared.contracts.areas import area
from shared.ids import uuid7
from tests.registry import figures as programme
from tests.registry.figures import counted, figures
from tests.registry.people import PONDOK_CABE_ILIR, REMPOA, registered_business
from tests.training.doors import KASI, PAMULANG, Doors, person

DAY = date(2017, 8, 1)
EVE, LATER = DAY - timedelta(days=1), date(2017, 12, 31)
BEFORE = "2017-07-01"
ALREADY = date(2017, 7, 10)
PRODUCT = uuid7()
PETUGAS = person("petugas", PAMULANG)
Act = Callable[[Doors, str], Awaitable[object]]


async def in_registry(registry: Doors, kelurahan: str = PONDOK_CABE_ILIR) -> str:
    business = await registered_business(registry, kelurahan=kelurahan, registered_on=BEFORE)
    return str(business.body["business_id"])


async def register_another(registry: Doors, _: str) -> None:
    await registered_business(registry, registered_on=str(DAY))


async def earn_more(registry: Doors, business_id: str) -> None:
    await programme.earn(registry, business_id, DAY, 3, "from_2m")


INPUTS: dict[str, Act] = {
    "registered": register_another,
    "covered_elsewhere": lambda r, b: programme.cover(r, b, DAY),
    "trained": lambda r, b: programme.attend(r, b, DAY),
    "certified": lambda r, b: programme.certify(r, b, DAY),
    "branded": lambda r, b: programme.product(r, b, DAY, packaging=10),
    "ready": lambda r, b: programme.product(r, b, DAY, product_id=PRODUCT, sequence=2),
    "at_a_market": lambda r, b: programme.stand(r, b, DAY),
    "sold": lambda r, b: programme.sell(r, b, DAY),
    "producing_continuously": lambda r, b: programme.change_mode(r, b, DAY, "continuous"),
    "earning_more": earn_more,
}


async def lead_up(registry: Doors, figure: str, business_id: str) -> None:
    """What has to be there before one more input moves the figure."""
    if figure == "ready":
        await programme.certify(registry, business_id, ALREADY)
        await programme.change_mode(registry, business_id, ALREADY, "batch")
        await programme.product(registry, business_id, ALREADY, product_id=PRODUCT, packaging=59)
    if figure == "earning_more":
        await programme.earn(registry, business_id, ALREADY, 0, "from_1m")


@pytest.mark.parametrize("figure", INPUTS)
async def test_one_input_moves_the_figure_by_one_and_the_day_before_keeps_its_value(
    registry: Doors, figure: str
) -> None:
    business_id, _ = await in_registry(registry), await in_registry(registry, REMPOA)
    await lead_up(registry, figure, business_id)
    before = await figures(registry, as_of=LATER)
    assert before == await counted(registry, as_of=LATER)
    await INPUTS[figure](registry, business_id)
    after = await figures(registry, as_of=LATER)
    assert after == await counted(registry, as_of=LATER)
    assert after == before | {figure: before[figure] + 1}
    assert await figures(registry, as_of=EVE) == before == await counted(registry, as_of=EVE)
    assert (await figures(registry, as_of=DAY))[figure] == after[figure]
    elsewhere = await figures(registry, as_of=LATER, kelurahan=REMPOA)
    assert elsewhere == {code: int(code == "registered") for code in elsewhere}


async def test_every_figure_has_an_input_here_and_says_what_it_counts(registry: Doors) -> None:
    assert [figure.code for figure in FIGURES] == list(INPUTS)
    await in_registry(registry)
    for language in ("id", "en"):
        reply = await registry.get(
            "/v1/indicators?year=2017", KASI, **{"Accept-Language": language}
        )
        for shown in reply.body["figures"]:
            assert len(shown["definition"]) > 30
            assert shown["filter"]["to_on"] == "2017-12-31"
        since = {f["figure"]: f["filter"]["from_on"] for f in reply.body["figures"]}
        assert (since["trained"], since["branded"]) == ("2017-01-01", None)


async def a_programme(registry: Doors, dice: random.Random) -> None:
    """Businesses of two kelurahan with whatever the dice say, in two years."""

    def day() -> date:
        return date(2017, 1, 1) + timedelta(days=dice.randrange(700))

    for _ in range(10):
        kelurahan = dice.choice([PONDOK_CABE_ILIR, REMPOA])
        started = await registered_business(
            registry, kelurahan=kelurahan, started_on="2016-01-01", registered_on=str(day())
        )
        business_id = str(started.body["business_id"])
        first, second = sorted((day(), day()))
        if dice.random() < 0.5:
            await programme.cover(registry, business_id, first, dice.choice(["yes", "no"]))
            await programme.cover(registry, business_id, second, dice.choice(["yes", "no"]))
        if dice.random() < 0.6:
            await programme.attend(registry, business_id, day())
        if dice.random() < 0.7:
            revoked = second if dice.random() < 0.3 else None
            await programme.certify(registry, business_id, first, revoked)
        if dice.random() < 0.8:
            await programme.change_mode(registry, business_id, first, "batch")
            await programme.change_mode(registry, business_id, second, "continuous")
        made = await programme.product(registry, business_id, first, score=dice.randint(3, 5))
        await programme.product(
            registry,
            business_id,
            second,
            product_id=made,
            sequence=2,
            brand=dice.choice(["name_only", "applied", "registered"]),
            packaging=dice.choice([50, 60]),
            status=dice.choice(["active", "warned", "suspended"]),
        )
        await programme.stand(registry, business_id, day(), released=dice.random() < 0.5)
        await programme.sell(registry, business_id, day(), dice.choice([0, 900_000]))
        await programme.earn(registry, business_id, first, 0, dice.choice(["from_1m", "from_2m"]))
        await programme.earn(registry, business_id, second, 6, dice.choice(["from_1m", "from_3m"]))


async def test_the_figures_equal_counts_made_another_way_whatever_happened(
    registry: Doors,
) -> None:
    await a_programme(registry, random.Random(4))
    moved = set()
    for kelurahan in (None, PONDOK_CABE_ILIR, REMPOA):
        for year in (None, 2017, 2018):
            for as_of in (None, "2017-03-01", "2017-12-31", "2018-06-30"):
                shown = await figures(registry, kelurahan=kelurahan, year=year, as_of=as_of)
                assert shown == await counted(registry, kelurahan, year, as_of)
                moved |= {code for code, value in shown.items() if value}
    assert moved == set(INPUTS)


async def test_the_funnel_by_kelurahan_adds_up_and_holds_only_her_areas(registry: Doors) -> None:
    await a_programme(registry, random.Random(5))
    whole = (await registry.get("/v1/indicators")).body
    assert {item["kelurahan"] for item in whole["items"]} == {PONDOK_CABE_ILIR, REMPOA}
    for figure in whole["figures"]:
        assert figure["value"] == sum(item[figure["figure"]] for item in whole["items"])
    [mine] = (await registry.get("/v1/indicators", PETUGAS)).body["items"]
    assert mine in whole["items"]
    assert (await figures(registry, PETUGAS)) == await counted(registry, PONDOK_CABE_ILIR)
    assert all(area(item["kelurahan"]) for item in whole["items"])


async def test_attendance_that_was_corrected_away_was_never_training(registry: Doors) -> None:
    business_id = await in_registry(registry)
    session, enrolment = uuid7(), uuid7()
    about = {"enrolment_id": enrolment, "session_id": session, "business_id": business_id}
    for sequence, (kind, state) in enumerate(
        [("attended", "present"), ("attendance-corrected", "absent")], 2
    ):
        told = programme.fact(
            f"id.binaan.training.enrolment.{kind}.v1", **about, state=state, hours=None
        )
        await programme.hear(registry, told, sequence)
    scheduled = programme.fact(
        "id.binaan.training.session.scheduled.v1", session_id=session, held_on=DAY
    )
    await programme.hear(registry, scheduled)
    assert (await figures(registry, as_of=LATER))["trained"] == 0


@pytest.mark.parametrize(("corrected", "sold"), [(0, 0), (5, 1)])
async def test_sales_that_were_corrected_to_nothing_are_no_sales(
    registry: Doors, corrected: int, sold: int
) -> None:
    await programme.sell(registry, await in_registry(registry), DAY, corrected=corrected)
    assert (await figures(registry, as_of=LATER))["sold"] == sold


async def test_of_several_changes_to_come_the_first_says_how_she_produced_before(
    registry: Doors,
) -> None:
    business = await registered_business(
        registry, production_mode="continuous", registered_on=BEFORE
    )
    business_id = str(business.body["business_id"])
    await programme.change_mode(registry, business_id, DAY, "batch")
    await programme.change_mode(registry, business_id, LATER, "to_order")
    for day, continuous in ((EVE, 1), (DAY, 0), (LATER, 0)):
        assert (await figures(registry, as_of=day))["producing_continuously"] == continuous


@pytest.mark.parametrize("missing", ["nothing", "brand", "quality", "packaging", "certificate"])
async def test_ready_is_what_marketing_calls_ready(registry: Doors, missing: str) -> None:
    business_id = await in_registry(registry)
    await programme.change_mode(registry, business_id, ALREADY, "batch")
    if missing != "certificate":
        await programme.certify(registry, business_id, ALREADY)
    brand, score = ("name_only" if missing == "brand" else "applied"), 3 + (missing != "quality")
    points = {name: number < score for number, name in enumerate(programme.POINTS)}
    packaging = 59 + (missing != "packaging")
    await programme.product(
        registry, business_id, DAY, brand=brand, score=score, packaging=packaging
    )
    facts = readiness.Facts(
        product_id=PRODUCT,
        business_id=PRODUCT,
        brand=BrandStatus(brand),
        brand_on=DAY,
        brand_expires_on=None,
        quality=Quality(**points, assessed_on=DAY),
        packaging=Packaging(20, DAY, packaging, DAY),
        production_mode="batch",
        capacity=Decimal(20),
        certified_on=None if missing == "certificate" else ALREADY,
        next_event_on=None,
    )
    for day in (LATER, date(2018, 8, 1), date(2018, 8, 2)):  # quality holds for 365 days
        assert (await figures(registry, as_of=day))["ready"] == int(
            not readiness.missing(facts, day)
        )


async def test_a_suspended_product_is_not_ready_until_it_is_reinstated(registry: Doors) -> None:
    business_id, day = await in_registry(registry), ALREADY
    await lead_up(registry, "ready", business_id)
    for sequence, (status, ready) in enumerate(
        [("active", 1), ("warned", 1), ("suspended", 0), ("active", 1)], 2
    ):
        day += timedelta(days=1)
        await programme.product(
            registry, business_id, day, product_id=PRODUCT, sequence=sequence, status=status
        )
        assert (await figures(registry, as_of=day))["ready"] == ready
    assert (await figures(registry, as_of=ALREADY + timedelta(days=3)))["ready"] == 0


async def test_a_day_to_come_is_today(registry: Doors) -> None:
    business_id = await in_registry(registry)
    await programme.stand(registry, business_id, date(2098, 1, 1))
    reply = await registry.get("/v1/indicators?as_of=2099-01-01")
    assert reply.body["as_of"] < "2098"
    assert (await figures(registry, as_of="2099-01-01"))["at_a_market"] == 0


async def test_what_is_told_later_of_an_earlier_day_brings_no_brand_to_that_day(
    registry: Doors,
) -> None:
    hers = await in_registry(registry)
    made = await programme.product(registry, hers, ALREADY, brand="name_only")
    applied, typed_in_late = date(2018, 3, 1), date(2017, 9, 1)
    await programme.product(registry, hers, applied, product_id=made, sequence=2)
    await programme.product(registry, hers, typed_in_late, product_id=made, sequence=3)
    branded = {}
    for as_of in (LATER, applied - timedelta(days=1), applied, date(2018, 6, 30)):
        shown = await figures(registry, as_of=as_of)
        assert shown == await counted(registry, as_of=as_of)
        branded[as_of] = shown["branded"]
    assert list(branded.values()) == [0, 0, 1, 1]
