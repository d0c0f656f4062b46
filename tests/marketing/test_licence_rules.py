"""What counts of a licence: offices and staff say it with their days, and the newest one counts."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from services.marketing.domain.licence import Told, standing
from services.marketing.domain.readiness import State, judge_licences, missing
from tests.marketing.test_product_rules import BLANK

DAY = date(2026, 6, 1)
OLD, NEW, FAR = date(2025, 1, 1), date(2026, 1, 1), date(2030, 1, 1)


def office(status: str = "issued", since: date = OLD, until: date | None = FAR) -> Told:
    return Told("pirt", status, since, until, "kesehatan")


def staff(since: date = OLD, until: date | None = FAR) -> Told:
    return Told("pirt", "issued", since, until)


@pytest.mark.parametrize(
    ("told", "state", "fact", "source", "conflict"),
    [
        ([], "unknown", None, None, False),
        ([office()], "met", ("issued", OLD), "office", False),
        ([staff()], "met", ("issued", OLD), "staff", False),
        ([office("revoked", NEW)], "not_met", ("revoked", NEW), "office", False),
        ([office("expired", NEW)], "not_met", ("expired", NEW), "office", False),
        ([office(until=DAY)], "met", ("issued", OLD), "office", False),  # its last day
        ([office(until=date(2026, 5, 31))], "not_met", ("expired", DAY), "office", False),
        ([staff(until=NEW)], "not_met", ("expired", date(2026, 1, 2)), "staff", False),
        ([staff(), office("revoked", NEW)], "not_met", ("revoked", NEW), "office", True),
        ([staff(NEW), office("revoked")], "met", ("issued", NEW), "staff", True),
        ([staff(NEW), office()], "met", ("issued", NEW), "staff", False),
        ([staff(), office("revoked", OLD)], "not_met", ("revoked", OLD), "office", True),
        ([office("suspended", NEW)], "not_met", ("suspended", NEW), "office", False),  # a new code
        ([office("revoked", NEW), office()], "met", ("issued", OLD), "office", False),  # two papers
        ([office("revoked", FAR)], "unknown", None, None, False),  # not yet on that day
    ],
)
def test_the_newest_dated_fact_turns_the_point_and_a_conflict_is_said(
    told: list[Told],
    state: str,
    fact: tuple[str, date] | None,
    source: str | None,
    conflict: bool,
) -> None:
    for order in permutations(told):
        world = replace(BLANK, licences=order)
        point = next(p for p in judge_licences(world, DAY) if p.name == "pirt")
        assert (point.state.value, point.source) == (state, source)
        assert (point.fact, point.on) == (fact or (None, None))
        assert (point.remark is not None) == conflict
        assert point.bars == (state == "not_met")
        assert ("pirt" in [need.fact for need in missing(world, DAY)]) == point.bars


def test_the_sentence_of_a_conflict_names_both_sides() -> None:
    found = standing([staff(), office("revoked", NEW)], DAY)
    assert found is not None
    assert (found.counts.by_office, found.against) == ("kesehatan", staff())


def test_an_office_s_paper_for_one_of_several_products_decides_for_none() -> None:
    papers = (office(), office("revoked", NEW))
    for told in (papers[:1], papers[1:]):
        point = judge_licences(replace(BLANK, licences=told, products=2), DAY)[1]
        assert (point.state, point.fact, point.bars) == (State.UNKNOWN, None, False)
        assert point.remark is not None
        assert "kesehatan" in point.remark.indonesian
    entered = judge_licences(replace(BLANK, licences=(*papers, staff()), products=2), DAY)[1]
    assert (entered.state, entered.source) == (State.MET, "staff")
    nib = Told("nib", "revoked", NEW, None, "dpmptsp")  # of the whole business
    assert judge_licences(replace(BLANK, licences=(nib,), products=2), DAY)[0].bars


def test_a_letter_for_the_mark_that_has_run_out_bars_nothing() -> None:
    letter = Told("merek_letter", "issued", OLD, NEW, "koperasi-ukm")
    point = judge_licences(replace(BLANK, licences=(letter,)), DAY)[3]
    assert (point.state, point.bars, point.needed) == (State.NOT_MET, False, None)
