"""Sealed values, blind indexes and keyed digests, and what a rotation of keys changes."""

from __future__ import annotations

import pytest

from shared.privacy import Keys, Unreadable, names_a_person, sealed_by

OLD, NEW = Keys({"k1": b"1" * 32}), Keys({"k2": b"2" * 32, "k1": b"1" * 32})
ONLY_NEW = Keys({"k2": b"2" * 32})
NIK, ABOUT = "3674064506900001", "person.nik:42"


def test_what_is_sealed_is_opened_with_the_same_purpose_only() -> None:
    sealed = OLD.seal(NIK, ABOUT)
    assert OLD.unseal(sealed, ABOUT) == NIK
    assert NIK.encode() not in sealed
    with pytest.raises(Unreadable):
        OLD.unseal(sealed, "person.nik:43")


def test_sealing_twice_gives_different_bytes() -> None:
    assert OLD.seal(NIK, ABOUT) != OLD.seal(NIK, ABOUT)


@pytest.mark.parametrize("position", [0, 1, 2, 4, 10, 20, -1])
def test_a_changed_byte_anywhere_is_found(position: int) -> None:
    sealed = bytearray(OLD.seal(NIK, ABOUT))
    sealed[position] ^= 1
    with pytest.raises(Unreadable):
        OLD.unseal(bytes(sealed), ABOUT)


@pytest.mark.parametrize("nonsense", [b"", b"\x01", b"\x01\x02k1", b"x" * 60])
def test_what_was_never_sealed_is_unreadable(nonsense: bytes) -> None:
    with pytest.raises(Unreadable):
        OLD.unseal_bytes(nonsense, ABOUT)


def test_an_error_names_neither_value_nor_key() -> None:
    sealed = OLD.seal(NIK, ABOUT)
    with pytest.raises(Unreadable) as raised:
        ONLY_NEW.unseal(sealed, ABOUT)
    assert NIK not in str(raised.value)
    assert "1111" not in repr(OLD)


def test_a_rotation_reads_the_old_and_writes_the_new() -> None:
    before = OLD.seal(NIK, ABOUT)
    assert NEW.unseal(before, ABOUT) == NIK
    after = NEW.resealed(before, ABOUT)
    assert after is not None
    assert (sealed_by(before), sealed_by(after)) == ("k1", "k2")
    assert ONLY_NEW.unseal(after, ABOUT) == NIK
    assert NEW.resealed(after, ABOUT) is None


def test_a_blind_index_is_equal_for_equal_values_and_says_nothing_without_the_key() -> None:
    assert OLD.blind_index(NIK, "nik") == OLD.blind_index(NIK, "nik")
    assert OLD.blind_index(NIK, "nik") != OLD.blind_index(NIK, "household")
    assert OLD.blind_index(NIK, "nik") != ONLY_NEW.blind_index(NIK, "nik")
    assert OLD.blind_index(NIK, "nik") != OLD.blind_index("3674064506900002", "nik")


def test_during_a_rotation_a_value_is_found_under_either_key() -> None:
    stored = OLD.blind_index(NIK, "nik")
    assert NEW.blind_indexes(NIK, "nik") == [ONLY_NEW.blind_index(NIK, "nik"), stored]


def test_a_digest_is_compared_under_the_key_that_made_it() -> None:
    stored = OLD.digest(b"content", "inbox")
    assert NEW.is_digest_of(stored, b"content", "inbox")
    assert not NEW.is_digest_of(stored, b"other", "inbox")
    assert not NEW.is_digest_of(stored, b"content", "other")
    assert not ONLY_NEW.is_digest_of(stored, b"content", "inbox")
    assert not NEW.is_digest_of(b"", b"content", "inbox")


@pytest.mark.parametrize(
    "keys", [{}, {"a": b"short"}, {"": b"1" * 32}, {"a:b": b"1" * 32}, {"x" * 33: b"1" * 32}]
)
def test_a_key_is_thirty_two_bytes_with_a_plain_id(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        Keys(keys)


@pytest.mark.parametrize("text", [NIK, f"wni-{NIK}", f"abc{NIK}", f"{NIK}/2", f"00-{NIK}-01"])
def test_sixteen_digits_in_a_row_may_name_a_person(text: str) -> None:
    assert names_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "DKC-2026-000117",
        f"{NIK}0",
        f"a{NIK}{'f' * 15}",  # a UUID without its dashes
        f"00-{NIK[:15]}1{'c' * 16}-00f067aa0ba902b7-01",
    ],
)
def test_digits_that_chance_put_in_a_row_name_nobody(text: str) -> None:
    assert not names_a_person(text)
