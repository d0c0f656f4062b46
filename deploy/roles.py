"""A schema and two logins per service: the owner migrates, the app reads and writes rows.

`python -m deploy.roles --logins FILE` is a one-shot job; FILE holds `{"login": "password", …}` as
JSON, and the superuser's address of the maintenance database is in BINAAN_ADMIN_URL_FILE.
"""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

SERVICES = ("registry", "training", "marketing")
LOGINS = tuple(f"{service}_{kind}" for service in SERVICES for kind in ("owner", "app"))
DATABASE = "binaan"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{16,}")


async def make_logins(admin: asyncpg.Connection, password_of: Callable[[str], str]) -> None:
    """Makes the cluster's logins, each with the password that is given for it; repeatable."""
    for login in LOGINS:
        service = login.partition("_")[0]
        if not await admin.fetchval("select 1 from pg_roles where rolname = $1", login):
            await admin.execute(f'create role "{login}" login')
        password = password_of(login)
        if not _PLAIN.fullmatch(password):  # nothing to quote in the statement
            raise ValueError(f"the password of {login} needs 16 or more of A-Z a-z 0-9 _ -")
        await admin.execute(f"alter role \"{login}\" password '{password}'")
        await admin.execute(f'alter role "{login}" set search_path = "{service}"')
    for service in SERVICES:
        await admin.execute(f"alter role \"{service}_app\" set statement_timeout = '30s'")
        idle = "set idle_in_transaction_session_timeout = '60s'"
        await admin.execute(f'alter role "{service}_app" {idle}')


async def make_schemas(inside: asyncpg.Connection, database: str) -> None:
    """Makes each service's schema in the database that `inside` is connected to; repeatable."""
    await inside.execute("revoke all on schema public from public")
    for service in SERVICES:
        owner, app = f"{service}_owner", f"{service}_app"
        await inside.execute(f'create schema if not exists "{service}" authorization "{owner}"')
        await inside.execute(f'grant usage on schema "{service}" to "{app}"')
    await let_in(inside, database)


async def let_in(admin: asyncpg.Connection, database: str) -> None:
    """Nobody but the services' logins may connect; a database made from another lacks this."""
    await admin.execute(f'revoke all on database "{database}" from public')
    for service in SERVICES:
        await admin.execute(
            f'grant connect on database "{database}" to "{service}_owner", "{service}_app"'
        )


async def make_database(admin: asyncpg.Connection, name: str, template: str = "template0") -> None:
    """Makes the database unless it is there."""
    if not await admin.fetchval("select 1 from pg_database where datname = $1", name):
        await admin.execute(f'create database "{name}" template "{template}"')


async def apply(admin_url: str, password_of: Callable[[str], str], database: str) -> None:
    """Logins, database and schemas, on the server of the superuser's address; repeatable."""
    admin = await asyncpg.connect(admin_url)
    try:
        await make_logins(admin, password_of)
        await make_database(admin, database)
    finally:
        await admin.close()
    inside = await asyncpg.connect(urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}")))
    try:
        await make_schemas(inside, database)
    finally:
        await inside.close()


def main() -> None:
    """The command line; what is wrong is one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.roles", description=__doc__)
    parser.add_argument("--logins", type=Path, required=True, help="JSON file of the passwords")
    chosen = parser.parse_args()
    try:
        passwords = json.loads(chosen.logins.read_text())
        admin_url = Path(os.environ["BINAAN_ADMIN_URL_FILE"]).read_text().strip()
        asyncio.run(apply(admin_url, passwords.__getitem__, DATABASE))
    except KeyError as missing:
        sys.exit(f"roles: {missing} is missing")
    except (OSError, ValueError, asyncpg.PostgresError) as error:
        sys.exit(f"roles: {type(error).__name__} {error}")
    sys.stdout.write(f"{len(LOGINS)} logins, {len(SERVICES)} schemas in {DATABASE}\n")


if __name__ == "__main__":
    main()
