"""Everything that marketing can be asked: SQL to frozen views, no domain object between."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.actor import EVERYWHERE, Actor
from shared.db import Connection


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProductView(_View):
    """A product. The price is in rupiah for one unit; `kelurahan`: the business's, as of now."""

    product_id: UUID
    business_id: UUID
    kelurahan: str | None
    name: str
    unit: str
    price_rupiah: int
    shelf_life_days: int | None
    brand_status: str
    version: int


class MarketEventView(_View):
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


class MarketEvents(_View):
    """One page of market events, by date."""

    items: tuple[MarketEventView, ...]


class StandView(_View):
    """A stand. `kelurahan` is the business's, as registry says now."""

    stand_id: UUID
    market_event_id: UUID
    product_id: UUID
    business_id: UUID
    kelurahan: str | None
    stand_number: int
    status: str
    confirmed_at: datetime
    released_at: datetime | None
    release_reason: str | None
    version: int


class Stands(_View):
    """One page of an event's stands, in the order in which they were confirmed."""

    items: tuple[StandView, ...]


_EVENT = """
select m.market_event_id, m.host_city, m.name, m.place, m.starts_on, m.ends_on, m.time_zone,
       m.status, m.stands, m.version, c.confirmed,
       case when m.status = 'open' then greatest(m.stands - c.confirmed, 0) else 0 end as free,
       greatest(c.confirmed - m.stands, 0) as overbooked
from market_event m
cross join lateral (select count(*) as confirmed from stand s
                    where s.market_event_id = m.market_event_id and s.status = 'confirmed') c
"""

_STAND = """
select s.stand_id, s.market_event_id, s.product_id, s.business_id, b.kelurahan, s.stand_number,
       s.status, s.confirmed_at, s.released_at, s.release_reason, s.version
from stand s left join known_business_now b using (business_id)
"""


async def product(conn: Connection, product_id: UUID) -> ProductView | None:
    """One product; None when there is no such product."""
    row = await conn.fetchrow(
        """
        select p.product_id, p.business_id, b.kelurahan, p.name, p.unit, p.price_rupiah,
               p.shelf_life_days, p.brand_status, p.version
        from product p left join known_business_now b using (business_id)
        where p.product_id = $1
        """,
        product_id,
    )
    return ProductView(**row) if row else None


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


async def stand(conn: Connection, stand_id: UUID) -> StandView | None:
    """One stand; None when there is no such stand."""
    row = await conn.fetchrow(_STAND + "where s.stand_id = $1", stand_id)
    return StandView(**row) if row else None


async def stands(
    conn: Connection, market_event_id: UUID, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[StandView] | None:
    """The stands of an event for businesses in the caller's areas; None: no such event."""
    if not await conn.fetchval(
        "select exists (select from market_event where market_event_id = $1)", market_event_id
    ):
        return None
    rows = await conn.fetch(
        _STAND
        + """
        where s.market_event_id = $1 and ($2 or b.kelurahan like any ($3::text[]))
          and ($4::uuid is null or s.stand_id > $4)
        order by s.stand_id limit $5
        """,
        market_event_id,
        EVERYWHERE in actor.areas,
        actor.patterns(),
        after,
        limit,
    )
    return [StandView(**row) for row in rows]
