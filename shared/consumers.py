"""The two kinds of consumer, declared as data. There is no third.

A *projection* copies others' state: declared here, written by one statement (`inbox.py`).
A *reaction* applies rules to others' facts: a function of the open transaction and the events.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.contracts.fact import Fact

if TYPE_CHECKING:
    from shared.db import Tx


class Received(NamedTuple):  # made for every event: a frozen dataclass takes four times as long
    """One readable event, as it came from a topic. Identity is `source` and `id`."""

    id: str
    source: str
    type: str
    subject: str
    key: str
    sequence: int
    time: datetime
    topic: str
    correlation_id: str
    traceparent: str | None
    fact: Fact


class Suggestion(NamedTuple):
    """A value that staff may choose for the field at `pointer`; JSON."""

    pointer: str
    value: Any


@dataclass(frozen=True, slots=True)
class ForStaff:
    """What helps staff to settle an event: ids, codes and days, never a person's data."""

    english: str = ""
    """The reason's sentence in English, where `detail` is one in Indonesian."""
    suggestions: tuple[Suggestion, ...] = ()
    area: str = ""
    """The area that the event is known to lie in, of any level; empty when nobody knows."""


NOTHING_KNOWN = ForStaff()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The event is about something not known yet, and has had no effect.

    It is tried again until its deadline, or once what it waits for by name has arrived.
    """

    event: Received
    for_: str
    staff: ForStaff = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Parked:
    """The event can't be accepted as it is; staff decide. `detail` carries no personal data."""

    event: Received
    code: str
    detail: str = ""
    pointer: str = ""
    staff: ForStaff = NOTHING_KNOWN


Ending = Waiting | Parked
"""What is not returned is done."""

React = Callable[["Tx", Sequence[Received]], Awaitable[Iterable[Ending]]]


@dataclass(frozen=True)
class Reaction:
    """Rules on others' facts: `react` gets distinct, new events in order, inside the transaction.

    It locks the rows it changes in sorted key order and writes in bulk. A `Refusal` raised for an
    event that stands alone parks it under the refusal's code, or lets it wait if it is `not_yet`.
    """

    name: str
    topics: tuple[str, ...]
    facts: tuple[type[Fact], ...]
    react: React


@dataclass(frozen=True)
class Projection:
    """A copy of others' state: `columns` of `table`, one row a key, the highest version wins.

    The table has these columns, `version bigint` and `generation smallint`; its primary key is
    (generation, `key`). The view `<table>_now` shows the live generation.
    """

    name: str
    topics: tuple[str, ...]
    facts: tuple[type[Fact], ...]
    table: str
    key: str
    columns: Mapping[str, Callable[[Received], Any]]
    version: Callable[[Received], int] = lambda event: event.sequence


Consumer = Reaction | Projection
