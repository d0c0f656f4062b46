"""What a reader or Postgres could stumble over is refused at the door, and never repeated."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from shared.http.parked_bodies import ReplayParked
from shared.http.parsing import (
    body_of,
    correlation_of,
    key_of,
    language_of,
    path_of,
    path_texts_of,
    query_of,
    trace_of,
    version_of,
)
from shared.http.problems import Problem, rendered
from tests.shared.http.notes import AddNote, NotesQuery

GOOD = '"text": "halo", "kelurahan": "36.74.06.1005"'


def problem_in(text: str | bytes) -> Problem:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(Problem) as caught:
        body_of(raw, AddNote)
    return caught.value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "json-tidak-sah"),
        ("", "json-tidak-sah"),
        ("[" * 60_000, "json-tidak-sah"),
        ('{"a":' * 30 + "1" + "}" * 30, "json-tidak-sah"),
        (f'{{{GOOD}, "text": "lain"}}', "json-tidak-sah"),
        (f'{{{GOOD}, "wait": NaN}}', "json-tidak-sah"),
        (f'{{{GOOD}, "wait": -Infinity}}', "json-tidak-sah"),
        (f'{{{GOOD}, "wait": 1e400}}', "json-tidak-sah"),
        (f'{{{GOOD}, "wait": 9007199254740993}}', "json-tidak-sah"),
        (f'{{{GOOD}, "wait": {"9" * 5000}}}', "json-tidak-sah"),
        (b'{"text": "\xff"}', "json-tidak-sah"),
        ('{"text": "a\\u0000b", "kelurahan": "36.74.06.1005"}', "isian-tidak-sah"),
        ('{"text": "\\ud800", "kelurahan": "36.74.06.1005"}', "isian-tidak-sah"),
        (f'{{{GOOD}, "line": {{"number": 1, "tags": ["x", "\\u0000"]}}}}', "isian-tidak-sah"),
        (f'{{{GOOD}, "unknown": 1}}', "isian-tidak-sah"),
        (f'{{{GOOD}, "wait": "5"}}', "isian-tidak-sah"),
        (f'{{{GOOD}, "wait": 1.5}}', "isian-tidak-sah"),
        (f'{{{GOOD}, "wait": true}}', "isian-tidak-sah"),
        (f'{{{GOOD}, "at": "2026-11-24T10:00:00"}}', "isian-tidak-sah"),
        (f'{{{GOOD}, "on": 1}}', "isian-tidak-sah"),
        ("[]", "isian-tidak-sah"),
        ("null", "isian-tidak-sah"),
    ],
)
def test_a_bad_body_is_a_400(text: str | bytes, code: str) -> None:
    problem = problem_in(text)
    assert (problem.status, problem.code) == (400, code)


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ('{"text": "x"}', "/kelurahan", "missing"),
        (f'{{{GOOD}, "line": {{"number": 100}}}}', "/line/number", "less_than_equal"),
        (
            f'{{{GOOD}, "line": {{"number": 1, "tags": ["a", 2]}}}}',
            "/line/tags/1",
            "string_type",
        ),
        (f'{{{GOOD}, "line": {{"number": 1, "tags": ["\\u0000"]}}}}', "/line/tags/0", "nul"),
        (f'{{{GOOD}, "text": "b"}}', "/text", "duplicate"),
        (f'{{{GOOD}, "3674064506900001": "b"}}', "/…", "extra_forbidden"),
    ],
)
def test_the_fault_is_named_by_pointer_and_code(text: str, pointer: str, code: str) -> None:
    assert [(f.pointer, f.code) for f in problem_in(text).faults] == [(pointer, code)]


def test_the_choices_of_a_field_are_joined_in_the_reader_s_language() -> None:
    (unknown,) = problem_in(f'{{{GOOD}, "kind": "other"}}').faults
    assert unknown.id == "Pilih salah satu: 'plain' atau 'urgent'."
    assert unknown.en == "Choose one of: 'plain' or 'urgent'."


def test_the_value_that_was_sent_is_never_repeated() -> None:
    canary = "3674064506900001"
    for text in (
        f'{{"text": "x", "kelurahan": "{canary}"}}',
        f'{{{GOOD}, "wait": "{canary}"}}',
        f'{{{GOOD}, "on": "{canary}"}}',
        f'{{{GOOD}, "kind": "{canary}"}}',
        f'{{{GOOD}, "{canary}": 1, "{canary}": 2}}',
        f'{{{GOOD}, "wait": {canary}',
    ):
        problem = problem_in(text)
        assert canary not in f"{problem!r}" + rendered(problem, "id", "").decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{{{GOOD}}}",
        f'{{{GOOD}, "wait": 0, "on": "2026-11-24", "at": "2026-11-24T10:00:00+07:00"}}',
        f'{{{GOOD}, "line": {{"number": 1, "tags": ["\\\\u0000", "[[[[[[[[[[[[[[[[[[[["]}}}}',
    ],
)
def test_a_good_body_is_read(text: str) -> None:
    assert isinstance(body_of(text.encode(), AddNote), AddNote)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ([("limit", "0")], "query:limit"),
        ([("limit", "x")], "query:limit"),
        ([("limit", "1"), ("limit", "2")], "query:limit"),
        ([("after", "x")], "query:after"),
        ([("after", "eyJhIjoxfQ")], "query:after"),
        ([("after", "é")], "query:after"),
        ([("kelurahan", "\0")], "query:kelurahan"),
        ([("kelurahan", "\ud800")], "query:kelurahan"),
        ([("unknown", "1")], "query:unknown"),
    ],
)
def test_a_bad_query_is_a_400_with_its_place(query: list[tuple[str, str]], pointer: str) -> None:
    with pytest.raises(Problem) as caught:
        query_of(query, NotesQuery)
    assert (caught.value.status, caught.value.faults[0].pointer) == (400, pointer)


class Since(BaseModel):
    since: AwareDatetime


@pytest.mark.parametrize("text", ["2026-11-24T20:00:00 07:00", "yesterday", "", "2026-13-24T00Z"])
def test_a_time_in_an_address_is_shown_by_example_with_how_plus_is_written(text: str) -> None:
    with pytest.raises(Problem) as caught:
        query_of([("since", text)], Since)
    (wrong,) = caught.value.faults
    assert wrong.id == ("Tulis seperti 2026-11-24T13:00:00Z; tanda + dalam alamat ditulis %2B.")
    assert wrong.en == "Write it like 2026-11-24T13:00:00Z; in an address + is written %2B."


@pytest.mark.parametrize("text", ['"yesterday"', '"2026-01-01"', "1"])
def test_a_time_in_a_body_is_shown_by_example(text: str) -> None:
    with pytest.raises(Problem) as caught:
        body_of(f'{{"since": {text}}}'.encode(), Since)
    (wrong,) = caught.value.faults
    assert (wrong.id, wrong.en) == (
        "Tulis seperti 2026-11-24T13:00:00Z.",
        "Write it like 2026-11-24T13:00:00Z.",
    )


def test_a_pointer_without_its_slash_is_answered_with_an_example() -> None:
    with pytest.raises(Problem) as caught:
        body_of(b'{"changes": [{"pointer": "data/area", "value": 1}]}', ReplayParked)
    (wrong,) = caught.value.faults
    assert (wrong.pointer, wrong.code) == ("/changes/0/pointer", "string_pattern_mismatch")
    assert wrong.id == "Mulai dengan /, misalnya /data/area."
    assert wrong.en == "Begin with /, for example /data/area."


def test_a_route_without_a_query_model_takes_no_query() -> None:
    assert query_of([], None) is None
    with pytest.raises(Problem):
        query_of([("x", "1")], None)


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "\0",
        "{00000000-0000-4000-8000-000000000000}",
        "00000000000040008000000000000000",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "00000000-0000-4000-8000-00000000000g",
    ],
)
def test_a_path_takes_uuids_in_their_usual_form_only(text: str) -> None:
    with pytest.raises(Problem) as caught:
        path_of({"note_id": text})
    assert caught.value.faults[0].pointer == "path:note_id"


@pytest.mark.parametrize("text", ["a\0b", "\udcff"])
def test_a_path_takes_no_text_that_no_row_can_hold(text: str) -> None:
    with pytest.raises(Problem) as caught:
        path_texts_of({"name": text, "other": "x"}, frozenset({"name"}))
    assert caught.value.faults[0].pointer == "path:name"


@pytest.mark.parametrize("header", ["1", 'W/"1"', '"0"', '"01"', '"x"', "*", '"1", "2"', ""])
def test_if_match_takes_one_strong_version(header: str) -> None:
    with pytest.raises(Problem) as caught:
        version_of(header)
    assert caught.value.status == 400


def test_if_match_is_needed() -> None:
    assert version_of('"12"') == 12
    with pytest.raises(Problem) as caught:
        version_of(None)
    assert caught.value.status == 428


@pytest.mark.parametrize("header", ["", " ", "a b", "x" * 201, "kunci-é", "a\tb"])
def test_an_idempotency_key_is_visible_ascii(header: str) -> None:
    with pytest.raises(Problem) as caught:
        key_of(header)
    assert caught.value.faults[0].pointer == "header:Idempotency-Key"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "id"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("id,en;q=0.9", "id"),
        ("id;q=0.2,en;q=0.9", "en"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0", "id"),
        ("*", "id"),
        ("en;q=abc;;;", "en"),
    ],
)
def test_the_language_is_indonesian_unless_english_is_preferred(header: str, language: str) -> None:
    assert language_of(header) == language


def test_a_correlation_id_is_a_uuid_so_that_no_nik_gets_into_logs_and_journals() -> None:
    ours = "0199B7A4-5f3a-7c00-8000-3c5a2f9d1e42"
    assert correlation_of(ours) == ours.lower()
    for other in (None, "", "3674064506900001", "3674064506900001" * 2, "x" * 36):
        assert correlation_of(other) is None


def test_a_traceparent_is_passed_on_only_when_it_is_well_formed() -> None:
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert trace_of(good) == good
    for bad in (None, "", good + "x", good.replace("4bf", "XYZ"), f"00-{'0' * 32}-{'1' * 16}-00"):
        assert trace_of(bad) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {"text": st.text() | JSON, "kelurahan": st.just("36.74.06.1005") | JSON},
    optional={
        "on": st.dates().map(str) | JSON,
        "at": st.datetimes().map(str) | JSON,
        "line": st.fixed_dictionaries({"number": JSON, "tags": JSON}) | JSON,
        "wait": JSON,
    },
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.binary() | FIELDS.map(lambda fields: json.dumps(fields).encode()))
def test_whatever_is_sent_is_read_or_refused_and_never_breaks(raw: bytes) -> None:
    with contextlib.suppress(Problem):
        note = body_of(raw, AddNote)
        note.model_dump_json().encode()
        assert "\0" not in note.model_dump_json()


@settings(max_examples=50, deadline=None)
@given(st.text(), st.text())
def test_whatever_stands_in_a_header_or_an_address_never_breaks(one: str, two: str) -> None:
    language_of(one)
    correlation_of(one)
    trace_of(one)
    for attempt in (
        lambda: key_of(one),
        lambda: version_of(one),
        lambda: path_of({"note_id": one}),
        lambda: path_texts_of({"name": one}, frozenset({"name"})),
        lambda: query_of([(one, two)], NotesQuery),
        lambda: query_of([("after", one), ("limit", two)], NotesQuery),
    ):
        with contextlib.suppress(Problem):
            attempt()
