"""One key, one effect, one answer."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.shared.http.conftest import Notes

NOTE = {"text": "halo", "kelurahan": "36.74.06.1005"}


async def test_fifty_parallel_posts_with_one_key_make_one_row_and_identical_bodies(
    notes: Notes,
) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(
            notes.call("POST", "/v1/notes", json={**NOTE, "wait": 50}, headers=key)
            for _ in range(50)
        )
    )
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.read() for answer in answers}) == 1
    assert len({(answer.headers["ETag"], answer.headers["Location"]) for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert await notes.count() == 1
