"""How many were in the room, and how many of them have a name on the roster: two facts."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.training.domain.refusals import SessionNotHeldYet
from services.training.domain.session import Session

ABOUT = 10  # per cent by which "about 80" may be wrong and still agree


class Verdict(StrEnum):
    """What comparing the two says."""

    NOT_COUNTED = "not_counted"
    NOT_RECORDED = "not_recorded"  # seats without an entry of attendance could explain it
    AGREES = "agrees"
    UNNAMED = "unnamed"  # more women than names: somebody has to find out who they were
    MORE_NAMED = "more_named"  # more names than women: one of the two is wrong


@dataclass(frozen=True, slots=True)
class Counted:
    """One count of the room; `approximate`: it was said as "about"."""

    headcount: int
    approximate: bool
    source: str


def report(session: Session, counted: Counted, today: date) -> Session:
    """The session with its newest count. Raises SessionNotHeldYet."""
    if today < session.held_on:
        raise SessionNotHeldYet(held_on=session.held_on)
    return replace(session, headcount=counted.headcount, version=session.version + 1)


def reconcile(counted: Counted | None, present: int, unrecorded: int) -> tuple[Verdict, int | None]:
    """The verdict, and how many more were counted than are named (negative: fewer)."""
    if counted is None:
        return Verdict.NOT_COUNTED, None
    difference = counted.headcount - present
    slack = counted.headcount * ABOUT // 100 if counted.approximate else 0
    if abs(difference) <= slack:
        return Verdict.AGREES, difference
    if difference < 0:
        return Verdict.MORE_NAMED, difference
    explained = unrecorded > 0 and difference - unrecorded <= slack
    return (Verdict.NOT_RECORDED if explained else Verdict.UNNAMED), difference
