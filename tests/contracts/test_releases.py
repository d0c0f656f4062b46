"""Two releases at once: each reads what the other publishes, and what lies in the journal."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from aiokafka.structs import ConsumerRecord
from pydantic import create_model

from shared.cloudevents import Reader
from shared.contracts import evolution, generate
from shared.contracts.fact import FACTS, Fact, read_model
from shared.contracts.registry import BusinessRegistered
from shared.contracts.schemas import schema_of
from shared.privacy import Keys
from tests.contracts.freeze import lying

TYPE = "id.binaan.registry.business.registered.v1"
KEYS = Keys({"test": bytes(32)})


def tomorrow() -> type[BusinessRegistered]:
    """The fact as a later release may have it: a field more and a code more."""
    modes: Any = Literal["to_order", "batch", "continuous", "seasonal"]
    later = create_model(
        "BusinessRegistered",
        __base__=BusinessRegistered,
        workers=(int | None, None),
        production_mode=(modes, ...),
    )
    later.TYPE, later.TOPIC, later.KEY = TYPE, BusinessRegistered.TOPIC, BusinessRegistered.KEY
    return later


def test_tomorrows_fact_is_an_addition() -> None:
    assert evolution.breaks(schema_of(BusinessRegistered), schema_of(tomorrow())) == []


def test_todays_reader_takes_tomorrows_event() -> None:
    body = generate.example(TYPE)["data"] | {"workers": 2, "production_mode": "seasonal"}
    published = tomorrow().model_validate_json(json.dumps(body)).model_dump_json().encode()
    item = Reader([BusinessRegistered], KEYS).read(record(published))
    assert item.fault is None
    assert item.event is not None
    assert isinstance(item.event.fact, BusinessRegistered)
    assert item.event.fact.capacity.quantity == "20"


def test_tomorrows_reader_takes_todays_event() -> None:
    body = json.dumps(generate.example(TYPE)["data"])
    published = BusinessRegistered.model_validate_json(body).model_dump_json()
    read = read_model(tomorrow()).model_validate_json(published)
    assert read.model_dump()["workers"] is None


@pytest.mark.parametrize("path", sorted(generate.EXAMPLES.glob("*.json")), ids=lambda p: p.stem)
def test_every_event_ever_published_is_still_read(path: Path) -> None:
    event = json.loads(path.read_text())
    fact: type[Fact] = FACTS[event["type"]]
    assert read_model(fact).model_validate_json(json.dumps(event["data"])).key == event["subject"]


def record(body: bytes) -> ConsumerRecord:
    """A body under the envelope of the example."""
    return lying(generate.example(TYPE), body)
