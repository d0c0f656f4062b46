"""The description says what the table says, and the page needs nobody else."""

from __future__ import annotations

import importlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from shared.http import Route
from shared.http.openapi import description, edge_codes, name_of
from tests.shared.http.conftest import Notes
from tests.shared.http.notes import ROUTES

SERVICES = ("registry", "training", "marketing")
PAGE = Path("shared/http/page")


def routes_of(service: str) -> Sequence[Route]:
    routes: Sequence[Route] = importlib.import_module(f"services.{service}.api").ROUTES
    return routes


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_described_in_valid_openapi(service: str) -> None:
    document = description(service, routes_of(service))
    validate(document)
    assert document["openapi"] == "3.1.0"
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("service", ["notes", *SERVICES])
def test_a_route_is_described_with_its_roles_its_refusals_and_both_languages(service: str) -> None:
    routes = ROUTES if service == "notes" else routes_of(service)
    document = description(service, routes)
    found = operations(document)
    assert set(found) == {name_of(route) for route in routes}
    for route in routes:
        operation = found[name_of(route)]
        assert operation["x-roles"] == sorted(route.allow)
        assert operation["x-summary-en"] == route.english != operation["summary"]
        told = {
            name
            for answer in operation["responses"].values()
            for kind, content in answer["content"].items()
            if kind == "application/problem+json"
            for name in content["examples"]
        }
        names = {*edge_codes(route), *(f"{r.code}.{r.__name__}" for r in route.refusals)}
        assert told == {f"{name}.{language}" for name in names for language in ("id", "en")}
        assert told <= set(document["components"]["examples"])
        headers = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (route.method == "POST")
        assert ("If-Match" in headers) == route.if_match


def test_a_text_in_the_path_is_described_as_one() -> None:
    texts = replace(ROUTES[3], path="/v1/texts/{name}", path_texts=frozenset({"name"}))
    document = description("notes", [ROUTES[3], texts])
    validate(document)
    found = operations(document)
    [note_id], [name] = (
        found[f"GET /v1/{path}"]["parameters"] for path in ("notes/{note_id}", "texts/{name}")
    )
    assert (name["schema"], note_id["schema"]["format"]) == ({"type": "string"}, "uuid")
    assert "%2F" in name["description"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_code_means_one_status_in_one_service(service: str) -> None:
    refusals = {refusal for route in routes_of(service) for refusal in route.refusals}
    kinds = {(refusal.code, refusal.kind) for refusal in refusals}
    assert len({code for code, _ in kinds}) == len(kinds)


async def test_examples_name_rows_that_are_there_where_the_local_issuer_is_on(
    start_notes: Callable[..., Awaitable[Notes]],
) -> None:
    notes = await start_notes(show_samples=True)
    note_id = await notes.add()
    document = await (await notes.call("GET", "/openapi.json")).json()
    validate(document)
    example = operations(document)["POST /v1/notes/{note_id}/changes"]["x-example"]
    assert example["path"] == f"/v1/notes/{note_id}/changes"
    answer = await notes.call(
        "POST",
        example["path"],
        role=example["role"],
        json=example["body"],
        headers={"If-Match": example["if_match"]},
    )
    assert answer.status == 200


async def test_elsewhere_nobodys_rows_are_named(notes: Notes) -> None:
    note_id = await notes.add()
    answer = await notes.call("GET", "/openapi.json", headers={"Authorization": ""})
    assert answer.status == 200
    assert str(note_id) not in await answer.text()


async def test_the_page_comes_from_us_alone(notes: Notes) -> None:
    page = await notes.call("GET", "/docs", headers={"Authorization": ""})
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for source in re.findall(r'(?:src|href)="([^"#]+)"', await page.text()):
        assert source.startswith(("docs/", "openapi.json", "data:"))
        if not source.startswith("data:"):
            assert (await notes.call("GET", source)).status == 200


def test_the_page_names_no_other_host() -> None:
    for file in PAGE.iterdir():
        assert not re.findall(r"https?://(?!www\.w3\.org)", file.read_text()), file.name


def test_the_page_speaks_both_languages_completely() -> None:
    script = (PAGE / "page.js").read_text()
    words = re.search(
        r"const WORDS = \{\n  id: \{(.*?)\n  \},\n  en: \{(.*?)\n  \},", script, re.DOTALL
    )
    assert words is not None
    indonesian, english = (set(re.findall(r'(\w+): "', part)) for part in (words[1], words[2]))
    used = set(re.findall(r'say\("(\w+)"\)', script))
    used |= set(re.findall(r'data-say="(\w+)"', (PAGE / "index.html").read_text()))
    assert indonesian == english
    assert used <= indonesian
