"""The ten figures and the funnel by kelurahan, as of a day."""

from datetime import date

from services.registry.domain.indicators import FIGURES, Figure, period
from services.registry.domain.observations import IncomeBand
from services.registry.queries.views import View
from shared.actor import Actor
from shared.db import Connection
from shared.errors import Language


class FilterView(View):
    """What was counted: where (all of the caller's areas unless said) and which days."""

    kelurahan: str | None
    from_on: date | None
    to_on: date


class FigureView(View):
    """One figure: its code, what it counts, within which filter, and how many."""

    figure: str
    title: str
    definition: str
    filter: FilterView
    value: int


class Funnel(View):
    """The ten figures of one kelurahan."""

    kelurahan: str
    registered: int
    covered_elsewhere: int
    trained: int
    certified: int
    branded: int
    ready: int
    at_a_market: int
    sold: int
    producing_continuously: int
    earning_more: int


class Indicators(View):
    """The figures, and under `items` the same by kelurahan: each figure is the sum of its column.

    `as_of`: what was the case on that day, by what is known now; never later than today.
    """

    as_of: date
    year: int | None
    kelurahan: str | None
    figures: tuple[FigureView, ...]
    items: tuple[Funnel, ...]


# $1 the caller's areas, $2 kelurahan, $3 first and $4 last day, $5 income bands from less to more
_BY_KELURAHAN = """
with looked as (
    select b.kelurahan,
        coalesce((
            select c.guided = 'yes' from coverage c
            where c.business_id = b.business_id and c.answered_on <= $4
            order by c.version desc limit 1
        ), false) as covered_elsewhere,
        exists (
            select from known_enrolment_now e join known_session_now s using (session_id)
            where e.business_id = b.business_id and e.state = 'present'
              and s.held_on between $3 and $4
        ) as trained,
        exists (
            select from known_certificate_now c
            where c.business_id = b.business_id and c.issued_on between $3 and $4
              and (c.revoked_on is null or c.revoked_on > $4)
        ) as certified,
        exists (
            select from known_certificate_now c
            where c.business_id = b.business_id and c.issued_on <= $4
              and (c.revoked_on is null or c.revoked_on > $4)
        ) as has_certificate,
        coalesce(p.branded, false) as branded,
        coalesce(p.ready, false) as product_ready,
        exists (
            select from known_stand_now s
            where s.business_id = b.business_id and s.status = 'confirmed'
              and s.starts_on between $3 and $4
        ) as at_a_market,
        exists (
            select from known_sale_now s
            where s.business_id = b.business_id and s.rupiah > 0 and s.month between $3 and $4
        ) as sold,
        -- before its first change after the day, or as it is now
        coalesce((
            select h.old #>> '{}' from business_history h
            where h.business_id = b.business_id and h.kind = 'change'
              and h.field = 'production_mode' and h.effective_on > $4
            order by h.effective_on, h.version limit 1
        ), b.production_mode) as production_mode,
        coalesce(i.later > i.at_first, false) as earning_more
    from business b
    left join lateral (
        select bool_or(w.branded) as branded,
               bool_or(w.branded and v.quality_score >= 4
                       and v.quality_on between $4 - 365 and $4
                       and v.packaging_score >= 60 and v.status <> 'suspended') as ready
        from (
            select distinct on (k.product_id) k.* from known_product_now k
            where k.business_id = b.business_id and k.since <= $4
            order by k.product_id, k.version desc
        ) v
        -- A version that tells of something else has the brand of the day it was typed in, not of
        -- its own day: only one that changed the brand says since when.
        left join lateral (
            select c.brand_status in ('applied', 'registered')
                   and coalesce(c.brand_expires_on >= $4, true) as branded
            from (
                select k.version, k.since, k.brand_status, k.brand_expires_on,
                       (k.brand_status, k.brand_expires_on) is distinct from
                       (lag(k.brand_status) over told, lag(k.brand_expires_on) over told) as changed
                from known_product_now k
                where k.business_id = b.business_id and k.product_id = v.product_id
                window told as (order by k.version)
            ) c
            where c.changed and c.since <= $4 order by c.version desc limit 1
        ) w on true
    ) p on true
    left join lateral (
        select (select array_position($5::text[], f.income_band) from follow_up f
                where f.business_id = b.business_id and f.month = 0 and f.observed_on <= $4
                order by f.version desc limit 1) as at_first,
               (select array_position($5::text[], f.income_band) from follow_up f
                where f.business_id = b.business_id and f.month > 0 and f.observed_on <= $4
                order by f.version desc limit 1) as later
    ) i on true
    where b.kelurahan like any ($1::text[])
      and ($2::text is null or b.kelurahan = $2)
      and coalesce(b.registered_on, b.recorded_at::date) <= $4
)
select kelurahan,
       count(*) as registered,
       count(*) filter (where covered_elsewhere) as covered_elsewhere,
       count(*) filter (where trained) as trained,
       count(*) filter (where certified) as certified,
       count(*) filter (where branded) as branded,
       count(*) filter (where product_ready and has_certificate
                          and production_mode <> 'to_order') as ready,
       count(*) filter (where at_a_market) as at_a_market,
       count(*) filter (where sold) as sold,
       count(*) filter (where production_mode = 'continuous') as producing_continuously,
       count(*) filter (where earning_more) as earning_more
from looked group by kelurahan order by kelurahan
"""


async def indicators(
    conn: Connection,
    actor: Actor,
    *,
    kelurahan: str | None,
    year: int | None,
    as_of: date | None,
    language: Language,
) -> Indicators:
    """The figures within the caller's areas."""
    today: date = await conn.fetchval("select (now() at time zone 'Asia/Jakarta')::date")
    day = min(as_of or today, today)
    first, last = period(year, day)
    bands = [band.value for band in IncomeBand]
    rows = await conn.fetch(_BY_KELURAHAN, actor.patterns(), kelurahan, first, last, bands)
    items = tuple(Funnel(**row) for row in rows)

    def figure(of: Figure) -> FigureView:
        since = first if of.in_period and year is not None else None
        return FigureView(
            figure=of.code,
            title=of.titled(language),
            definition=of.defined(language),
            filter=FilterView(kelurahan=kelurahan, from_on=since, to_on=last),
            value=sum(getattr(item, of.code) for item in items),
        )

    return Indicators(
        as_of=day,
        year=year,
        kelurahan=kelurahan,
        figures=tuple(figure(of) for of in FIGURES),
        items=items,
    )
