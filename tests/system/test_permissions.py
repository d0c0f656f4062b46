"""Role × area × route, from the tables of routes, on real HTTP and a real database.

Nothing here names a route: a new one is in the matrix by being in its table, and a table that
names no example for it can't be built. What the rows are is left to each route's own example.
"""

from __future__ import annotations

import base64
import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from services.registry import seals
from shared.actor import ROLES, Actor
from shared.consumers import Consumer
from shared.http import Route
from shared.http.examples import Filled, sampled
from shared.http.offices import office_routes
from shared.http.openapi import name_of
from shared.http.publishing import event_routes
from shared.http.work_list import work_list_routes
from shared.parked.desks import Desks
from shared.publisher import Publisher
from shared.trial import with_trial
from tests.marketing.scenes import FEED, attended, known_business, open_event
from tests.registry.work import ambiguous, moved
from tests.shared.mechanism.ground import settings_of
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin
from tests.training.doors import KEYS, Doors, Reply, opened, record
from tests.training.facts import business, market_event

SERVICES = ("registry", "training", "marketing")
CITY, ELSEWHERE = "36.74", "32.71"


def consumers_of(service: str) -> tuple[Consumer, ...]:
    return with_trial(service, importlib.import_module(f"services.{service}.reactions").CONSUMERS)


def routes_of(service: str, publisher: Publisher) -> Sequence[Route]:
    routes: Sequence[Route] = importlib.import_module(f"services.{service}.api").ROUTES
    consumers = consumers_of(service)
    ours = (*office_routes(consumers), *event_routes(consumers, KEYS, publisher))
    return (*routes, *ours, *work_list_routes(Desks(consumers, KEYS)))


@dataclass(frozen=True)
class Asked:
    """A route, its service, and its example as it named rows that are there."""

    doors: Doors
    route: Route
    example: Filled

    async def by(self, role: str, area: str) -> Reply:
        """The example, as somebody with this role in this area."""
        office = self.route.example.office or None
        actor = Actor(f"{role}-{area}", frozenset({role}), (area,), office)
        shown = self.example
        if self.route.method == "GET":
            return await self.doors.get(shown.path, actor)
        kind = self.route.unparsed.media[0] if self.route.unparsed else "application/json"
        return await self.doors.post(
            shown.path, shown.body, actor, if_match=shown.if_match, **{"Content-Type": kind}
        )


@pytest.fixture
async def product(
    database: Database, catalogue: dict[str, KafkaLogin], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sequence[Asked]]:
    """Every route of the three services."""
    key = base64.b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("BINAAN_SECRET_KEYS", f"test:{key}")
    monkeypatch.setenv("BINAAN_DATABASE_URL", database.app("registry"))
    seals.keys.cache_clear()
    async with AsyncExitStack() as stack:
        doors, routes = {}, {}
        for service in SERVICES:
            publisher = Publisher(service, settings_of(catalogue[service]))
            stack.push_async_callback(publisher.close)
            dsn, routes[service] = database.app(service), routes_of(service, publisher)
            doors[service] = await stack.enter_async_context(
                opened(dsn, service, routes[service], consumers_of(service))
            )
        await doors["training"].hear("training.businesses", record(business()))
        await open_event(doors["marketing"])
        await attended(doors["marketing"], await known_business(doors["marketing"]))
        await ambiguous(doors["registry"], moved(2))
        nowhere = market_event(event_ref="2099/zona", time_zone="Asia/Bogor")
        await doors["marketing"].hear(FEED, record(nowhere, 1), record(nowhere, 2))
        yield [
            await an_example(doors[service], route)
            for service in SERVICES
            for route in routes[service]
        ]
    seals.keys.cache_clear()


async def an_example(doors: Doors, route: Route) -> Asked:
    """Fill the example and send it once, so that the examples after it find its rows."""
    async with doors.db.pool.acquire() as conn:
        asked = Asked(doors, route, await sampled(route, conn))
    answer = await asked.by(route.example.role, CITY)
    assert answer.status == route.status, (name_of(route), answer.body)
    return asked


async def test_a_route_lets_in_exactly_the_roles_that_its_table_names(
    product: Sequence[Asked],
) -> None:
    for asked in product:
        for role in sorted(ROLES):
            answer = await asked.by(role, CITY)
            refused = answer.status == 403 and answer.code == "peran-tidak-cukup"
            told = (name_of(asked.route), role, answer.body)
            assert refused == (role not in asked.route.allow), told
            if not refused:
                assert answer.status not in (401, 403), told


async def test_whoever_works_elsewhere_reaches_nothing_here_but_what_is_open_with_a_reason(
    product: Sequence[Asked],
) -> None:
    for asked in product:
        reach = asked.route.reach
        for role in sorted(asked.route.allow):
            answer = await asked.by(role, ELSEWHERE)
            told = (name_of(asked.route), role, answer.status, answer.body)
            if reach.how == "filter":
                assert (answer.status, answer.body["items"]) == (200, []), told
            elif reach.how == "anywhere":
                assert reach.reason, told
                assert answer.status < 500, told
            else:
                assert (answer.status, answer.code) == (403, "di-luar-wilayah"), told


async def test_without_a_token_every_route_is_shut(product: Sequence[Asked]) -> None:
    for asked in product:
        path = asked.example.path
        async with asked.doors.client.request(asked.route.method, path) as answer:
            assert answer.status == 401, name_of(asked.route)
        for path in ("/v1", "/v1/", "/v1/unknown", "/internal", "/admin"):
            async with asked.doors.client.request("GET", path) as answer:
                assert answer.status == 404, path
