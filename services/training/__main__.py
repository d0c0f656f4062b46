"""`python -m services.training api | worker | migrate | …`: what this service is made of."""

from collections.abc import Sequence
from pathlib import Path

from services.training.reactions import CONSUMERS
from shared.cli import Service, main
from shared.http.types import Route


def routes() -> Sequence[Route]:
    """The routes, loaded by the api only: a worker needs no HTTP models in its memory."""
    from services.training.api import ROUTES

    return ROUTES


if __name__ == "__main__":
    main(Service("training", Path(__file__).parent, routes, CONSUMERS))
