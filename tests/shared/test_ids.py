"""Identifiers: in order when made together, and derived as uuid5 derives them."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import is_fresh, made_at, named, uuid7, uuid7s


def test_ids_that_are_made_together_are_distinct_ordered_and_of_now() -> None:
    made = uuid7s(3_000)
    assert len(set(made)) == 3_000
    assert made == sorted(made)
    first = made_at(made[0])
    assert first is not None
    assert all(is_fresh(one, first) and one.version == 7 for one in (*made, uuid7()))
    assert all(one.variant == uuid7().variant == UUID(int=2 << 62).variant for one in made)


def test_none_are_made_of_none() -> None:
    assert uuid7s(0) == []


@given(st.uuids(), st.text())
def test_a_name_has_the_id_that_uuid5_gives_it(space: UUID, name: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return
    assert named(space, name) == uuid5(space, name)
