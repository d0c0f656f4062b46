"""What training can be told about activities and cohorts."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.training import events
from services.training.commands.forms import Command
from services.training.domain.activity import Activity, Cohort
from services.training.domain.refusals import ActivityNotFound
from services.training.store import activities
from shared.contracts.values import Code, Line
from shared.db import Tx
from shared.ids import uuid7


class PlanActivity(Command):
    """Plan an activity of a year."""

    title: Line
    year: Annotated[int, Field(ge=1990, le=2100)]
    organising_office: Code


class OpenCohort(Command):
    """Open a group that goes through the activity's sessions together."""

    title: Line


class ActivitySaved(BaseModel):
    """The activity is planned."""

    activity_id: UUID
    version: int


class CohortSaved(BaseModel):
    """The cohort is open."""

    cohort_id: UUID
    version: int


async def plan_activity(tx: Tx, command: PlanActivity) -> ActivitySaved:
    """An activity is never refused."""
    activity = Activity(uuid7(), command.title, command.year, command.organising_office)
    await activities.insert(tx, activity)
    fact = events.activity_planned(activity, tx.today)
    tx.emit(fact, key=activity.id, version=activity.version)
    return ActivitySaved(activity_id=activity.id, version=activity.version)


async def open_cohort(tx: Tx, activity_id: UUID, command: OpenCohort) -> CohortSaved:
    """Raises ActivityNotFound."""
    activity = await activities.find(tx.conn, activity_id)
    if activity is None:
        raise ActivityNotFound
    cohort = Cohort(uuid7(), activity, command.title)
    await activities.insert_cohort(tx, cohort)
    tx.emit(events.cohort_opened(cohort, tx.today), key=cohort.id, version=cohort.version)
    return CohortSaved(cohort_id=cohort.id, version=cohort.version)
