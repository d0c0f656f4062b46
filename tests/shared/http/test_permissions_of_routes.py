"""Deny by default: a token, a role and an area, checked in one place for every route."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel, ConfigDict

from shared.actor import ROLES
from shared.http import reach_anywhere, reach_by_answer, reach_by_body, reach_by_row
from shared.http.app import build_app
from shared.http.strictness import check_routes
from shared.http.types import Unparsed
from tests.shared.http.conftest import Notes
from tests.shared.http.notes import ROUTES, NoteSaved
from tests.shared.tokens import token

INSIDE, OUTSIDE = "36.74.06.1005", "36.74.01.1001"
NOTE = {"text": "halo", "kelurahan": INSIDE}


async def test_every_route_refuses_whoever_has_no_token(notes: Notes) -> None:
    for route in ROUTES:
        path = route.path.replace("{note_id}", str(uuid4()))
        answer = await notes.call(route.method, path, headers={"Authorization": ""})
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic eA==", "Bearer", "Bearer ", "Bearer x", "bearer a.b.c"])
async def test_what_is_no_good_token_is_a_401_that_says_why(notes: Notes, header: str) -> None:
    answer = await notes.call("GET", "/v1/notes", headers={"Authorization": header})
    assert answer.status == 401
    assert (await answer.json())["errors"][0]["pointer"] == "header:Authorization"


async def test_every_route_lets_in_the_roles_it_names_and_no_other(notes: Notes) -> None:
    for route in ROUTES:
        path = route.path.replace("{note_id}", str(uuid4()))
        for role in sorted(ROLES):
            answer = await notes.call(route.method, path, role=role)
            refused = answer.status == 403 and (await answer.json())["code"] == "peran-tidak-cukup"
            assert refused == (role not in route.allow), (route.path, role)


async def test_a_person_without_roles_may_do_nothing(notes: Notes) -> None:
    for route in ROUTES:
        path = route.path.replace("{note_id}", str(uuid4()))
        assert (await notes.call(route.method, path, role="tamu")).status == 403


@pytest.mark.parametrize("areas", ["36.74.01", "36.7", "36.74.06.100", "36", "32.71"])
async def test_an_area_is_a_whole_code_and_reaches_only_what_lies_in_it(
    notes: Notes, areas: str
) -> None:
    inside = areas == "36"
    note_id = await notes.add(kelurahan=INSIDE)
    change: dict[str, Any] = {"headers": {"If-Match": '"1"'}, "json": {"text": "x"}}
    answers = [
        await notes.call("POST", "/v1/notes", areas=areas, json=NOTE),
        await notes.call("GET", f"/v1/notes/{note_id}", areas=areas),
        await notes.call("POST", f"/v1/notes/{note_id}/changes", areas=areas, **change),
    ]
    if areas in ("36.7", "36.74.06.100"):  # no codes at all: such a token is nobody's
        assert [answer.status for answer in answers] == [401] * 3
    elif inside:
        assert [answer.status for answer in answers] == [201, 200, 200]
    else:
        assert [answer.status for answer in answers] == [403] * 3
        assert (await answers[0].json())["errors"][0]["pointer"] == "/kelurahan"
        assert {(await answer.json())["code"] for answer in answers} == {"di-luar-wilayah"}
        assert await notes.count() == 1


async def test_an_unknown_row_is_not_found_wherever_one_works(notes: Notes) -> None:
    change: dict[str, Any] = {"headers": {"If-Match": '"1"'}, "json": {"text": "x"}}
    answer = await notes.call("POST", f"/v1/notes/{uuid4()}/changes", areas="36.74.01", **change)
    assert answer.status == 404


async def test_a_list_holds_only_what_lies_in_the_callers_areas(notes: Notes) -> None:
    await notes.add("dalam", INSIDE)
    await notes.add("luar", OUTSIDE)

    async def texts(areas: str) -> list[str]:
        answer = await notes.call("GET", "/v1/notes", areas=areas)
        return sorted(item["text"] for item in (await answer.json())["items"])

    assert await texts("36.74.06") == ["dalam"]
    assert await texts("36.74.06,36.74.01.1001") == ["dalam", "luar"]
    assert await texts("*") == ["dalam", "luar"]
    assert await texts("36.74.02") == []


async def test_a_list_that_forgets_its_filter_is_an_error_and_no_leak(notes: Notes) -> None:
    await notes.add("luar", OUTSIDE)
    answer = await notes.call("GET", "/v1/leaked-notes", areas="36.74.06")
    assert answer.status == 500
    assert "luar" not in await answer.text()


class Loose(BaseModel):
    text: str


class Naive(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: float


UNPARSED = Unparsed(media=("application/json",), identity=("id", "en"))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"body": Loose}, "must forbid unknown fields"),
        ({"body": Naive}, "must not be a time, a float or Any"),
        ({"answer": Loose}, "is stored and must not be"),
        ({"path": "/notes"}, "must begin with /v1/"),
        ({"reach": reach_by_body("unknown")}, "the body has no unknown"),
        ({"reach": reach_by_answer("note_id")}, "only a GET"),
        ({"reach": reach_by_row("select", "note_id")}, "there is no note_id"),
        ({"reach": reach_by_row("select", "body.nothing")}, "there is no body.nothing"),
        ({"unparsed": UNPARSED, "if_match": True}, "an unparsed body is a POST's"),
        ({"unparsed": UNPARSED, "body": None}, "an unparsed body is a POST's, is described"),
    ],
)
def test_a_table_that_breaks_a_rule_starts_nothing(change: dict[str, Any], complaint: str) -> None:
    check_routes(ROUTES)
    with pytest.raises(ValueError, match=complaint):
        check_routes([replace(ROUTES[0], **change)])


async def test_a_route_that_needs_no_key_cannot_write(notes: Notes) -> None:
    """Whatever its action tries: asking twice must be one effect, and nothing else says so here."""
    route = replace(ROUTES[0], unparsed=UNPARSED, reach=reach_anywhere("for this test"))
    headers = {"Authorization": f"Bearer {token('kasi')}"}
    async with (
        TestClient(TestServer(build_app([route], notes.ground))) as client,
        client.post(route.path, json=NOTE, headers=headers) as answer,
    ):
        assert answer.status == 500
    assert await notes.count() == 0


def test_a_route_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        check_routes([ROUTES[0], ROUTES[0]])


def test_a_route_says_who_may_call_it() -> None:
    with pytest.raises(ValueError, match="known roles"):
        replace(ROUTES[0], allow=frozenset())
    with pytest.raises(ValueError, match="known roles"):
        replace(ROUTES[0], allow=frozenset({"raja"}))
    with pytest.raises(ValueError, match="written reason"):
        reach_anywhere("")


def test_a_text_in_the_path_is_named_there_and_is_nobodys_row() -> None:
    with pytest.raises(ValueError, match="no name in the path"):
        check_routes([replace(ROUTES[0], path_texts=frozenset({"name"}))])
    by_text = reach_by_row("select kelurahan from note where text = $1", "name")
    texts = replace(ROUTES[3], path="/v1/texts/{name}", path_texts=frozenset({"name"}))
    check_routes([texts])
    with pytest.raises(ValueError, match="there is no name"):
        check_routes([replace(texts, reach=by_text)])


def test_a_stored_answer_may_hold_references() -> None:
    check_routes([replace(ROUTES[0], answer=NoteSaved)])
