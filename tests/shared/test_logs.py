"""Log lines: JSON, with ids, and never a value of anybody's."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any

import asyncpg
import pytest
from pydantic import BaseModel

from shared import logs
from shared.errors import Refusal
from shared.logs import log
from tests.stack.databases import Database

CANARY = "3674064506900001"


class Birthday(BaseModel):
    day: int


class Taken(Refusal):
    """NIK {nik} sudah terdaftar."""

    code, english = "nik-terdaftar", "NIK {nik} is registered."


def lines(captured: pytest.CaptureFixture[bytes]) -> list[dict[str, Any]]:
    written = captured.readouterr()
    assert CANARY.encode() not in written.out + written.err
    return [json.loads(line) for line in written.out.splitlines()]


def test_a_line_says_service_level_event_and_ids(
    json_logs: None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    logs.correlation_id.set("c-1")
    logs.event_id.set("e-1")
    log.warning("relay_stopped", slot=3)
    log.debug("unseen")
    (line,) = lines(capfdbinary)
    assert line.pop("time")
    assert line == {
        "service": "registry",
        "level": "warning",
        "event": "relay_stopped",
        "slot": 3,
        "correlation_id": "c-1",
        "event_id": "e-1",
    }


async def test_an_error_of_postgres_is_told_by_sqlstate_and_constraint(
    json_logs: None, database: Database, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    conn = await asyncpg.connect(database.url)
    await conn.execute("create temporary table person (nik text constraint nik_once unique)")
    await conn.execute("insert into person values ($1)", CANARY)
    for sql in (
        "insert into person values ($1)",
        "select ('x' || $1::text)::integer",
        "do $do$ begin raise exception 'a text with 3674064506900001'; end $do$",
    ):
        try:
            await (conn.execute(sql, CANARY) if "$1" in sql else conn.execute(sql))
        except asyncpg.PostgresError:
            log.exception("failed")
    await conn.close()
    told = [line["exception"] for line in lines(capfdbinary)]
    assert [(t["sqlstate"], t.get("constraint_name")) for t in told] == [
        ("23505", "nik_once"),
        ("22P02", None),
        ("P0001", None),
    ]
    assert told[0]["type"] == "asyncpg.exceptions.UniqueViolationError"
    assert any("test_logs.py" in place for place in told[0]["at"])


def test_no_exception_is_told_by_its_text(
    json_logs: None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def fail_validation() -> None:
        Birthday.model_validate({"day": CANARY + "x"})

    def fail_with_cause() -> None:
        try:
            int(CANARY + "x")
        except ValueError as error:
            raise RuntimeError(CANARY) from error

    def refuse() -> None:
        raise Taken(nik=CANARY)

    def fail_in_a_group() -> None:
        raise ExceptionGroup(CANARY, [ValueError(CANARY)])

    for fail in (fail_validation, fail_with_cause, refuse, fail_in_a_group):
        try:
            fail()
        except Exception as error:
            log.exception("failed")
            log.error("failed", error=error)
            logging.getLogger("faust").exception("Crashed reason=%r", error)  # noqa: TRY401 - mode does
            logging.getLogger("faust").error("Crashed reason=%r", error, exc_info=error)  # noqa: TRY400
    told = lines(capfdbinary)
    assert len(told) == 16
    assert told[6]["exception"]["cause"]["type"] == "builtins.ValueError"
    assert told[8]["exception"]["code"] == "nik-terdaftar"
    assert told[12]["exception"]["errors"][0]["type"] == "builtins.ValueError"


async def test_a_task_that_nobody_awaited_is_told_without_its_text(
    json_logs: None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    async def fail() -> None:
        raise ValueError(CANARY)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    await asyncio.sleep(0)
    (line,) = lines(capfdbinary)
    assert line["event"] == "Task exception was never retrieved"
    assert line["exception"]["type"] == "builtins.ValueError"


def test_an_unknown_value_is_told_by_its_type(
    json_logs: None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    log.info("odd", value=Birthday(day=1), raw=CANARY.encode())
    (line,) = lines(capfdbinary)
    assert (line["value"], line["raw"]) == ("<Birthday>", "<bytes>")


def test_the_last_words_of_a_process_quote_nobody() -> None:
    program = f"from shared import logs; logs.configure('registry'); int('{CANARY}x')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert ended.returncode == 1
    assert CANARY.encode() not in ended.stdout + ended.stderr
    line = json.loads(ended.stdout)
    assert (line["event"], line["exception"]["type"]) == ("died", "builtins.ValueError")
