"""Observations of a business: each is a new row, under the version that it gave the business."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.registry.domain.business import Business
from services.registry.domain.capacity import Output, Period
from services.registry.domain.observations import (
    Assessment,
    BusinessClass,
    Coverage,
    CoverageSource,
    FollowUp,
    Guided,
    IncomeBand,
    Observed,
)
from services.registry.store.plain import to_json
from shared.db import Tx


async def add_assessment(tx: Tx, business: Business, found: Assessment, reasons: str) -> None:
    """The class that an assessor gave. The caller has locked the business, as for the others."""
    await tx.conn.execute(
        """
        with saved as (update business set version = $2 where business_id = $1)
        insert into assessment values ($1, $2, $3, $4, $5, $6, $7)
        """,
        business.id,
        business.version,
        found.business_class.value,
        found.assessed_on,
        reasons,
        tx.now,
        tx.actor.subject,
    )


async def add_coverage(tx: Tx, business: Business, found: Coverage) -> None:
    """Whether another office guides it."""
    await tx.conn.execute(
        """
        with saved as (update business set version = $2 where business_id = $1)
        insert into coverage values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        business.id,
        business.version,
        found.guided.value,
        found.by_office,
        found.answered_on,
        found.source.value,
        tx.now,
        tx.actor.subject,
    )


async def add_constraints(tx: Tx, business: Business, asked_on: date) -> None:
    """What holds it back, as she said on that day. The business's row is saved already."""
    await tx.conn.execute(
        "insert into constraints_asked values ($1, $2, $3, $4, $5, $6)",
        business.id,
        business.version,
        asked_on,
        to_json(business.constraints),
        tx.now,
        tx.actor.subject,
    )


async def add_follow_up(tx: Tx, business: Business, found: FollowUp) -> None:
    """How she is doing."""
    await tx.conn.execute(
        """
        with saved as (update business set version = $2 where business_id = $1)
        insert into follow_up values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        business.id,
        business.version,
        found.month,
        found.observed_on,
        found.income_band.value,
        found.output.quantity,
        found.output.unit,
        found.output.period.value,
        found.helpers,
        tx.now,
        tx.actor.subject,
    )


def observed(row: Mapping[str, Any]) -> Observed:
    """The newest of each kind, beside a locked business."""
    assessment = json.loads(row["newest_assessment"] or "null")
    coverage = json.loads(row["newest_coverage"] or "null")
    follow_up = json.loads(row["newest_follow_up"] or "null")
    return Observed(
        assessment=assessment and _assessment(assessment),
        coverage=coverage and _coverage(coverage),
        constraints_asked_on=row["constraints_asked_on"],
        follow_up=follow_up and _follow_up(follow_up),
    )


def _assessment(row: Mapping[str, Any]) -> Assessment:
    return Assessment(BusinessClass(row["business_class"]), date.fromisoformat(row["assessed_on"]))


def _coverage(row: Mapping[str, Any]) -> Coverage:
    return Coverage(
        guided=Guided(row["guided"]),
        by_office=row["by_office"],
        answered_on=date.fromisoformat(row["answered_on"]),
        source=CoverageSource(row["source"]),
    )


def _follow_up(row: Mapping[str, Any]) -> FollowUp:
    quantity = Decimal(str(row["output_quantity"]))
    return FollowUp(
        month=row["month"],
        observed_on=date.fromisoformat(row["observed_on"]),
        income_band=IncomeBand(row["income_band"]),
        output=Output(quantity, row["output_unit"], Period(row["output_period"])),
        helpers=row["helpers"],
    )
