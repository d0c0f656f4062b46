"""Two staff, a live worker, the intake and SIGKILL race for one key, a thousand times."""

from __future__ import annotations

import subprocess
import sys

import asyncpg
import pytest

from tests.shared.mechanism.ground import CLONE, TABLES
from tests.stack.databases import Database

ROUNDS = 1_000


async def _race(database: Database, *options: str) -> subprocess.CompletedProcess[str]:
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute(TABLES)
    await owner.close()
    command = [sys.executable, "-m", "tests.shared.mechanism.racing", database.app("registry")]
    return subprocess.run(  # noqa: ASYNC221 - nothing else is to run meanwhile
        [*command, *options], cwd=CLONE, capture_output=True, text=True
    )


async def test_whoever_races_and_whoever_is_killed_a_key_ends_as_its_source_sent_it(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = await _race(database, "--rounds", str(ROUNDS))
    assert ran.returncode == 0, ran.stderr[-3000:]
    with capsys.disabled():
        print(f"\n{ran.stdout.strip()}")


async def test_staff_who_do_not_lock_the_key_are_found_out(database: Database) -> None:
    ran = await _race(database, "--unlocked")
    assert ran.returncode == 1
    assert "round" in ran.stderr, ran.stderr[-3000:]
