"""What staff send about events that did not end, and what they are answered."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.http.pages import Page
from shared.http.parked_views import OpenState
from shared.parked.corrections import Change, Correction
from shared.parked.discards import MOST

Scalar = str | int | bool | None
Value = Scalar | dict[str, Scalar] | list[Scalar]
Pointer = Annotated[str, StringConstraints(pattern=r"^/", max_length=200)]
Reason = Annotated[str, StringConstraints(max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?$")]
End = Literal["not_ours", "wrong_person", "outdated", "test", "other"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ParkedQuery(Page[UUID]):
    """Which open events. `office`: as in `36.74-dukcapil`; `area`: a code of any level."""

    state: OpenState | None = None
    topic: Name | None = None
    source: Name | None = None
    office: Name | None = None
    code: Name | None = None
    area: AreaCode | None = None


class GroupsQuery(_Body):
    """Which open events are counted."""

    state: OpenState | None = None
    topic: Name | None = None
    office: Name | None = None


class Changed(_Body):
    """One field and what shall stand there. A field of an object may be new if the
    event's contract knows it.

    Pointers are those that the work list names: `/data/…` for the body, `/key`, `/subject`, `/type`
    and the like for attributes, which are text.
    """

    pointer: Pointer
    value: Value


class ReplayParked(_Body):
    """Try an event once more: as it is, or with changes, and then with a reason."""

    changes: Annotated[tuple[Changed, ...], Field(max_length=50)] = ()
    reason: Reason = ""

    def correction(self) -> Correction | None:
        """What is to be put right; None for an event that is tried as it is."""
        changes = [Change(each.pointer, each.value) for each in self.changes]
        return Correction(changes=changes) if changes else None


class DiscardParked(_Body):
    """End an event without effect. `code` is what its sender is told; `reason` stays here."""

    code: End
    reason: Reason


class DiscardMany(_Body):
    """End parked events of a topic, all for the reason `of_code`, the oldest first."""

    topic: Name
    of_code: Name
    code: End
    reason: Reason
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


class Settled(BaseModel):
    """What ended, in this order, and the event at which the queue of its key stopped, if it did."""

    model_config = ConfigDict(frozen=True)

    parked_id: UUID
    ended: tuple[UUID, ...]
    stopped_at: UUID | None


class SettledMany(BaseModel):
    """How many ended, how many went on that queued behind them, and how many are left."""

    model_config = ConfigDict(frozen=True)

    discarded: int
    followed: int
    left: int
