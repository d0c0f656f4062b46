"""Everything that the registry can be asked: SQL to frozen views."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from services.registry import seals
from services.registry.domain.identity import masked
from services.registry.domain.journey import Language, sentence
from shared.actor import Actor
from shared.db import Connection


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class PersonView(_View):
    """A person. Of her NIK the last four digits; `identity_kind` local: a temporary number."""

    person_id: UUID
    household_id: UUID
    role_in_household: str
    name: str
    nik: str
    identity_kind: Literal["nik", "local"]
    birth_date: date
    kelurahan: str
    phone: str | None
    recorded_at: datetime
    version: int


class KbliView(_View):
    """The class of an economic activity, in an edition of its list."""

    code: str
    version: str


class CapacityView(_View):
    """`quantity` (a decimal string) of `unit` in each `period`."""

    quantity: str
    unit: str
    period: str


class ChannelView(_View):
    """Where she sells."""

    kind: str
    link: str | None


class ConstraintView(_View):
    """What holds the business back: 1 a little, 2 clearly, 3 it stops her."""

    kind: str
    severity: int


class BusinessView(_View):
    """A home business as it is recorded now. `production_since`: it produces like this since."""

    business_id: UUID
    owner_id: UUID
    kelurahan: str
    sector: str
    sub_sector: str
    kbli: KbliView | None
    started_on: date
    production_mode: str
    production_since: date
    capacity: CapacityView
    channels: tuple[ChannelView, ...]
    constraints: tuple[ConstraintView, ...]
    recorded_at: datetime
    version: int


class Businesses(_View):
    """One page of businesses, in the order of their registration."""

    items: tuple[BusinessView, ...]


class HistoryEntry(_View):
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


class History(_View):
    """What was recorded otherwise before, oldest first."""

    business_id: UUID
    items: tuple[HistoryEntry, ...]


class Step(_View):
    """One thing that happened to a business, as the service that knows of it told it."""

    occurred_on: date
    recorded_at: datetime
    service: str
    kind: str
    text: str
    event_id: str
    correlation_id: str


class Journey(_View):
    """The way of one business through the programme, in the order in which it happened."""

    business_id: UUID
    steps: tuple[Step, ...]


async def person(conn: Connection, person_id: UUID) -> PersonView | None:
    """One person; None when the registry doesn't have her."""
    row = await conn.fetchrow(
        """
        select person_id, household_id, role as role_in_household, name, identity, identity_kind,
               birth_date, kelurahan, phone, recorded_at, version
        from person where person_id = $1
        """,
        person_id,
    )
    if row is None:
        return None
    return PersonView(**row, nik=masked(seals.open_identity(row["identity"], person_id)))


async def business(conn: Connection, business_id: UUID) -> BusinessView | None:
    """One business; None when the registry doesn't have it."""
    row = await conn.fetchrow("select * from business where business_id = $1", business_id)
    return _business(row) if row else None


async def businesses(
    conn: Connection,
    actor: Actor,
    *,
    kelurahan: str | None,
    sector: str | None,
    after: UUID | None,
    limit: int,
) -> list[BusinessView]:
    """Businesses within the caller's areas, in the order of their registration."""
    rows = await conn.fetch(
        """
        select * from business
        where kelurahan like any ($1::text[])
          and ($2::text is null or kelurahan = $2)
          and ($3::text is null or sector = $3)
          and ($4::uuid is null or business_id > $4)
        order by business_id limit $5
        """,
        actor.patterns(),
        kelurahan,
        sector,
        after,
        limit,
    )
    return [_business(row) for row in rows]


async def history(conn: Connection, business_id: UUID) -> History | None:
    """What was recorded otherwise before; None when the registry doesn't have the business."""
    if not await _known(conn, business_id):
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


async def journey(conn: Connection, business_id: UUID, language: Language) -> Journey | None:
    """The steps that the services told; None when the registry doesn't have the business."""
    if not await _known(conn, business_id):
        return None
    rows = await conn.fetch(
        """
        select occurred_on, recorded_at, source, kind, event_id, correlation_id, facts
        from journey_step_now where business_id = $1
        order by occurred_on, recorded_at, step
        """,
        business_id,
    )
    steps = (
        Step(
            **row,
            service=row["source"].rsplit(":", 1)[-1],
            text=sentence(row["kind"], json.loads(row["facts"]), language),
        )
        for row in rows
    )
    return Journey(business_id=business_id, steps=tuple(steps))


async def _known(conn: Connection, business_id: UUID) -> bool:
    return bool(
        await conn.fetchval("select true from business where business_id = $1", business_id)
    )


def _business(row: Mapping[str, Any]) -> BusinessView:
    kbli = {"code": row["kbli_code"], "version": row["kbli_version"]}
    return BusinessView.model_validate(
        {
            **row,
            "kbli": kbli if row["kbli_code"] else None,
            "capacity": {
                "quantity": f"{row['capacity_quantity'].normalize():f}",
                "unit": row["capacity_unit"],
                "period": row["capacity_period"],
            },
            "channels": json.loads(row["channels"]),
            "constraints": json.loads(row["constraints"]),
        }
    )
