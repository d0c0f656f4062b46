"""Around every request: errors, languages, ids, limits, the log line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared import logs
from tests.shared.http.conftest import Notes
from tests.shared.wire import wire_to
from tests.stack.databases import Database

NOTE = {"text": "halo", "kelurahan": "36.74.06.1005"}
START = Callable[..., Awaitable[Notes]]


async def test_a_refusal_is_a_problem_in_indonesian_and_in_english_when_asked(notes: Notes) -> None:
    path = f"/v1/notes/{uuid4()}"
    indonesian = await notes.call("GET", path)
    english = await notes.call("GET", path, headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert indonesian.headers["Content-Type"] == "application/problem+json"
    assert (indonesian.status, english.status) == (404, 404)
    problem, same = await indonesian.json(), await english.json()
    assert problem["detail"] == "Catatan ini tidak ada."
    assert same["detail"] == "There is no such note."
    assert problem["errors"] == [
        {"pointer": "", "code": "catatan-tidak-ada", "detail": "Catatan ini tidak ada."}
    ]
    assert {"type", "title", "status", "code", "detail", "errors", "correlation_id"} == set(problem)


async def test_every_edge_of_the_house_answers_with_problem_details(notes: Notes) -> None:
    seen = {}
    for method, path, rest in (
        ("GET", "/v1/unknown", {}),
        ("DELETE", "/v1/notes", {}),
        ("GET", "/v1/notes/1", {}),
        ("GET", "/v1/notes?limit=0", {}),
        ("GET", "/v1/notes", {"headers": {"Authorization": ""}}),
        ("POST", "/v1/notes", {"data": b"x" * 70_000}),
        ("POST", "/v1/notes", {"data": b"x"}),
        ("POST", "/v1/notes", {"json": {**NOTE, "text": "x" * 70_000}}),
        ("POST", "/v1/breakdowns", {"json": {}}),
        ("POST", f"/v1/notes/{uuid4()}/changes", {"json": {"text": "x"}}),
    ):
        answer = await notes.call(method, path, **rest)
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = await answer.json()
        assert problem["status"] == answer.status
        seen[answer.status] = problem["code"]
    assert seen == {
        404: "alamat-tidak-ada",
        405: "metode-tidak-ada",
        400: "isian-tidak-sah",
        401: "perlu-token",
        413: "terlalu-besar",
        415: "jenis-isi-tidak-didukung",
        428: "perlu-if-match",
    }
    assert await notes.count() == 0


async def test_what_the_edge_refuses_says_what_it_would_take(notes: Notes) -> None:
    asked: tuple[dict[str, Any], ...] = (
        {"json": {**NOTE, "text": "x" * 70_000}},
        {"data": b"x"},
        {"json": NOTE, "role": "auditor"},
    )
    told = {}
    for language in ("id", "en"):
        for rest in asked:
            headers = {"Accept-Language": language}
            answer = await notes.call("POST", "/v1/notes", headers=headers, **rest)
            told[answer.status, language] = (await answer.json())["detail"]
    assert told == {
        (413, "id"): "Isi paling besar 64 KiB.",
        (413, "en"): "The content may be 64 KiB at most.",
        (415, "id"): "Kirim dengan Content-Type: application/json, dalam UTF-8, "
        "tanpa Content-Encoding.",
        (415, "en"): "Send it with Content-Type: application/json, in UTF-8, "
        "without Content-Encoding.",
        (403, "id"): "Hanya untuk peran: kasi, petugas.",
        (403, "en"): "Only for the roles: kasi, petugas.",
    }


async def test_a_change_needs_the_version_that_was_read_last(notes: Notes) -> None:
    note_id = await notes.add()
    path = f"/v1/notes/{note_id}/changes"
    read = await notes.call("GET", f"/v1/notes/{note_id}")
    match = {"If-Match": read.headers["ETag"]}
    changed = await notes.call("POST", path, json={"text": "b"}, headers=match)
    stale = await notes.call("POST", path, json={"text": "c"}, headers=match)
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert (stale.status, (await stale.json())["code"]) == (412, "catatan-berubah")
    assert "versi 2" in (await stale.json())["detail"]


async def test_two_changes_of_one_version_at_once_are_one_change(notes: Notes) -> None:
    note_id = await notes.add()
    answers = await asyncio.gather(
        *(
            notes.call(
                "POST",
                f"/v1/notes/{note_id}/changes",
                json={"text": str(n)},
                headers={"If-Match": '"1"'},
            )
            for n in range(8)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, *[412] * 7]


async def test_what_is_not_available_yet_says_when_to_come_back(notes: Notes) -> None:
    answer = await notes.call("GET", "/v1/not-yet")
    assert (answer.status, answer.headers["Retry-After"]) == (409, "1")
    assert (await answer.json())["code"] == "belum-tersedia"


async def test_a_new_row_is_named_with_its_place_and_version(notes: Notes) -> None:
    answer = await notes.call("POST", "/v1/notes", json=NOTE)
    body = await answer.json()
    assert answer.headers["Location"] == f"/v1/notes/{body['note_id']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_callers_correlation_id_comes_back_and_another_is_made(notes: Notes) -> None:
    ours = str(uuid4())
    with_id = await notes.call("GET", "/v1/notes", headers={"X-Correlation-ID": ours})
    without = await notes.call("GET", "/v1/notes")
    nonsense = await notes.call(
        "GET", "/v1/notes", headers={"X-Correlation-ID": "3674064506900001"}
    )
    assert with_id.headers["X-Correlation-ID"] == ours
    assert UUID(without.headers["X-Correlation-ID"]).version == 7
    assert UUID(nonsense.headers["X-Correlation-ID"]).version == 7


async def test_an_error_of_postgres_is_a_problem_without_its_text(
    json_logs: None, notes: Notes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    answer = await notes.call("POST", "/v1/breakdowns")
    assert (answer.status, (await answer.json())["code"]) == (422, "di-luar-batas")
    logs.write_pending()
    written = capfdbinary.readouterr()
    assert b"3674064506900001" not in written.out + written.err + await answer.read()


async def test_more_requests_than_the_limit_are_shed_at_once(start_notes: START) -> None:
    notes = await start_notes(concurrency=4)
    slow = {**NOTE, "wait": 300}
    answers = await asyncio.gather(
        *(
            notes.call("POST", "/v1/notes", json=slow, role=role)
            for _ in range(5)
            for role in ("kasi", "petugas")
        )
    )
    shed = [answer for answer in answers if answer.status == 503]
    assert len(shed) == 6
    assert {answer.headers["Retry-After"] for answer in shed} == {"1"}
    assert (await notes.call("GET", "/v1/notes")).status == 200
    assert await notes.count() == 4


async def test_after_a_burst_the_pool_still_serves_the_probes_and_the_wake_of_the_relay(
    start_notes: START,
) -> None:
    notes = await start_notes(pool_size=4)
    slow = {**NOTE, "wait": 100}
    await asyncio.gather(*(notes.call("POST", "/v1/notes", json=slow) for _ in range(12)))
    async with asyncio.timeout(3):
        assert await notes.count() == 12


async def test_nobody_takes_more_than_half_of_the_places(start_notes: START) -> None:
    notes = await start_notes(concurrency=8)
    slow = {**NOTE, "wait": 300}
    greedy = [asyncio.create_task(notes.call("POST", "/v1/notes", json=slow)) for _ in range(6)]
    await asyncio.sleep(0.1)
    assert (await notes.call("GET", "/v1/notes", role="petugas")).status == 200
    answers = await asyncio.gather(*greedy)
    over = [answer for answer in answers if answer.status == 429]
    assert len(over) == 2
    assert {answer.headers["Retry-After"] for answer in over} == {"1"}
    assert (await over[0].json())["code"] == "terlalu-sering"
    assert (await notes.call("GET", "/v1/notes")).status == 200


async def test_a_database_that_is_away_is_a_503_and_the_service_recovers_by_itself(
    start_notes: START, database: Database
) -> None:
    async with wire_to(database.app("registry")) as wire:
        notes = await start_notes(dsn=wire.dsn)
        await notes.add()
        await wire.cut()
        reading = await notes.call("GET", "/v1/notes")
        writing = await notes.call("POST", "/v1/notes", json=NOTE)
        for answer in (reading, writing):
            assert (answer.status, (await answer.json())["code"]) == (503, "belum-siap")
            assert int(answer.headers["Retry-After"]) > 0
        await wire.mend()
        assert (await notes.call("POST", "/v1/notes", json=NOTE)).status == 201


async def test_the_log_line_of_a_request_names_its_route_and_no_id_or_query(
    json_logs: None, notes: Notes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    ours, note_id = str(uuid4()), await notes.add()
    await notes.call("GET", f"/v1/notes/{note_id}", headers={"X-Correlation-ID": ours})
    await notes.call("GET", "/v1/notes?kelurahan=Siti")
    await notes.call("GET", "/Siti")
    logs.write_pending()
    written = capfdbinary.readouterr().out
    lines: list[dict[str, Any]] = [json.loads(line) for line in written.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/v1/notes", 201),
        ("/v1/notes/{note_id}", 200),
        ("/v1/notes", 200),
        ("unknown", 404),
    ]
    assert requests[1]["correlation_id"] == ours
    assert requests[1]["service"] == "registry"
    assert b"Siti" not in written
    assert str(note_id).encode() not in written


async def test_metrics_count_by_route_template_and_status(notes: Notes) -> None:
    note_id = await notes.add()
    await notes.call("GET", f"/v1/notes/{note_id}")
    text = await (await notes.call("GET", "/metrics")).text()
    assert 'binaan_http_request_seconds_count{method="GET",route="/v1/notes/{note_id}"' in text
    assert str(note_id) not in text


async def test_a_process_that_stops_lives_but_is_not_ready(notes: Notes) -> None:
    assert (await notes.call("GET", "/livez")).status == 200
    assert (await notes.call("GET", "/readyz")).status == 200
    notes.stop.set()
    answer = await notes.call("GET", "/readyz")
    assert (answer.status, (await answer.json())["checks"]) == (503, {"running": False})
    assert (await notes.call("GET", "/livez")).status == 200


async def test_odd_bytes_in_an_address_are_no_error_of_ours(notes: Notes) -> None:
    from yarl import URL

    for address in ("/v1/notes?kelurahan=%FF", "/v1/notes/%FF", "/v1/notes/%00", "/%2e%2e/%00"):
        answer = await notes.client.request("GET", URL(address, encoded=True))
        assert answer.status in (400, 401, 404)
