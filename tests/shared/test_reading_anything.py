"""Whatever lies on an office's topic, the reader names a fault or an event, and can be answered.

A record that makes it raise would be read again and again, and nothing behind it ever.
"""

import json
from typing import Any
from uuid import UUID

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.attributes import Attributes
from shared.checking.judging import every_fault
from shared.cloudevents import Item, Reader
from shared.contracts import generate, office_feeds
from shared.contracts.answers import ANSWERS
from shared.contracts.receipts import FORMS
from shared.contracts.topics import topic
from shared.privacy import Keys
from shared.receipts import texts

FEED = office_feeds.TRAINING_PERINDAG
READER = Reader(FEED.facts, Keys({"test": bytes(32)}))
GOOD = generate.example(FEED.facts[0].TYPE)
KEY = GOOD["subject"].encode()
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
Headers = tuple[tuple[str, bytes | None], ...]


def read(value: bytes | None, headers: Headers = STRUCTURED, key: bytes | None = KEY) -> Item:
    record = ConsumerRecord(FEED.topic, 0, 0, 0, 0, key, value, None, 0, 0, headers)
    item = READER.read(record)
    can_be_answered(item)
    # and whoever sends it by HTTP is told all that is wrong, this first
    told = every_fault(READER, topic(FEED.topic), record, item.fault)
    assert [one.code for one in told[:1]] == ([item.fault.code] if item.fault else [])
    for one in told:
        (one.pointer + one.indonesian + one.english).encode()
    return item


def can_be_answered(item: Item) -> None:
    """A receipt about it has its form, and goes on a topic and into a table."""
    code = item.fault.code if item.fault else ""
    assert not code or code in ANSWERS
    _receipt(item, code).encode()
    for text in (item.key, item.source, item.event_id):
        assert text is None or ("\0" not in text and len(text.encode()) <= 800)
    if item.event is not None:
        for text in (item.event.correlation_id, item.event.traceparent, item.event.subject):
            assert text is None or len(text.encode()) <= 800


def _receipt(item: Item, code: str) -> str:
    form = FORMS[topic(FEED.topic).receipts]
    indonesian, english = texts(code)
    told = {
        "occurred_on": "2026-05-04", "receipt_for": str(UUID(int=1)), "event_source": item.source,
        "event_id": item.event_id, "topic": FEED.topic, "partition": 0, "offset": 0,
        "outcome": "rejected", "first_outcome": None, "code": code,
        "pointer": item.fault.pointer if item.fault else "",
        "text": indonesian, "text_english": english,
    }  # fmt: skip
    return form.model_validate_json(json.dumps(told)).model_dump_json()


def test_the_example_is_read() -> None:
    item = read(json.dumps(GOOD).encode())
    assert item.fault is None
    assert item.event is not None


text = st.text(st.characters(), max_size=300)  # halves of characters too
content = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text | st.integers(2**64, 2**80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from((*Attributes._fields, "data", "extension")) | text
fields = st.sampled_from((*FEED.facts[0].model_fields, "extra")) | text


@given(st.dictionaries(names, content, max_size=3), st.dictionaries(fields, content, max_size=3))
def test_no_envelope_and_no_body_can_make_it_raise(
    attributes: dict[str, Any], body: dict[str, Any]
) -> None:
    whole = {**GOOD, "data": {**GOOD["data"], **body}, **attributes}
    read(json.dumps(whole).encode())


@given(content)
def test_no_json_can_make_it_raise(whole: Any) -> None:
    value = json.dumps(whole).encode()
    read(value)
    read(value, _binary({}))


@given(st.binary(max_size=200), st.none() | st.binary(max_size=300))
def test_no_bytes_can_make_it_raise(value: bytes, key: bytes | None) -> None:
    read(value, key=key)
    read(value, (), key)


@given(
    st.dictionaries(
        st.sampled_from([f"ce_{name}" for name in Attributes._fields] + ["content-type", "other"]),
        st.none() | st.binary(max_size=300) | text.map(lambda t: t.encode(errors="ignore")),
        max_size=4,
    )
)
def test_no_headers_can_make_it_raise(headers: dict[str, bytes | None]) -> None:
    read(json.dumps(GOOD["data"]).encode(), _binary(headers))


@example("specversion", {"\ud800": None})
@given(st.sampled_from([*Attributes._fields]), content | st.dictionaries(fields, content))
def test_no_body_behind_an_attribute_that_lacks_can_make_it_raise(name: str, body: Any) -> None:
    told = {**GOOD["data"], **body} if isinstance(body, dict) else body
    read(json.dumps(told).encode(), _binary({f"ce_{name}": None}))


@pytest.mark.parametrize("headers", [STRUCTURED, (), (("ce_id", None),)])
@pytest.mark.parametrize("around", [("[", "]"), ('{"a":', "}"), ('{"a":1,"a":', "}")])
def test_no_depth_can_make_it_raise(around: tuple[str, str], headers: Headers) -> None:
    near = range(800, 1000, 1 if settings().max_examples >= 100 else 20)  # where Python gives up
    for depth in (10, 33, *near, 50_000):
        value = (around[0] * depth + "1" + around[1] * depth).encode()
        read(value, _binary(dict(headers)) if headers != STRUCTURED else headers)


def _binary(changed: dict[str, bytes | None]) -> Headers:
    plain = {f"ce_{name}": str(value).encode() for name, value in GOOD.items() if name != "data"}
    return tuple((plain | changed).items())


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({"id": "x" * 201}, ("contract", "/id")),
        ({"id": "two\nlines"}, ("contract", "/id")),
        ({"correlationid": "a b"}, ("contract", "/correlationid")),
        ({"id": "\ud83c"}, ("not_utf8", "/data")),
        ({"sequence": 3}, ("contract", "/sequence")),
        ({"time": "0001-01-01T00:00:00+07:00"}, ("contract", "/time")),
        ({"data": {**GOOD["data"], "hours": 2**70}}, ("contract", "/data/hours")),
        ({"data": {**GOOD["data"], "title": "\ud83c"}}, ("not_utf8", "/data")),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_could_not_be_stored_or_answered_is_rejected(
    changed: dict[str, Any], ends: tuple[str, str]
) -> None:
    fault = read(json.dumps({**GOOD, **changed}).encode()).fault
    assert fault is not None
    assert (fault.code, fault.pointer) == ends


def test_extensions_that_mean_nothing_to_us_may_be_anything() -> None:
    strange = {"partition": 3, "Ünïcode": [1], "datacontenttype": None, "correlationid": None}
    assert read(json.dumps({**GOOD, **strange}).encode()).fault is None


def test_a_header_without_a_value_is_one_that_is_not_there() -> None:
    value = json.dumps(GOOD["data"]).encode()
    assert read(value, _binary({"other": None})).fault is None
    fault = read(value, _binary({"ce_id": None})).fault
    assert fault is not None
    assert (fault.code, fault.pointer) == ("missing", "/id")


def test_a_long_key_is_rejected_and_not_kept() -> None:
    item = read(json.dumps(GOOD).encode(), key=b"k" * 5_000)
    assert item.fault is not None
    assert (item.fault.code, item.fault.pointer, item.key) == ("contract", "/key", None)


@pytest.mark.parametrize(
    ("headers", "changed", "known"),
    [
        (STRUCTURED, {"sequence": 1}, True),
        (STRUCTURED, {"subject": "someone-else"}, True),
        (STRUCTURED, {"time": 5, "type": None}, True),
        (STRUCTURED, {"source": "urn:binaan:32.71:perdagangan"}, False),
        (STRUCTURED, {"id": 5, "sequence": 1}, False),
        (STRUCTURED, {"id": "two words", "sequence": 1}, False),
        (STRUCTURED, {"id": "3674060505850001", "sequence": 1}, False),
        (_binary({"content-type": b"text/plain"}), {}, True),
        (_binary({"ce_subject": b"\xff"}), {}, True),
        (_binary({"ce_id": b"\xff"}), {}, False),
        (_binary({"ce_source": None, "ce_sequence": b"\0"}), {}, False),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_a_receipt_names_the_event_wherever_its_id_can_be_trusted(
    headers: Headers, changed: dict[str, Any], known: bool
) -> None:
    item = read(json.dumps({**GOOD, **changed}).encode(), headers, key=b"3674060505850001")
    assert item.fault is not None
    assert (item.source, item.event_id) == ((FEED.source, GOOD["id"]) if known else (None, None))


@pytest.mark.parametrize("value", [b"[1]", b'{"id": "a", "id": "b"}', b"{", b"\xff"])
def test_an_envelope_that_is_none_names_nothing(value: bytes) -> None:
    item = read(value)
    assert item.fault is not None
    assert item.event_id is None


def test_the_same_content_is_the_same_event_in_either_mode_and_however_it_is_spaced() -> None:
    data = GOOD["data"]
    backwards = dict(reversed(data.items()))
    same = [
        read(json.dumps(GOOD).encode()),
        read(json.dumps(GOOD, separators=(",", ":")).encode()),
        read(json.dumps({**GOOD, "data": backwards}).encode()),
        read(json.dumps(data, indent=2).encode(), _binary({})),
        read(b"\xef\xbb\xbf" + json.dumps(backwards).encode(), _binary({})),
    ]
    assert all(item.event is not None for item in same)
    assert len({item.digest for item in same}) == 1
    other = [
        read(json.dumps({**GOOD, "data": {**data, "hours": 7.5}}).encode()),
        read(json.dumps({**GOOD, "sequence": "9"}).encode()),
        read(json.dumps(data).encode(), _binary({"ce_type": b"another"})),
    ]
    assert len({item.digest for item in (same[0], *other)}) == 4


def test_an_event_that_cannot_be_read_is_sent_again_only_where_every_byte_is_the_same() -> None:
    value, key = json.dumps(GOOD["data"]).encode(), b"3674060505850001"
    first, again = (read(value, _binary({}), key) for _ in range(2))
    assert first.event_id == again.event_id == GOOD["id"]
    assert first.digest == again.digest
    other = [
        read(value, _binary({}), b"3674060505850002"),
        read(value, _binary({"ce_subject": b"x"}), key),
        read(value + b" ", _binary({}), key),
        read(value, _binary({"other": None}), key),
    ]
    assert len({item.digest for item in (first, *other)}) == 5
