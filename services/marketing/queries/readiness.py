"""Whether a product is ready for the market, point by point."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.marketing.domain.licence import Told
from services.marketing.domain.market_event import Details, MarketEvent
from services.marketing.domain.product import BrandStatus, ProductStatus
from services.marketing.domain.readiness import (
    RULE,
    Facts,
    Point,
    State,
    judge,
    judge_licences,
)
from services.marketing.domain.stand import Asking, missing
from services.marketing.queries.products import assessed
from services.marketing.queries.views import NeededView, View, needed_view
from shared.db import Connection
from shared.errors import Language


class PointView(View):
    """One point: what is known of it and since when, and what to do when it isn't met.

    `source`: `office` (which one: `by_office`) or `staff`, whose fact counts. `remark`: where the
    other side says otherwise. `valid_until`: a licence's last day. `bars_stand`: somebody found it
    wanting, so there is no stand unless a head of section allows.
    """

    point: str
    state: State
    fact: str | None
    on: date | None
    source: str | None
    by_office: str | None
    valid_until: date | None
    remark: str | None
    bars_stand: bool
    needed: NeededView | None


class StandOutlook(View):
    """What is missing for a stand at the next market event; empty, and not held: ask for it."""

    market_event_id: UUID
    starts_on: date
    free: int
    held: bool
    needed: tuple[NeededView, ...]


class ReadinessView(View):
    """All points of the rule on a day, by what is known now; production as it is now.

    `licences`: each as offices and staff told of it for that day; one that nobody told of is
    unknown and asks for nothing. `check_due_on`: when the next monthly check is due, once branded.
    `next_stand`: null when no event is to come.
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
    licences: tuple[PointView, ...]
    next_stand: StandOutlook | None


_PRODUCT = """
select p.product_id, p.business_id, b.kelurahan, p.status,
       -- before its first step a brand was what the product was added with
       coalesce(w.status, case when p.brand_changed_on is null then p.brand_status else 'none' end)
           as brand_status,
       w.changed_on as brand_changed_on, w.expires_on as brand_expires_on,
       b.production_mode, b.capacity_quantity,
       (select count(*) from product o where o.business_id = p.business_id) as products,
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


_LICENCES = "select * from licences_told($1, $2, $3)"
_NEXT_EVENT = """
select m.market_event_id, m.source, m.event_ref, m.host_city, m.name, m.place, m.starts_on,
       m.ends_on, m.time_zone, m.stands,
       exists (select from known_enrolment_now e
               where e.business_id = $2 and e.state = 'present') as attended
from market_event m where m.status = 'open' and m.starts_on > $1
order by m.starts_on, m.market_event_id limit 1
"""
_TAKEN = """
select stand_number, business_id from stand
where market_event_id = $1 and status = 'confirmed'
"""


async def readiness(
    conn: Connection, product_id: UUID, on: date, language: Language
) -> ReadinessView | None:
    """The product against the rule on a day; None when there is no such product."""
    row = await conn.fetchrow(_PRODUCT, product_id, on)
    if row is None:
        return None
    quality, packaging = await assessed(conn, product_id, on)
    told = await conn.fetch(_LICENCES, product_id, row["business_id"], on)
    facts = Facts(
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
        licences=tuple(Told(**one) for one in told),
        products=row["products"],
    )
    points, licences = judge(facts, on), judge_licences(facts, on)
    return ReadinessView(
        on=on,
        product_id=row["product_id"],
        business_id=row["business_id"],
        kelurahan=row["kelurahan"],
        rule=RULE,
        ready=not any(point.needed for point in points + licences),
        status=row["status"],
        check_due_on=row["check_due_on"],
        points=tuple(_shown(point, language) for point in points),
        licences=tuple(_shown(point, language) for point in licences),
        next_stand=await _outlook(conn, row, points + licences, on, language),
    )


async def _outlook(
    conn: Connection,
    product: Mapping[str, Any],
    points: tuple[Point, ...],
    on: date,
    language: Language,
) -> StandOutlook | None:
    """What `missing` says of the next event after that day, without a promise of goods."""
    row = await conn.fetchrow(_NEXT_EVENT, on, product["business_id"])
    if row is None:
        return None
    told = dict(row)
    event_id, attended = told.pop("market_event_id"), told.pop("attended")
    event = MarketEvent(event_id, told.pop("source"), told.pop("event_ref"), Details(**told))
    taken = {r["stand_number"]: r["business_id"] for r in await conn.fetch(_TAKEN, event_id)}
    held = product["business_id"] in taken.values()
    asking = Asking(
        business_id=product["business_id"],
        product_id=product["product_id"],
        attended=attended,
        suspended=product["status"] == ProductStatus.SUSPENDED,
        points=points,
    )
    needed = () if held else missing(event, taken, asking)
    return StandOutlook(
        market_event_id=event_id,
        starts_on=event.details.starts_on,
        free=max(event.details.stands - len(taken), 0),
        held=held,
        needed=tuple(needed_view(need, language) for need in needed),
    )


def _shown(point: Point, language: Language) -> PointView:
    needed = None if point.needed is None else needed_view(point.needed, language)
    return PointView(
        point=point.name,
        state=point.state,
        fact=point.fact,
        on=point.on,
        source=point.source,
        by_office=point.by_office,
        valid_until=point.valid_until,
        remark=None if point.remark is None else point.remark.text(language),
        bars_stand=point.bars,
        needed=needed,
    )
