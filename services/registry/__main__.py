"""`python -m services.registry api | worker | migrate | rebuild | parked | …`."""

from collections.abc import Sequence
from pathlib import Path

from services.registry.reactions import CONSUMERS
from services.registry.seals import SEALED
from shared.cli import Service, main
from shared.http import Route


def routes() -> Sequence[Route]:
    """The routes: imported by the api only, the worker has none."""
    from services.registry.api import ROUTES

    return ROUTES


if __name__ == "__main__":
    main(Service("registry", Path(__file__).parent, routes, CONSUMERS, SEALED))
