"""`python -m services.registry api | worker | migrate | …`: what this service is made of."""

from collections.abc import Sequence
from pathlib import Path

from services.registry.reactions import CONSUMERS
from shared.cli import Service, main
from shared.http.types import Route


def routes() -> Sequence[Route]:
    """The routes, loaded by the api only: a worker needs no HTTP models in its memory."""
    from services.registry.api import ROUTES

    return ROUTES


if __name__ == "__main__":
    main(Service("registry", Path(__file__).parent, routes, CONSUMERS))
