"""Routes of other cities' market events. They are written by the offices' own feeds only."""

from datetime import date
from typing import Literal
from uuid import UUID

from services.marketing.api.allow import READERS
from services.marketing.domain import refusals as no
from services.marketing.queries import market_events as queries
from shared.http import Answer, Call, Example, Page, Route, reach_anywhere

OPEN_TO_STAFF = reach_anywhere(
    "Acara pasar diadakan kota lain, terbuka bagi semua petugas dan tidak memuat orang."
)


class MarketEventsQuery(Page[tuple[date, UUID]]):
    """Which market events."""

    starts_from: date | None = None
    status: Literal["open", "cancelled"] | None = None


async def get_market_events(call: Call) -> Answer:
    query: MarketEventsQuery = call.query
    found = await call.read(
        lambda conn: queries.market_events(
            conn,
            starts_from=query.starts_from,
            status=query.status,
            after=query.after,
            limit=query.most,
        )
    )
    shown, more = query.cut(found, lambda e: (e.starts_on, e.market_event_id))
    return Answer(body=queries.MarketEvents(items=shown), next_cursor=more)


async def get_market_event(call: Call) -> Answer:
    market_event_id = call.path["market_event_id"]
    view = await call.read(lambda conn: queries.market_event(conn, market_event_id))
    if view is None:
        raise no.MarketEventNotFound
    return Answer(body=view, version=view.version)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/market-events",
        action=get_market_events,
        summary="Acara pasar kota lain menurut tanggal",
        english="Other cities' market events by date",
        allow=READERS,
        reach=OPEN_TO_STAFF,
        query=MarketEventsQuery,
        answer=queries.MarketEvents,
        example=Example(role="petugas", query={"status": "open"}),
    ),
    Route(
        method="GET",
        path="/v1/market-events/{market_event_id}",
        action=get_market_event,
        summary="Satu acara pasar dan stan yang masih tersedia",
        english="One market event and the stands that are left",
        allow=READERS,
        reach=OPEN_TO_STAFF,
        answer=queries.MarketEventView,
        refusals=(no.MarketEventNotFound,),
        example=Example(role="petugas", sample="select market_event_id from market_event limit 1"),
    ),
)
