"""The verdict: the ledger against topics and tables. Each finding says what broke and where."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.chaos.ledger import Ledger, Request
from tests.chaos.observe import CONSUMERS, OFFICE, TOPICS_OF
from tests.chaos.picture import Event, Picture

Kind = Literal["lost", "twice", "order", "differs", "invented", "exceeded", "left over"]


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
    """Of each key: versions 1, 2, 3 … in this order, each once; repeated ids may come late."""
    for topic in sum(TOPICS_OF.values(), ()):
        met: set[str] = set()
        at: dict[str, tuple[int, int]] = {}
        for event in picture.events[topic]:
            if event.id in met:
                continue
            met.add(event.id)
            before, partition = at.get(event.key, (0, event.partition))
            if partition != event.partition:
                yield Finding("order", topic, f"key {event.key} lies in two partitions")
            if event.sequence == before:
                yield Finding("twice", topic, f"key {event.key} has version {before} twice")
            elif event.sequence < before:
                told = f"key {event.key}: version {event.sequence} after {before}"
                yield Finding("order", topic, told)
            elif event.sequence > before + 1:
                told = f"key {event.key}: after version {before} comes {event.sequence}"
                yield Finding("lost", topic, told)
            at[event.key] = max(before, event.sequence), partition


async def inbox_has_all(picture: Picture, _: Ledger) -> Found:
    """Every consumer has every event of its topics in its inbox, done."""
    for consumer, topics in CONSUMERS.items():
        service = consumer.partition(".")[0]
        rows = await picture.rows(
            f"""select event_id, source, outcome from {service}.inbox
                where split_part(consumer, '@', 1) = '{consumer}'"""
        )
        taken = {(r["event_id"], r["source"]): r["outcome"] for r in rows}
        there = {(e.id, e.source) for topic in topics for e in picture.first[topic].values()}
        for lost, source in there - taken.keys():
            yield Finding("lost", consumer, f"event {lost} of {source} was never taken in")
        for extra, source in taken.keys() - there:
            yield Finding("invented", consumer, f"event {extra} of {source} is on no topic")
        for (event_id, _source), outcome in taken.items():
            if outcome != "done":
                yield Finding("left over", consumer, f"event {event_id} ended as {outcome}")


_EFFECTS = {
    "person": "select name as mark, person_id::text as id from registry.person",
    "business": "select owner_id::text as mark, business_id::text as id from registry.business",
    "session": "select title as mark, session_id::text as id from training.session",
    "enrolment": """select session_id || ' ' || business_id as mark, enrolment_id::text as id
                    from training.enrolment""",
    "attendance": """select enrolment_id || ' ' || version as mark, enrolment_id::text as id
                     from training.attendance where version > 1""",
    "product": "select name as mark, product_id::text as id from marketing.product",
    "stand": """select market_event_id || ' ' || business_id as mark, stand_id::text as id
                from marketing.stand""",
    "release": """select stand_id || ' ' || version as mark, stand_id::text as id
                  from marketing.stand where status = 'released'
                  and release_reason <> 'acara-dibatalkan'""",
    "production change": "production-changed",
    "correction": "business.corrected",
}


async def accepted_once(picture: Picture, ledger: Ledger) -> Found:
    """Accepted: there once. Refused: not there. Unanswered: once or not at all."""
    for op, source in _EFFECTS.items():
        effects = await _effects(picture, source)
        for request in ledger.requests:
            if request.op != op:
                continue
            if broken := _judged(request, effects.pop(request.mark, [])):
                yield broken
        for mark in effects:
            yield Finding("invented", op, f"“{mark}” was never asked for")


async def versions_accepted_once(_: Picture, ledger: Ledger) -> Found:
    """No version of anything was given to two wishes; a repeated wish gets the same answer."""
    versions = Counter(
        (r.id, r.version) for r in ledger.requests if r.outcome == "accepted" and r.if_match
    )
    for (key, version), times in versions.items():
        if times > 1:
            yield Finding("twice", "If-Match", f"version {version} of {key} accepted {times} times")
    for told in ledger.differing:
        yield Finding("differs", "Idempotency-Key", told)


async def _effects(picture: Picture, source: str) -> dict[str, list[str]]:
    """Of each mark, the ids of what it is found on."""
    effects: dict[str, list[str]] = defaultdict(list)
    if source.startswith("select"):
        for row in await picture.rows(source):
            effects[row["mark"]].append(row["id"])
    else:
        for event in picture.first["registry.business"].values():
            if source in event.type:
                effects[event.fact["capacity"]["quantity"]].append(event.key)
    return effects


def _judged(request: Request, ids: list[str]) -> Finding | None:
    op, outcome = request.op, request.outcome
    told = f"{op} “{request.mark}”, key {request.key}, {outcome} as {request.id or '-'}"
    if len(ids) > 1:
        return Finding("twice", op, f"{told}: there {len(ids)} times: {', '.join(ids)}")
    if outcome == "accepted" and ids != [request.id]:
        return Finding("lost", op, f"{told}: found {ids}")
    if outcome == "refused" and ids:
        return Finding("invented", op, f"{told} with {request.code}: there all the same")
    return None


_TABLES = {
    "registry.person": "person_id",
    "registry.business": "business_id",
    "training.session": "session_id",
    "training.enrolment": "enrolment_id",
    "marketing.product": "product_id",
    "marketing.stand": "stand_id",
    "marketing.market_event": "market_event_id",
}


async def rows_are_told(picture: Picture, _: Ledger) -> Found:
    """Each row's version is the newest that its topic tells; no row untold, none told without."""
    for table, key in _TABLES.items():
        topic = table.replace("_", "-")
        rows = await picture.rows(f"select {key}::text as id, version from {table}")
        stands = {r["id"]: r["version"] for r in rows}
        told = {k: e.sequence for k, e in picture.newest(topic).items()}
        for row in stands.keys() | told.keys():
            have, say = stands.get(row), told.get(row)
            if have != say:
                kind: Kind = "lost" if say is None or (have or 0) > say else "differs"
                yield Finding(kind, table, f"{row}: the row has version {have}, the topic {say}")


async def nothing_left(picture: Picture, _: Ledger) -> Found:
    """No event is on its way, waits, is parked, or stopped a partition."""
    for service in TOPICS_OF:
        for table, which in (("outbox", "true"), ("parked", "ended_at is null"),
                             ("stopped", "true"), ("parked_key", "true")):  # fmt: skip
            rows = await picture.rows(f"select * from {service}.{table} where {which} limit 20")
            for row in rows:
                told = {k: str(v)[:40] for k, v in row.items() if k not in ("record", "digest")}
                yield Finding("left over", f"{service}.{table}", str(told))


async def acked_is_there(picture: Picture, ledger: Ledger) -> Found:
    """What the broker acknowledged to the office lies on its topic."""
    there = picture.first[OFFICE]
    for sent in ledger.sent.values():
        if sent.acked and sent.id not in there:
            yield Finding("lost", OFFICE, f"record {sent.id} of {sent.ref} was acked")


def per_key(events: Iterator[Event]) -> dict[str, list[Event]]:
    """Events by their key, in the order given."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.key].append(event)
    return found


async def run(picture: Picture, ledger: Ledger, checks: tuple[Check, ...]) -> list[Finding]:
    """All findings of all checks."""
    return [finding for check in checks async for finding in check(picture, ledger)]
