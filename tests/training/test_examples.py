"""What the pages show runs as shown, and what the refusals say is whole."""

import pytest

from services.training.api import ROUTES
from services.training.domain import refusals
from shared.errors import Refusal
from tests.training.doors import Doors, record
from tests.training.facts import business
from tests.training.texts import assert_both_languages_agree


async def test_every_example_runs_as_shown_from_the_top_of_the_page_and_again(
    training: Doors,
) -> None:
    await training.hear("training.businesses", record(business()))
    for _ in range(2):
        for route in ROUTES:
            shown = await training.shown(route)
            assert shown.status == route.status, (route.path, shown.body)


def test_the_service_stays_small() -> None:
    assert len(ROUTES) <= 25


@pytest.mark.parametrize(
    "refusal", [r for r in vars(refusals).values() if isinstance(r, type) and r.__base__ is Refusal]
)
def test_both_languages_use_the_same_facts_and_end_as_sentences(refusal: type[Refusal]) -> None:
    assert_both_languages_agree(refusal)
