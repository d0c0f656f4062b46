"""Marketing's doors on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from services.marketing.api import ROUTES
from services.marketing.reactions import CONSUMERS
from shared.http.offices import office_routes
from shared.http.work_list import work_list_routes
from shared.parked.desks import Desks
from shared.trial import with_trial
from tests.stack.databases import Database
from tests.training.doors import KEYS, Doors, opened


@pytest.fixture
async def marketing(database: Database) -> AsyncIterator[Doors]:
    """The service, as its api and its worker are, without Kafka's wire."""
    consumers = with_trial("marketing", CONSUMERS)
    staff = work_list_routes(Desks(consumers, KEYS))
    routes = (*ROUTES, *office_routes(consumers), *staff)
    async with opened(database.app("marketing"), "marketing", routes, consumers) as doors:
        yield doors


@pytest.fixture
async def two_copies(database: Database) -> AsyncIterator[tuple[Doors, Doors]]:
    """Two copies of the api over one database, as behind a load balancer."""
    dsn = database.app("marketing")
    async with (
        opened(dsn, "marketing", ROUTES, CONSUMERS) as one,
        opened(dsn, "marketing", ROUTES, CONSUMERS) as other,
    ):
        yield one, other
