"""What is written as text arrives in PostgreSQL as the values that it was."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared import arrays
from tests.stack.databases import Database

AWKWARD = [
    "", " ", "NULL", "null", "a,b", "{}", "{a}", '"', '""', "\\", '\\"', "\\N", "a\nb", "\x01",
    "36.74.06.1005", "Pasar \"Rakyat\", 'Balai' {Kota}", "ñ🙂", " edges ", '","', "\\x00ff",
]  # fmt: skip


async def _read_back(database: Database, kind: str, written: str) -> list[Any]:
    conn = await asyncpg.connect(database.app("registry"))
    try:
        rows = await conn.fetch(
            f"select v from unnest($1::text::{kind}[]) with ordinality as t (v, n) order by n",
            written,
        )
        return [row["v"] for row in rows]
    finally:
        await conn.close()


@pytest.mark.parametrize("values", [[], AWKWARD, [*AWKWARD, None], [None], ["a"], [None, None]])
async def test_any_text_arrives_as_it_was(database: Database, values: list[str | None]) -> None:
    assert await _read_back(database, "text", arrays.texts(values)) == values


@pytest.mark.parametrize("text", AWKWARD)
async def test_a_text_alone_arrives_as_it_was(database: Database, text: str) -> None:
    assert await _read_back(database, "text", arrays.texts([text])) == [text]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [0, -1, 2**63 - 1, None]),
        ("boolean", [True, False, None]),
        ("numeric(12,3)", [Decimal("0.125"), Decimal("1E+3"), Decimal(-5), None]),
        ("date", [date(2026, 11, 24), date(999, 1, 1), None]),
        ("timestamp with time zone", [datetime(2026, 11, 24, 8, 0, 0, 125, UTC), None]),
        ("double precision", [0.1, 1e300, None]),
        ("uuid", [UUID(int=7), UUID("6d0f3a5e-0c53-5f0e-9a39-5d9b8f3f7d42"), None]),
        ("jsonb", ['{"a": "b, \\"c\\""}', None]),
    ],
)
async def test_values_of_a_column_arrive_as_they_were(
    database: Database, kind: str, values: list[Any]
) -> None:
    assert await _read_back(database, kind, arrays.writer(kind)(values)) == values
