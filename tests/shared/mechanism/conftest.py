"""The ground of each test of the mechanism."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from shared.db import make_pool
from tests.shared.mechanism.ground import TABLES, Ground
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin


@pytest.fixture
async def ground(
    database: Database,
    kafka: KafkaLogin,
    new_topic: Callable[..., str],
    tmp_path: Path,
    json_logs: None,
) -> AsyncIterator[Ground]:
    """A database and a service name of the test's own; `ground.topic()` makes topics."""
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute(TABLES)
    await owner.close()
    service = f"t{uuid.uuid4().hex[:12]}"
    pool = await make_pool(database.app("registry"), service, 6)
    ground = Ground(service, database, kafka, pool, new_topic, tmp_path)
    try:
        yield ground
    finally:
        ground.end_programs()
        pool.terminate()
