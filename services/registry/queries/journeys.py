"""What became of a business: what was recorded otherwise before, and its way."""

import json
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from services.registry.domain.journey import Language, sentence
from services.registry.queries import next_steps
from services.registry.queries.next_steps import NextStep
from services.registry.queries.views import View, known
from shared.db import Connection


class HistoryEntry(View):
    """One field's old and new value. A change has a date since when, a correction has a reason."""

    version: int
    kind: Literal["change", "correction"]
    field: str
    old: JsonValue
    new: JsonValue
    effective_on: date | None
    reason_code: str | None
    reason: str | None
    recorded_at: datetime
    recorded_by: str


class History(View):
    """What was recorded otherwise before, oldest first."""

    business_id: UUID
    items: tuple[HistoryEntry, ...]


class Step(View):
    """One thing that happened to a business, as the service that knows of it told it."""

    occurred_on: date
    recorded_at: datetime
    service: str
    kind: str
    text: str
    event_id: str
    correlation_id: str


class Journey(View):
    """The way of one business through the programme, in the order in which it happened.

    `next_steps`: what somebody can do for it now, in the order of the chain.
    """

    business_id: UUID
    steps: tuple[Step, ...]
    next_steps: tuple[NextStep, ...]


async def history(conn: Connection, business_id: UUID) -> History | None:
    """What was recorded otherwise before; None when the registry doesn't have the business."""
    if not await known(conn, business_id):
        return None
    rows = await conn.fetch(
        """
        select version, kind, field, old, new, effective_on, reason_code, reason, recorded_at,
               recorded_by
        from business_history where business_id = $1 order by history_id
        """,
        business_id,
    )
    items = (
        HistoryEntry.model_validate(
            {**row, "old": json.loads(row["old"]), "new": json.loads(row["new"])}
        )
        for row in rows
    )
    return History(business_id=business_id, items=tuple(items))


async def journey(
    conn: Connection, business_id: UUID, today: date, language: Language
) -> Journey | None:
    """The steps that the services told; None when the registry doesn't have the business."""
    if not await known(conn, business_id):
        return None
    rows = await conn.fetch(
        """
        select occurred_on, recorded_at, source, kind, event_id, correlation_id, facts
        from journey_step_now where business_id = $1
        order by occurred_on, recorded_at, step
        """,
        business_id,
    )
    seen: set[str] = set()
    steps: list[Step] = []
    for row in rows:
        if row["kind"] == "licence.reported":  # told again when its office's older news came late
            if row["facts"] in seen:
                continue
            seen.add(row["facts"])
        text = sentence(row["kind"], json.loads(row["facts"]), language)
        steps.append(Step(**row, service=row["source"].rsplit(":", 1)[-1], text=text))
    return Journey(
        business_id=business_id,
        steps=tuple(steps),
        next_steps=await next_steps.steps(conn, business_id, today, language),
    )
