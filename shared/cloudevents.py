"""CloudEvents 1.0 on Kafka: how we write one and how we read both modes.

Reading yields an event, a fault (a contract failure: code and pointer, never the value), or
nothing for a type that this consumer doesn't care about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from hashlib import blake2b
from typing import NoReturn
from zlib import crc32

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from shared.attributes import (
    JSON,
    MAX_VALUE_BYTES,
    Attributes,
    Header,
    as_text,
    checked,
    clear,
    formed,
    opened,
    rendered,
    sent_as,
)
from shared.consumers import NOTHING_KNOWN, ForStaff, Received
from shared.contracts import fact, topics
from shared.contracts.topics import Topic
from shared.outbox import Told
from shared.privacy import Keys
from shared.strict_json import NotReadable, check_json

_DIGESTS = "2"
"""How digests are made: those of another making can't be compared, as those of another key."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an event can't be taken as it is. `pointer` names the field; no value is ever kept."""

    code: str
    pointer: str = ""
    detail: str = ""
    waits_for: str = ""
    final: bool = False
    """Only the sender can put it right, by another event; it is told so."""
    staff: ForStaff = NOTHING_KNOWN

    @property
    def state(self) -> str:
        """What becomes of the event: it waits for something, queues behind another, or parks."""
        if self.code == BEHIND:
            return "behind"
        if self.final:
            return "rejected"
        return "waiting" if self.waits_for else "parked"


BEHIND = "behind"


@dataclass(slots=True)
class Item:
    """One record of a batch, read as far as it can be read."""

    topic: str
    partition: int
    offset: int
    record: ConsumerRecord
    key: str | None = None
    digest: bytes = b""
    source: str | None = None
    event_id: str | None = None
    event: Received | None = None
    fault: Fault | None = None
    feed: str = "other"
    """The topic's own source, where the event is seen to be from it: what metrics may show."""
    ended: str = ""
    """done, duplicate, ignored, parked, waiting, behind or rejected; known once it was written."""
    why: Fault | None = None
    """Why it ended so, where it isn't done."""
    receipts: str = ""
    """The topic on which its sender is told what became of it; empty for our own services."""

    @property
    def recorded_at(self) -> datetime:
        """When the record was written to its topic (UTC)."""
        return datetime.fromtimestamp(self.record.timestamp / 1000, UTC)

    @property
    def ignored(self) -> bool:
        """A type that this consumer doesn't declare: nothing to do and nothing to keep."""
        return self.event is None and self.fault is None

    @property
    def sequence(self) -> int | None:
        return None if self.event is None else self.event.sequence


def headers(told: Told, source: str) -> list[Header]:
    """The headers of one of our events (binary mode)."""
    key = told.key.encode()
    named: list[Header] = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(told.event_id).encode()),
        ("ce_source", source.encode()),
        ("ce_type", told.type.encode()),
        ("ce_subject", key),
        ("ce_time", told.time.isoformat().encode()),
        ("ce_partitionkey", key),
        ("ce_sequence", b"%020d" % told.sequence),
        ("ce_correlationid", told.correlation_id.encode()),
        ("content-type", JSON),
    ]
    if told.causation_id:
        named.append(("ce_causationid", told.causation_id.encode()))
    if told.traceparent:
        named.append(("traceparent", told.traceparent.encode()))
    return named


class Reader:
    """Reads the records of one consumer: the facts it declares, on the topics it declares."""

    def __init__(
        self,
        facts: Sequence[type[fact.Fact]],
        keys: Keys,
        catalogue: Callable[[str], Topic] = topics.topic,
    ) -> None:
        self.catalogue = catalogue
        # past pydantic's own wrapper, which takes a tenth of the time that validating takes
        self._parsers: dict[str, Callable[[bytes], fact.Fact]] = {
            declared.TYPE: fact.read_model(declared).__pydantic_validator__.validate_json
            for declared in facts
        }
        self._homes = {declared.TYPE: declared.TOPIC for declared in facts}
        key_id, key = keys.derived("inbox digest")
        self._digest_of = crc32(f"{key_id} {_DIGESTS}".encode()).to_bytes(4)[:2]
        self._digests = blake2b(digest_size=14, key=key)

    def read(self, record: ConsumerRecord) -> Item:
        """Read one record. Never raises for what an outside publisher can send."""
        item = Item(record.topic, record.partition, record.offset, record)
        try:
            self._read(item, record)
        except NotReadable as why:
            item.fault = Fault(why.code, why.pointer, why.detail, final=bool(item.receipts))
            if item.receipts:  # nobody else may write there, whatever source it names
                declared = self.catalogue(record.topic)
                item.feed = declared.source
                if item.event_id is None:
                    item.source, item.event_id = sent_as(record, declared)
                    item.digest = self._digest(_whole(record)) if item.event_id else b""
        if not item.digest:
            item.digest = self._digest(record.value or b"")
        return item

    def attributes(self, record: ConsumerRecord) -> Attributes | None:
        """What a record says about itself; None where it can't be read: `read` says why."""
        try:
            return opened(record)[0]
        except NotReadable:
            return None

    def _read(self, item: Item, record: ConsumerRecord) -> None:
        declared = self.catalogue(record.topic)
        item.receipts = declared.receipts
        if record.key is not None:
            item.key = _key(record.key, declared)
        if record.value is None:
            raise NotReadable("empty")
        if len(record.value) > MAX_VALUE_BYTES:
            raise NotReadable("too_large")
        found, body = opened(record)
        if declared.from_outside:
            found = checked(found, declared)
        item.event_id = found.id or _missing("/id")
        item.source = found.source or _missing("/source")
        said = f"{found.type}\n{found.subject}\n{found.sequence}".encode()
        item.digest = self._digest(said + body)
        if item.source != declared.source:
            item.source = item.event_id = None  # anything may stand there, and it names nobody
            raise NotReadable("source_not_allowed", "/source")
        item.feed = item.source
        if (found.specversion or _missing("/specversion")) != "1.0":
            raise NotReadable("specversion", "/specversion")
        parse = self._parsers.get(found.type or _missing("/type"))
        if declared.from_outside:  # one consumer reads all of it: what isn't its is nobody's
            if parse is None or self._homes[found.type] != declared.feed:
                raise NotReadable("unknown_type", "/type")
            # The same content in the other mode, or spaced otherwise, is the same event again.
            item.digest = self._digest(said + rendered(check_json(body)))
        if parse is None:
            return
        item.event = _received(item, found, parse, body)

    def _digest(self, content: bytes) -> bytes:
        """Keyed, so that nobody can find out a body from it by trying; led by its key's mark."""
        digest = self._digests.copy()
        digest.update(content)
        return self._digest_of + digest.digest()


def _whole(record: ConsumerRecord) -> bytes:
    """All of a record that can't be read: only what is the same in every byte is sent again."""
    parts = [
        record.key,
        record.value,
        *(part for n, v in record.headers for part in (n.encode(errors="replace"), v)),
    ]
    return b"\n".join(b"-" if part is None else b"%d %b" % (len(part), part) for part in parts)


def _received(
    item: Item, found: Attributes, parse: Callable[[bytes], fact.Fact], body: bytes
) -> Received:
    subject = found.subject or _missing("/subject")
    if item.key is None:
        raise NotReadable("key_missing", "/key")
    if item.key != subject or (found.partitionkey or subject) != subject:
        raise NotReadable("key_differs_from_subject", "/subject")
    try:
        parsed = parse(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        pointer = "".join(f"/{part}" for part in first["loc"])
        code = "missing" if first["type"] == "missing" else "contract"
        raise NotReadable(code, f"/data{pointer}", first["type"]) from None
    if parsed.key != subject:
        raise NotReadable("key_differs_from_subject", f"/data/{parsed.KEY}")
    # by position: by name it takes twice as long
    return Received(
        found.id,
        found.source,
        found.type,
        subject,
        item.key,
        _sequence(found.sequence or _missing("/sequence")),
        _time(found.time or _missing("/time")),
        item.topic,
        found.correlationid or found.id,
        found.traceparent or None,
        parsed,
    )


def _key(raw: bytes, declared: Topic) -> str:
    text = as_text(raw, "/key")
    if declared.from_outside:
        formed(text, "/key")
    return clear(text, "/key") if declared.personal else text


def _missing(pointer: str) -> NoReturn:
    raise NotReadable("missing", pointer)


def _sequence(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 20:
        number = int(text)
        if number < 1 << 63:
            return number
    raise NotReadable("contract", "/sequence", "sequence")


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotReadable("contract", "/time", "datetime") from None
    if moment.tzinfo is None:
        raise NotReadable("contract", "/time", "timezone_aware")
    if not MINYEAR < moment.year < MAXYEAR:  # in another zone it might be no date any more
        raise NotReadable("contract", "/time", "datetime")
    return moment
