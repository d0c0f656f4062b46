"""`parked list | show | replay | discard`: the command line, on the events that HTTP shows too."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pytest

from tests.marketing.scenes import FEED
from tests.shared.mechanism.ground import CLONE, KEY_TEXT
from tests.stack.databases import Database
from tests.training.doors import Doors, record
from tests.training.facts import market_event

ZONE = '/data/time_zone="Asia/Jakarta"'


async def run(database: Database, *arguments: str) -> tuple[int, str]:
    """The exit code, and what was printed."""
    settings = {
        "BINAAN_DATABASE_URL": database.app("marketing"),
        "BINAAN_SECRET_KEYS": KEY_TEXT,
    }
    plain = {n: v for n, v in os.environ.items() if not n.startswith("BINAAN_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.marketing", "parked", *arguments,
        cwd=CLONE, env=plain | settings, stdout=-1, stderr=-2,
    )  # fmt: skip
    told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


@pytest.fixture
async def parked(marketing: Doors) -> list[str]:
    """The ids of an event in a time zone that doesn't exist and of what queues behind it."""
    await marketing.hear(FEED, record(market_event(time_zone="Asia/Bogor"), 1))
    assert await marketing.hear(FEED, record(market_event(stands=7), 2)) == ["behind"]
    rows = await marketing.rows("select parked_id from parked order by sequence")
    return [str(row["parked_id"]) for row in rows]


async def receipts(marketing: Doors) -> list[Any]:
    rows = await marketing.rows("select outcome, code from receipt order by receipt_no")
    return [(row["outcome"], row["code"]) for row in rows][2:]


async def test_an_event_is_listed_shown_corrected_by_its_field_and_replayed(
    marketing: Doors, database: Database, parked: list[str]
) -> None:
    first, second = parked
    _, listed = await run(database, "list", "--state", "parked")
    assert [json.loads(line)["parked_id"] for line in listed.splitlines()] == [first]
    _, shown = await run(database, "show", first)
    assert "ce_subject: 2099/pasar-1" in shown
    assert '"time_zone":"Asia/Bogor"' in shown
    code, refused = await run(database, "replay", first)
    assert (code, "zona-waktu-tidak-dikenal /data/time_zone" in refused) == (1, True)
    code, refused = await run(database, "replay", first, "--change", ZONE)
    assert (code, "A reason is required." in refused) == (1, True)
    code, refused = await run(database, "replay", first, "--change", "/data/x=y", "--reason", "r")
    assert (code, "has to be JSON" in refused) == (2, True)
    code, done = await run(database, "replay", first, "--change", ZONE, "--reason", "Telepon")
    assert (code, done) == (0, f"done: {first}, {second}\n")
    assert await marketing.rows("select stands, heard from market_event") == [
        {"stands": 7, "heard": 2}
    ]
    assert await receipts(marketing) == [("accepted_after_correction", ""), ("accepted", "")]
    audit = await marketing.rows("select act, pointer from parked_audit order by audit_id")
    assert [tuple(row.values()) for row in audit] == [
        ("shown", ""),
        ("corrected", "/data/time_zone"),
        ("replayed", ""),
    ]


async def test_an_event_is_discarded_under_a_code_that_its_sender_is_told(
    marketing: Doors, database: Database, parked: list[str]
) -> None:
    code, refused = await run(database, "discard", parked[0], "--reason", "x", "--code", "bored")
    assert (code, "Choose one of: not_ours" in refused) == (1, True)
    code, done = await run(database, "discard", parked[0], "--reason", "Uji", "--code", "test")
    assert (code, done) == (0, "discarded; done behind it: 1\n")
    assert await receipts(marketing) == [("discarded", "test"), ("accepted", "")]
    code, refused = await run(database, "discard", parked[0], "--reason", "Uji")
    assert (code, "unknown, or already ended" in refused) == (1, True)
