"""What a service writes down about its routes, and what an action gets and gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from shared.actor import ROLES, Actor
from shared.errors import Language, Refusal

if TYPE_CHECKING:
    from shared.db import Connection, Tx

T = TypeVar("T")
Method = Literal["GET", "POST"]
Key = UUID | date | int | str


@dataclass(frozen=True, slots=True)
class Reach:
    """How a route checks the caller's area. Made by one of the functions below, never by hand."""

    how: Literal["body", "answer", "row", "filter", "anywhere"]
    field: str = ""
    sql: str = ""
    arguments: tuple[str, ...] = ()
    reason: str = ""


def reach_by_body(field: str) -> Reach:
    """The body's `field` is a kelurahan code and must lie in the caller's areas."""
    return Reach("body", field=field)


def reach_by_answer(field: str) -> Reach:
    """GET only: the answer's `field` is a kelurahan code; checked before it is sent."""
    return Reach("answer", field=field)


def reach_by_row(sql: str, *arguments: str) -> Reach:
    """`sql` yields the kelurahan of what is concerned, given `arguments` as $1, $2, ….

    Each is a name in the path ("business_id") or in the body ("body.business_id"). Several rows
    (a session's venue, the business's home): the caller reaches one of them. No row: the action
    goes on and answers not-found or not-yet itself.
    """
    return Reach("row", sql=sql, arguments=arguments)


def reach_by_filter(field: str) -> Reach:
    """Lists: the query itself filters with `call.actor.patterns()`.

    Each item's `field` (a kelurahan code) is checked again before the answer is sent, so that a
    forgotten filter is a 500 and not a leak.
    """
    return Reach("filter", field=field)


def reach_anywhere(reason: str) -> Reach:
    """The caller's area does not matter here, and `reason` says why (it is published)."""
    if not reason:
        raise ValueError("a route that everybody reaches needs a written reason")
    return Reach("anywhere", reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """A POST whose body the action reads itself, as a `Sent`; the route's `body` describes it.

    It can't write, so it needs no Idempotency-Key; `identity` says (in both languages) what makes
    sending it twice one effect. `media`: the content types that are taken, the described one
    first; `modes` says in both languages which is for what. `headers`: what it may be sent with.
    `problems`: codes of SORTS that it adds.
    """

    media: tuple[str, ...]
    identity: tuple[str, str]
    modes: tuple[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A body as it came. `headers`: all that came with it, their names in small letters."""

    content_type: str
    headers: tuple[tuple[str, str], ...]
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request that runs as shown with a demo token of `role`, and of `office` for a dinas.

    `sample` is SQL (app login, one row) whose columns fill the path's `{business_id}` and every
    string of body and query that is exactly "{column}"; a column `version` becomes If-Match. Its
    values are shown only where the local issuer is on; elsewhere the placeholders stay.
    """

    role: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] | None = None
    sample: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route. A POST needs an Idempotency-Key (but see `unparsed`); else nothing is taken.

    `path` parameters are UUIDs, but for those named in `path_texts`: any text, percent-encoded.
    `if_match`: an existing row is changed, so If-Match (the version) is required. The answer of a
    POST is stored for 48 hours and may therefore hold references only: ids, numbers, dates, enums,
    Literals; a plain `str` field in it is refused when the application is built.
    """

    method: Method
    path: str
    action: Callable[[Call], Awaitable[Answer]]
    summary: str
    english: str
    allow: frozenset[str]
    reach: Reach
    answer: type[BaseModel]
    example: Example
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    if_match: bool = False
    path_texts: frozenset[str] = frozenset()
    refusals: tuple[type[Refusal], ...] = ()
    unparsed: Unparsed | None = None

    @property
    def keyed(self) -> bool:
        """Whether it needs an Idempotency-Key: whatever can write does."""
        return self.method == "POST" and self.unparsed is None

    def __post_init__(self) -> None:
        if not self.allow or not self.allow <= ROLES:
            raise ValueError(f"{self.method} {self.path}: allow must name known roles")
        if self.example.role not in self.allow:
            raise ValueError(f"{self.method} {self.path}: the example's role may not call it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an action answers.

    `version` becomes the ETag; `location` the Location header (a path, "/v1/people/…");
    `next_cursor` is the sort key of the last item when there are more (a list's query model is a
    `shared.http.Page[UUID]` or `Page[tuple[date, UUID]]` and receives it back as `after`).
    """

    body: BaseModel
    version: int | None = None
    location: str | None = None
    next_cursor: Key | tuple[Key, ...] | None = None


class Writer(Protocol):
    async def __call__(self, call: Call, work: Callable[[Tx], Awaitable[Answer]], /) -> Answer: ...


class Reader(Protocol):
    async def __call__(self, call: Call, ask: Callable[[Connection], Awaitable[T]], /) -> T: ...


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, parsed and permitted. `body` and `query` are instances of the route's models."""

    actor: Actor
    body: Any
    query: Any
    path: Mapping[str, UUID]
    if_match: int | None
    language: Language
    zone: ZoneInfo
    correlation_id: str
    traceparent: str | None
    writer: Writer = field(repr=False)
    reader: Reader = field(repr=False)
    path_texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business date in the configured zone, for a question; a write has its tx's."""
        return datetime.now(self.zone).date()

    async def write(self, work: Callable[[Tx], Awaitable[Answer]]) -> Answer:
        """One transaction: idempotency claim, `work`, journal and outbox, the stored answer.

        `work` may run again (40001, 40P01), so it has no effects outside the transaction. A key
        that was answered before gives its stored answer and `work` doesn't run.
        """
        return await self.writer(self, work)

    async def read(self, ask: Callable[[Connection], Awaitable[T]]) -> T:
        """`ask` on a pooled connection, outside any transaction of ours."""
        return await self.reader(self, ask)
