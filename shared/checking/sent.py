"""An event as an office would send it, and what to put in place of each part that is wrong.

The reader stops at the first fault. To find the others, the wrong part is replaced by one that is
certainly right, and the event is read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from aiokafka.structs import ConsumerRecord

from shared.attributes import Attributes
from shared.cloudevents import Fault
from shared.contracts import generate
from shared.contracts.fact import FACTS
from shared.contracts.topics import TOPICS, Topic

OUTSIDE = [topic for topic in TOPICS if topic.from_outside and not topic.trial_of]
STRUCTURED = "application/cloudevents+json"
_BINARY = "application/json"
_GOOD = {
    "specversion": "1.0",
    "id": "1",
    "subject": "REF-1",
    "time": "2026-01-01T08:00:00+07:00",
    "sequence": "1",
}


@dataclass(frozen=True)
class Sent:
    """What would lie on the topic. `key` is the subject where nobody says otherwise."""

    topic: Topic
    attributes: Mapping[str, Any]
    body: Any
    key: bytes | None
    structured: bool

    def record(self) -> ConsumerRecord:
        """As the worker would get it."""
        if self.structured:
            whole = {**self.attributes, "data": self.body}
            return record(self.topic.name, self.key, dumped(whole), {"content-type": STRUCTURED})
        headers = {
            name if name == "traceparent" else f"ce_{name}": str(text)
            for name, text in self.attributes.items()
        }
        headers["content-type"] = _BINARY
        return record(self.topic.name, self.key, dumped(self.body), headers)


def record(
    topic: str, key: bytes | None, value: bytes | None, headers: Mapping[str, str]
) -> ConsumerRecord:
    """A record that no broker has seen."""
    raw = tuple((name, text.encode()) for name, text in headers.items())
    return ConsumerRecord(topic, 0, 0, 0, 0, key, value, None, 0, len(value or b""), raw)


def dumped(content: Any) -> bytes:
    """JSON; half a character, that no UTF-8 can hold, stays the escape that it came as."""
    return json.dumps(content).encode()


def opened(value: bytes, headers: Mapping[str, str]) -> tuple[dict[str, Any], Any]:
    """Attributes and body as far as they can be made out; nothing where they can't."""
    try:
        whole = json.loads(value.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        whole = None
    if is_structured(headers):
        envelope = dict(whole) if isinstance(whole, dict) else {}
        return envelope, envelope.pop("data", None)
    named = {
        name.removeprefix("ce_"): text
        for name, text in headers.items()
        if name.startswith("ce_") or name == "traceparent"
    }
    return named, whole


def is_structured(headers: Mapping[str, str]) -> bool:
    """Whether the envelope stands in the value, around the body."""
    return headers.get("content-type", _BINARY).startswith("application/cloudevents")


def topic_of(attributes: Mapping[str, Any]) -> Topic:
    """The office's topic that such an event belongs on, by its type, else by its source."""
    named, source = str(attributes.get("type", "")), str(attributes.get("source", ""))
    outside = {topic.name: topic for topic in OUTSIDE}
    fact = FACTS.get(named)
    if fact is not None and fact.TOPIC in outside:
        return outside[fact.TOPIC]
    meant = get_close_matches(source, [topic.source for topic in outside.values()], n=1)
    own = [topic for topic in outside.values() if topic.source in meant]
    near = near_types(named, own or list(outside.values()))
    return outside[FACTS[near[0]].TOPIC] if near else (own or list(outside.values()))[0]


def types_of(topic: Topic) -> list[str]:
    """The event types of a topic."""
    return sorted(kind for kind, fact in FACTS.items() if topic.feed == fact.TOPIC)


def near_types(named: str, topics: list[Topic]) -> list[str]:
    """Known types that somebody may have meant, the nearest first."""
    return get_close_matches(named, [k for t in topics for k in types_of(t)], n=3, cutoff=0.6)


def mended(sent: Sent, fault: Fault) -> Sent | None:
    """The event with the part put right that a fault is about; None where that can't be done."""
    _, _, name = fault.pointer.partition("/")
    if fault.pointer.startswith("/data/"):
        return _with_body(sent, name.removeprefix("data/"), fault.code)
    if fault.pointer == "/data" and fault.code in ("missing", "contract"):
        return replace(sent, body=_example(sent))
    if fault.code == "key_missing" or fault.pointer == "/key":
        return _under(sent, str(sent.attributes.get("subject")))
    if fault.code == "key_differs_from_subject":
        return _under(sent, str(sent.attributes["subject"]))
    good = _good(sent, name)
    if good is None:
        return None
    after = replace(sent, attributes={**sent.attributes, name: good})
    return _under(after, good) if name == "subject" else after


def _good(sent: Sent, name: str) -> str | None:
    if name == "source":
        return sent.topic.source
    if name == "type":  # of another one the body would be another
        return next(iter(near_types(str(sent.attributes.get("type")), [sent.topic])), None)
    if name == "subject" and isinstance(sent.body, dict):
        return str(sent.body.get(sent.topic.key) or _GOOD["subject"])
    return _GOOD.get(name, "x" if name in Attributes._fields else None)


def _under(sent: Sent, subject: str) -> Sent | None:
    """The event under a key that is allowed."""
    if not subject.isascii() or (subject.isdigit() and len(subject) == 16):
        subject = _GOOD["subject"]
    attributes = {**sent.attributes, "subject": subject, "partitionkey": subject}
    body = {**sent.body, sent.topic.key: subject} if isinstance(sent.body, dict) else sent.body
    return replace(sent, attributes=attributes, key=subject.encode(), body=body)


def _with_body(sent: Sent, name: str, code: str) -> Sent | None:
    if code == "key_differs_from_subject":
        return replace(sent, body={**sent.body, name: sent.attributes["subject"]})
    return replace(sent, body=_example(sent)) if code in ("contract", "missing") else None


def _example(sent: Sent) -> dict[str, Any]:
    """The checked-in example's body, about the same subject; next to nothing of no known type."""
    kind = str(sent.attributes.get("type"))
    example = generate.example(kind)["data"] if kind in FACTS else {}
    return {**example, sent.topic.key: sent.attributes.get("subject", _GOOD["subject"])}
