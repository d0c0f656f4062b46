"""What a certificate is given for, and its number, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.training.domain.certificate import (
    LETTERS,
    Certificate,
    CertificateStatus,
    Meeting,
    earn,
    missing,
    number_of,
    read_number,
    revoke,
)
from services.training.domain.enrolment import State
from services.training.domain.refusals import CertificateNotEarned, CertificateRevokedAlready
from shared.errors import Needed

TODAY = date(2017, 8, 1)
NEW = uuid4()

meetings = st.lists(
    st.builds(
        Meeting,
        session_id=st.uuids(),
        held_on=st.integers(-30, 30).map(lambda days: TODAY + timedelta(days=days)),
        state=st.sampled_from([None, *State]),
    ),
    max_size=6,
    unique_by=lambda meeting: meeting.session_id,
)


def supplied(held: Sequence[Meeting], facts: Sequence[Needed]) -> list[Meeting]:
    """The world after these facts were supplied."""
    world = list(held)
    if any(fact.fact == "session" for fact in facts):
        world.append(Meeting(NEW, TODAY, None))
    for fact in facts:
        if fact.fact == "attendance":
            world = [
                replace(m, state=State.PRESENT) if m.session_id == (fact.about or NEW) else m
                for m in world
            ]
    return world


def earned(held: Sequence[Meeting]) -> bool:
    try:
        earn(held, TODAY)
    except CertificateNotEarned:
        return False
    return True


@given(meetings)
def test_what_is_said_to_be_missing_turns_the_no_and_less_of_it_does_not(
    held: list[Meeting],
) -> None:
    needed = missing(held, TODAY)
    assert earned(held) == (not needed)
    assert earned(supplied(held, needed))
    for size in range(len(needed)):
        for some in combinations(needed, size):
            assert not earned(supplied(held, some))


@given(meetings)
def test_each_fact_names_who_supplies_it_and_by_when(held: list[Meeting]) -> None:
    days = {meeting.session_id: meeting.held_on for meeting in held}
    for need in missing(held, TODAY):
        assert need.who in ("kasi", "petugas", "fasilitator")
        assert need.indonesian.endswith(".")
        assert need.english.endswith(".")
        if need.by is not None:
            assert need.about is not None
            assert need.by == days[need.about] >= TODAY


def test_the_refusal_counts_the_sessions_and_carries_what_is_missing() -> None:
    there, gone = Meeting(uuid4(), TODAY, State.PRESENT), Meeting(uuid4(), TODAY, State.ABSENT)
    with pytest.raises(CertificateNotEarned) as refused:
        earn([there, gone], TODAY)
    assert refused.value.facts == {"attended": 1, "sessions": 2}
    (need,) = refused.value.needed
    assert (need.about, need.who) == (gone.session_id, "petugas")


@given(st.uuids())
def test_a_number_has_letters_and_dashes_only_and_is_read_back(certificate_id: UUID) -> None:
    number = number_of(certificate_id)
    assert len(number) == 14
    assert set(number) <= {*LETTERS, "-"}
    assert read_number(number) == number
    assert read_number(f" {number.lower().replace('-', '  ')}") == number


@given(st.uuids(), st.integers(0, 11), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_found(certificate_id: UUID, place: int, letter: str) -> None:
    letters = list(number_of(certificate_id).replace("-", ""))
    right = letters[place]
    letters[place] = letter
    assert (read_number("".join(letters)) is None) == (letter != right)


@given(st.uuids(), st.integers(0, 11), st.integers(0, 11))
def test_two_swapped_letters_are_found(certificate_id: UUID, one: int, other: int) -> None:
    letters = list(number_of(certificate_id).replace("-", ""))
    same = letters[one] == letters[other]
    letters[one], letters[other] = letters[other], letters[one]
    assert (read_number("".join(letters)) is None) == (not same)


@pytest.mark.parametrize("text", ["", "A", "KPQR-STVW", "=KPQR", "1234-5678-9012", "ÉÉÉÉ" * 3])
def test_what_cannot_be_a_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_a_certificate_is_revoked_once_and_keeps_its_number() -> None:
    held = Certificate(uuid4(), "KPQR-STVW-XBCF", uuid4(), uuid4(), uuid4(), TODAY)
    gone = revoke(held)
    assert (gone.status, gone.version, gone.number) == (
        CertificateStatus.REVOKED,
        2,
        held.number,
    )
    with pytest.raises(CertificateRevokedAlready):
        revoke(gone)
