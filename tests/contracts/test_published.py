"""What lies in docs/events and in the examples is what the code says, for everybody's tools."""

import functools
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiokafka.structs import ConsumerRecord
from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft7Validator

from shared.cloudevents import Reader
from shared.contracts import generate
from shared.contracts.envelope import Attributes, Headers
from shared.contracts.fact import FACTS
from shared.contracts.topics import TOPICS, topic
from shared.privacy import Keys
from tests.contracts.generated import made

ALL = sorted(FACTS)
KEYS = Keys({"test": bytes(32)})


def test_the_generated_files_are_fresh() -> None:
    assert generate.stale(made()) == []


def test_a_stale_a_missing_and_a_left_over_file_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "texts", made)
    assert generate.main(["--check"], tmp_path) == 1
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    (tmp_path / "asyncapi.yaml").write_text("asyncapi: 3.0.0")
    (tmp_path / "schemas" / f"{ALL[0]}.json").unlink()
    (tmp_path / "schemas" / "nobody.json").write_text("{}")
    found = ["asyncapi.yaml", f"schemas/{ALL[0]}.json", "schemas/nobody.json"]
    assert generate.stale(made(), tmp_path) == found


def test_every_version_ever_published_has_an_example_that_was_never_edited() -> None:
    lines = (generate.EXAMPLES / "DIGESTS").read_text().splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.name: path for path in generate.EXAMPLES.glob("*.json")}
    assert digests.keys() == files.keys() >= {f"{fact_type}.json" for fact_type in FACTS}
    edited = [
        name
        for name, path in files.items()
        if hashlib.sha256(path.read_bytes()).hexdigest() != digests[name]
    ]
    assert edited == []


@pytest.mark.parametrize("fact_type", ALL)
def test_an_example_is_a_fact_and_says_nothing_more(fact_type: str) -> None:
    event = generate.example(fact_type)
    fact = FACTS[fact_type].model_validate_json(json.dumps(event["data"]))
    assert json.loads(fact.model_dump_json(exclude_unset=True)) == event["data"]
    assert event["type"] == fact_type
    assert event["source"] == topic(fact.TOPIC).source
    assert event["subject"] == event["partitionkey"] == fact.key
    Attributes.model_validate(event)


@pytest.mark.parametrize("fact_type", ALL)
def test_an_example_is_valid_by_its_published_schema(fact_type: str) -> None:
    schema = json.loads((generate.DOCS / "schemas" / f"{fact_type}.json").read_text())
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    data = generate.example(fact_type)["data"]
    assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors({**data, "from_a_later_release": 1})) == []
    assert list(validator.iter_errors(dict.fromkeys(data)))


@pytest.mark.parametrize("fact_type", ALL)
@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_an_example_is_a_cloudevent_that_the_intake_reads(fact_type: str, mode: str) -> None:
    event = generate.example(fact_type)
    official = JSONFormat().read(CloudEvent, json.dumps(event))
    write = kafka.to_binary if mode == "binary" else kafka.to_structured
    message = write(official, JSONFormat())
    item = Reader([FACTS[fact_type]], KEYS).read(_record(FACTS[fact_type].TOPIC, message))
    assert item.fault is None
    assert item.event is not None
    assert item.event.id == event["id"]
    assert item.event.sequence == int(event["sequence"])
    assert json.loads(item.event.fact.model_dump_json(exclude_unset=True)) == event["data"]


@pytest.mark.parametrize("fact_type", ALL)
def test_the_headers_in_the_document_are_those_of_binary_mode(fact_type: str) -> None:
    document = asyncapi()
    [shown] = document["components"]["messages"][fact_type]["examples"]
    Headers.model_validate(shown["headers"])
    headers = {name: value.encode() for name, value in shown["headers"].items()}
    payload = json.dumps(shown["payload"]).encode()
    message = kafka.KafkaMessage(headers, shown["headers"]["ce_partitionkey"], payload)
    read = kafka.from_binary(message, JSONFormat(), CloudEvent)
    assert read.get_type() == fact_type
    assert read.get_data() == generate.example(fact_type)["data"]


def test_the_document_names_every_topic_with_its_senders_and_receivers() -> None:
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {entry.name for entry in TOPICS}
    for entry in TOPICS:
        named = {
            (operation["action"], name.split(f".{operation['action']}.")[0])
            for name, operation in document["operations"].items()
            if operation["channel"]["$ref"] == f"#/channels/{entry.name}"
        }
        writers = {("send", principal) for principal in entry.writers}
        assert named == writers | {("receive", principal) for principal in entry.readers}
        kafka_binding = document["channels"][entry.name]["bindings"]["kafka"]
        assert kafka_binding["partitions"] == entry.partitions


def test_every_reference_in_the_document_leads_somewhere() -> None:
    document = asyncapi()
    found = list(_references(document))
    assert len(found) > 50
    for reference in found:
        place, _, pointer = reference.partition("#")
        if place:
            assert (generate.DOCS / place).is_file()
            continue
        node = document
        for part in pointer.strip("/").split("/"):
            node = node[part]


@functools.cache  # the file is long
def asyncapi() -> dict[str, Any]:
    text = (generate.DOCS / "asyncapi.yaml").read_text()
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for part in node:
            yield from _references(part)


def _record(name: str, message: kafka.KafkaMessage) -> ConsumerRecord:
    assert isinstance(message.key, str)
    return ConsumerRecord(
        topic=name,
        partition=0,
        offset=0,
        timestamp=1_500_000_000_000,
        timestamp_type=0,
        key=message.key.encode(),
        value=message.value,
        checksum=None,
        serialized_key_size=len(message.key),
        serialized_value_size=len(message.value),
        headers=tuple(message.headers.items()),
    )
