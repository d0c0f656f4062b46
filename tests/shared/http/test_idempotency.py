"""One key, one effect, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from shared.http import idempotency
from shared.privacy import Keys
from tests.shared.http.conftest import Notes
from tests.stack.databases import Database

NOTE = {"text": "halo", "kelurahan": "36.74.06.1005"}
START = Callable[..., Awaitable[Notes]]


def a_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def code_of(answer: Any) -> str:
    return str((await answer.json())["code"])


async def test_fifty_parallel_posts_with_one_key_make_one_row_and_identical_bodies(
    notes: Notes,
) -> None:
    key, slow = a_key(), {**NOTE, "wait": 50}
    answers = await asyncio.gather(
        *(notes.call("POST", "/v1/notes", json=slow, headers=key) for _ in range(50))
    )
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.read() for answer in answers}) == 1
    assert len({(answer.headers["ETag"], answer.headers["Location"]) for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert await notes.count() == 1


async def test_fifty_parallel_posts_to_five_processes_make_one_row(start_notes: START) -> None:
    processes = [await start_notes(pool_size=10) for _ in range(5)]
    key, slow = a_key(), {**NOTE, "wait": 50}
    answers = await asyncio.gather(
        *(process.call("POST", "/v1/notes", json=slow, headers=key) for process in processes * 10)
    )
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.read() for answer in answers}) == 1
    assert await processes[0].count() == 1


async def test_a_post_without_a_key_is_refused(notes: Notes) -> None:
    answer = await notes.call("POST", "/v1/notes", json=NOTE, headers={"Idempotency-Key": ""})
    assert answer.status == 400
    problem = await answer.json()
    assert problem["errors"][0]["pointer"] == "header:Idempotency-Key"
    assert await notes.count() == 0


async def test_a_key_with_another_body_is_refused(notes: Notes) -> None:
    key = a_key()
    await notes.call("POST", "/v1/notes", json=NOTE, headers=key)
    answer = await notes.call("POST", "/v1/notes", json={**NOTE, "text": "lain"}, headers=key)
    assert (answer.status, await code_of(answer)) == (422, "kunci-dipakai-ulang")
    assert await notes.count() == 1


async def test_the_same_body_written_differently_is_the_same_request(notes: Notes) -> None:
    key = {**a_key(), "Content-Type": "application/json"}
    first = await notes.call(
        "POST", "/v1/notes", data='{"text":"halo","kelurahan":"36.74.06.1005"}', headers=key
    )
    again = await notes.call(
        "POST", "/v1/notes", data='{ "kelurahan":"36.74.06.1005", "text":"halo" }', headers=key
    )
    assert (first.status, again.status) == (201, 201)
    assert await first.read() == await again.read()


async def test_a_key_counts_for_its_principal_and_its_route_only(notes: Notes) -> None:
    key = a_key()
    mine = await notes.call("POST", "/v1/notes", json=NOTE, headers=key)
    hers = await notes.call("POST", "/v1/notes", json=NOTE, headers=key, role="petugas")
    note_id = (await mine.json())["note_id"]
    elsewhere = await notes.call(
        "POST",
        f"/v1/notes/{note_id}/changes",
        json={"text": "x"},
        headers={**key, "If-Match": '"1"'},
    )
    assert (hers.status, elsewhere.status) == (201, 200)
    assert await notes.count() == 2


async def test_a_repeated_change_is_answered_from_the_store_and_not_found_stale(
    notes: Notes,
) -> None:
    note_id = await notes.add()
    headers = {**a_key(), "If-Match": '"1"'}
    path, change = f"/v1/notes/{note_id}/changes", {"text": "x"}
    first = await notes.call("POST", path, json=change, headers=headers)
    again = await notes.call("POST", path, json=change, headers=headers)
    assert (first.status, again.status, again.headers["ETag"]) == (200, 200, '"2"')
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_the_same_key_on_another_row_is_another_request(notes: Notes) -> None:
    one, two = await notes.add("satu"), await notes.add("dua")
    headers = {**a_key(), "If-Match": '"1"'}
    await notes.call("POST", f"/v1/notes/{one}/changes", json={"text": "x"}, headers=headers)
    answer = await notes.call(
        "POST", f"/v1/notes/{two}/changes", json={"text": "x"}, headers=headers
    )
    assert answer.status == 422


async def test_a_refused_post_leaves_its_key_free(notes: Notes) -> None:
    await notes.add("taken: halo")
    key = a_key()
    refused = await notes.call("POST", "/v1/notes", json=NOTE, headers=key)
    await notes.ground.db.pool.execute("delete from note")
    tried_again = await notes.call("POST", "/v1/notes", json=NOTE, headers=key)
    assert (refused.status, tried_again.status) == (409, 201)


async def test_whoever_waits_longer_than_two_seconds_is_told_to_come_back(
    start_notes: START,
) -> None:
    here, there = await start_notes(), await start_notes()
    key, slow = a_key(), {**NOTE, "wait": 3000}
    first = asyncio.create_task(here.call("POST", "/v1/notes", json=slow, headers=key))
    await asyncio.sleep(0.3)
    same, other = await asyncio.gather(
        here.call("POST", "/v1/notes", json=slow, headers=key),
        there.call("POST", "/v1/notes", json=slow, headers=key),
    )
    for answer in (same, other):
        assert (answer.status, await code_of(answer)) == (409, "sedang-diproses")
        assert answer.headers["Retry-After"] == "1"
    assert (await first).status == 201
    later = await there.call("POST", "/v1/notes", json=slow, headers=key)
    assert (later.status, await later.read()) == (201, await (await first).read())
    assert await here.count() == 1


async def test_a_stored_answer_survives_a_rotation_of_keys(
    start_notes: START, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, key = await start_notes(), a_key()
    await notes.call("POST", "/v1/notes", json=NOTE, headers=key)
    keys = Keys({"new": b"n" * 32, "test": bytes(32)})
    monkeypatch.setattr("tests.shared.http.conftest.KEYS", keys)
    restarted = await start_notes()
    again = await restarted.call("POST", "/v1/notes", json=NOTE, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_what_is_stored_holds_nothing_that_was_sent(notes: Notes) -> None:
    await notes.call("POST", "/v1/notes", json={**NOTE, "text": "Siti Aminah 3674064506900001"})
    rows = await notes.ground.db.pool.fetch("select idempotency::text as row from idempotency")
    stored = "".join(row["row"] for row in rows)
    body = await notes.ground.db.pool.fetchval("select convert_from(body, 'UTF8') from idempotency")
    assert "3674064506900001" not in stored + body
    assert "Aminah" not in body
    assert b"3674064506900001".hex() not in stored


async def test_the_purge_forgets_old_answers_by_chunks_and_keeps_young_ones(
    notes: Notes, database: Database
) -> None:
    for _ in range(5):
        await notes.add()
    owner = await asyncpg.connect(database.url)
    await owner.execute(
        "update registry.idempotency set recorded_at = now() - interval '49 hours'"
        " where scope in (select scope from registry.idempotency limit 3)"
    )
    await owner.close()
    async with notes.ground.db.pool.acquire() as conn:
        assert [await idempotency.purge(conn, chunk=2) for _ in range(3)] == [2, 1, 0]
        assert await conn.fetchval("select count(*) from idempotency") == 2
