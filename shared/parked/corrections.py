"""What staff put in place of what came, field by field, in either mode of CloudEvents.

A pointer is one that a fault names: `/data/…` lies in the body, `/key` is the record's key, and
`/subject`, `/type`, `/sequence` … are attributes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.structs import ConsumerRecord

from shared.attributes import Attributes, is_structured
from shared.errors import Refusal
from shared.strict_json import NotReadable, check_json

_NAMED = frozenset({"key", "content-type", *Attributes._fields})
_PLAIN = frozenset({"traceparent", "content-type"})
"""Headers that have no `ce_` before them."""


class PointerMissing(Refusal):
    """Kejadian ini tidak mempunyai tempat {place}."""

    kind = "unprocessable"
    code = "isian-tidak-ada"
    english = "This event has no place {place}."


class ContentNotJson(Refusal):
    """Isi kejadian ini bukan JSON yang sah, jadi tidak dapat diperbaiki per isian."""

    kind = "unprocessable"
    code = "isi-bukan-json"
    english = "The content of this event is no valid JSON, so no field of it can be corrected."


class NotText(Refusal):
    """Nilai {place} harus berupa teks."""

    kind = "unprocessable"
    code = "nilai-bukan-teks"
    english = "The value of {place} must be text."


@dataclass(frozen=True, slots=True)
class Change:
    """One field and what shall stand there: JSON."""

    pointer: str
    value: Any


@dataclass(frozen=True, slots=True)
class Correction:
    """What staff put in place of what came: whole parts, or single fields.

    `headers` by their full names (`ce_type`, …). Changes are made after that, in their order.
    """

    value: bytes | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[Change] = ()

    def pointers(self) -> list[str]:
        """What is corrected, for the audit."""
        whole = ["/data"] if self.value is not None else []
        whole += ["/key"] if self.key is not None else []
        named = [f"/{name.removeprefix('ce_')}" for name in self.headers]
        return [*whole, *named, *(change.pointer for change in self.changes)]


@dataclass(slots=True)
class Content:
    """A record's parts, to be corrected."""

    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes | None]


def corrected(record: ConsumerRecord, correction: Correction) -> Content:
    """The parts of the corrected record. Raises PointerMissing, ContentNotJson, NotText."""
    content = Content(record.key, record.value, dict(record.headers))
    if correction.key is not None:
        content.key = correction.key.encode()
    if correction.value is not None:
        content.value = correction.value
    content.headers |= {name: text.encode() for name, text in correction.headers.items()}
    for number, change in enumerate(correction.changes):
        try:
            _make(content, change)
        except Refusal as refusal:
            refusal.pointer = f"/changes/{number}/pointer"
            raise
    return content


def _make(content: Content, change: Change) -> None:
    first, *rest = steps(change.pointer)
    enveloped = is_structured(content.headers)
    if first == "data":
        whole = _parsed(content.value)
        inside = {"data": whole} if not enveloped else whole
        _put(inside, [first, *rest], change)
        content.value = written(inside if enveloped else inside["data"])
        return
    if rest or first not in _NAMED:
        raise PointerMissing(place=change.pointer)
    if not isinstance(change.value, str):
        raise NotText(place=change.pointer)
    if first == "key":
        content.key = change.value.encode()
    elif enveloped and first != "content-type":
        envelope = _parsed(content.value)
        _put(envelope, [first], change)
        content.value = written(envelope)
    else:
        content.headers[first if first in _PLAIN else f"ce_{first}"] = change.value.encode()


def _put(inside: Any, steps: Sequence[str], change: Change) -> None:
    """Set what the pointer names. A field of an object may be new, its parent not."""
    *parents, last = steps
    for step in parents:
        inside = _child(inside, step, change)
    if isinstance(inside, dict):
        inside[last] = change.value
    else:
        _child(inside, last, change)
        inside[int(last)] = change.value


def _child(parent: Any, step: str, change: Change) -> Any:
    if isinstance(parent, dict) and step in parent:
        return parent[step]
    if isinstance(parent, list) and step.isascii() and step.isdigit() and int(step) < len(parent):
        return parent[int(step)]
    raise PointerMissing(place=change.pointer)


def steps(pointer: str) -> list[str]:
    """The parts of a JSON pointer (RFC 6901). Raises PointerMissing for what is none."""
    if not pointer.startswith("/"):
        raise PointerMissing(place=pointer)
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]


def _parsed(value: bytes | None) -> Any:
    """Strictly: of a name that stands twice nobody can say which one is meant."""
    try:
        return check_json(value or b"")
    except NotReadable:
        raise ContentNotJson from None


def written(content: Any) -> bytes:
    """A corrected body."""
    return json.dumps(content, separators=(",", ":")).encode()


def opened(record: ConsumerRecord) -> tuple[dict[str, str], Any, str | None]:
    """A record for people: its attributes, its body as JSON, or as text where it is none."""
    headers = dict(record.headers)
    attributes = {
        name.removeprefix("ce_"): (value or b"").decode(errors="replace")
        for name, value in headers.items()
    }
    if record.key is not None:
        attributes["key"] = record.key.decode(errors="replace")
    try:
        content = _parsed(record.value)
    except ContentNotJson:
        return attributes, None, (record.value or b"").decode(errors="replace")
    if is_structured(headers) and isinstance(content, dict):
        named = {name: str(value) for name, value in content.items() if name != "data"}
        return attributes | named, content.get("data"), None
    return attributes, content, None
