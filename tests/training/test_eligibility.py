"""Who may not have a seat, what would change that, and who may allow it all the same."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.training.domain.eligibility import Known, admit, missing
from services.training.domain.refusals import BusinessNotEligible
from shared.contracts.registry import (
    Assessment,
    BusinessAssessed,
    BusinessCoverageAnswered,
    Coverage,
)
from shared.errors import Needed
from tests.training.doors import KASI, Doors, person, record
from tests.training.facts import business
from tests.training.scenes import BUSINESSES, a_session, enrol, known

knowns = st.builds(
    Known,
    business_id=st.just(uuid4()),
    guided=st.sampled_from([None, "yes", "no", "unknown"]),
    guided_by=st.sampled_from(["koperasi-ukm", "perindag"]),
    business_class=st.sampled_from([None, "pemula", "berkembang", "maju", "mikro"]),
)


def may(known: Known, *, allowed: bool) -> bool:
    try:
        admit(known, allowed=allowed)
    except BusinessNotEligible:
        return False
    return True


def told(known: Known, needed: Iterable[Needed]) -> Known:
    for need in needed:
        if need.fact == "coverage":
            known = replace(known, guided="no")
        else:
            known = replace(known, business_class="maju")
    return known


@given(knowns, st.booleans())
def test_what_is_said_to_be_missing_turns_a_seat_s_no_and_less_of_it_does_not(
    known: Known, allowed: bool
) -> None:
    needed = missing(known, allowed=allowed)
    assert may(known, allowed=allowed) == (not needed)
    assert may(told(known, needed), allowed=allowed)
    for size in range(len(needed)):
        for some in combinations(needed, size):
            assert not may(told(known, some), allowed=allowed)


@given(knowns)
def test_what_nobody_has_answered_bars_nothing_and_is_shown(known: Known) -> None:
    assert set(known.barred) <= set(known.open_points)
    unasked = replace(known, guided=None, business_class=None)
    assert unasked.barred == ()
    assert unasked.open_points == ("coverage", "assessment")


def guided(by: str | None) -> Coverage:
    answer: Any = "yes" if by else "no"
    return Coverage(
        guided=answer, by_office=by, answered_on=date(2017, 7, 26), source="office_list"
    )


async def covered(training: Doors, by: str | None = "koperasi-ukm") -> str:
    """A business of which registry told whether another office guides it."""
    fact = business()
    await training.hear(BUSINESSES, record(fact, 1))
    answered = BusinessCoverageAnswered(**fact.model_dump() | {"coverage": guided(by)})
    assert await training.hear(BUSINESSES, record(answered, 2)) == ["done"]
    return str(fact.business_id)


async def test_a_business_nobody_has_asked_gets_its_seat_with_what_is_open(
    training: Doors,
) -> None:
    made = await enrol(training, await a_session(training), await known(training))
    assert made.status == 201
    assert made.body["open_points"] == ["coverage", "assessment"]
    assert made.body["overridden"] == []


async def test_a_business_that_another_office_guides_gets_no_seat_until_that_has_changed(
    training: Doors,
) -> None:
    session, hers = await a_session(training), await covered(training)
    refused = await enrol(training, session, hers)
    assert (refused.status, refused.code) == (409, "usaha-tidak-layak")
    (needed,) = refused.body["needed"]
    assert (needed["fact"], needed["who"], needed["about"]) == ("coverage", "koperasi-ukm", hers)
    english = await enrol(training, session, hers, **{"Accept-Language": "en"})
    assert "letter of koperasi-ukm" in english.body["needed"][0]["detail"]
    made = await enrol(training, session, await covered(training, by=None))
    assert (made.status, made.body["open_points"]) == (201, ["assessment"])


async def test_a_business_that_has_grown_to_micro_scale_gets_no_seat(training: Doors) -> None:
    fact = business()
    await training.hear(BUSINESSES, record(fact, 1))
    micro = Assessment(business_class="mikro", assessed_on=date(2017, 7, 25))
    grown = BusinessAssessed(**fact.model_dump() | {"assessment": micro})
    await training.hear(BUSINESSES, record(grown, 2))
    refused = await enrol(training, await a_session(training), str(fact.business_id))
    assert [need["fact"] for need in refused.body["needed"]] == ["assessment"]


async def test_a_head_of_section_allows_a_seat_with_a_reason_that_is_kept(
    training: Doors,
) -> None:
    path = f"/v1/sessions/{await a_session(training)}/enrolments"
    body = {"business_id": await covered(training), "override_reason": "Hanya dibina tahun lalu"}
    officer = await training.post(path, body, person("petugas"))
    assert (officer.status, officer.code) == (403, "hanya-kasi")
    made = await training.post(path, body)
    assert (made.status, made.body["overridden"]) == (201, ["coverage"])
    view = (await training.get(made.headers["Location"])).body
    assert (view["overridden"], view["override_reason"]) == (
        ["coverage"],
        "Hanya dibina tahun lalu",
    )
    assert view["attendance"][0]["recorded_by"] == KASI.subject


@pytest.mark.parametrize("reason", ["", "x"])
async def test_an_override_without_a_reason_is_none(training: Doors, reason: str) -> None:
    path = f"/v1/sessions/{await a_session(training)}/enrolments"
    body = {"business_id": await covered(training), "override_reason": reason}
    assert (await training.post(path, body)).status == 400
