"""What staff correct, field by field, in both modes of CloudEvents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from shared.contracts import generate
from shared.contracts.fact import FACTS
from shared.errors import Refusal
from shared.parked.corrections import (
    Change,
    ContentNotJson,
    Correction,
    NotText,
    PointerMissing,
    corrected,
    opened,
)
from shared.parked.fields import FieldUnknown, check

BODY = {
    "area": {"kelurahan": "Serpong"},
    "topics": ["a", "b"],
    "a/b": {"~": 1},
    "n": 12345678901234567890,
}
ATTRIBUTES = {"specversion": "1.0", "id": "one", "type": "moved.v1", "subject": "DKC-1"}


def record(value: bytes | None, headers: dict[str, str]) -> ConsumerRecord:
    raw = tuple((name, text.encode()) for name, text in headers.items())
    return ConsumerRecord("t", 0, 0, 0, 0, b"DKC-1", value, None, 5, len(value or b""), raw)


def binary(value: bytes = json.dumps(BODY).encode()) -> ConsumerRecord:
    named = {f"ce_{name}": text for name, text in ATTRIBUTES.items()}
    return record(value, named | {"content-type": "application/json"})


def structured(data: Any = BODY) -> ConsumerRecord:
    envelope = json.dumps(ATTRIBUTES | {"data": data}).encode()
    return record(envelope, {"content-type": "application/cloudevents+json; charset=utf-8"})


BOTH = pytest.mark.parametrize("came", [binary(), structured()], ids=["binary", "structured"])


def after(came: ConsumerRecord, *changes: tuple[str, Any]) -> tuple[dict[str, str], Any, Any]:
    """Attributes, body and text once these pointers were changed."""
    asked = [Change(pointer, value) for pointer, value in changes]
    content = corrected(came, Correction(changes=asked))
    headers = {name: (raw or b"").decode() for name, raw in content.headers.items()}
    key = (content.key or b"").decode()
    found = opened(record(content.value, headers))
    return found[0] | {"key": key}, *found[1:]


@BOTH
@pytest.mark.parametrize(
    ("pointer", "value", "path"),
    [
        ("/data/area/kelurahan", "Serpong Utara", ["area", "kelurahan"]),
        ("/data/area/code", "36.74.01.1009", ["area", "code"]),  # a field that wasn't there
        ("/data/area", {"code": "36.74.01.1009"}, ["area"]),
        ("/data/topics/1", "c", ["topics", 1]),
        ("/data/a~1b/~0", 2, ["a/b", "~"]),
        ("/data/stands", 5, ["stands"]),
        ("/data/area/kelurahan", None, ["area", "kelurahan"]),
    ],
)
def test_a_field_of_the_body_is_replaced_and_all_else_stays(
    came: ConsumerRecord, pointer: str, value: Any, path: list[Any]
) -> None:
    attributes, body, _ = after(came, (pointer, value))
    found = body
    for step in path:
        found = found[step]
    assert found == value
    assert attributes["id"] == "one"
    assert body["n"] == BODY["n"]


@BOTH
@pytest.mark.parametrize("name", ["subject", "type", "id", "sequence"])
def test_an_attribute_is_replaced_or_added(came: ConsumerRecord, name: str) -> None:
    attributes, body, _ = after(came, (f"/{name}", "other"))
    assert attributes[name] == "other"
    assert body == BODY


@BOTH
def test_the_key_and_the_content_type_are_the_record_s_own(came: ConsumerRecord) -> None:
    assert after(came, ("/key", "DKC-2"))[0]["key"] == "DKC-2"
    content = corrected(came, Correction(changes=[Change("/content-type", "text/plain")]))
    assert content.headers["content-type"] == b"text/plain"


def test_a_trace_is_a_header_of_its_own_name() -> None:
    content = corrected(binary(), Correction(changes=[Change("/traceparent", "00-1")]))
    assert content.headers["traceparent"] == b"00-1"


@BOTH
@pytest.mark.parametrize(
    ("pointer", "value", "refusal"),
    [
        ("/data/venue/code", "x", PointerMissing),
        ("/data/topics/2", "x", PointerMissing),
        ("/data/topics/-1", "x", PointerMissing),
        ("/data/topics/one", "x", PointerMissing),
        ("/data/area/kelurahan/0", "x", PointerMissing),
        ("/nothing", "x", PointerMissing),
        ("/subject/0", "x", PointerMissing),
        ("data", "x", PointerMissing),
        ("/subject", 5, NotText),
        ("/key", {"a": 1}, NotText),
    ],
)
def test_a_pointer_to_nothing_is_refused_and_says_which_change_it_is(
    came: ConsumerRecord, pointer: str, value: Any, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as refused:
        after(came, ("/data/area/kelurahan", "x"), (pointer, value))
    assert refused.value.pointer == "/changes/1/pointer"


@pytest.mark.parametrize("value", [b"{", b'{"a": 1, "a": 2}', b"\xff", b""])
def test_content_that_is_no_json_cannot_be_corrected_by_field(value: bytes) -> None:
    with pytest.raises(ContentNotJson):
        after(binary(value), ("/data/a", 1))
    assert after(binary(value), ("/subject", "x"))[0]["subject"] == "x"
    enveloped = record(value, {"content-type": "application/cloudevents+json"})
    for pointer in ("/data/a", "/subject"):
        with pytest.raises(ContentNotJson):
            after(enveloped, (pointer, "x"))


def test_what_is_shown_of_content_that_is_no_json_is_its_text() -> None:
    assert opened(binary(b"{"))[1:] == (None, "{")
    assert opened(binary(b'"\\ud800"'))[1:] == (None, '"\\ud800"')  # half a character
    assert opened(record(None, {}))[1:] == (None, "")


def test_the_audit_names_every_field_that_was_touched() -> None:
    whole = Correction(b"{}", "DKC-2", {"ce_type": "x"}, [Change("/data/area", None)])
    assert whole.pointers() == ["/data", "/key", "/type", "/data/area"]


MOVED = "id.go.tangerangselatankota.dukcapil.resident.moved.v1"
KNOWN = "occurred_on, resident_ref, nik, area, family_card"


def checked(kind: str, *changes: Change, extra: bool = False) -> None:
    """Correct the example of an event and see whether its contract knows what was corrected."""
    event = generate.example(kind)
    event["data"] |= {"from_the_office": 1} if extra else {}
    came = record(json.dumps(event).encode(), {"content-type": "application/cloudevents+json"})
    asked = Correction(changes=changes)
    content = corrected(came, asked)
    check(record(content.value, {"content-type": "application/cloudevents+json"}), asked)


@pytest.mark.parametrize(
    ("pointer", "value", "place", "known"),
    [
        ("/data/areas", {"code": "36.74.01.1009"}, "/data/areas", KNOWN),
        ("/data/area/kode", "36.74.01.1009", "/data/area/kode", "code, kelurahan, kecamatan"),
        ("/data/area", {"kode": "36.74"}, "/data/area/kode", "code, kelurahan, kecamatan"),
        ("/data/area", {"3674065505850001": "x"}, "/data/area/…", "code, kelurahan, kecamatan"),
    ],
)
def test_a_field_that_the_contract_does_not_know_is_refused_with_those_that_it_knows(
    pointer: str, value: Any, place: str, known: str
) -> None:
    right = Change("/data/area", {"code": "36.74.01.1009"})
    with pytest.raises(FieldUnknown) as refused:
        checked(MOVED, right, Change(pointer, value))
    assert refused.value.pointer == "/changes/1/pointer"
    assert refused.value.message() == (
        f"Isian {place} tidak dikenal dalam kejadian ini. Isian yang ada: {known}."
    )
    assert refused.value.message("en") == (
        f"This event knows no field {place}. The fields that there are: {known}."
    )


def test_what_its_sender_added_is_no_correction_and_stays() -> None:
    checked(MOVED, Change("/data/area/code", "36.74.01.1009"), Change("/subject", "A"), extra=True)
    checked(MOVED, Change("/type", "of.nobody.v1"), Change("/data/areas", 1))
    with pytest.raises(FieldUnknown):
        checked(MOVED, Change("/data/from_the_office", 2), extra=True)


def parts(content: Any, pointer: str = "/data") -> Iterator[tuple[str, set[str]]]:
    """The objects of a body, and their fields."""
    inner = content.items() if isinstance(content, dict) else enumerate(content)
    if isinstance(content, dict):
        yield pointer, set(content)
    for name, value in inner:
        if isinstance(value, dict | list):
            yield from parts(value, f"{pointer}/{name}")


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_every_field_of_every_event_can_be_corrected_and_no_other(kind: str) -> None:
    for pointer, fields in parts(generate.example(kind)["data"]):
        with pytest.raises(FieldUnknown) as refused:
            checked(kind, Change(f"{pointer}/no_such", 1))
        assert fields <= set(str(refused.value.facts["known"]).split(", "))
        for name in fields:
            checked(kind, Change(f"{pointer}/{name}", None))
