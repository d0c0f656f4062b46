"""What an event says about itself, in either mode of CloudEvents 1.0 on Kafka, and its body."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from aiokafka.structs import ConsumerRecord

from shared.contracts.topics import Topic
from shared.privacy import names_a_person
from shared.strict_json import NotReadable, check_json

Header = tuple[str, bytes]
MAX_VALUE_BYTES = 1 << 20
JSON = b"application/json"
_STRUCTURED = b"application/cloudevents"
_LONGEST = 200
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPOILT = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")


class Attributes(NamedTuple):
    """The attributes that we know of an event, as text; empty where it lacks one."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    partitionkey: str
    sequence: str
    correlationid: str
    traceparent: str


_NAMES = frozenset(Attributes._fields)


def clear(text: str, pointer: str) -> str:
    """Text that lies in clear wherever an event goes: it holds nobody's number."""
    if names_a_person(text):
        raise NotReadable("names_a_person", pointer)
    return text


def opened(record: ConsumerRecord) -> tuple[Attributes, bytes]:
    """The attributes and the body, from either mode."""
    usual = _usual(record.headers)
    if usual is not None:
        return usual, record.value.removeprefix(_BYTE_ORDER_MARK)
    if twice := _twice(record):
        raise NotReadable("duplicate_key", f"/{twice.removeprefix('ce_')}")
    found = {name: value for name, value in record.headers if value is not None}
    if is_structured(found):
        envelope, body = _structured(record.value)
        return _known(envelope), body
    if found.get("content-type", JSON).lower().startswith(JSON):
        return _known(_binary(found)), record.value.removeprefix(_BYTE_ORDER_MARK)
    raise NotReadable("content_type", "/content-type")


def is_structured(headers: Mapping[str, bytes | None]) -> bool:
    """Whether the envelope stands in the value, around the body."""
    return (headers.get("content-type") or b"").lower().startswith(_STRUCTURED)


def _usual(headers: Sequence[Header]) -> Attributes | None:
    """The attributes of a binary event as nearly all are, decoded at once; None for any other.

    The headers are joined by the one character that none may hold: if one does, or isn't UTF-8,
    the slow way finds out which. Decoding them one by one cost a third of all reading.
    """
    if not headers:
        return None
    names, values = zip(*headers, strict=True)
    placed = _layout(names)
    if placed is None:
        return None
    try:
        texts = b"\0".join(values).decode().split("\0")
    except (UnicodeDecodeError, TypeError):  # a header without a value is no text either
        return None
    if len(texts) != len(names) or "" in texts:
        return None
    texts.append("")
    *attributes, content_type = placed(texts)
    return Attributes._make(attributes) if content_type in ("application/json", "") else None


@lru_cache(maxsize=64)
def _layout(names: tuple[str, ...]) -> Callable[[Sequence[str]], tuple[str, ...]] | None:
    """Picks our attributes and the content type out of the texts of headers with these names.

    What isn't there is the last text. None where a name needs a closer look.
    """
    plain = [n if n == "content-type" else n.removeprefix("ce_") for n in names]
    ours = all(n[:3] == "ce_" or n in ("content-type", "traceparent") for n in names)
    if not ours or len(set(plain)) < len(plain):
        return None
    wanted = (*Attributes._fields, "content-type")
    return itemgetter(*(plain.index(n) if n in plain else -1 for n in wanted))


def sent_as(record: ConsumerRecord, declared: Topic) -> tuple[str | None, str | None]:
    """The source and id of an event that breaks its contract elsewhere, for its sender's receipt.

    Neither where one of them is in doubt, names another, or names a person.
    """
    found: Mapping[str, Any] = {}
    headers_ = {name: value for name, value in record.headers if value is not None}
    if _twice(record):
        return None, None
    try:
        if is_structured(headers_):
            value = record.value or b""
            found = check_json(value) if len(value) <= MAX_VALUE_BYTES else {}
        else:
            found = {n: as_text(headers_.get(f"ce_{n}", b""), "") for n in ("id", "source")}
        source, event_id = found.get("source"), found.get("id")
        if source != declared.source or not isinstance(event_id, str) or not event_id:
            return None, None
        formed(event_id, "/id")
        return source, clear(event_id, "/id") if declared.personal else event_id
    except (NotReadable, AttributeError):  # a list has no attributes
        return None, None


def _twice(record: ConsumerRecord) -> str:
    """A header of ours that stands there twice: readers would take one or the other."""
    ours = [n for n, _ in record.headers if n.startswith("ce_") or n == "content-type"]
    return next((name for n, name in enumerate(ours) if name in ours[:n]), "")


def _known(attributes: Mapping[str, str]) -> Attributes:
    return Attributes._make(attributes.get(name, "") for name in Attributes._fields)


def checked(found: Attributes, declared: Topic) -> Attributes:
    """Attributes as the envelope's contract wants them: they go into indexes and receipts.

    A trace that may name somebody is left behind: what it joins isn't worth refusing an event.
    """
    whole = "".join(found)
    if max(map(len, found)) > _LONGEST or " " in whole or not whole.isprintable():
        for name, text in found._asdict().items():
            if name != "time":  # it has a form of its own
                formed(text, f"/{name}")
    if not declared.personal:
        return found
    clear(found.id, "/id")
    clear(found.correlationid, "/correlationid")
    return found._replace(traceparent="") if names_a_person(found.traceparent) else found


def formed(text: str, pointer: str) -> str:
    if len(text) > _LONGEST or _SPOILT.search(text):
        raise NotReadable("contract", pointer, "form")
    return text


def as_text(raw: bytes, pointer: str) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise NotReadable("not_utf8", pointer) from None
    if "\0" in text:
        raise NotReadable("nul", pointer)
    return text


def _binary(found: Mapping[str, bytes]) -> dict[str, str]:
    named = {name.removeprefix("ce_"): raw for name, raw in found.items() if name[:3] == "ce_"}
    if "traceparent" in found:
        named["traceparent"] = found["traceparent"]
    return {name: as_text(raw, f"/{name}") for name, raw in named.items() if name in _NAMES}


def _structured(value: bytes) -> tuple[dict[str, str], bytes]:
    envelope = check_json(value)
    if not isinstance(envelope, dict):
        raise NotReadable("not_an_object")
    if "data" not in envelope:
        raise NotReadable("missing", "/data")
    body = envelope.pop("data")
    known = {name: envelope[name] for name in Attributes._fields if envelope.get(name) is not None}
    for name, content in known.items():
        if not isinstance(content, str):
            raise NotReadable("contract", f"/{name}", "string_type")
        if "\0" in content:
            raise NotReadable("nul", f"/{name}")
    return known, rendered(body)


def rendered(body: Any) -> bytes:
    """JSON in one form, whatever the spaces and the order of fields were."""
    try:
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number of more than 64 bits
        return json.dumps(body, sort_keys=True).encode()
