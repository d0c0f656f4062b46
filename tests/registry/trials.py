"""Trials in the registry's tests: the same record on the trial topic, and what is left of it."""

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from aiokafka.structs import ConsumerRecord

from shared.contracts.topics import TRIAL
from tests.training.doors import Doors

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
