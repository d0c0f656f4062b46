"""Cursor pages."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from yarl import URL

from shared.http import Page
from shared.http.pages import encode_cursor
from tests.shared.http.conftest import Notes


async def test_pages_follow_their_links_to_the_end_and_are_stable_under_inserts(
    notes: Notes,
) -> None:
    added = [await notes.add(str(n)) for n in range(7)]
    seen: list[str] = []
    path: str | None = "/v1/notes?limit=3"
    while path:
        answer = await notes.call("GET", path)
        body = await answer.json()
        assert set(body) == {"items"}
        seen += [item["note_id"] for item in body["items"]]
        await notes.add("baru")
        link = answer.links.get("next")
        path = str(URL(link["url"]).relative()) if link else None
    assert seen == [str(note_id) for note_id in reversed(added)]


async def test_the_next_page_keeps_the_filters(notes: Notes) -> None:
    for _ in range(2):
        await notes.add()
    answer = await notes.call("GET", "/v1/notes?limit=1&kelurahan=36.74.06.1005")
    url = URL(answer.links["next"]["url"])
    assert dict(url.query) | {"after": ""} == {
        "limit": "1",
        "kelurahan": "36.74.06.1005",
        "after": "",
    }


def test_a_cursor_carries_the_whole_sort_key() -> None:
    key = (date(2026, 11, 24), uuid4())
    page = Page[tuple[date, UUID]].model_validate({"after": encode_cursor(key)})
    assert page.after == key


@pytest.mark.parametrize("text", ["x", "", "====", "bnVsbA", "W10", "eyJhIjoxfQ", "é"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Page[UUID].model_validate({"after": text})
