"""What marketing can be asked about sales: each report, and sums by event, channel and month."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.marketing.queries.views import View, plain
from shared.actor import Actor
from shared.db import Connection


class SaleView(View):
    """One report. `quantity` in `unit`, a decimal string; `kelurahan` is the business's, now."""

    sale_id: UUID
    product_id: UUID
    business_id: UUID
    kelurahan: str | None
    market_event_id: UUID | None
    channel: str
    month: str
    quantity: str
    unit: str
    rupiah: int
    version: int


class CorrectionView(View):
    """What the report was until then, what it is since, and why. Never changed."""

    version: int
    old_quantity: str
    old_rupiah: int
    quantity: str
    rupiah: int
    reason: str
    recorded_at: datetime
    recorded_by: str


class SaleWithHistory(SaleView):
    """One report as it is now, and how it came to that."""

    corrections: tuple[CorrectionView, ...]


class Sales(View):
    """One page of reports, in the order in which they came."""

    items: tuple[SaleView, ...]


class SalesTotal(View):
    """All that was reported for one event (or none), channel and month."""

    market_event_id: UUID | None
    channel: str
    month: str
    reports: int
    businesses: int
    rupiah: int


class SalesTotals(View):
    """Sums over the caller's areas. Reported by the makers; nobody has verified them."""

    items: tuple[SalesTotal, ...]


async def sale(conn: Connection, sale_id: UUID) -> SaleWithHistory | None:
    """One report; None when there is none."""
    row = await conn.fetchrow(_SALE + "where s.sale_id = $1", sale_id)
    if row is None:
        return None
    corrections = await conn.fetch(
        """
        select version, old_quantity, old_rupiah, quantity, rupiah, reason, recorded_at, recorded_by
        from sale_correction where sale_id = $1 order by version
        """,
        sale_id,
    )
    return SaleWithHistory(
        **plain(row), corrections=tuple(CorrectionView(**plain(c)) for c in corrections)
    )


_SALE = """
select s.sale_id, s.product_id, s.business_id, b.kelurahan, s.market_event_id, s.channel, s.month,
       s.quantity, p.unit, s.rupiah, s.version
from sale s join product p using (product_id)
left join known_business_now b on b.business_id = s.business_id
"""
_TOTALS = """
select s.market_event_id, s.channel, s.month, count(*) as reports,
       count(distinct s.business_id) as businesses, sum(s.rupiah)::bigint as rupiah
from sale s join known_business_now b using (business_id)
"""
_ASKED = """
where b.kelurahan like any ($1::text[])
  and ($2::uuid is null or s.market_event_id = $2) and ($3::uuid is null or s.product_id = $3)
  and ($4::text is null or s.channel = $4) and ($5::text is null or s.month = $5)
"""


async def sales(
    conn: Connection,
    actor: Actor,
    *,
    market_event_id: UUID | None,
    product_id: UUID | None,
    channel: str | None,
    month: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[SaleView]:
    """Reports of the actor's areas; each filter is optional."""
    rows = await conn.fetch(
        _SALE + _ASKED + "and ($6::uuid is null or s.sale_id > $6) order by s.sale_id limit $7",
        actor.patterns(),
        market_event_id,
        product_id,
        channel,
        month,
        after,
        limit,
    )
    return [SaleView(**plain(row)) for row in rows]


async def totals(
    conn: Connection,
    actor: Actor,
    *,
    market_event_id: UUID | None,
    channel: str | None,
    month: str | None,
) -> Sequence[SalesTotal]:
    """Sums by event, channel and month."""
    rows = await conn.fetch(
        _TOTALS
        + _ASKED
        + "group by s.market_event_id, s.channel, s.month order by s.month, s.channel, 1",
        actor.patterns(),
        market_event_id,
        None,
        channel,
        month,
    )
    return [SalesTotal(**row) for row in rows]
