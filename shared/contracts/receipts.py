"""Receipts: what became of each event that an office sent us, told to that office alone.

One form, and a topic for each office and service that owns feeds of it, so that the office may read
its own and nobody else's.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fact import Fact, published
from shared.contracts.office_feeds import offices
from shared.contracts.values import Line

Outcome = Literal[
    "accepted", "accepted_after_correction", "rejected", "discarded", "waiting", "duplicate"
]
_Named = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]+$", max_length=200)]


class ReceiptIssued(Fact):
    """What became of one event. Of a waiting one another receipt follows; the others are its end.

    `code`, `pointer` and the texts say why; they never repeat a value of the event.
    """

    receipt_for: UUID  # made of the event's source and id, or of its place where it has none
    event_source: _Named | None
    event_id: _Named | None
    topic: _Named
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    outcome: Outcome
    first_outcome: Outcome | None  # of a duplicate: what became of the first delivery
    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,64}$")]
    pointer: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)]
    text: Line | None
    text_english: Line | None


def topic_of(owner: str, office: str) -> str:
    """The topic of the receipts that a service gives an office."""
    return f"{owner}.receipt.{office}"


FORMS: dict[str, type[ReceiptIssued]] = {}
"""The form of each receipts topic."""


def _form(owner: str, office: str, named: str) -> str:
    """Declare the receipts that a service gives an office; the topic's name."""
    topic = topic_of(owner, office)
    register = published(
        f"id.binaan.{owner}.receipt-{named}.issued.v1", topic=topic, key="receipt_for"
    )
    form = type(ReceiptIssued.__name__, (ReceiptIssued,), {"__doc__": ReceiptIssued.__doc__})
    FORMS[topic] = register(form)
    return topic


BOGOR_TRADE = _form("marketing", "32.71-perdagangan", "kotabogor-perdagangan")

for _owner, _office, _domain in offices():
    _form(_owner, _office, _domain.removeprefix("go.").replace(".", "-"))
