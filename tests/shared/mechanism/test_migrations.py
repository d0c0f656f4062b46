"""Migrations: each once, whatever happens, and never one that was changed afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from shared.migrate import MigrationError, migrate, missing
from tests.stack.databases import Database


async def _migrate(database: Database, folder: Path, *, pre_only: bool = False) -> list[str]:
    return await migrate(database.owner("registry"), "registry", folder, pre_only=pre_only)


async def _fetch(url: str, sql: str) -> object:
    conn = await asyncpg.connect(url)
    try:
        return await conn.fetchval(sql)
    finally:
        await conn.close()


async def test_what_was_applied_is_not_applied_again(
    bare_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "0001_a.pre.sql").write_text("create table a (n int)")
    first = await _migrate(bare_database, tmp_path)
    assert first[0] == "shared/0001_mechanism.pre.sql"
    assert first[-1] == "service/0001_a.pre.sql"
    assert await _migrate(bare_database, tmp_path) == []
    (tmp_path / "0002_b.pre.sql").write_text("create table b (n int)")
    assert await _migrate(bare_database, tmp_path) == ["service/0002_b.pre.sql"]


async def test_a_migration_changed_after_it_was_applied_is_refused(
    bare_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "0001_a.pre.sql").write_text("create table a (n int)")
    await _migrate(bare_database, tmp_path)
    (tmp_path / "0001_a.pre.sql").write_text("create table a (n bigint)")
    (tmp_path / "0002_b.pre.sql").write_text("create table b (n int)")
    with pytest.raises(MigrationError, match=r"0001_a.pre.sql was changed"):
        await _migrate(bare_database, tmp_path)
    assert await _fetch(bare_database.owner("registry"), "select to_regclass('b')") is None


async def test_two_runs_at_once_apply_each_migration_once(
    bare_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "0001_a.pre.sql").write_text("create table a (n int); select pg_sleep(0.3)")
    runs = await asyncio.gather(*(_migrate(bare_database, tmp_path) for _ in range(3)))
    assert sorted(len(run) for run in runs)[:2] == [0, 0]
    assert sum("service/0001_a.pre.sql" in run for run in runs) == 1


async def test_a_migration_that_fails_leaves_nothing_and_can_be_mended(
    bare_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "0001_a.pre.sql"
    file.write_text("create table a (n int); select 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _migrate(bare_database, tmp_path)
    assert await _fetch(bare_database.owner("registry"), "select to_regclass('a')") is None
    file.write_text("create table a (n int)")
    assert await _migrate(bare_database, tmp_path) == ["service/0001_a.pre.sql"]


async def test_a_marked_migration_runs_outside_a_transaction(
    bare_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "0001_a.pre.sql").write_text("create table a (n int)")
    index = "create index concurrently a_n on a (n)"
    (tmp_path / "0002_index.pre.sql").write_text(index)
    with pytest.raises(asyncpg.ActiveSQLTransactionError):
        await _migrate(bare_database, tmp_path)
    (tmp_path / "0002_index.pre.sql").write_text(f"-- migrate: outside a transaction\n{index}")
    assert await _migrate(bare_database, tmp_path) == ["service/0002_index.pre.sql"]
    assert await _fetch(bare_database.owner("registry"), "select to_regclass('a_n')")


async def test_what_comes_after_the_previous_release_is_gone_waits_for_it(
    bare_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "0001_a.pre.sql").write_text("create table a (n int)")
    (tmp_path / "0002_drop.post.sql").write_text("drop table a")
    await _migrate(bare_database, tmp_path, pre_only=True)
    conn = await asyncpg.connect(bare_database.app("registry"))
    assert await conn.fetchval("select count(*) from a") == 0
    assert await missing(conn, tmp_path) == []
    (tmp_path / "0003_c.pre.sql").write_text("create table c (n int)")
    assert await missing(conn, tmp_path) == ["service/0003_c.pre.sql"]
    await conn.close()
    assert await _migrate(bare_database, tmp_path) == [
        "service/0002_drop.post.sql",
        "service/0003_c.pre.sql",
    ]


def test_a_name_that_says_neither_before_nor_after_is_refused(tmp_path: Path) -> None:
    from shared.migrate import migrations

    (tmp_path / "0001_a.sql").write_text("")
    with pytest.raises(MigrationError):
        migrations(tmp_path)


async def test_the_app_s_login_changes_rows_of_its_own_schema_and_nothing_else(
    database: Database,
) -> None:
    conn = await asyncpg.connect(database.app("registry"))
    await conn.execute("insert into projection (name) values ('x')")
    for refused in (
        "create table mine (n int)",
        "drop table inbox",
        "alter table inbox add column n int",
        "truncate journal",
        "select * from training.inbox",
        "select * from marketing.parked",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(refused)
    await conn.close()
