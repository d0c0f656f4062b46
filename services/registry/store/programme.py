"""Sites and their statuses, offices and their titles, counts of old lists."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.domain.programme import Office, Site, SiteStatus
from shared.db import Tx


async def lock_site(tx: Tx, kelurahan: str, year: int) -> Site | None:
    """The site of that year, locked until the transaction ends, with its newest status."""
    row = await tx.conn.fetchrow(
        """
        select s.*, t.status, t.since from site s
        join site_status t on t.site_id = s.site_id and t.version = s.version
        where s.kelurahan = $1 and s.year = $2 for update of s
        """,
        kelurahan,
        year,
    )
    return row and Site(
        id=row["site_id"],
        kelurahan=row["kelurahan"],
        year=row["year"],
        status=SiteStatus(row["status"]),
        since=row["since"],
        version=row["version"],
    )


async def save_site(tx: Tx, site: Site) -> bool:
    """The site with one more status; False when somebody else has just listed it."""
    saved = await tx.conn.fetchval(
        """
        with saved as (
            insert into site (site_id, kelurahan, year, version) values ($1, $2, $3, $4)
            on conflict (year, kelurahan) do update set version = excluded.version
            where site.version = excluded.version - 1
            returning site_id
        )
        insert into site_status select site_id, $4, $5, $6, $7, $8 from saved returning true
        """,
        site.id,
        site.kelurahan,
        site.year,
        site.version,
        site.status.value,
        site.since,
        tx.now,
        tx.actor.subject,
    )
    return bool(saved)


async def lock_office(tx: Tx, code: str) -> Office | None:
    """The newest title of that office. One transaction at a time names an office."""
    await tx.conn.execute("select pg_advisory_xact_lock(hashtext('office ' || $1))", code)
    row = await tx.conn.fetchrow(
        "select * from office where code = $1 order by valid_from desc limit 1 for update", code
    )
    return row and _office(row)


async def insert_office(tx: Tx, office: Office) -> None:
    """A title of an office."""
    await tx.conn.execute(
        "insert into office values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        office.id,
        office.code,
        office.title,
        office.valid_from,
        office.valid_until,
        office.follows,
        office.version,
        tx.now,
        tx.actor.subject,
    )


async def end_office(tx: Tx, office: Office) -> None:
    """The title as it ends."""
    await tx.conn.execute(
        "update office set valid_until = $2, version = $3 where office_id = $1",
        office.id,
        office.valid_until,
        office.version,
    )


async def insert_balance(
    tx: Tx, balance_id: UUID, kecamatan: str, businesses: int, as_of: date, source: str
) -> bool:
    """A count of an old list; False when this source told it already."""
    written = await tx.conn.fetchval(
        """
        insert into opening_balance values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (kecamatan, as_of, source) do nothing returning true
        """,
        balance_id,
        kecamatan,
        businesses,
        as_of,
        source,
        tx.now,
        tx.actor.subject,
    )
    return bool(written)


def _office(row: Mapping[str, Any]) -> Office:
    return Office(
        id=row["office_id"],
        code=row["code"],
        title=row["title"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        follows=row["follows"],
        version=row["version"],
    )
