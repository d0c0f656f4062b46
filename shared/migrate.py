"""Forward-only SQL migrations: the mechanism's, then the service's, each applied once.

`NNNN_name.pre.sql` is safe under the previous release, `.post.sql` runs after it is gone. A file
runs in one transaction unless its first line is `-- migrate: outside a transaction`.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from shared.db import connect

MECHANISM = Path(__file__).parent / "migrations"
_OUTSIDE = "-- migrate: outside a transaction"
_TABLE = """
create table if not exists migration (
    name       text primary key,
    checksum   text not null,
    applied_at timestamptz not null default now()
)
"""


class MigrationError(Exception):
    """A migration was changed after it was applied, or has a name that can't be read."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file. `name` is unique across the mechanism and the service."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def post(self) -> bool:
        return self.name.endswith(".post.sql")


def migrations(service_folder: Path) -> list[Migration]:
    """All migrations of a service, in the order in which they are applied."""
    found = []
    for origin, folder in (("shared", MECHANISM), ("service", service_folder)):
        for path in sorted(folder.glob("*.sql")):
            if not path.name.endswith((".pre.sql", ".post.sql")):
                raise MigrationError(f"{path.name}: must end with .pre.sql or .post.sql")
            found.append(Migration(f"{origin}/{path.name}", path.read_text()))
    return found


async def migrate(dsn: str, service: str, folder: Path, *, pre_only: bool = False) -> list[str]:
    """Apply what is missing with the owner's login; returns the names applied.

    Raises MigrationError when an applied file has changed since. Two runs at once are safe: the
    second waits and then finds nothing to do.
    """
    conn = await connect(dsn, f"{service} migrate")
    try:
        # DDL may wait for locks that a busy service holds; give up rather than block everybody.
        await conn.execute("set lock_timeout = '20s'; set statement_timeout = 0")
        await conn.fetchval("select pg_advisory_lock(hashtext($1))", f"migrate {service}")
        await conn.execute(_TABLE)
        applied = {r["name"]: r["checksum"] for r in await conn.fetch("select * from migration")}
        fresh = []
        for migration in migrations(folder):
            before = applied.get(migration.name)
            if before is not None and before != migration.checksum:
                raise MigrationError(f"{migration.name} was changed after it was applied")
            if before is None and not (pre_only and migration.post):
                await _apply(conn, migration)
                fresh.append(migration.name)
        await _grant(conn, f"{service}_app")
        return fresh
    finally:
        await conn.close()


async def missing(conn: asyncpg.Connection, folder: Path) -> list[str]:
    """The names of `pre` migrations that this code needs and the database lacks."""
    try:
        applied = {r["name"] for r in await conn.fetch("select name from migration")}
    except asyncpg.UndefinedTableError:
        applied = set()
    return [m.name for m in migrations(folder) if not m.post and m.name not in applied]


async def _apply(conn: asyncpg.Connection, migration: Migration) -> None:
    record = "insert into migration (name, checksum) values ($1, $2)"
    if migration.sql.startswith(_OUTSIDE):
        await conn.execute(migration.sql)
        await conn.execute(record, migration.name, migration.checksum)
        return
    async with conn.transaction():
        await conn.execute(migration.sql)
        await conn.execute(record, migration.name, migration.checksum)


async def _grant(conn: asyncpg.Connection, app: str) -> None:
    """The app's login reads and writes rows of its own schema, and can't change tables."""
    schema = await conn.fetchval("select current_schema()")
    for grant in (
        f'grant usage on schema "{schema}" to "{app}"',
        f'grant select, insert, update, delete on all tables in schema "{schema}" to "{app}"',
        f'grant usage on all sequences in schema "{schema}" to "{app}"',
    ):
        await conn.execute(grant)
