"""Who may be guided, by which rule; and a no says exactly what would make it a yes."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.eligibility import Facts, decide
from services.registry.domain.observations import (
    Assessment,
    BusinessClass,
    Coverage,
    CoverageSource,
    Guided,
)
from services.registry.domain.programme import SiteStatus
from shared.contracts import office_feeds as feeds
from shared.errors import Needed
from tests.registry.people import PONDOK_CABE_ILIR, REMPOA, registered_business
from tests.registry.reports import report
from tests.registry.test_observations import observe
from tests.registry.test_programme import site
from tests.training.doors import KASI, PAMULANG, Doors, Reply, person, record

PETUGAS = person("petugas", PAMULANG)
DAYS = st.dates(date(2017, 1, 1), date(2017, 12, 31))


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    guided = draw(st.sampled_from(Guided))
    office = draw(st.sampled_from(["koperasi-ukm", "perindag"])) if guided == "yes" else None
    return Coverage(guided, office, draw(DAYS), draw(st.sampled_from(CoverageSource)))


FACTS = st.builds(
    Facts,
    on=DAYS,
    site=st.none() | st.sampled_from(SiteStatus),
    coverage=st.none() | coverages(),
    assessment=st.none() | st.builds(Assessment, st.sampled_from(BusinessClass), DAYS),
)


def supplied(facts: Facts, needed: tuple[Needed, ...]) -> Facts:
    """The facts after everybody has supplied what was asked of them."""
    for need in needed:
        if need.fact == "site":
            facts = replace(facts, site=SiteStatus.ACTIVE)
        elif need.fact == "coverage":
            answer = Coverage(Guided.NO, None, facts.on, CoverageSource.LETTER)
            facts = replace(facts, coverage=answer)
        elif need.fact == "assessment":
            facts = replace(facts, assessment=Assessment(BusinessClass.MAJU, facts.on))
        else:
            raise AssertionError(f"nobody can supply {need.fact}")
    return facts


@given(FACTS)
def test_all_that_is_needed_turns_the_no_and_nothing_less_does(facts: Facts) -> None:
    decision = decide(facts)
    assert decision.eligible == (not decision.needed)
    assert decide(supplied(facts, decision.needed)).eligible
    for size in range(len(decision.needed)):
        for fewer in combinations(decision.needed, size):
            assert not decide(supplied(facts, fewer)).eligible


@given(FACTS)
def test_each_reason_says_what_is_known_and_each_need_says_who_and_by_when(facts: Facts) -> None:
    decision = decide(facts)
    assert len(decision.reasons) == 3
    unmet = [reason for reason in decision.reasons if reason.state != "met"]
    assert len(unmet) == len(decision.needed)
    for need in decision.needed:
        assert need.who
        assert need.by == date(facts.on.year, 12, 31)
        assert need.text("id") != need.text("en")


async def asked(registry: Doors, business: Reply, on: str = "2017-12-01", **headers: str) -> Any:
    path = f"{business.headers['Location']}/eligibility?on={on}"
    reply = await registry.get(path, PETUGAS, **headers)
    assert reply.status == 200, reply.body
    return reply.body


async def test_a_business_becomes_eligible_with_the_facts_that_were_asked_for(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    answer = await asked(registry, business)
    assert (answer["eligible"], answer["rule"], answer["rule_version"]) == (False, "kelayakan", 1)
    assert [(n["fact"], n["who"], n["by"]) for n in answer["needed"]] == [
        ("site", "kasi", "2017-12-31"),
        ("coverage", "petugas", "2017-12-31"),
        ("assessment", "fasilitator", "2017-12-31"),
    ]
    assert (await site(registry)).status == 201
    assert (await observe(registry, business, "coverage")).status == 201
    assert len((await asked(registry, business))["needed"]) == 1
    assert (await observe(registry, business, "assessments")).status == 201
    answer = await asked(registry, business)
    assert answer["eligible"]
    assert answer["needed"] == []
    assert {reason["state"] for reason in answer["reasons"]} == {"met"}
    before = await asked(registry, business, on="2017-07-25")  # the coverage was asked next day
    assert [need["fact"] for need in before["needed"]] == ["coverage"]


async def test_a_business_that_another_office_guides_is_not_eligible_and_the_office_is_named(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    assert (await site(registry)).status == 201
    assert (await observe(registry, business, "assessments")).status == 201
    guided = {"guided": "yes", "by_office": "koperasi-ukm"}
    assert (await observe(registry, business, "coverage", **guided)).status == 201
    answer = await asked(registry, business, **{"Accept-Language": "en"})
    assert not answer["eligible"]
    assert [(n["fact"], n["who"]) for n in answer["needed"]] == [("coverage", "koperasi-ukm")]
    [reason] = [r for r in answer["reasons"] if r["state"] == "not_met"]
    assert (reason["condition"], reason["known_on"]) == ("not_guided_elsewhere", "2017-07-26")
    assert reason["detail"] == "koperasi-ukm guides this business already."


async def test_what_has_grown_to_micro_scale_is_no_longer_eligible(registry: Doors) -> None:
    business = await registered_business(registry)
    assert (await observe(registry, business, "assessments", business_class="mikro")).status == 201
    [reason] = [
        r for r in (await asked(registry, business))["reasons"] if r["condition"] == "below_micro"
    ]
    assert reason["state"] == "not_met"


async def test_a_site_counts_in_its_year_while_it_is_active_for_her_home_too(
    registry: Doors,
) -> None:
    business = await registered_business(registry, kelurahan=REMPOA)  # she lives elsewhere
    assert (await site(registry, kelurahan=PONDOK_CABE_ILIR)).status == 201
    path = f"{business.headers['Location']}/eligibility?on="

    async def state(on: str) -> str:
        reply = await registry.get(path + on, KASI)
        return str(reply.body["reasons"][0]["state"])

    assert await state("2017-07-31") == "met"
    assert await state("2017-01-15") == "unknown"
    assert await state("2018-01-15") == "unknown"
    assert (await site(registry, status="closed", since="2017-12-20")).status == 201
    assert await state("2017-12-19") == "met"
    assert await state("2017-12-20") == "not_met"


async def test_the_eligibility_of_an_unknown_business_is_not_found(registry: Doors) -> None:
    path = "/v1/businesses/00000000-0000-7000-8000-000000000000/eligibility"
    assert (await registry.get(path)).code == "usaha-tidak-ditemukan"


async def test_what_offices_reported_is_shown_with_its_day_and_bars_nothing(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    for number, (decile, day) in enumerate([(3, date(2026, 3, 31)), (5, date(2026, 6, 30))], 1):
        fact = report(feeds.DECILE, feeds.DecileUpdated, "F-1", decile=decile, as_of=day)
        assert await registry.hear("registry.deciles", record(fact, number)) == ["done"]
    taught = report(
        feeds.TRAINING_PERINDAG,
        feeds.TrainingDelivered,
        "PLT-1",
        title="Desain kemasan",
        began_on=date(2026, 5, 3),
        hours="12.5",
    )
    assert await registry.hear("registry.outside-trainings", record(taught)) == ["done"]

    async def shown(on: str, **headers: str) -> list[tuple[str, str, str]]:
        answer = await asked(registry, business, on, **headers)
        assert {need["fact"] for need in answer["needed"]} == {"site", "coverage", "assessment"}
        return [(s["fact"], s["by_office"], s["on"]) for s in answer["shown"]]

    assert await shown("2026-03-30") == []
    assert await shown("2026-05-03") == [("decile", "sosial", "2026-03-31")]
    assert await shown("2026-05-04") == [
        ("decile", "sosial", "2026-03-31"),
        ("outside_training", "perindag", "2026-05-04"),
    ]
    assert ("decile", "sosial", "2026-06-30") in await shown("2026-06-30")
    english = await asked(registry, business, "2026-06-30", **{"Accept-Language": "en"})
    assert [s["detail"] for s in english["shown"]] == [
        "The welfare decile (DTSEN) of her household is 5; it decides nothing.",
        "Trained by perindag: “Desain kemasan”, 12.5 hours.",
    ]


async def test_who_says_that_it_is_guided_is_named_and_a_conflict_with_staff_is_said(
    registry: Doors,
) -> None:
    business = await registered_business(registry)
    guided = report(feeds.GUIDANCE, feeds.BusinessGuided, "BINA-1")
    assert await registry.hear("registry.guidance", record(guided)) == ["done"]
    today = (await registry.get(f"{business.headers['Location']}/eligibility", PETUGAS)).body
    reason = next(r for r in today["reasons"] if r["condition"] == "not_guided_elsewhere")
    assert (reason["source"], reason["by_office"]) == ("office_event", "koperasi-ukm")
    (word,) = today["shown"]
    assert (word["fact"], word["on"]) == ("guidance", "2026-05-04")
    assert "berbeda" not in word["detail"]
    own = {"guided": "no", "answered_on": today["on"], "source": "owner_said"}
    assert (await observe(registry, business, "coverage", **own)).status == 201
    path = f"{business.headers['Location']}/eligibility"
    after = (await registry.get(path, PETUGAS)).body
    reason = next(r for r in after["reasons"] if r["condition"] == "not_guided_elsewhere")
    assert (reason["state"], reason["source"]) == ("met", "owner_said")
    assert "berbeda" in after["shown"][0]["detail"]
    before = await asked(registry, business, "2026-05-03")
    assert before["shown"] == []
