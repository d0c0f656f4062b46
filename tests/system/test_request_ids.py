"""A request's correlation id and trace run through to what it tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.training.api import ROUTES
from services.training.reactions import CONSUMERS
from tests.stack.databases import Database
from tests.training.doors import Doors, opened
from tests.training.scenes import session_body

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
async def training(database: Database) -> AsyncIterator[Doors]:
    async with opened(database.app("training"), "training", ROUTES, CONSUMERS) as doors:
        yield doors


async def test_what_a_request_tells_carries_its_correlation_id_and_its_trace(
    training: Doors,
) -> None:
    ours = str(uuid4())
    headers: dict[str, Any] = {"X-Correlation-ID": ours, "traceparent": TRACE}
    answer = await training.post("/v1/sessions", session_body(), **headers)
    assert (answer.status, answer.headers["X-Correlation-ID"]) == (201, ours)
    (told,) = await training.told()
    assert (told["correlation_id"], told["traceparent"], told["causation_id"]) == (
        ours,
        TRACE,
        None,
    )


async def test_a_nik_given_as_a_correlation_id_goes_nowhere(training: Doors) -> None:
    headers: dict[str, Any] = {
        "X-Correlation-ID": "3674064506900001",
        "traceparent": "3674064506900001",
    }
    answer = await training.post("/v1/sessions", session_body(), **headers)
    (told,) = await training.told()
    assert UUID(told["correlation_id"]).version == 7
    assert told["correlation_id"] == answer.headers["X-Correlation-ID"]
    assert told["traceparent"] is None


async def test_a_repeated_request_tells_once(training: Doors) -> None:
    key = str(uuid4())
    first = await training.post("/v1/sessions", session_body(), key=key)
    again = await training.post("/v1/sessions", session_body(), key=key)
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert len(await training.told()) == 1
