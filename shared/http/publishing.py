"""`POST /v1/events`: an office without Kafka puts its event on its own topic.

Another door to the same topic, no second way in: what is published is what the office itself would
have written, and it is judged by whoever reads the topic. Only what would break the contract there
is told at once, all of it, by the very reader that the worker reads with, and is not published.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import UUID

from aiokafka.structs import ConsumerRecord
from pydantic import BaseModel, ConfigDict

from shared import contracts, receipts
from shared.attributes import Attributes, Header
from shared.checking.judging import every_fault
from shared.checking.words import Finding
from shared.cloudevents import Fault, Item, Reader
from shared.consumers import Consumer
from shared.contracts import envelope, topics
from shared.contracts.fact import Fact, fact_for
from shared.contracts.topics import TRIAL, Topic
from shared.http import problems
from shared.http.addresses import segment
from shared.http.problems import Problem
from shared.http.texts import fault
from shared.http.types import Answer, Call, Example, Route, Sent, Unparsed, reach_anywhere
from shared.privacy import Keys
from shared.publisher import Busy, NotTaken, Publisher
from shared.strict_json import NotReadable, check_json
from shared.trial import is_trial

MOST_FAULTS = 20
"""Told of one event, as of any other request."""
STRUCTURED, BINARY = "application/cloudevents+json", "application/json"
_OWN = "An office sends on its own topics only, about whomever its work is about."
_TWICE = (
    "Tanpa Idempotency-Key: `source` dan `id` kejadian adalah kuncinya. Kejadian yang sama boleh "
    "dikirim lagi, akibatnya satu.",
    "Without Idempotency-Key: the event's `source` and `id` are the key. The same event may be "
    "sent again, its effect is one.",
)
_NO_OFFICE = (
    "Token ini tidak menyebut dinasnya (klaim `office`).",
    "This token names no office (claim `office`).",
)
_NO_FEED = (
    "Layanan ini tidak menerima kejadian dari dinas Anda.",
    "This service takes no events of your office.",
)
_MODES = (
    f"Kirim dengan Content-Type: {STRUCTURED}, atau {BINARY} untuk moda biner (atributnya dalam "
    "header ce-…), dalam UTF-8, tanpa Content-Encoding.",
    f"Send it with Content-Type: {STRUCTURED}, or {BINARY} for binary mode (its attributes in "
    "ce-… headers), in UTF-8, without Content-Encoding.",
)
_STRUCTURED_ONLY = (
    f"Kirim dengan Content-Type: {STRUCTURED}.",
    f"Send it with Content-Type: {STRUCTURED}.",
)
_OTHERS = (
    "Jenis kejadian ini milik dinas lain, atau diterima layanan lain.",
    "Events of this type are another office's, or another service takes them.",
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class EventQuery(BaseModel):
    """`trial`: to the trial topic, for the receipt only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trial: bool = False


class EventForm(envelope.Attributes):
    """An event in structured mode. In binary mode the body is `data`, the others are `ce-…`."""

    model_config = ConfigDict(extra="allow")

    partitionkey: envelope.Id | None = None  # type: ignore[assignment]  # the subject, without it
    datacontenttype: str | None = None
    data: dict[str, Any]


class EventTaken(BaseModel):
    """The broker has it. What becomes of it: the receipts with this `receipt_for`."""

    receipt_for: UUID
    topic: str


def event_routes(
    consumers: Sequence[Consumer], keys: Keys, publisher: Publisher
) -> tuple[Route, ...]:
    """The route of a service that reads offices' topics; none for another."""
    tries = next((c for c in consumers if is_trial(c)), None)
    if tries is None:
        return ()
    feeds = [topics.topic(name.removesuffix(TRIAL)) for name in tries.topics]
    door = _Door(feeds, Reader(tries.facts, keys), publisher)
    return (_route(door, tries.facts[0]),)


def _route(door: _Door, shown: type[Fact]) -> Route:
    names = [name for name in envelope.Attributes.model_fields if name != "datacontenttype"]
    return Route(
        method="POST",
        path="/v1/events",
        action=door.post,
        summary="Kirim satu kejadian (CloudEvents), bagi dinas yang tidak memakai Kafka",
        english="Send one event (CloudEvents), for an office without Kafka",
        allow=frozenset({"dinas"}),
        reach=reach_anywhere(_OWN),
        query=EventQuery,
        body=EventForm,
        answer=EventTaken,
        status=202,
        unparsed=Unparsed(
            media=(STRUCTURED, BINARY),
            identity=_TWICE,
            modes=_MODES,
            headers={f"ce-{name}": f"Moda biner: atribut `{name}` kejadian." for name in names},
            problems=("bukan-dinas-anda", "kejadian-ditolak", "belum-pasti-diterima"),
        ),
        example=Example(
            role="dinas",
            office=topics.topic(shown.TOPIC).owner.removeprefix("office-"),
            query={"trial": "true"},
            body=_example(shown),
        ),
    )


def _example(shown: type[Fact]) -> dict[str, Any]:
    """The published example of an event. OSError without one."""
    folder = Path(str(contracts.__file__)).parent / "examples"
    loaded: dict[str, Any] = json.loads((folder / f"{shown.TYPE}.json").read_text())
    return loaded


class _Door:
    """What the route does, for the feeds of one service."""

    def __init__(self, feeds: Sequence[Topic], reader: Reader, publisher: Publisher) -> None:
        self._feeds, self._reader, self._publisher = feeds, reader, publisher

    async def post(self, call: Call) -> Answer:
        """Answer once the broker has the event. Raises Problem for each "no"."""
        own = self._own(call.actor.office)
        if _is_of_other_mode(call.body):
            wrong = problems.Fault("header:Content-Type", "content_type", *_STRUCTURED_ONLY)
            raise Problem("kejadian-ditolak", [wrong])
        headers, value = _carried(call.body)
        said = self._reader.attributes(_record("", None, value, headers))
        feed = _feed(own, said)
        name = feed.name + TRIAL if call.query.trial else feed.name
        key = said.subject.encode() if said and said.subject else None
        item = self._reader.read(_record(name, key, value, headers))
        if item.fault is not None or key is None or item.event is None:
            first = item.fault or Fault("missing", "/subject")
            raise _refused(every_fault(self._reader, topics.topic(name), item.record, first))
        try:
            await self._publisher.publish(name, key, value, headers)
        except Busy:
            raise Problem("sedang-sibuk", headers={"Retry-After": "1"}) from None
        except NotTaken:
            raise Problem("belum-pasti-diterima", headers={"Retry-After": "5"}) from None
        return _taken(item)

    def _own(self, office: str | None) -> list[Topic]:
        """The office's feeds. Raises Problem for who has none here."""
        if not office:
            raise _not_yours("header:Authorization", "office", _NO_OFFICE)
        own = [feed for feed in self._feeds if feed.owner == f"office-{office}"]
        if not own:
            raise _not_yours("header:Authorization", "office", _NO_FEED)
        return own


def _feed(own: Sequence[Topic], said: Attributes | None) -> Topic:
    """The feed that an event belongs on. Raises Problem where that isn't one of the office's own.

    What can't be read, or is of no known type, is refused by the reader, on whichever.
    """
    fact = fact_for(said.type) if said else None
    if fact is None or not topics.topic(fact.TOPIC).from_outside:
        return own[0]
    for feed in own:
        if feed.name == fact.TOPIC:
            return feed
    raise _not_yours("/type", "type", _OTHERS)


def _is_of_other_mode(sent: Sent) -> bool:
    """Whether it is a whole event, sent as if its attributes stood in headers.

    As binary mode each attribute would be missing, though all of them are in the file.
    """
    if sent.content_type != BINARY or any(name.startswith("ce-") for name, _ in sent.headers):
        return False
    try:
        said = check_json(sent.content)
    except NotReadable:
        return False
    return isinstance(said, dict) and "specversion" in said


def _carried(sent: Sent) -> tuple[list[Header], bytes]:
    """The record's headers and value, as the office itself would write them on Kafka."""
    headers: list[Header] = [("content-type", sent.content_type.encode())]
    if sent.content_type == BINARY:
        headers += _attributes(sent.headers)
    return headers, sent.content


def _attributes(headers: Sequence[tuple[str, str]]) -> Iterator[Header]:
    """The attributes of binary mode. Raises Problem for one that comes twice."""
    seen: set[str] = set()
    for name, text in headers:
        if name.startswith("ce-"):
            if name in seen:
                raise Problem("isian-tidak-sah", [fault(f"header:{name}", "duplicate")])
            seen.add(name)
            yield f"ce_{name[3:]}", _unescaped(text)


def _unescaped(text: str) -> bytes:
    """A header's value as the HTTP binding of CloudEvents writes it: quotes, then per cent."""
    plain = _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), text)
    return unquote_to_bytes(plain.encode("utf-8", "surrogateescape"))


def _record(
    name: str, key: bytes | None, value: bytes, headers: Sequence[Header]
) -> ConsumerRecord:
    """The record that it will be; its place on the topic isn't known yet."""
    return ConsumerRecord(
        topic=name,
        partition=0,
        offset=0,
        timestamp=time.time_ns() // 1_000_000,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value),
        headers=tuple(headers),
    )


def _taken(item: Item) -> Answer:
    place = (item.topic, item.partition, item.offset)
    return Answer(
        body=EventTaken(
            receipt_for=receipts.receipt_for(item.source, item.event_id, place), topic=item.topic
        ),
        location=f"/v1/receipts/{segment(item.event_id or '')}",
    )


def _refused(wrong: Sequence[Finding]) -> Problem:
    """All that is wrong with it, at once; the first is what its receipt would name."""
    told = [
        # There is no key but the subject here.
        problems.Fault(
            "/subject" if one.pointer == "/key" else one.pointer,
            one.code,
            one.indonesian,
            one.english,
        )
        for one in wrong[:MOST_FAULTS]
    ]
    mine = wrong[0].code != "source_not_allowed"
    return Problem("kejadian-ditolak" if mine else "bukan-dinas-anda", told)


def _not_yours(pointer: str, code: str, texts: tuple[str, str]) -> Problem:
    return Problem("bukan-dinas-anda", [problems.Fault(pointer, code, *texts)])
