"""`python -m services.marketing api | worker | migrate | …`: what this service is made of."""

from collections.abc import Sequence
from pathlib import Path

from services.marketing.reactions import CONSUMERS
from shared.cli import Service, main
from shared.http.types import Route


def routes() -> Sequence[Route]:
    """The routes, loaded by the api only: a worker needs no HTTP models in its memory."""
    from services.marketing.api import ROUTES

    return ROUTES


if __name__ == "__main__":
    main(Service("marketing", Path(__file__).parent, routes, CONSUMERS))
