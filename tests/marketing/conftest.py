"""Marketing's doors on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from services.marketing.api import ROUTES
from services.marketing.reactions import CONSUMERS
from tests.stack.databases import Database
from tests.training.doors import Doors, opened


@pytest.fixture
async def marketing(database: Database) -> AsyncIterator[Doors]:
    """The service, as its api and its worker are, without Kafka's wire."""
    async with opened(database.app("marketing"), "marketing", ROUTES, CONSUMERS) as doors:
        yield doors
