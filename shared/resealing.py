"""After a new secret key: every sealed value under the current one, so that the old can go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from shared.db import Connection
from shared.parked import records
from shared.privacy import Keys

AT_ONCE = 500
"""Rows in one transaction: their rows stay locked for some tens of milliseconds."""

Renew = Callable[[Keys, Mapping[str, Any]], Mapping[str, object]]


@dataclass(frozen=True)
class SealedRows:
    """A table with sealed columns, sorted by `key` (a uuid).

    `renewed` gives the columns of a row that must be written anew, none where all is right. It
    raises shared.privacy.Unreadable where a key is missing.
    """

    table: str
    key: str
    renewed: Renew


def _renewed_record(keys: Keys, row: Mapping[str, Any]) -> Mapping[str, object]:
    sealed = records.resealed(keys, row)
    return {} if sealed is None else {"record": sealed}


PARKED = SealedRows("parked", "parked_id", _renewed_record)
"""What every service has sealed: the raw events that it put aside."""


async def reseal(
    pool: asyncpg.Pool,
    keys: Keys,
    rows: SealedRows,
    report: Callable[[int, int], None] | None = None,
) -> int:
    """Write anew what isn't as it should be, batch by batch; how many rows that were.

    Stopped in between, it goes on from what is left. Raises Unreadable and asyncpg's errors.
    """
    after: UUID | None = None
    seen = written = 0
    total = await pool.fetchval(f"select count(*) from {rows.table}")  # noqa: S608 - ours
    while True:
        async with pool.acquire() as conn, conn.transaction():
            batch = await conn.fetch(
                f"""
                select * from {rows.table} where $1::uuid is null or {rows.key} > $1
                order by {rows.key} limit {AT_ONCE} for update
                """,  # noqa: S608 - names of ours
                after,
            )
            if not batch:
                return written
            written += await _write(conn, keys, rows, batch)
        after = batch[-1][rows.key]
        seen += len(batch)
        if report is not None:
            report(seen, total)


async def _write(
    conn: Connection,
    keys: Keys,
    rows: SealedRows,
    batch: Sequence[Mapping[str, Any]],
) -> int:
    written = 0
    for row in batch:
        renewed = rows.renewed(keys, row)
        if renewed:
            columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(renewed, 2))
            await conn.execute(
                f"update {rows.table} set {columns} where {rows.key} = $1",  # noqa: S608
                row[rows.key],
                *renewed.values(),
            )
            written += 1
    return written
