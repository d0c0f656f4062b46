"""Every office that may write a topic has a name that people can read."""

from typing import get_args

from shared.contracts.answers import DISCARDED
from shared.contracts.areas import around, place
from shared.contracts.office_names import NAMES, office_of, topics_of
from shared.contracts.topics import TOPICS
from shared.http.parked_bodies import End


def test_every_topic_from_outside_has_an_office_with_a_name() -> None:
    for topic in TOPICS:
        assert topic.from_outside == (office_of(topic.name) in NAMES), topic.name
    assert {office_of(topic) for office in NAMES for topic in topics_of(office)} == set(NAMES)


def test_staff_choose_among_the_codes_that_receipts_know() -> None:
    assert get_args(End) == tuple(DISCARDED)


def test_all_that_a_name_can_mean_lies_in_the_smallest_area_around_it() -> None:
    assert around(place(None, "Serpong").suggestions) == "36.74.01"  # type: ignore[union-attr]
    assert around(["36.74.06.1001"]) == "36.74.06.1001"
    assert around(["36.74.06.1001", "36.74.05.1001"]) == "36.74"
    assert around(["36.74.06.1001", "32.71.06.1001"]) == ""
    assert around([]) == ""
