"""Every public word of the mechanism and of the trade is in the glossary."""

import re
from typing import get_args, get_type_hints

import pytest

from shared.actor import ROLES
from shared.consumers import Consumer, Ending
from shared.http.types import Reach
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs/glossary.md").read_text()
HEADINGS = set(re.findall(r"\*\*([^*]+)\*\*", TEXT))
MIGRATION = (ROOT / "shared/migrations/0001_mechanism.pre.sql").read_text()


def words_of_the_code() -> set[str]:
    """Words that name a kind, a state or a shape in code, so that everybody meets them."""
    kinds = {kind.__name__ for kind in (*get_args(Consumer), *get_args(Ending))}
    states = re.findall(r"'(parked|waiting|behind)'", MIGRATION)
    tables = {"journal", "outbox", "inbox", "position", "parked", "projection"}
    assert tables <= set(re.findall(r"^create table (\w+)", MIGRATION, re.MULTILINE))
    shapes = "command refusal rule event fact query view store tx relay intake receipt key".split()
    more = "route role area source topic slot generation correction change work-list".split()
    return {word.lower().replace("-", " ") for word in (*kinds, *states, *tables, *shapes, *more)}


def official_terms() -> set[str]:
    """Terms of the trade that code, answers or pages use."""
    named = "NIK KK KBLI P2WKSS kelurahan kecamatan OPD DTSEN IRT merek NIB halal P-IRT"
    return {*named.split(), *ROLES, "UU PDP", "Kemendagri code", "industri rumahan"}


def explained() -> set[str]:
    """What the glossary explains: bold words at the beginning of an entry or inside one."""
    return {heading.lower() for heading in HEADINGS}


@pytest.mark.parametrize("word", sorted(words_of_the_code()))
def test_a_word_of_the_code_is_explained(word: str) -> None:
    assert word in explained()


@pytest.mark.parametrize("term", sorted(official_terms()))
def test_an_official_term_is_explained(term: str) -> None:
    assert term.lower() in explained()


def test_every_way_to_check_an_area_is_named() -> None:
    entry = TEXT.partition("**reach**")[2].partition("\n\n")[0]
    ways = get_args(get_type_hints(Reach)["how"])
    assert ways
    assert not [way for way in ways if way not in entry]


def test_the_mechanism_s_words_stand_in_the_order_of_the_alphabet() -> None:
    part = TEXT.partition("## The mechanism")[2].partition("\n## ")[0]
    entries = re.findall(r"^\*\*([^*]+)\*\*", part, re.MULTILINE)
    assert entries == sorted(entries, key=str.lower)
