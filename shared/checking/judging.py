"""All that is wrong with an event, by the reader that the worker uses.

Who checks an event offline is told the same as who sends it to `POST /v1/events`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from shared.attributes import Attributes
from shared.checking import words
from shared.checking.sent import Sent, dumped, is_structured, mended, opened, record, topic_of
from shared.checking.words import Finding
from shared.cloudevents import Fault, Reader
from shared.contracts import areas, fact
from shared.contracts.fact import FACTS, Fact
from shared.contracts.topics import Topic
from shared.privacy import Keys

_KEYS = Keys({"offline": bytes(32)})  # for digests that nobody keeps
_MOST = 40
"""So many faults at most: each is read for anew."""


@dataclass(frozen=True)
class Judged:
    """What was found, and where such an event belongs. It would be taken if nothing is `wrong`."""

    topic: Topic
    key: str
    wrong: tuple[Finding, ...]
    warned: tuple[Finding, ...]


def judged(
    value: bytes, headers: Mapping[str, str], key: str | None = None, topic: Topic | None = None
) -> Judged:
    """Judge a record's value and headers. Without `key` or `topic` they are what they should be."""
    attributes, body = opened(value, headers)
    belongs = topic or topic_of(attributes)
    raw_key = _subject(attributes) if key is None else key.encode() or None
    facts = [f for f in FACTS.values() if belongs.feed == f.TOPIC]
    reader = Reader(facts, _KEYS)
    came = record(belongs.name, raw_key, value, headers)
    wrong = every_fault(reader, belongs, came, reader.read(came).fault)
    known = next((f for f in facts if attributes.get("type") == f.TYPE), None)
    warned = () if known is None else tuple(_warned(known, attributes, body))
    return Judged(belongs, (raw_key or b"").decode(), wrong, warned)


def every_fault(
    reader: Reader, topic: Topic, came: ConsumerRecord, first: Fault | None
) -> tuple[Finding, ...]:
    """All that is wrong with a record of an office's topic; `first`: what the reader said of it."""
    value = came.value or b""
    headers = {name: (raw or b"").decode(errors="replace") for name, raw in came.headers}
    attributes, body = opened(value, headers)
    key = came.key or _subject(attributes)
    sent = Sent(topic, attributes, body, key, is_structured(headers))
    found: list[Finding] = []
    with suppress(RecursionError):  # nested past all sense: what was found by then is enough
        for one in _all(reader, sent, first, value):
            found.append(one)  # noqa: PERF402 - what comes before the error is wanted
    if not found and first is not None:
        found.append(words.of_fault(first, sent, value))
    return tuple(found)


def _subject(attributes: Mapping[str, Any]) -> bytes | None:
    """What the key should be."""
    return str(attributes.get("subject") or "").encode(errors="replace") or None


def _all(reader: Reader, sent: Sent, fault: Fault | None, value: bytes) -> Iterator[Finding]:
    met: set[tuple[str, str]] = set()
    while fault is not None and (fault.code, fault.pointer) not in met and len(met) < _MOST:
        met.add((fault.code, fault.pointer))
        in_body = fault.pointer.startswith("/data/") and fault.code == "missing"
        if in_body or (fault.pointer.startswith("/data") and fault.code == "contract"):
            yield from _of_body(sent)
        else:
            yield words.of_fault(fault, sent, value)
        after = mended(sent, fault)
        if after is None:
            return
        sent = after
        fault = reader.read(sent.record()).fault


def _of_body(sent: Sent) -> Iterator[Finding]:
    """Every wrong field of the body, where the reader names the first."""
    kind = FACTS[str(sent.attributes["type"])]
    try:
        fact.read_model(kind).model_validate_json(dumped(sent.body))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        yield from (words.of_field(problem, kind, sent.body) for problem in problems)


def _warned(kind: type[Fact], attributes: Mapping[str, Any], body: Any) -> Iterator[Finding]:
    """What is taken and may not be meant: unknown names are passed over in silence."""
    known = (*Attributes._fields, "partitionkey", "causationid", "datacontenttype", "dataschema")
    for name in attributes.keys() - set(known):
        shown = name.encode(errors="backslashreplace").decode()  # half a character can't be printed
        yield words.unknown(f"/{shown}", known)
    for place in fact.unknown_fields(kind, dumped(body)):
        yield words.unknown_field(place, kind)
    area = body.get("area") if isinstance(body, dict) else None
    if isinstance(area, dict):
        named = [area.get(name) for name in ("code", "kelurahan", "kecamatan")]
        if all(part is None or isinstance(part, str) for part in named):
            meant = areas.place(*named)
            if isinstance(meant, areas.Unclear):
                yield replace(words.unclear(meant), pointer="/data/area")
