"""One event's walk, asked from the tables of all services."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from rich.table import Table

from deploy.local.bootstrap import Stop
from deploy.local.progress import console
from deploy.local.stack import LocalStack
from deploy.roles import SERVICES

_TOLD = """
select time, topic, key, sequence, type, correlation_id, causation_id,
       exists (select from {schema}.outbox o where o.event_id = j.event_id) as pending
from {schema}.journal j where event_id = $1::uuid
"""
_TAKEN = """
select consumer, source, topic, partition, record_offset, recorded_at, handled_at, outcome
from {schema}.inbox where event_id = $1 order by handled_at
"""
_PARKED = """
select consumer, source, topic, partition, record_offset, parked_at, state, code, pointer, ended_at
from {schema}.parked where event_id = $1 order by parked_at
"""
_CAUSED = "select event_id, type, time from {schema}.journal where causation_id = $1"


@dataclass(frozen=True)
class Step:
    """Something that happened to the event."""

    at: datetime
    where: str
    what: str


def show(stack: LocalStack, event: str) -> None:
    """Prints the walk as a table. Raises Stop when no service knows the event."""
    if not stack.instance.exists or "postgres" not in stack.processes.running():
        raise Stop("Nothing is running: start it with `make demo` or `make up`.")
    steps = asyncio.run(walk(stack.database_url(), event))
    if not steps:
        raise Stop(f"No service knows the event {event}; GET …/journey and the demo show ids.")
    table = Table(
        "time (UTC)", "since the first", "where", "what happened", box=None, padding=(0, 1)
    )
    for step in steps:
        since = (step.at - steps[0].at).total_seconds() * 1000
        table.add_row(f"{step.at:%H:%M:%S.%f}"[:-3], f"{since:+,.0f} ms", step.where, step.what)
    console.print(table)


async def walk(url: str, event: str) -> list[Step]:
    """All steps known about an event, by time; `event` is its id (`ce_id`)."""
    conn = await asyncpg.connect(url)
    try:
        steps = [step for name in SERVICES for step in await _in(conn, name, event)]
    finally:
        await conn.close()
    return sorted(steps, key=lambda step: step.at)


async def _in(conn: asyncpg.Connection, service: str, event: str) -> list[Step]:
    steps = []
    if _is_uuid(event):
        for row in await conn.fetch(_TOLD.format(schema=service), event):
            steps += _told(service, row)
    for row in await conn.fetch(_TAKEN.format(schema=service), event):
        place = f"{row['topic']}[{row['partition']}]@{row['record_offset']}"
        steps.append(Step(row["recorded_at"], "Kafka", f"lies at {place}"))
        steps.append(Step(row["handled_at"], service, f"{row['consumer']}: {row['outcome']}"))
    for row in await conn.fetch(_PARKED.format(schema=service), event):
        text = f"{row['consumer']}: {row['state']} ({row['code']} {row['pointer']})"
        steps.append(Step(row["parked_at"], service, text))
        if row["ended_at"]:
            steps.append(Step(row["ended_at"], service, f"{row['consumer']}: {row['state']}"))
    for row in await conn.fetch(_CAUSED.format(schema=service), event):
        text = f"caused {row['type']} {row['event_id']}"
        steps.append(Step(row["time"], service, text))
    return list(dict.fromkeys(steps))


def _told(service: str, row: asyncpg.Record) -> list[Step]:
    cause = f", because of {row['causation_id']}" if row["causation_id"] else ""
    state = "; still to be published" if row["pending"] else ""
    text = f"committed {row['type']} of {row['key']}, version {row['sequence']}{cause}{state}"
    return [Step(row["time"], service, text)]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
