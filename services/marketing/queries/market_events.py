"""What marketing can be asked about other cities' market events."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.marketing.queries.views import View
from shared.db import Connection


class MarketEventView(View):
    """A market event. `overbooked`: confirmed stands beyond what the host still offers."""

    market_event_id: UUID
    host_city: str
    name: str
    place: str
    starts_on: date
    ends_on: date
    time_zone: str
    status: str
    stands: int
    confirmed: int
    free: int
    overbooked: int
    version: int


class MarketEvents(View):
    """One page of market events, by date."""

    items: tuple[MarketEventView, ...]


_EVENT = """
select m.market_event_id, m.host_city, m.name, m.place, m.starts_on, m.ends_on, m.time_zone,
       m.status, m.stands, m.version, c.confirmed,
       case when m.status = 'open' then greatest(m.stands - c.confirmed, 0) else 0 end as free,
       greatest(c.confirmed - m.stands, 0) as overbooked
from market_event m
cross join lateral (select count(*) as confirmed from stand s
                    where s.market_event_id = m.market_event_id and s.status = 'confirmed') c
"""


async def market_event(conn: Connection, market_event_id: UUID) -> MarketEventView | None:
    """One market event; None when there is no such event."""
    row = await conn.fetchrow(_EVENT + "where m.market_event_id = $1", market_event_id)
    return MarketEventView(**row) if row else None


async def market_events(
    conn: Connection,
    *,
    starts_from: date | None,
    status: str | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[MarketEventView]:
    """Market events by date, from `starts_from` on; `status`: only these."""
    day, last = after or (None, None)
    rows = await conn.fetch(
        _EVENT
        + """
        where ($1::date is null or m.starts_on >= $1)
          and ($2::text is null or m.status = $2)
          and ($3::date is null or (m.starts_on, m.market_event_id) > ($3, $4::uuid))
        order by m.starts_on, m.market_event_id limit $5
        """,
        starts_from,
        status,
        day,
        last,
        limit,
    )
    return [MarketEventView(**row) for row in rows]
