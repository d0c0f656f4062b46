"""The release before this one, frozen: its consumers take today's events, and ours take its."""

import json
from importlib import import_module

import pytest
from jsonschema import Draft7Validator, FormatChecker

from shared.cloudevents import Reader
from shared.consumers import Consumer, Projection
from shared.contracts import generate
from shared.contracts.fact import FACTS, Fact, later, read_model
from shared.contracts.registry import LicenceReported, LicenceReportedV2
from shared.privacy import Keys
from tests.contracts.freeze import SERVICES, consumers, lying, previous

KEYS = Keys({"test": bytes(32)})
BEFORE = previous()
TODAY = consumers()
READ_BEFORE = sorted({name for types in BEFORE.consumers.values() for name in types})


def told(fact_type: str) -> str:
    """The example as a service of today tells it: whole, with what it leaves to its default."""
    example = json.dumps(generate.example(fact_type)["data"])
    return FACTS[fact_type].model_validate_json(example).model_dump_json()


@pytest.mark.parametrize("fact_type", READ_BEFORE)
def test_the_previous_release_reads_what_is_told_today(fact_type: str) -> None:
    reader = Draft7Validator(dict(BEFORE.schemas[fact_type]), format_checker=FormatChecker())
    assert list(reader.iter_errors(json.loads(told(fact_type)))) == []


@pytest.mark.parametrize("name", BEFORE.consumers)
def test_what_the_previous_release_reads_is_still_told(name: str) -> None:
    """Under the same type, by the service itself or beside the newer version of it."""
    ours = {
        form.TYPE
        for service in SERVICES
        for fact in vars(import_module(f"services.{service}.events")).values()
        if isinstance(fact, type) and issubclass(fact, Fact) and hasattr(fact, "TYPE")
        for form in (fact, fact.BESIDE)
        if form is not None
    }
    offices = {fact.TYPE for fact in FACTS.values() if fact.TOPIC.startswith("office.")}
    assert set(BEFORE.consumers[name]) <= ours | offices


@pytest.mark.parametrize("name", BEFORE.consumers)
def test_what_the_previous_release_passes_over_it_has_read_under_another_version(name: str) -> None:
    """It ignores types that it doesn't know: news of its topics must not be in those alone."""
    read = set(BEFORE.consumers[name])
    topics = {FACTS[fact_type].TOPIC for fact_type in read}
    kinds = {fact_type.rpartition(".")[0] for fact_type in read}
    for fact in (f for f in FACTS.values() if f.TOPIC in topics and f.TYPE not in read):
        if fact.TYPE.rpartition(".")[0] in kinds:
            assert fact.BESIDE is not None
            assert fact.BESIDE.TYPE in read


@pytest.mark.parametrize("fact_type", sorted(BEFORE.schemas))
def test_what_the_previous_release_told_is_read_today(fact_type: str) -> None:
    event = BEFORE.examples[fact_type]
    read = read_model(FACTS[fact_type]).model_validate_json(json.dumps(event["data"]))
    assert read.key == event["subject"]


@pytest.mark.parametrize("consumer", TODAY.values(), ids=lambda consumer: consumer.name)
def test_each_consumer_takes_what_the_previous_release_told(consumer: Consumer) -> None:
    """The real reader, and of a projection every column that it would write."""
    names = {fact.TYPE for fact in consumer.facts}
    assert names >= set(BEFORE.consumers.get(consumer.name, ()))  # it lies on the topics for ever
    reader = Reader(consumer.facts, KEYS)
    for name in sorted(names & BEFORE.examples.keys()):
        item = reader.read(lying(BEFORE.examples[name]))
        assert (item.fault, item.ignored) == (None, False)
        assert item.event is not None
        if isinstance(consumer, Projection):
            row = {column: get(item.event) for column, get in consumer.columns.items()}
            assert row[consumer.key] is not None
            assert consumer.version(item.event) == int(BEFORE.examples[name]["sequence"])


def test_no_consumer_of_the_previous_release_is_gone() -> None:
    assert BEFORE.consumers.keys() <= TODAY.keys()


def told_in_two() -> list[type[Fact]]:
    """The newer form of each fact that is told in two versions."""
    return [fact for fact in FACTS.values() if fact.BESIDE is not None]


def test_the_earlier_version_says_of_the_same_what_it_can() -> None:
    for fact in told_in_two():
        newer = fact.model_validate_json(json.dumps(generate.example(fact.TYPE)["data"]))
        older = newer.earlier()
        assert older is not None
        assert type(older) is fact.BESIDE
        assert (older.key, older.TOPIC) == (newer.key, newer.TOPIC)
        assert older.occurred_on == newer.occurred_on
        assert later(type(older)) is fact


def test_a_version_is_told_beside_a_newer_one_only_while_somebody_reads_it() -> None:
    """When this fails, take `beside` and `earlier` away: the form stays, for old records."""
    for fact in told_in_two():
        assert [c.name for c in TODAY.values() if fact.BESIDE in c.facts and fact not in c.facts]


@pytest.mark.parametrize("consumer", TODAY.values(), ids=lambda consumer: consumer.name)
def test_only_a_projection_reads_two_versions_since_it_is_guarded_by_the_aggregate_s(
    consumer: Consumer,
) -> None:
    both = [fact for fact in consumer.facts if fact.BESIDE in consumer.facts]
    assert not both or isinstance(consumer, Projection)


def test_licences_are_told_in_two_versions_and_one_consumer_reads_each() -> None:
    readers = {
        form: {name for name, consumer in TODAY.items() if form in consumer.facts}
        for form in (LicenceReported, LicenceReportedV2)
    }
    assert readers[LicenceReportedV2] == {"marketing.licences"}
    assert "registry.journey" in readers[LicenceReported]
