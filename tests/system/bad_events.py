"""Events as offices really send them: one for each row of docs/events/bad-events.md."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.contracts import generate, office_feeds, offices
from shared.contracts.topics import topic

HERS, OTHERS, ORDERED, OWNER, TAKEN = (f"367406550585860{n}" for n in range(1, 6))
"""The NIK of those who are registered. Nothing bad may have an effect on the first."""
NOBODYS = "3674065505858606"
THERE = {"code": "36.74.03.1009"}  # where she'd live, were the bad events taken
HOME = {"code": "36.74.06.1005"}
MIB = 1 << 20

DUKCAPIL = office_feeds.RESIDENTS.topic
KOPERASI = office_feeds.GUIDANCE.topic
PERINDAG = office_feeds.TRAINING_PERINDAG.topic
BOGOR = offices.BOGOR_MARKET_EVENT
_TYPE = "id.go.tangerangselatankota.dukcapil.resident.moved.v1"
Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True)
class Raw:
    """A record as it is sent. `at`: milliseconds, by the sender's clock; 0: now."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    at: int = 0


@dataclass(frozen=True)
class Try:
    """What is sent for a row, in this order: the last record is the one that the row is about."""

    records: tuple[Raw, ...]
    compression: str = "none"
    transaction: str = ""  # aborted, committed or open
    by_hand: bool = False  # a header name that the usual client refuses to send


def event(
    ref: str,
    *,
    where: str = DUKCAPIL,
    kind: str = _TYPE,
    nik: str = HERS,
    said: Mapping[str, Any] | None = None,
    key: bytes | None = b"",
    drop: str = "",
    **attributes: Any,
) -> Raw:
    """Good news about somebody in binary mode, but for what is said otherwise."""
    key_field = topic(where).key
    known = {"occurred_on": "2026-05-04", key_field: ref, "nik": nik, "area": THERE}
    body = {**known, **(said or {})}
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": topic(where).source,
        "type": kind,
        "subject": ref,
        "time": "2026-05-04T10:00:00+07:00",
        "sequence": "1",
    } | attributes
    envelope.pop(drop, None)
    body.pop(drop, None)
    headers = tuple((f"ce_{name}", str(text).encode()) for name, text in envelope.items())
    return Raw(
        where,
        ref.encode() if key == b"" else key,
        json.dumps(body).encode(),
        (*headers, ("content-type", b"application/json")),
    )


def structured(raw: Raw, **attributes: Any) -> Raw:
    """The same in structured mode."""
    envelope = {n[3:]: (v or b"").decode() for n, v in raw.headers if n.startswith("ce_")}
    whole = {**envelope, "data": json.loads(raw.value or b""), **attributes}
    kind = (("content-type", b"application/cloudevents+json"),)
    return replace(raw, value=json.dumps(whole).encode(), headers=kind)


def _with(raw: Raw, old: str, new: str | bytes) -> Raw:
    """Other bytes in its body."""
    fresh = new.encode() if isinstance(new, str) else new
    return replace(raw, value=(raw.value or b"").replace(old.encode(), fresh))


def _large(ref: str, size: int, nik: str = HERS) -> Raw:
    """An event whose value has so many bytes."""
    small = event(ref, nik=nik, said={"note": ""})
    missing = size - len(small.value or b"")
    return _with(small, '"note": ""', b'"note": "%b"' % (b"x" * missing))


def _header(raw: Raw, name: str, value: bytes | None) -> Raw:
    return replace(raw, headers=(*((n, v) for n, v in raw.headers if n != name), (name, value)))


def _good(ref: str, **more: Any) -> Raw:
    """An event that is taken: about another woman than the bad ones."""
    return event(ref, nik=OTHERS, **more)


def _verified(ref: str, nik: str, area: Mapping[str, str], sequence: int) -> Raw:
    kind = _TYPE.replace("moved", "verified")
    return event(ref, nik=nik, kind=kind, said={"area": area}, sequence=str(sequence))


def _guided(ref: str, **said: str) -> Raw:
    kind = "id.go.tangerangselatankota.koperasi.business.guided.v1"
    return event(ref, where=KOPERASI, kind=kind, nik=OWNER, said=said, drop="area")


def _trained(ref: str) -> Raw:
    kind = "id.go.tangerangselatankota.perindag.training.delivered.v1"
    said = {"title": "Desain kemasan", "began_on": "2026-05-05", "hours": "6"}
    return event(ref, where=PERINDAG, kind=kind, said=said, drop="area")


def _fair(ref: str, **said: str) -> Raw:
    kind = "id.go.kotabogor.perdagangan.market-event.announced.v1"
    body = generate.example(kind)["data"] | {"event_ref": ref} | said
    return replace(event(ref, where=BOGOR, kind=kind), value=json.dumps(body).encode())


def _corrected(ref: str) -> Raw:
    kind = _TYPE.replace("moved", "nik-corrected")
    return event(ref, nik=TAKEN, kind=kind, said={"former_nik": HERS}, drop="area")


_ONCE = _good("REPEATED")
_NEVER = event("HALF", nik=NOBODYS)


def _unreadable() -> dict[str, Raw]:
    """What can't be read at all."""
    return {
        "no-json": _with(event("A1"), '"nik"', "nik"),
        "empty-value": replace(event("A2"), value=None),
        "empty-text": replace(event("A3"), value=b""),
        "list-of-events": structured(event("A4")),
        "not-utf8": _with(event("A5"), "2026", b"\xff026"),
        "half-a-character": _with(event("A6"), "2026-05-04", "\\ud83c"),
        "duplicate-keys": _with(event("A7"), '"nik"', '"nik": "1", "nik"'),
        "nan": _with(event("A8"), '"2026-05-04"', "NaN"),
        "infinity": _with(event("A9"), '"2026-05-04"', "-Infinity"),
        "overflowing-number": _with(event("A15"), '"2026-05-04"', "1e999"),
        "large-number": structured(event("A10", said={"nik": 10**30})),
        "too-deep": _with(event("A11"), '"2026-05-04"', "[" * 40 + "]" * 40),
        "over-1-mib": _large("A12", MIB + 1),
        "wrong-content-type": _header(event("A13"), "content-type", b"text/plain"),
        "avro": _header(event("A14"), "content-type", b"application/avro"),
    }


def _envelopes() -> dict[str, Raw]:
    """A wrong envelope around a good body."""
    return {
        "no-headers": replace(event("B1"), headers=()),
        "no-id": event("B2", drop="id"),
        "no-source": event("B3", drop="source"),
        "no-type": event("B4", drop="type"),
        "no-time": event("B5", drop="time"),
        "no-subject": event("B6", drop="subject"),
        "no-sequence": event("B7", drop="sequence"),
        "header-without-value": _header(event("B8"), "ce_id", None),
        "unknown-specversion": event("B9", specversion="0.3"),
        "unknown-version": event("B10", kind=_TYPE.replace(".v1", ".v9")),
        "unknown-type": event("B11", kind="id.go.tangerangselatankota.dukcapil.resident.hopped.v1"),
        "type-of-another-feed": event(
            "B12", kind="id.go.tangerangselatankota.sosial.decile.updated.v1"
        ),
        "forged-source": event("B13", source="urn:binaan:36.74:koperasi-ukm"),
        "naive-time": event("B14", time="2026-05-04T10:00:00"),
        "no-time-at-all": event("B15", time="yesterday"),
        "sequence-no-number": event("B16", sequence="third"),
        "sequence-as-number": structured(event("B17"), sequence=3),
        "nul-in-id": event("B18", id="a\0b"),
        "two-lines-in-id": event("B19", id="a\nb"),
        "long-id": event("B20", id="x" * 201),
        "id-twice": replace(
            event("B21"), headers=(*event("B21").headers, ("ce_id", b"another-id"))
        ),
    }


def _keys() -> dict[str, Raw]:
    """A wrong key, or somebody's number where it lies in clear."""
    return {
        "no-key": event("C1", key=None),
        "key-differs": event("C2", key=b"another"),
        "key-field-differs": event("C3", said={"resident_ref": "another"}),
        "key-not-utf8": event("C4", key=b"\xff\xfe"),
        "long-key": event("C" * 201),
        "nik-in-key": event(HERS),
        "nik-in-id": event("C7", id=f"pindah-{HERS}"),
        "nik-in-trace": event("C8", correlationid=HERS),
    }


def _bodies() -> dict[str, Raw]:
    """A body that breaks its contract."""
    return {
        "incomplete": event("D1", drop="area"),
        "wrong-form": event("D2", nik="36.74"),
        "number-for-text": event("D3", said={"nik": int(HERS)}),
        "wrong-date": event("D4", said={"occurred_on": "04-05-2026"}),
        "nul-in-text": event("D5", said={"area": {"kelurahan": "Set\0u", "kecamatan": "Setu"}}),
        "body-is-a-list": replace(event("D6"), value=b"[]"),
        "structured-without-data": _with(structured(event("D7")), '"data"', '"date"'),
    }


def _rules() -> dict[str, Raw]:
    """What keeps its contract and can't be true, or isn't clear."""
    return {
        "unknown-area": event("E1", said={"area": {"code": "36.74.99.9999"}}),
        "ambiguous-area": event("E2", said={"area": {"kelurahan": "Serpong"}}),
        "area-too-coarse": event("E3", said={"area": {"code": "36.74.06"}}),
        "empty-area": event("E4", said={"area": {}}),
        "future-day": event("E5", said={"occurred_on": "2199-01-01"}),
        "sequence-0": event("E6", sequence="0"),
        "nik-of-equal-digits": event("E7", nik="1" * 16),
        "nik-with-no-day": event("E8", nik="3674069905858601"),
        "nik-of-another": _corrected("E9"),
        "which-business": _guided("E10"),
        "business-of-another": _guided("E11", business_id=str(uuid.uuid4())),
        "ends-before-it-began": _trained("E12"),
        "unknown-time-zone": _fair("E13", time_zone="Asia/Bogor"),
        "fair-ends-before-it-starts": _fair("E14", ends_on="2016-01-01"),
        "unknown-person": event("E15", nik=NOBODYS),
    }


def _taken() -> dict[str, Raw]:
    """What looks odd and is taken."""
    return {
        "exactly-1-mib": _large("F1", MIB, OTHERS),
        "unknown-field": _good("F2", said={"colour": "blue"}),
        "unknown-extension": structured(_good("F3"), partition=3, dataschema=None),
        "byte-order-mark": replace(_good("F4"), value=b"\xef\xbb\xbf" + (_good("F4").value or b"")),
        "another-city": _good("F5", said={"area": {"code": "32.71"}}),
        "clock-of-1970": replace(_good("F6"), at=1_000),
        "clock-ahead": replace(_good("F8"), at=4 * 10**12),
        "clock-without-a-date": replace(_good("F9"), at=-(10**15)),
        "no-content-type": replace(
            _good("F7"), headers=tuple(h for h in _good("F7").headers if h[0] != "content-type")
        ),
    }


def _several() -> dict[str, Try]:
    """Rows that need more than one record, or another way of sending."""
    batch = structured(event("A4"))
    return {
        "list-of-events": Try(
            (
                replace(
                    batch,
                    value=b"[" + (batch.value or b"") + b"]",
                    headers=(("content-type", b"application/cloudevents-batch+json"),),
                ),
            )
        ),
        "repeated": Try((_ONCE, _ONCE)),
        "id-reused": Try((_ONCE, _with(_ONCE, "2026-05-04", "2026-05-03"))),
        "rejected-then-corrected-under-the-same-id": Try(
            (event("G1", id="dkc-1", drop="area"), event("G1", id="dkc-1"))
        ),
        "older-after-newer": Try(
            (_verified("G2", ORDERED, THERE, 2), _verified("G2", ORDERED, HOME, 1))
        ),
        "behind-a-waiting-one": Try((event("G3", nik=NOBODYS), event("G3", sequence="2"))),
        "gzip": Try((_good("G4"),), "gzip"),
        "snappy": Try((_good("G5"),), "snappy"),
        "lz4": Try((_good("G6"),), "lz4"),
        "zstd": Try((_good("G7"),), "zstd"),
        "over-1-mib-compressed": Try((_large("G8", 3 * MIB),), "zstd"),
        "unpacks-to-33-mib": Try((_large("G14", 33 * MIB),), "zstd"),
        "over-what-kafka-takes": Try((_large("G9", 2 * MIB),)),
        "aborted-transaction": Try((event("G10"),), transaction="aborted"),
        "committed-transaction": Try((_good("G11"),), transaction="committed"),
        "header-name-not-utf8": Try((event("G13"),), by_hand=True),
        "open-transaction": Try((_good("G12"),), transaction="open"),
    }


TRIES: dict[str, Try] = {
    **{
        name: Try((raw,))
        for rows in (_unreadable(), _envelopes(), _keys(), _bodies(), _rules(), _taken())
        for name, raw in rows.items()
    },
    **_several(),
}
