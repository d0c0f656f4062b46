"""What was observed of a business, with its days; the newest of each kind last."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.registry.queries.businesses import CapacityView, ConstraintView
from services.registry.queries.reported import Reported, reported
from services.registry.queries.views import View, known
from shared.db import Connection


class AssessmentView(View):
    """A class, who gave it and why."""

    business_class: str
    assessed_on: date
    reasons: str
    recorded_by: str
    version: int


class CoverageView(View):
    """An answer to whether another office guides the business."""

    guided: str
    by_office: str | None
    answered_on: date
    source: str
    recorded_by: str
    version: int


class AskedView(View):
    """What held the business back on a day."""

    asked_on: date
    constraints: tuple[ConstraintView, ...]
    version: int


class FollowUpView(View):
    """How she was doing in month 0, 3, 6 or 12."""

    month: int
    observed_on: date
    income_band: str
    output: CapacityView
    helpers: int
    recorded_at: datetime
    version: int


class Observations(View):
    """Everything that was observed of one business, oldest first. `offices`: what they reported."""

    business_id: UUID
    assessments: tuple[AssessmentView, ...]
    coverage: tuple[CoverageView, ...]
    constraints: tuple[AskedView, ...]
    follow_ups: tuple[FollowUpView, ...]
    offices: Reported


_ASSESSMENTS = "select * from assessment where business_id = $1 order by version"
_COVERAGE = "select * from coverage where business_id = $1 order by version"
_ASKED = "select * from constraints_asked where business_id = $1 order by version"
_FOLLOW_UPS = "select * from follow_up where business_id = $1 order by version"


async def observations(conn: Connection, business_id: UUID) -> Observations | None:
    """None when the registry doesn't have the business."""
    if not await known(conn, business_id):
        return None

    async def rows(question: str) -> list[dict[str, Any]]:
        found = await conn.fetch(question, business_id)
        return [dict(row) for row in found]

    return Observations(
        business_id=business_id,
        assessments=tuple(AssessmentView(**row) for row in await rows(_ASSESSMENTS)),
        coverage=tuple(CoverageView(**row) for row in await rows(_COVERAGE)),
        constraints=tuple(
            AskedView.model_validate({**row, "constraints": json.loads(row["constraints"])})
            for row in await rows(_ASKED)
        ),
        follow_ups=tuple(_follow_up(row) for row in await rows(_FOLLOW_UPS)),
        offices=await reported(conn, business_id),
    )


def _follow_up(row: dict[str, Any]) -> FollowUpView:
    output = CapacityView(
        quantity=f"{row['output_quantity'].normalize():f}",
        unit=row["output_unit"],
        period=row["output_period"],
    )
    return FollowUpView(**row, output=output)
