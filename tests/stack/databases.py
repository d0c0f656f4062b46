"""A fresh, migrated database for each test, copied from a template that is made once a session."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.local.places import CLONE, derived
from deploy.roles import SERVICES, let_in, make_logins, make_schemas
from shared.migrate import migrate

T = TypeVar("T")


@dataclass(frozen=True)
class Database:
    """One database of the server, and everybody's URL of it."""

    server: str  # the superuser's URL of the maintenance database
    name: str

    @property
    def url(self) -> str:
        """The superuser's."""
        return _with(self.server, database=self.name)

    def owner(self, service: str) -> str:
        return self._login(f"{service}_owner")

    def app(self, service: str) -> str:
        return self._login(f"{service}_app")

    def _login(self, login: str) -> str:
        return _with(self.url, login=login, password=derived(secret_of(self.server), login))


def secret_of(url: str) -> str:
    """The superuser's password: every other password on a server of ours is made from it."""
    return unquote(urlsplit(url).password or "")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Runs it on a thread of its own, so that the test's event loop isn't touched."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def bare_template(postgres: str) -> Iterator[Database]:
    """Schemas and logins, no tables."""
    database = Database(postgres, f"bare_{uuid.uuid4().hex}")
    wait_for(_make_bare(database))
    yield database
    wait_for(_drop(database))


@pytest.fixture(scope="session")
def template(postgres: str, bare_template: Database) -> Iterator[Database]:
    """All services' tables, no rows."""
    database = Database(postgres, f"template_{uuid.uuid4().hex}")
    wait_for(_make_migrated(database, bare_template))
    yield database
    wait_for(_drop(database))


@pytest.fixture
def new_database(template: Database) -> Iterator[Callable[[], Database]]:
    """Makes migrated databases; all are dropped after the test."""
    yield from _maker(template)


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """A migrated database of this test alone."""
    return new_database()


@pytest.fixture
def bare_database(bare_template: Database) -> Iterator[Database]:
    """A database of this test alone, with schemas and logins and no tables."""
    for make in _maker(bare_template):
        yield make()


def _maker(template: Database) -> Iterator[Callable[[], Database]]:
    made: list[Database] = []

    def make() -> Database:
        made.append(Database(template.server, f"t_{uuid.uuid4().hex}"))
        wait_for(_copy(template, made[-1]))
        return made[-1]

    yield make
    for database in made:
        wait_for(_drop(database))


async def _make_bare(database: Database) -> None:
    admin = await asyncpg.connect(database.server)
    secret = secret_of(database.server)
    await make_logins(admin, lambda login: derived(secret, login))
    await admin.execute(f'create database "{database.name}" template template0')
    await admin.close()
    inside = await asyncpg.connect(database.url)
    await make_schemas(inside, database.name)
    await inside.close()


async def _make_migrated(database: Database, bare: Database) -> None:
    await _copy(bare, database)
    for service in SERVICES:
        folder = CLONE / "services" / service / "migrations"
        await migrate(database.owner(service), service, folder)


async def _copy(template: Database, fresh: Database) -> None:
    admin = await asyncpg.connect(fresh.server)
    await admin.execute(f'create database "{fresh.name}" template "{template.name}"')
    await let_in(admin, fresh.name)
    await admin.close()


async def _drop(database: Database) -> None:
    admin = await asyncpg.connect(database.server)
    await admin.execute(f'drop database if exists "{database.name}" with (force)')
    await admin.close()


def _with(url: str, *, database: str = "", login: str = "", password: str = "") -> str:
    parts = urlsplit(url)
    user = f"{login}:{quote(password)}" if login else parts.netloc.rpartition("@")[0]
    host = parts.netloc.rpartition("@")[2]
    path = f"/{database}" if database else parts.path
    return urlunsplit((parts.scheme, f"{user}@{host}", path, parts.query, ""))
