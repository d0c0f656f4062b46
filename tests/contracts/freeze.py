"""Freeze the contracts as a release has them: `python -m tests.contracts.freeze RELEASE`.

What is kept in `previous.json`: the schema and the example of each fact that is told, and which of
them each consumer reads. The tests hold today's code against it, both ways. Run it when a release
has been made; the file is never edited by hand.
"""

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka.structs import ConsumerRecord

from shared.consumers import Consumer
from shared.contracts import generate
from shared.contracts.fact import FACTS
from shared.contracts.schemas import schema_of

SERVICES = ("registry", "training", "marketing")
PREVIOUS = Path(__file__).with_name("previous.json")


class Frozen(NamedTuple):
    """What one release told and read."""

    release: str
    schemas: Mapping[str, Mapping[str, Any]]
    """Of each type, the form that its readers relied on."""
    examples: Mapping[str, Mapping[str, Any]]
    consumers: Mapping[str, tuple[str, ...]]
    """Of each consumer, the types that it read."""


def consumers() -> dict[str, Consumer]:
    """Every consumer of every service, by name."""
    return {
        consumer.name: consumer
        for service in SERVICES
        for consumer in import_module(f"services.{service}.reactions").CONSUMERS
    }


def previous() -> Frozen:
    """The release before this one, as it was frozen."""
    kept = json.loads(PREVIOUS.read_text())
    forms: list[Mapping[str, Any]] = kept["forms"]
    facts: Mapping[str, list[Any]] = kept["facts"]
    return Frozen(
        kept["release"],
        {name: forms[form] for name, (form, _) in facts.items()},
        {name: example for name, (_, example) in facts.items()},
        {name: tuple(types) for name, types in kept["consumers"].items()},
    )


def frozen(release: str) -> str:
    """This release's contracts as the file's text: a form that several types share lies once."""
    forms: list[Any] = []
    facts: dict[str, Any] = {}
    for name, fact in sorted(FACTS.items()):
        form = {
            k: v for k, v in schema_of(fact).items() if k in ("properties", "required", "$defs")
        }
        if form not in forms:
            forms.append(form)
        facts[name] = [forms.index(form), generate.example(name)]
    read = {name: sorted(f.TYPE for f in one.facts) for name, one in sorted(consumers().items())}
    parts = [
        f'"release": {json.dumps(release)}',
        _lines("forms", "[]", [_short(form) for form in forms]),
        _lines("facts", "{}", [f'"{name}": {_short(fact)}' for name, fact in facts.items()]),
        _lines("consumers", "{}", [f'"{name}": {_short(types)}' for name, types in read.items()]),
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def lying(event: Mapping[str, Any], body: bytes = b"") -> ConsumerRecord:
    """An event as it lies on its topic, or another body under its envelope."""
    value = body or json.dumps(event["data"]).encode()
    names = "specversion id source type subject time sequence correlationid".split()
    return ConsumerRecord(
        topic=FACTS[event["type"]].TOPIC,
        partition=0,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=event["subject"].encode(),
        value=value,
        checksum=None,
        serialized_key_size=len(event["subject"]),
        serialized_value_size=len(value),
        headers=tuple((f"ce_{name}", event[name].encode()) for name in names if name in event),
    )


def _lines(name: str, brackets: str, items: list[str]) -> str:
    return f'"{name}": {brackets[0]}\n' + ",\n".join(items) + f"\n{brackets[1]}"


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    PREVIOUS.write_text(frozen(sys.argv[1]), encoding="utf-8")
