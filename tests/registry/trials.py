"""Trials in the registry's tests: the same record on the trial topic, and what is left of it."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from aiokafka.structs import ConsumerRecord

from shared.contracts import office_feeds as feeds
from shared.contracts.fact import Fact
from shared.contracts.topics import TRIAL
from tests.registry.reports import report, resident
from tests.training.doors import Doors, record

MECHANISM = frozenset(
    name
    for file in sorted((Path(__file__).parents[2] / "shared/migrations").glob("*.sql"))
    for name in re.findall(r"^create table (\w+)", file.read_text(), re.MULTILINE)
) | {"migration"}
"""Tables that every service has: what is not theirs is about the service's own business."""


def like(record: ConsumerRecord, **other: Any) -> ConsumerRecord:
    """The same record with something else."""
    names = (field.name for field in fields(record))
    return ConsumerRecord(**{name: getattr(record, name) for name in names} | other)


def tried(record: ConsumerRecord) -> ConsumerRecord:
    """The same record on its trial topic."""
    return like(record, topic=record.topic + TRIAL)


SETU = {"kelurahan": "Setu"}
LARGE = b'"' + b"x" * 2**20 + b'"'


def without(original: ConsumerRecord, header: str) -> ConsumerRecord:
    """The same record, one header less."""
    kept = tuple((name, value) for name, value in original.headers if name != header)
    return like(original, headers=kept)


def saying(original: ConsumerRecord, **headers: str) -> ConsumerRecord:
    """The same record with other headers."""
    said = dict(original.headers) | {name: text.encode() for name, text in headers.items()}
    return like(original, headers=tuple(said.items()))


def corpus(her: str, other: str, stranger: str, ref: str = "DKC") -> list[ConsumerRecord]:
    """Every ending that an event of the civil registry can come to.

    `her` and `other` are numbers of women who are registered, `ref` begins the references.
    """
    died = next(f for f in feeds.RESIDENTS.facts if issubclass(f, feeds.ResidentDied))

    def told(form: type[Fact], number: int, sequence: int = 1, **said: Any) -> ConsumerRecord:
        return record(resident(form, f"{ref}-{number}", **{"nik": her} | said), sequence)

    def good() -> ConsumerRecord:
        return told(died, 9)

    verified, moved = feeds.ResidentVerified, feeds.ResidentMoved
    first = told(verified, 1)
    nib = report(feeds.NIB, feeds.NibIssued, f"{ref}-9", nik=her, number="9120001234567")
    return [
        first,
        told(moved, 1, 3, area={"code": "36.74.05.1005"}),
        told(moved, 1, 2),  # out of order
        told(verified, 2, 1, nik=stranger),  # waiting
        told(moved, 2, 2, nik=stranger),  # behind it
        told(moved, 3, 1, area=SETU),  # for staff
        told(died, 3, 2),  # behind it
        told(feeds.NikCorrected, 4, nik=other, former_nik=her),
        told(died, 5, occurred_on=date(2199, 1, 1)),
        first,  # a duplicate
        like(told(moved, 1, 4), headers=saying(first, ce_sequence="4").headers),  # its id reused
        *(like(good(), value=bad) for bad in (b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', LARGE)),
        like(good(), value=None),
        like(good(), value=b'{"resident_ref": "' + f"{ref}-8".encode() + b'"}'),
        like(good(), value=(good().value or b"").replace(b"-9", b"-8")),
        like(good(), key=None),
        like(good(), key=b"another"),
        like(good(), key=other.encode()),
        without(good(), "ce_id"),
        without(good(), "ce_type"),
        saying(good(), ce_source="urn:binaan:36.74:sosial"),
        saying(good(), ce_specversion="0.3"),
        saying(good(), ce_type=f"{died.TYPE}9"),
        saying(like(record(nib), topic=first.topic), ce_source=feeds.RESIDENTS.source),
        saying(good(), ce_time="2026-05-04T10:00:00"),
        saying(good(), ce_sequence="one"),
        saying(good(), **{"content-type": "text/plain"}),
    ]


async def digests(doors: Doors) -> Mapping[str, str]:
    """By table of the service's business: what all its rows amount to."""
    schema = doors.db.service
    rows = await doors.rows("select tablename from pg_tables where schemaname = $1", schema)
    found = {}
    for name in sorted({row["tablename"] for row in rows} - MECHANISM):
        text = f"select md5(string_agg(t::text, '|' order by t::text)) as d from {schema}.{name} t"
        found[name] = str((await doors.rows(text))[0]["d"])
    return found


async def answers(doors: Doors, *, trial: bool) -> list[tuple[Any, ...]]:
    """The receipts about trials, or about the others, in their order: what their sender reads."""
    told = [row["fact"] for row in await doors.told("receipt-")]
    names = ("event_id", "outcome", "first_outcome", "code", "pointer", "text", "text_english")
    return [
        tuple(fact[name] for name in names)
        for fact in told
        if fact["topic"].endswith(TRIAL) is trial
    ]


async def told_to_others(doors: Doors) -> list[str]:
    """What was told that isn't a receipt."""
    return [row["type"] for row in await doors.told() if "receipt" not in row["type"]]
