"""The registry's doors on a database of the test's own."""

import base64
from collections.abc import AsyncIterator

import pytest

from services.registry import seals
from services.registry.api import ROUTES
from services.registry.reactions import CONSUMERS
from shared.http.work_list import work_list_routes
from shared.parked.desks import Desks
from shared.trial import with_trial
from tests.stack.databases import Database
from tests.training.doors import KEYS, Doors, opened


@pytest.fixture
async def registry(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Doors]:
    """The service, as its api and its worker are, without Kafka's wire."""
    key = base64.b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("BINAAN_SECRET_KEYS", f"test:{key}")
    monkeypatch.setenv("BINAAN_DATABASE_URL", database.app("registry"))
    seals.keys.cache_clear()
    consumers = with_trial("registry", CONSUMERS)
    routes = (*ROUTES, *work_list_routes(Desks(consumers, KEYS)))
    async with opened(database.app("registry"), "registry", routes, consumers) as doors:
        yield doors
    seals.keys.cache_clear()
