"""A fact of the tests' own, how it lies on a topic, and the consumers that take it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import cast
from uuid import UUID, uuid5

from shared.consumers import Ending, Projection, React, Reaction, Received, Waiting
from shared.contracts.fact import Fact
from shared.contracts.topics import Topic
from shared.db import Tx
from shared.ids import uuid7
from shared.privacy import Keys

KEYS = Keys({"test": bytes(32)})
GATE = 4242
"""An advisory lock: whoever holds it holds every gated reaction just before its COMMIT."""


class Thing(Fact):
    """A thing has a number."""

    TYPE = "id.binaan.test.thing.counted.v1"
    TOPIC = ""
    KEY = "thing_id"

    thing_id: UUID
    n: int


def told_on(topic: str) -> type[Thing]:
    """The fact as it is published on a topic of one test."""
    return cast("type[Thing]", type("Thing", (Thing,), {"TOPIC": topic, "__doc__": Thing.__doc__}))


def topic_of(name: str, service: str, partitions: int = 4) -> Topic:
    """The catalogue's entry for a topic of one test."""
    return Topic(
        name, service, "thing_id", partitions, None, (service,), (service,), source(service)
    )


def source(service: str) -> str:
    return f"urn:binaan:36.74:{service}"


def thing_id(name: str) -> UUID:
    """The same id for the same name, in every process."""
    return uuid5(UUID(int=7), name)


@dataclass(frozen=True)
class Record:
    """What a test puts on a topic."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = 0


def event(
    service: str,
    key: str,
    version: int,
    *,
    n: int | None = None,
    event_id: UUID | None = None,
    partition: int | None = 0,
    **changed: str,
) -> Record:
    """A good event, in binary mode. `changed` replaces headers: `ce_source="…"`."""
    thing = thing_id(key)
    number = version if n is None else n
    body = {"occurred_on": "2026-05-01", "thing_id": str(thing), "n": number}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id or uuid7()),
        "ce_source": source(service),
        "ce_type": Thing.TYPE,
        "ce_subject": str(thing),
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_partitionkey": str(thing),
        "ce_sequence": f"{version:020}",
        "content-type": "application/json",
    } | changed
    return Record(
        str(thing).encode(),
        json.dumps(body).encode(),
        tuple((name, text.encode()) for name, text in headers.items()),
        partition,
    )


_EFFECT = """
insert into effect (event_id, key, version, n)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
"""


async def leave_effects(tx: Tx, events: Sequence[Received]) -> None:
    """One row an event, without any constraint: what is done twice is there twice."""
    await tx.conn.execute(
        _EFFECT,
        [e.id for e in events],
        [e.key for e in events],
        [e.sequence for e in events],
        [cast("Thing", e.fact).n for e in events],
    )


async def counting(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
    """A reaction that always succeeds."""
    await leave_effects(tx, events)
    return ()


async def gated(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
    """A reaction that stands before its COMMIT as long as a test holds the gate."""
    await leave_effects(tx, events)
    await tx.conn.execute("select pg_advisory_xact_lock_shared($1)", GATE)
    return ()


async def gated_by_one(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
    """The same, only for a batch in which an event has the number -1."""
    await leave_effects(tx, events)
    if any(cast("Thing", e.fact).n == -1 for e in events):
        await tx.conn.execute("select pg_advisory_xact_lock_shared($1)", GATE)
    return ()


def telling(topic: str) -> React:
    """A reaction that tells of each event on another topic, in the same transaction."""
    fact = told_on(topic)

    async def react(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        await leave_effects(tx, events)
        for received in events:
            thing = cast("Thing", received.fact)
            told = fact(occurred_on=thing.occurred_on, thing_id=thing.thing_id, n=thing.n)
            tx.because(received).emit(told, key=thing.thing_id, version=received.sequence)
        await tx.conn.execute("select pg_advisory_xact_lock_shared($1)", GATE)
        return ()

    return react


@dataclass
class Failing:
    """A reaction that raises for some events, as long as it is told to."""

    fails: Callable[[Received], Exception | None]
    calls: int = 0

    async def react(self, tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        self.calls += 1
        for received in events:
            if error := self.fails(received):
                raise error
        await leave_effects(tx, events)
        return ()


@dataclass
class Awaiting:
    """A reaction that lets events wait until their number is known."""

    async def react(self, tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        rows = await tx.conn.fetch("select n from known")
        known = {row["n"] for row in rows}
        waits = [e for e in events if cast("Thing", e.fact).n not in known]
        await leave_effects(tx, [e for e in events if e not in waits])
        return [Waiting(e, f"number {cast('Thing', e.fact).n}") for e in waits]


@dataclass
class AwaitingGated(Awaiting):
    """The same, standing before its COMMIT as long as a test holds the gate."""

    async def react(self, tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        endings = await super().react(tx, events)
        await tx.conn.execute("select pg_advisory_xact_lock_shared($1)", GATE)
        return endings


def reaction(service: str, topics: Sequence[str] | str, react: React = counting) -> Reaction:
    names = (topics,) if isinstance(topics, str) else tuple(topics)
    return Reaction(f"{service}.counts", names, (Thing,), react)


def projection(service: str, topics: Sequence[str] | str) -> Projection:
    names = (topics,) if isinstance(topics, str) else tuple(topics)
    return Projection(
        name=f"{service}.things",
        topics=names,
        facts=(Thing,),
        table="thing",
        key="thing_id",
        columns={"thing_id": attrgetter("fact.thing_id"), "n": attrgetter("fact.n")},
    )
