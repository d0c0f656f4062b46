"""What the registry's page shows runs as shown, and what its refusals say is whole."""

import pytest

from services.registry.api import ROUTES
from services.registry.domain import refusals
from shared.errors import Refusal
from tests.training.doors import Doors
from tests.training.texts import assert_both_languages_agree

REFUSALS = [
    kind
    for kind in vars(refusals).values()
    if isinstance(kind, type) and issubclass(kind, Refusal) and kind is not Refusal
]


async def test_every_example_runs_as_shown_from_the_top_of_the_page(registry: Doors) -> None:
    for _ in range(2):  # and again: each makes its own numbers
        for route in ROUTES:
            shown = await registry.shown(route)
            assert shown.status == route.status, (route.path, shown.body)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda kind: kind.__name__)
def test_both_languages_say_the_same_facts_in_whole_sentences(refusal: type[Refusal]) -> None:
    assert_both_languages_agree(refusal)


def test_every_refusal_is_published_by_a_route() -> None:
    published = {refusal for route in ROUTES for refusal in route.refusals}
    assert published == set(REFUSALS)
