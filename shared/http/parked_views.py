"""How events that did not end are shown to staff: what came, why it can't be taken, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from aiokafka.structs import ConsumerRecord
from pydantic import BaseModel, ConfigDict

from shared.contracts import areas
from shared.contracts.office_names import NAMES, office_of
from shared.errors import Language
from shared.parked.corrections import opened
from shared.parked.reasons import why
from shared.privacy import names_a_person

Row = Mapping[str, Any]
OpenState = Literal["parked", "waiting", "behind"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SuggestedChange(_View):
    """What may stand at a pointer: one of `changes` when the event is replayed."""

    pointer: str
    value: Any
    name: str | None
    """Of an area, to be read by people."""


class ParkedEvent(_View):
    """An event that did not end. `area`: where it lies; the city, where nobody knows more.

    `key` and `event_id` are the sender's own; what may be a person's number isn't shown here.
    """

    parked_id: UUID
    state: str
    consumer: str
    topic: str
    source: str | None
    office: str | None
    office_name: str | None
    event_id: str | None
    key: str | None
    sequence: int | None
    pointer: str
    code: str
    reason: str
    suggestions: tuple[SuggestedChange, ...]
    area: str
    parked_at: datetime
    deadline: datetime | None
    tries: int
    behind: int
    """How many events of the same key queue behind it."""


class ParkedEvents(_View):
    """One page of the work list, oldest first."""

    items: tuple[ParkedEvent, ...]


class HistoryLine(_View):
    """Who did what to an event; `pointer`: the field that was corrected."""

    at: datetime
    actor: str
    act: Literal["shown", "corrected", "replayed", "discarded"]
    pointer: str
    reason: str


class ParkedContent(ParkedEvent):
    """An event with its content, and what was done with it.

    Changes name `/data/…` for `content`, and `/subject`, `/type`, … for `attributes`.
    `content_text`: where it is no JSON.
    """

    attributes: Mapping[str, str]
    content: Any
    content_text: str | None
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None
    history: tuple[HistoryLine, ...]


class ParkedGroup(_View):
    """How many open events of a topic have one code and state."""

    topic: str
    office: str | None
    office_name: str | None
    code: str
    state: OpenState
    events: int
    oldest: datetime
    newest: datetime


class ParkedGroups(_View):
    """The groups of the open events that the caller may see, the largest first."""

    items: tuple[ParkedGroup, ...]


def event_of(row: Row, language: Language) -> dict[str, Any]:
    """The fields of a ParkedEvent. `row`: of `parked`, with `behind`."""
    office = office_of(row["topic"])
    return {
        "parked_id": row["parked_id"],
        "state": row["state"],
        "consumer": row["consumer"].partition("@")[0],
        "topic": row["topic"],
        "source": row["source"],
        "office": office,
        "office_name": NAMES.get(office or ""),
        "event_id": _harmless(row["event_id"]),
        "key": _harmless(row["key"]),
        "sequence": row["sequence"],
        "pointer": row["pointer"],
        "code": row["code"],
        "reason": why(row["code"], row["detail"], row["detail_english"])[language == "en"],
        "suggestions": [_suggested(each) for each in orjson.loads(row["suggestions"])],
        "area": row["area"] or areas.CITY,
        "parked_at": row["parked_at"],
        "deadline": row["deadline"],
        "tries": row["tries"],
        "behind": row["behind"],
    }


def content_of(
    row: Row, record: ConsumerRecord, history: Sequence[Row], language: Language
) -> ParkedContent:
    """An event with its content. `row`: of `parked`, with `behind`."""
    attributes, content, text = opened(record)
    return ParkedContent(
        **event_of(row, language),
        attributes=attributes,
        content=content,
        content_text=text,
        ended_at=row["ended_at"],
        ended_by=row["ended_by"],
        ended_because=row["reason"],
        history=tuple(HistoryLine(**each) for each in history),
    )


def group_of(row: Row) -> ParkedGroup:
    """One group."""
    office = office_of(row["topic"])
    return ParkedGroup(**row, office=office, office_name=NAMES.get(office or ""))


def _harmless(text: str | None) -> str | None:
    """An office chooses its keys and ids; nothing keeps it from choosing a person's number."""
    return None if text is None or names_a_person(text) else text


def _suggested(each: Mapping[str, Any]) -> SuggestedChange:
    value = each["value"]
    area = areas.area(value["code"]) if isinstance(value, dict) and "code" in value else None
    name = f"{area.kelurahan}, {area.kecamatan}" if area else None
    return SuggestedChange(pointer=each["pointer"], value=value, name=name)
