"""An activity of a year, and the cohorts that go through its sessions together."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Activity:
    """What an office plans in a year. `organising_office`: its code on that day."""

    id: UUID
    title: str
    year: int
    organising_office: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Cohort:
    """A group of one activity. It has a certificate when its sessions are over."""

    id: UUID
    activity: Activity
    title: str
    version: int = 1
