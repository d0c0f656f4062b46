"""A schema and two logins per service: the owner migrates, the app reads and writes rows."""

import asyncpg

from deploy.local.places import derived

SERVICES = ("registry", "training", "marketing")


async def make_logins(admin: asyncpg.Connection, secret: str) -> None:
    """Makes the cluster's logins, each with the password that `secret` gives it; repeatable."""
    for service in SERVICES:
        for login in (f"{service}_owner", f"{service}_app"):
            if not await admin.fetchval("select 1 from pg_roles where rolname = $1", login):
                await admin.execute(f'create role "{login}" login')
            password = derived(secret, login)  # letters, digits, - and _: nothing to quote
            await admin.execute(f"alter role \"{login}\" password '{password}'")
            await admin.execute(f'alter role "{login}" set search_path = "{service}"')
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
