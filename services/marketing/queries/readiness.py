"""Whether a product is ready for the market, point by point."""

from datetime import date
from uuid import UUID

from services.marketing.domain.product import BrandStatus
from services.marketing.domain.readiness import RULE, Facts, Point, State, judge
from services.marketing.queries.products import assessed
from services.marketing.queries.views import NeededView, View, needed_view
from shared.db import Connection
from shared.errors import Language


class PointView(View):
    """One point: what is known of it and since when, and what to do when it isn't met.

    `bars_stand`: somebody found it wanting, so there is no stand unless a head of section allows.
    """

    point: str
    state: State
    fact: str | None
    on: date | None
    bars_stand: bool
    needed: NeededView | None


class ReadinessView(View):
    """All points of the rule on a day, by what is known now; production as it is now.

    `check_due_on`: when the next monthly check is due, once branded.
    """

    on: date
    product_id: UUID
    business_id: UUID
    kelurahan: str | None
    rule: str
    ready: bool
    status: str
    check_due_on: date | None
    points: tuple[PointView, ...]


_PRODUCT = """
select p.product_id, p.business_id, b.kelurahan, p.status,
       -- before its first step a brand was what the product was added with
       coalesce(w.status, case when p.brand_changed_on is null then p.brand_status else 'none' end)
           as brand_status,
       w.changed_on as brand_changed_on, w.expires_on as brand_expires_on,
       b.production_mode, b.capacity_quantity,
       (select min(c.issued_on) from known_certificate_now c
        where c.business_id = p.business_id and c.status = 'issued'
          and c.issued_on <= $2) as certified_on,
       (select min(m.starts_on) from stand s join market_event m using (market_event_id)
        where s.product_id = p.product_id and s.status = 'confirmed'
          and m.starts_on > $2) as with_stand_on,
       (select min(m.starts_on) from market_event m
        where m.status = 'open' and m.starts_on > $2) as open_on,
       case when p.brand_status in ('applied', 'registered') then (coalesce(
           (select max(k.checked_on) from product_check k where k.product_id = p.product_id),
           p.brand_changed_on) + interval '1 month')::date end as check_due_on
from product p left join known_business_now b using (business_id)
left join lateral (
    select t.status, t.changed_on, t.expires_on from brand_step t
    where t.product_id = p.product_id and t.changed_on <= $2 order by t.version desc limit 1
) w on true
where p.product_id = $1
"""


async def readiness(
    conn: Connection, product_id: UUID, on: date, language: Language
) -> ReadinessView | None:
    """The product against the rule on a day; None when there is no such product."""
    row = await conn.fetchrow(_PRODUCT, product_id, on)
    if row is None:
        return None
    quality, packaging = await assessed(conn, product_id, on)
    points = judge(
        Facts(
            product_id=row["product_id"],
            business_id=row["business_id"],
            brand=BrandStatus(row["brand_status"]),
            brand_on=row["brand_changed_on"],
            brand_expires_on=row["brand_expires_on"],
            quality=quality,
            packaging=packaging,
            production_mode=row["production_mode"],
            capacity=row["capacity_quantity"],
            certified_on=row["certified_on"],
            next_event_on=row["with_stand_on"] or row["open_on"],
        ),
        on,
    )
    return ReadinessView(
        on=on,
        product_id=row["product_id"],
        business_id=row["business_id"],
        kelurahan=row["kelurahan"],
        rule=RULE,
        ready=all(point.state is State.MET for point in points),
        status=row["status"],
        check_due_on=row["check_due_on"],
        points=tuple(_shown(point, language) for point in points),
    )


def _shown(point: Point, language: Language) -> PointView:
    needed = None if point.needed is None else needed_view(point.needed, language)
    return PointView(
        point=point.name,
        state=point.state,
        fact=point.fact,
        on=point.on,
        bars_stand=point.bars,
        needed=needed,
    )
