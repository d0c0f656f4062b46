"""A training session and its seats."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.training.domain.refusals import AlreadyEnrolled, SessionFull, SessionLengthWrong


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting on one day. `hours` is its length; `kelurahan` is the venue's code."""

    id: UUID
    title: str
    topics: tuple[str, ...]
    held_on: date
    hours: Decimal
    kelurahan: str
    capacity: int
    organising_office: str
    cohort_id: UUID | None = None
    headcount: int | None = None
    version: int = 1

    def __post_init__(self) -> None:
        """Raises SessionLengthWrong."""
        if not 0 < self.hours <= 24:
            raise SessionLengthWrong(pointer="/hours")


@dataclass(frozen=True, slots=True)
class Roster:
    """The seats of a session as they are while its row is locked."""

    taken: int
    has_business: bool


def admit(session: Session, roster: Roster) -> None:
    """Let one more business in. Raises AlreadyEnrolled or SessionFull.

    Being on the roster is told before being full: the first is what staff can act on.
    The session's date is no bar, since paper rosters are written up afterwards.
    """
    if roster.has_business:
        raise AlreadyEnrolled(pointer="/business_id")
    if roster.taken >= session.capacity:
        raise SessionFull(capacity=session.capacity)
