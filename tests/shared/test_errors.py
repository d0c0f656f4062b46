"""Refusals: the docstring is the message."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.actor import Actor
from shared.errors import Refusal


class SessionFull(Refusal):
    """Sesi ini penuh: {capacity} kursi."""

    code, english = "sesi-penuh", "This session is full: {capacity} seats."


def test_a_refusal_speaks_both_languages_with_its_facts() -> None:
    refusal = SessionFull(pointer="/session_id", capacity=20)
    assert refusal.message() == "Sesi ini penuh: 20 kursi."
    assert refusal.message("en") == "This session is full: 20 seats."
    assert (refusal.kind, refusal.code, refusal.pointer) == (
        "conflict",
        "sesi-penuh",
        "/session_id",
    )


class BudgetShort(Refusal):
    """Kurang Rp {short}, yaitu {share} bagian."""

    code, english = "anggaran-kurang", "Rp {short} missing, that is {share} parts."


def test_numbers_are_written_as_people_of_the_language_do() -> None:
    refusal = BudgetShort(short=2_700_000, share=Decimal("1550.500"))
    assert refusal.message() == "Kurang Rp 2.700.000, yaitu 1550,5 bagian."
    assert refusal.message("en") == "Rp 2,700,000 missing, that is 1550.5 parts."
    plain = BudgetShort(short=2017, share=Decimal("450.000"))
    assert plain.message("en") == "Rp 2017 missing, that is 450 parts."


def test_a_refusal_as_text_is_its_code_alone() -> None:
    assert str(SessionFull(capacity=20)) == "sesi-penuh"


def test_a_refusal_without_a_message_code_or_english_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="__doc__"):
        type("Silent", (Refusal,), {"code": "x", "english": "x"})
    with pytest.raises(TypeError, match="code"):
        type("Nameless", (Refusal,), {"__doc__": "x", "english": "x"})
    with pytest.raises(TypeError, match="english"):
        type("Monoglot", (Refusal,), {"__doc__": "x", "code": "x"})


@pytest.mark.parametrize(
    ("areas", "reached"),
    [
        (("36.74.06.1005",), True),
        (("36.74.06",), True),
        (("36.74",), True),
        (("*",), True),
        (("36.7",), False),
        (("36.74.0",), False),
        (("36.74.06.1006", "32.71"), False),
        ((), False),
    ],
)
def test_an_area_reaches_what_lies_in_it(areas: tuple[str, ...], reached: bool) -> None:
    assert Actor("s", areas=areas).reaches("36.74.06.1005") is reached


def test_the_patterns_for_sql_say_the_same() -> None:
    assert Actor("s", areas=("36.74.06", "36.74.01.1001")).patterns() == [
        "36.74.06",
        "36.74.06.%",
        "36.74.01.1001",
        "36.74.01.1001.%",
    ]
    assert Actor("s", areas=("36.74", "*")).patterns() == ["%"]
    assert Actor("s").patterns() == []
