"""What other offices reported about a business and its owner: each thing with day and source."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.registry.queries.views import View
from shared.db import Connection


class GuidanceView(View):
    """One report of an office about whether it guides the business, since a day.

    `reference`: the office's own; of one the last report counts.
    """

    by_office: str
    source: str
    reference: str
    guided: bool
    since: date
    recorded_at: datetime


class ReportView(View):
    """How a paper stood since a day, as its office reported. `valid_until`: the last day."""

    status: str
    since: date
    valid_until: date | None
    recorded_at: datetime


class PaperView(View):
    """A paper of the business with every report about it, in its office's order.

    `product`: what it is for, in the office's words; `status` and `number`: by the newest report.
    """

    licence_id: UUID
    by_office: str
    source: str
    reference: str
    kind: str
    status: str
    number: str
    product: str | None
    reports: tuple[ReportView, ...]


class DecileView(View):
    """The welfare decile of the owner's household, 1 the poorest, as of a day."""

    by_office: str
    source: str
    reference: str
    decile: int
    as_of: date
    recorded_at: datetime


class OutsideTrainingView(View):
    """What another office taught the owner. `hours`: a decimal string; `kelurahan`: the venue."""

    outside_training_id: UUID
    by_office: str
    source: str
    reference: str
    title: str
    topics: tuple[str, ...]
    began_on: date
    ended_on: date
    hours: str
    kelurahan: str | None
    recorded_at: datetime


class Reported(View):
    """All that other offices reported about a business and its owner, oldest first."""

    guidance: tuple[GuidanceView, ...]
    licences: tuple[PaperView, ...]
    deciles: tuple[DecileView, ...]
    trainings: tuple[OutsideTrainingView, ...]


_GUIDANCE = """
select by_office, source, guidance_ref as reference, guided, since, recorded_at
from guidance_report where business_id = $1 order by source, guidance_ref, sequence
"""
_PAPERS = """
select licence_id, by_office, source, licence_ref as reference, kind, status, number, product
from licence where business_id = $1 order by kind, licence_id
"""
_REPORTS = """
select l.licence_id, r.status, r.since, r.valid_until, r.recorded_at
from licence l join licence_report r using (source, licence_ref)
where l.business_id = $1 order by r.sequence
"""
_DECILES = """
select split_part(d.source, ':', 4) as by_office, d.source, d.family_ref as reference, d.decile,
       d.as_of, d.recorded_at
from business b join person p on p.person_id = b.owner_id join decile d using (household_id)
where b.business_id = $1 order by d.as_of, d.sequence
"""
_TRAININGS = """
select t.outside_training_id, t.by_office, t.source, t.participation_ref as reference, t.title,
       t.topics, t.began_on, t.ended_on, t.hours, t.kelurahan, t.recorded_at
from business b join outside_training t on t.person_id = b.owner_id
where b.business_id = $1 order by t.ended_on, t.outside_training_id
"""


async def reported(conn: Connection, business_id: UUID) -> Reported:
    """Everything, with the numbers of papers; whoever may see the business may see it."""

    async def rows(question: str) -> list[Mapping[str, Any]]:
        return [dict(row) for row in await conn.fetch(question, business_id)]

    told = await rows(_REPORTS)
    return Reported(
        guidance=tuple(GuidanceView(**row) for row in await rows(_GUIDANCE)),
        licences=tuple(
            PaperView(
                **row,
                reports=tuple(
                    ReportView.model_validate(report)
                    for report in told
                    if report["licence_id"] == row["licence_id"]
                ),
            )
            for row in await rows(_PAPERS)
        ),
        deciles=tuple(DecileView(**row) for row in await rows(_DECILES)),
        trainings=tuple(
            OutsideTrainingView(**{**row, "hours": f"{row['hours'].normalize():f}"})
            for row in await rows(_TRAININGS)
        ),
    )
