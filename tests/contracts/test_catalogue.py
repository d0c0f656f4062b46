"""Topics and facts fit together, and nobody but the owner writes."""

import re
from dataclasses import replace

import pytest

from shared.contracts.areas import AREAS, area
from shared.contracts.fact import FACTS
from shared.contracts.office_feeds import FEEDS, OfficeFeed
from shared.contracts.receipts import FORMS
from shared.contracts.topics import FACT_PARTITIONS, TOPICS, TRIAL, Topic, topic

PERSONAL = re.compile(r"(^|_)(nik|phone|birth|address|kk|email|note|reason|remark)($|_)")


@pytest.mark.parametrize("entry", TOPICS, ids=lambda entry: entry.name)
def test_every_topic_has_a_fact_unless_it_is_for_operations(entry: Topic) -> None:
    has_facts = any(entry.feed == fact.TOPIC for fact in FACTS.values())
    assert has_facts != entry.operations


@pytest.mark.parametrize("fact_type", sorted(FACTS))
def test_every_fact_has_a_topic_and_its_key(fact_type: str) -> None:
    fact = FACTS[fact_type]
    assert topic(fact.TOPIC).key == fact.KEY
    assert fact.KEY in fact.model_fields
    assert fact_type == fact.TYPE


@pytest.mark.parametrize("fact_type", sorted(FACTS))
def test_a_type_is_named_by_owner_aggregate_past_tense_and_version(fact_type: str) -> None:
    owner = topic(FACTS[fact_type].TOPIC).owner
    pattern = rf"id\.(binaan\.{owner}|go\.[a-z.]+)\.[a-z-]+\.[a-z-]+ed\.v[1-9][0-9]*"
    assert re.fullmatch(pattern, fact_type) or fact_type.endswith((".made.v1", ".paid.v1"))


@pytest.mark.parametrize("fact_type", sorted(FACTS))
def test_no_field_of_a_fact_is_about_a_person_beyond_ids_and_codes(fact_type: str) -> None:
    fact = FACTS[fact_type]
    fields = fact.model_fields
    if topic(fact.TOPIC).personal:
        return  # the next test says who reads those
    assert not [name for name in fields if PERSONAL.search(name)]
    assert "name" not in fields or "market-event" in fact_type


def test_what_names_people_is_read_by_the_registry_alone_and_keyed_by_a_reference() -> None:
    naming = {fact.TOPIC for fact in FACTS.values() if "nik" in fact.model_fields}
    assert {entry.feed for entry in TOPICS if entry.personal} == naming
    for entry in TOPICS:
        if entry.personal:
            assert entry.from_outside
            assert entry.readers == ("registry",)
            assert entry.retention_days == (1 if entry.trial_of else 30)
            assert entry.key.endswith("_ref")


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.topic)
def test_a_feed_has_a_topic_that_one_office_writes_and_one_service_reads(feed: OfficeFeed) -> None:
    entry = topic(feed.topic)
    assert (entry.writers, entry.readers) == ((feed.principal, feed.owner), (feed.owner,))
    assert (entry.source, entry.key) == (feed.source, feed.key)
    assert {fact.TYPE for fact in FACTS.values() if feed.topic == fact.TOPIC} == {
        fact.TYPE for fact in feed.facts
    }
    others = [t for t in TOPICS if feed.principal in t.writers]
    assert {t.source for t in others} == {feed.source}


@pytest.mark.parametrize("entry", TOPICS, ids=lambda entry: entry.name)
def test_only_the_owner_writes_a_topic_and_nobody_is_named_twice(entry: Topic) -> None:
    """What an office sends by HTTP is written by the one service that reads its topic."""
    by_http = entry.readers if entry.from_outside else ()
    assert entry.writers == (entry.owner, *by_http)
    assert len(set(entry.readers)) == len(entry.readers) > 0


def test_topic_names_are_unique() -> None:
    assert len({entry.name for entry in TOPICS}) == len(TOPICS)


def test_each_source_belongs_to_one_principal() -> None:
    assert len({(entry.source, entry.owner) for entry in TOPICS}) == len(
        {entry.source for entry in TOPICS}
    )


def test_facts_are_kept_for_ever_and_never_compacted() -> None:
    for entry in TOPICS:
        assert entry.settings["cleanup.policy"] == "delete"
        if not entry.operations and not entry.from_outside and entry.name not in FORMS:
            assert entry.settings["retention.ms"] == "-1"


def test_an_office_s_own_clock_decides_nothing() -> None:
    clocks = {t.settings.get("message.timestamp.type") for t in TOPICS if t.from_outside}
    assert clocks == {"LogAppendTime"}


def test_what_an_office_sends_is_on_disk_before_it_is_acknowledged() -> None:
    outside = [entry for entry in TOPICS if entry.from_outside and not entry.trial_of]
    assert outside
    assert all(entry.settings["flush.messages"] == "1" for entry in outside)
    assert all(int(entry.settings["retention.ms"]) >= 30 * 86_400_000 for entry in outside)


def test_every_office_topic_has_a_trial_that_differs_in_size_and_days_only() -> None:
    trials = {entry.trial_of: entry for entry in TOPICS if entry.trial_of}
    assert trials.keys() == {e.name for e in TOPICS if e.from_outside and not e.trial_of}
    for entry in trials.values():
        assert (entry.name, entry.partitions) == (f"{entry.trial_of}{TRIAL}", 1)
        assert entry.settings["retention.ms"] == str(86_400_000)
        same = replace(
            entry, name=entry.trial_of, trial_of="", retention_days=30, partitions=FACT_PARTITIONS
        )
        assert same == topic(entry.trial_of)


def test_the_city_has_54_kelurahan_in_7_kecamatan() -> None:
    assert len(AREAS) == 54
    assert len({entry.kecamatan_code for entry in AREAS.values()}) == 7
    assert all(code.startswith(entry.kecamatan_code + ".") for code, entry in AREAS.items())


def test_an_area_is_found_by_code_and_never_by_name() -> None:
    found = area("36.74.06.1005")
    assert found is not None
    assert (found.kelurahan, found.kecamatan) == ("Pondok Cabe Ilir", "Pamulang")
    assert area("Serpong") is None
    assert area("36.74.06") is None
    assert area("3674061005") is None


def test_an_office_alone_reads_its_receipts_and_every_one_of_its_topics_has_them() -> None:
    given = {entry.name: entry for entry in TOPICS if entry.name in FORMS}
    for entry in TOPICS:
        assert bool(entry.receipts) == entry.from_outside, entry.name
        if entry.receipts:
            assert given.pop(entry.receipts, topic(entry.receipts)).readers == (entry.owner,)
            assert entry.receipts.split(".", 1)[0] in entry.readers
    assert not given, "receipts that nobody is given"
