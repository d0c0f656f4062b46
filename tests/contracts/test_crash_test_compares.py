"""What the crash test compares, held against the product: a topic or a view more is noticed."""

from importlib import import_module

import pytest

from shared import inbox
from shared.consumers import Consumer, Projection
from shared.contracts.fact import FACTS as FACTS_BY_TYPE
from shared.contracts.topics import TOPICS, topic
from tests.chaos.check import TABLES
from tests.chaos.civil import CHECKED
from tests.chaos.observe import CONSUMERS, Session
from tests.chaos.office import TRADE
from tests.chaos.residents import CIVIL
from tests.chaos.rules import OF_CODE, RULES
from tests.chaos.sending import Door
from tests.chaos.spoils import SPOILS
from tests.chaos.views import COMPARED

SERVICES = ("registry", "training", "marketing")
OURS = [t.name for t in TOPICS if t.owner in SERVICES and not t.operations]
FACTS = [name for name in OURS if ".receipt" not in name]  # receipts are no state of a row
DECLARED: list[Consumer] = [
    consumer
    for service in SERVICES
    for consumer in import_module(f"services.{service}.reactions").CONSUMERS
]


@pytest.mark.parametrize("topic", FACTS)
def test_the_rows_of_each_topic_are_compared(topic: str) -> None:
    assert topic in {table.replace("_", "-") for table in TABLES}


@pytest.mark.parametrize("consumer", DECLARED, ids=lambda consumer: consumer.name)
def test_each_consumer_is_known_with_what_it_reads(consumer: Consumer) -> None:
    assert set(CONSUMERS[consumer.name]) >= set(consumer.topics)


@pytest.mark.parametrize(
    "table", [f"{c.name.split('.')[0]}.{c.table}" for c in DECLARED if isinstance(c, Projection)]
)
def test_each_view_is_compared_with_its_source(table: str) -> None:
    assert table in COMPARED


@pytest.mark.parametrize("rule", [*RULES, *OF_CODE, *CHECKED])
def test_each_rule_has_a_break_that_is_planted(rule: str) -> None:
    assert rule in {spoil.check for spoil in SPOILS.values()}


@pytest.mark.parametrize("door", [TRADE, CIVIL], ids=lambda door: door.login)
def test_an_office_of_the_load_sends_as_its_contract_says(door: Door) -> None:
    declared = topic(door.topic)
    assert (declared.writers[0], declared.source) == (door.login, door.source)
    kinds = ("verified", "moved") if door is CIVIL else ("announced", "changed", "cancelled")
    assert [FACTS_BY_TYPE[door.types.format(kind)].TOPIC for kind in kinds] == [
        door.topic for _ in kinds
    ]


@pytest.mark.parametrize("query", ["COMMIT;", inbox._MOVED_AND_FRESH])
def test_a_batch_that_was_committed_is_known_by_its_last_statement(query: str) -> None:
    assert Session("training.people@1", "intake", "idle", query, 1, 0.0).just_committed
    assert not Session("training.people@1", "intake", "idle", "select 1", 1, 0.0).just_committed
