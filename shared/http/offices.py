"""Routes about what offices send: their receipts, and how each feed is doing.

They are the mechanism's, the same in every service that owns an office's feed, and come on top of
the service's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared import feeds, receipts
from shared.actor import Actor
from shared.consumers import Consumer
from shared.contracts import topics
from shared.contracts.receipts import Outcome
from shared.db import Connection
from shared.errors import Language, Refusal
from shared.http.pages import Page
from shared.http.types import Answer, Call, Example, Route, reach_anywhere

_READERS = frozenset({"kasi", "verifikator", "auditor", "operator", "dinas"})
_WATCHERS = frozenset({"kasi", "verifikator", "auditor", "operator"})
_OWN = "An office sees its own, staff see all; receipts hold ids and codes, and no one's data."
_COUNTED = ("lag", "last_hour", "done", "duplicate", "waiting", "parked", "rejected")
_FIRST = "select event_id from receipt where event_id is not null order by receipt_no limit 1"
_COUNTS = "Counts by topic: nothing about a person or a place."


class NoReceipt(Refusal):
    """Belum ada tanda terima: kejadian ini belum sampai, atau milik layanan atau dinas lain."""

    kind = "not_found"
    code = "tanda-terima-tidak-ada"
    english = "No receipt: the event has not come yet, or is another service's or office's."


class EventReceiptsQuery(Page[int]):
    """All receipts of one event are asked for; one that is sent again and again has many."""


class ReceiptsQuery(Page[int]):
    """Which receipts: from a moment until before another."""

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class ReceiptView(BaseModel):
    """What became of one event. `receipt_for` is the same for all receipts of one event."""

    model_config = ConfigDict(frozen=True)

    receipt_no: int
    receipt_for: UUID
    source: str | None
    event_id: str | None
    topic: str
    partition: int
    offset: int
    outcome: Outcome
    first_outcome: Outcome | None
    code: str
    pointer: str
    text: str | None
    given_at: datetime


class Receipts(BaseModel):
    """One page of receipts, in the order in which they were given."""

    items: tuple[ReceiptView, ...]


class FeedView(BaseModel):
    """How one feed is doing: its last event, what is unread, and what the last day brought.

    `lag` is what we have not read yet. Where nothing has ever come, `last_event_at` is null.
    """

    topic: str
    source: str
    last_event_at: datetime | None
    silent_seconds: int | None
    lag: int
    last_hour: int
    done: int
    duplicate: int
    waiting: int
    parked: int
    rejected: int
    rejected_share: float


class Feeds(BaseModel):
    """The feeds that this service reads: those never heard first, then those longest silent."""

    items: tuple[FeedView, ...]


def office_routes(consumers: Sequence[Consumer]) -> tuple[Route, ...]:
    """The routes of a service with these consumers."""
    read = list(dict.fromkeys(name for consumer in consumers for name in consumer.topics))
    owned = [name for name in read if topics.topic(name).receipts]

    async def get_receipts(call: Call) -> Answer:
        query: ReceiptsQuery = call.query
        found = await call.read(
            lambda conn: receipts.listed(
                conn,
                _visible(owned, call.actor),
                since=query.since,
                until=query.until,
                after=query.after,
                limit=query.most,
            )
        )
        return _page(call, found)

    async def get_event_receipts(call: Call) -> Answer:
        query: EventReceiptsQuery = call.query
        found = await call.read(
            lambda conn: receipts.of_event(
                conn,
                _visible(owned, call.actor),
                call.path_texts["event_id"],
                after=query.after,
                limit=query.most,
            )
        )
        if not found and query.after is None:
            raise NoReceipt
        return _page(call, found)

    async def get_feeds(call: Call) -> Answer:
        return Answer(body=Feeds(items=tuple(await call.read(lambda conn: _feeds(conn, read)))))

    health = Route(
        method="GET",
        path="/v1/feeds",
        action=get_feeds,
        summary="Keadaan setiap aliran kejadian: terakhir kapan, berapa yang ditolak",
        english="How each feed is doing: its last event, and how many were refused",
        allow=_WATCHERS,
        reach=reach_anywhere(_COUNTS),
        answer=Feeds,
        example=Example(role="operator"),
    )
    if not owned:
        return (health,)
    given = Route(
        method="GET",
        path="/v1/receipts",
        action=get_receipts,
        summary="Apa yang terjadi dengan setiap kejadian yang dikirim suatu dinas",
        english="What became of each event that an office sent",
        allow=_READERS,
        reach=reach_anywhere(_OWN),
        query=ReceiptsQuery,
        answer=Receipts,
        example=Example(role="kasi", query={"limit": "5"}),
    )
    of_event = Route(
        method="GET",
        path="/v1/receipts/{event_id}",
        path_texts=frozenset({"event_id"}),
        action=get_event_receipts,
        summary="Apa yang terjadi dengan satu kejadian: tanda terimanya, berurutan",
        english="What became of one event: its receipts, in order",
        allow=_READERS,
        reach=reach_anywhere(_OWN),
        query=EventReceiptsQuery,
        answer=Receipts,
        refusals=(NoReceipt,),
        example=Example(role="kasi", sample=_FIRST),
    )
    return (given, of_event, health)


def _visible(owned: Sequence[str], actor: Actor) -> list[str]:
    """The topics whose receipts the caller may see: an office's own, for others all."""
    if actor.roles - {"dinas"}:
        return list(owned)
    return [name for name in owned if topics.topic(name).owner == f"office-{actor.office}"]


def _page(call: Call, found: Sequence[receipts.Row]) -> Answer:
    """One more was asked for than is shown, to know whether there is one."""
    shown, more = call.query.cut(found, lambda row: row["receipt_no"])
    items = tuple(_receipt(row, call.language) for row in shown)
    return Answer(body=Receipts(items=items), next_cursor=more)


def _receipt(row: receipts.Row, language: Language) -> ReceiptView:
    indonesian, english = receipts.texts(row["code"])
    text = indonesian if language == "id" else english
    return ReceiptView(**row, offset=row["record_offset"], text=text)


async def _feeds(conn: Connection, read: Sequence[str]) -> list[FeedView]:
    """Of each topic's own source; what others tried to write there counts to the topic."""
    now = datetime.now(UTC)
    seen = await feeds.seen(conn, [name for name in read if not topics.topic(name).trial_of])
    found = {(row["topic"], row["source"]): row for row in seen}
    own = [(name, entry.source) for name in read if not (entry := topics.topic(name)).trial_of]
    views = [_feed(*place, found.get(place), now) for place in dict.fromkeys([*own, *found])]
    return sorted(views, key=lambda v: (v.last_event_at is not None, v.last_event_at, v.topic))


def _feed(topic: str, source: str, row: receipts.Row | None, now: datetime) -> FeedView:
    if row is None:
        return FeedView(
            topic=topic,
            source=source,
            last_event_at=None,
            silent_seconds=None,
            rejected_share=0.0,
            **dict.fromkeys(_COUNTED, 0),
        )
    return FeedView(
        **{name: row[name] for name in ("topic", "source", "last_event_at", *_COUNTED)},
        silent_seconds=max(0, round((now - row["last_event_at"]).total_seconds())),
        rejected_share=round(row["rejected"] / max(1, _all(row)), 4),
    )


def _all(row: receipts.Row) -> int:
    """All that a feed sent, but for repetitions."""
    return int(row["done"] + row["waiting"] + row["parked"] + row["rejected"])
