"""Businesses and attendance as the others told of them."""

from itertools import permutations

import pytest

from shared.contracts.registry import BusinessCorrected
from shared.contracts.training import AttendanceCorrected, EnrolmentAttended, EnrolmentMade
from shared.ids import uuid7
from tests.marketing.scenes import (
    BUSINESSES,
    ENROLMENTS,
    ask,
    open_event,
    product_body,
    product_of,
    trained_product,
)
from tests.training.doors import REMPOA, Doors, record
from tests.training.facts import business, enrolment, old_id


async def test_without_attendance_the_refusal_says_what_to_do(marketing: Doors) -> None:
    event, her = await open_event(marketing), old_id(7)
    await marketing.hear(BUSINESSES, record(business(her)))
    answer = await ask(marketing, event, await product_of(marketing, her))
    assert (answer.status, answer.code) == (409, "belum-ikut-pelatihan")
    assert "Catat kehadirannya di pelatihan" in answer.body["detail"]
    assert await marketing.count("stand") == 0


@pytest.mark.parametrize(
    ("business_age", "seat_age", "code", "retry"),
    [
        ("new", "none", "belum-tersedia", "1"),
        ("old", "new", "belum-tersedia", "1"),
        ("old", "old", "belum-ikut-pelatihan", None),
        ("old", "none", "belum-ikut-pelatihan", None),
    ],
)
async def test_attendance_that_may_be_on_its_way_is_not_yet_known(
    marketing: Doors, business_age: str, seat_age: str, code: str, retry: str | None
) -> None:
    event = await open_event(marketing)
    her = uuid7() if business_age == "new" else old_id(8)
    seat = {"none": None, "new": uuid7(), "old": old_id(9)}[seat_age]
    await marketing.hear(BUSINESSES, record(business(her)))
    if seat:
        await marketing.hear(ENROLMENTS, record(enrolment(EnrolmentMade, her, seat)))
    answer = await ask(marketing, event, await product_of(marketing, her))
    assert (answer.status, answer.code) == (409, code)
    assert answer.headers.get("Retry-After") == retry


async def test_every_order_of_business_and_enrolment_facts_ends_the_same(
    marketing: Doors,
) -> None:
    event = await open_event(marketing, stands=1000)
    ends = set()
    for n, order in enumerate(permutations(range(5))):
        her, seat = old_id(2 * n + 100), old_id(2 * n + 101)
        first = business(her)
        moved = BusinessCorrected(
            **first.model_dump() | {"kelurahan": REMPOA, "corrected": ("kelurahan",)}
        )
        facts = [
            (BUSINESSES, record(first, 1)),
            (BUSINESSES, record(moved, 2)),
            (ENROLMENTS, record(enrolment(EnrolmentMade, her, seat), 1)),
            (ENROLMENTS, record(enrolment(AttendanceCorrected, her, seat), 2)),
            (ENROLMENTS, record(enrolment(EnrolmentAttended, her, seat), 3)),
        ]
        for i in order:
            consumer, fact = facts[i]
            assert await marketing.hear(consumer, fact) == ["done"]
        (row,) = await marketing.rows(
            "select b.kelurahan, b.version, e.state, e.version as seat_version "
            "from known_business_now b join known_enrolment_now e using (business_id) "
            "where b.business_id = $1",
            her,
        )
        answer = await ask(marketing, event, await product_of(marketing, her))
        ends.add((*row.values(), answer.status))
    assert ends == {(REMPOA, 2, "present", 3, 201)}


async def test_rebuilt_copies_take_the_old_ones_place(marketing: Doors) -> None:
    event = await open_event(marketing)
    product = await trained_product(marketing)
    await marketing.rebuilt(ENROLMENTS)
    assert (await ask(marketing, event, product)).code == "belum-tersedia"
    await marketing.rebuilt(BUSINESSES)
    body = product_body((await marketing.rows("select business_id from product"))[0]["business_id"])
    assert (await marketing.post("/v1/products", body)).code == "belum-tersedia"
