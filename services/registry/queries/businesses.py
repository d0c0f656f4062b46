"""Home businesses, as they are recorded now."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from services.registry.queries.views import View
from shared.actor import Actor
from shared.db import Connection


class KbliView(View):
    """The class of an economic activity, in an edition of its list."""

    code: str
    version: str


class CapacityView(View):
    """`quantity` (a decimal string) of `unit` in each `period`."""

    quantity: str
    unit: str
    period: str


class ChannelView(View):
    """Where she sells."""

    kind: str
    link: str | None


class ConstraintView(View):
    """What holds the business back: 1 a little, 2 clearly, 3 it stops her."""

    kind: str
    severity: int


class BusinessView(View):
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
    registered_on: date
    recorded_at: datetime
    version: int


class Businesses(View):
    """One page of businesses, in the order of their registration."""

    items: tuple[BusinessView, ...]


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


def _business(row: Mapping[str, Any]) -> BusinessView:
    kbli = {"code": row["kbli_code"], "version": row["kbli_version"]}
    return BusinessView.model_validate(
        {
            **row,
            "registered_on": row["registered_on"] or row["recorded_at"].date(),
            "kbli": kbli if row["kbli_code"] else None,
            "capacity": {
                "quantity": f"{row['capacity_quantity'].normalize():f}",
                "unit": row["capacity_unit"],
                "period": row["capacity_period"],
            },
            "channels": from_json(row["channels"]),
            "constraints": from_json(row["constraints"]),
        }
    )
