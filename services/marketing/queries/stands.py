"""What marketing can be asked about stands."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.marketing.queries.views import View, plain
from shared.actor import EVERYWHERE, Actor
from shared.db import Connection


class StandView(View):
    """A stand. `kelurahan` is the business's, as registry says now; `promised` in `unit`.

    `overridden`: points that somebody had found wanting, and `confirmed_by` allowed for the reason.
    """

    stand_id: UUID
    market_event_id: UUID
    product_id: UUID
    business_id: UUID
    kelurahan: str | None
    stand_number: int
    status: str
    promised: str | None
    unit: str
    confirmed_on: date
    confirmed_at: datetime
    confirmed_by: str
    overridden: tuple[str, ...]
    override_reason: str | None
    released_at: datetime | None
    release_reason: str | None
    version: int


class Stands(View):
    """One page of an event's stands, in the order in which they were confirmed."""

    items: tuple[StandView, ...]


_STAND = """
select s.stand_id, s.market_event_id, s.product_id, s.business_id, b.kelurahan, s.stand_number,
       s.status, s.promised, p.unit,
       coalesce(s.confirmed_on, (s.confirmed_at at time zone 'Asia/Jakarta')::date) as confirmed_on,
       s.confirmed_at, s.confirmed_by, s.overridden, s.override_reason,
       s.released_at, s.release_reason, s.version
from stand s join product p using (product_id)
left join known_business_now b on b.business_id = s.business_id
"""


async def stand(conn: Connection, stand_id: UUID) -> StandView | None:
    """One stand; None when there is no such stand."""
    row = await conn.fetchrow(_STAND + "where s.stand_id = $1", stand_id)
    return StandView(**plain(row)) if row else None


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
    return [StandView(**plain(row)) for row in rows]
