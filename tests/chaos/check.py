"""The verdict: the ledger against topics and tables. Each finding says what broke and where."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.chaos.ledger import Ledger, content_of
from tests.chaos.observe import CONSUMERS, OFFICE, PASSED_BY, RESIDENTS, TOPICS_OF, is_receipts
from tests.chaos.picture import Event, Picture

Kind = Literal["lost", "twice", "order", "differs", "invented", "exceeded", "left over", "rule"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise."""

    kind: Kind
    check: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what} ({self.check})"


Found = AsyncIterator[Finding]
Check = Callable[[Picture, Ledger], Found]


async def journal_is_topic(picture: Picture, _: Ledger) -> Found:
    """What a service wrote into its journal is what lies on its topics, and nothing else."""
    name = "journal = topic"
    for service in TOPICS_OF:
        on_topic = picture.of(service)
        rows = await picture.rows(f"select * from {service}.journal")
        kept = {str(r["event_id"]): r for r in rows}
        for lost in kept.keys() - on_topic.keys():
            row = kept[lost]
            yield Finding("lost", name, f"event {lost} {row['type']} never reached {row['topic']}")
        for extra in on_topic.keys() - kept.keys():
            yield Finding("invented", name, f"event {extra} is on {on_topic[extra].topic} only")
        for event_id in kept.keys() & on_topic.keys():
            row, event = kept[event_id], on_topic[event_id]
            same = (row["key"], row["sequence"], row["type"], row["body"], row["topic"])
            if same != (event.key, event.sequence, event.type, event.body, event.topic):
                yield Finding("differs", name, f"event {event_id} of {service}")


async def first_occurrences_in_order(picture: Picture, _: Ledger) -> Found:
    """Of each key: versions 1, 2, 3 … in this order, each once; repeated ids may come late.

    Receipts are numbered with gaps. What is told in two versions of its contract (`.v2` beside
    `.v1`) is so in each of them, and the newer one is first.
    """
    for topic in sum(TOPICS_OF.values(), ()):
        met: set[str] = set()
        at: dict[tuple[str, str], tuple[int, int]] = {}
        for event in picture.events[topic]:
            if event.id in met:
                continue
            met.add(event.id)
            form = event.type.rpartition(".")[2]
            before, partition = at.get((event.key, form), (0, event.partition))
            if form > "v1" and event.sequence <= at.get((event.key, "v1"), (0, 0))[0]:
                yield Finding("order", topic, f"key {event.key}: {form} after v1")
            if partition != event.partition:
                yield Finding("order", topic, f"key {event.key} lies in two partitions")
            if event.sequence == before:
                yield Finding("twice", topic, f"key {event.key} has version {before} twice")
            elif event.sequence < before:
                told = f"key {event.key}: version {event.sequence} after {before}"
                yield Finding("order", topic, told)
            elif event.sequence > before + 1 and not is_receipts(topic):
                told = f"key {event.key}: after version {before} comes {event.sequence}"
                yield Finding("lost", topic, told)
            at[event.key, form] = max(before, event.sequence), partition


async def inbox_has_all(picture: Picture, _: Ledger) -> Found:
    """Every consumer has every event of its topics in its inbox, done.

    How the civil registry's news has ended is for `civil.py`.
    """
    for consumer, topics in CONSUMERS.items():
        judged_elsewhere = RESIDENTS in topics
        service = consumer.partition(".")[0]
        rows = await picture.rows(
            f"""select event_id, source, outcome from {service}.inbox
                where split_part(consumer, '@', 1) = '{consumer}'"""
        )
        taken = {(r["event_id"], r["source"]): r["outcome"] for r in rows}
        events = [e for topic in topics for e in picture.first[topic].values()]
        there = {(e.id, e.source) for e in events}
        idle = {(e.id, e.source) for e in events if e.type in PASSED_BY.get(consumer, ())}
        for lost, source in there - idle - taken.keys():
            yield Finding("lost", consumer, f"event {lost} of {source} was never taken in")
        for extra, source in taken.keys() - there:
            if judged_elsewhere and not source:  # an id that another content has
                continue
            yield Finding("invented", consumer, f"event {extra} of {source} is on no topic")
        for (event_id, _source), outcome in taken.items():
            if outcome != "done" and not judged_elsewhere:
                yield Finding("left over", consumer, f"event {event_id} ended as {outcome}")


TABLES = {
    "registry.person": "person_id",
    "registry.business": "business_id",
    "registry.site": "site_id",
    "registry.office": "office_id",
    "registry.opening_balance": "balance_id",
    "registry.licence": "licence_id",
    "registry.outside_training": "outside_training_id",
    "training.activity": "activity_id",
    "training.cohort": "cohort_id",
    "training.session": "session_id",
    "training.enrolment": "enrolment_id",
    "training.certificate": "certificate_id",
    "marketing.product": "product_id",
    "marketing.stand": "stand_id",
    "marketing.market_event": "market_event_id",
    "marketing.support": "support_id",
    "marketing.sale": "sale_id",
}
"""Of each topic with the full state of a row: the table, and the row's key."""
UNCHANGING = ("registry.opening_balance",)  # without a version: written once


async def rows_are_told(picture: Picture, _: Ledger) -> Found:
    """Each row's version is the newest that its topic tells; no row untold, none told without."""
    for table, key in TABLES.items():
        topic = table.replace("_", "-")
        version = "1 as version" if table in UNCHANGING else "version"
        rows = await picture.rows(f"select {key}::text as id, {version} from {table}")
        stands = {r["id"]: r["version"] for r in rows}
        told = {k: e.sequence for k, e in picture.newest(topic).items()}
        for row in stands.keys() | told.keys():
            have, say = stands.get(row), told.get(row)
            if have != say:
                kind: Kind = "lost" if say is None or (have or 0) > say else "differs"
                yield Finding(kind, table, f"{row}: the row has version {have}, the topic {say}")


async def nothing_left(picture: Picture, _: Ledger) -> Found:
    """No event is on its way, waits, is parked, or stopped a partition.

    Which of the civil registry's may wait is for `civil.py`.
    """
    others = f"topic <> '{RESIDENTS}'"
    for service in TOPICS_OF:
        for table, which in (("outbox", "true"), ("parked", f"ended_at is null and {others}"),
                             ("stopped", "true"), ("parked_key", others)):  # fmt: skip
            rows = await picture.rows(f"select * from {service}.{table} where {which} limit 20")
            for row in rows:
                told = {k: str(v)[:40] for k, v in row.items() if k not in ("record", "digest")}
                yield Finding("left over", f"{service}.{table}", str(told))


async def acked_is_there(picture: Picture, ledger: Ledger) -> Found:
    """What the broker acknowledged to an office lies on its topic, and nothing that none sent."""
    there = {
        (topic, event.id, content_of(event.body))
        for topic in (OFFICE, RESIDENTS)
        for event in picture.events[topic]
    }
    for sent in ledger.sent:
        if sent.acked and (sent.topic, sent.id, sent.content) not in there:
            yield Finding("lost", sent.topic, f"record {sent.id} of {sent.ref} was acked")
    for topic, event_id, _ in there - {(s.topic, s.id, s.content) for s in ledger.sent}:
        yield Finding("invented", topic, f"record {event_id} was never sent so")


def per_key(events: Iterator[Event]) -> dict[str, list[Event]]:
    """Events by their key, in the order given."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.key].append(event)
    return found


async def run(picture: Picture, ledger: Ledger, checks: tuple[Check, ...]) -> list[Finding]:
    """All findings of all checks."""
    return [finding for check in checks async for finding in check(picture, ledger)]
