"""Routes of stands."""

from uuid import UUID

from services.marketing.api.allow import OFFICERS, READERS
from services.marketing.commands import stands as commands
from services.marketing.domain import refusals as no
from services.marketing.queries import stands as queries
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Page,
    Route,
    reach_by_answer,
    reach_by_filter,
    reach_by_row,
)


class StandsQuery(Page[UUID]):
    """Which part of the event's stands."""


async def post_stand(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        return _saved(await commands.confirm_stand(tx, call.path["market_event_id"], call.body))

    return await call.write(work)


async def get_stands(call: Call) -> Answer:
    query: StandsQuery = call.query
    event_id = call.path["market_event_id"]
    found = await call.read(
        lambda conn: queries.stands(conn, event_id, call.actor, after=query.after, limit=query.most)
    )
    if found is None:
        raise no.MarketEventNotFound
    shown, more = query.cut(found, lambda item: item.stand_id)
    return Answer(body=queries.Stands(items=shown), next_cursor=more)


async def get_stand(call: Call) -> Answer:
    stand_id = call.path["stand_id"]
    view = await call.read(lambda conn: queries.stand(conn, stand_id))
    if view is None:
        raise no.StandNotFound
    return Answer(body=view, version=view.version)


async def post_release(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        stand_id, version = call.path["stand_id"], call.if_match or 0
        return _saved(await commands.release_stand(tx, stand_id, version, call.body))

    return await call.write(work)


def _saved(saved: commands.StandSaved) -> Answer:
    return Answer(body=saved, version=saved.version, location=f"/v1/stands/{saved.stand_id}")


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/market-events/{market_event_id}/stands",
        action=post_stand,
        summary="Meminta stan untuk sebuah produk",
        english="Ask for a stand for a product",
        allow=OFFICERS,
        reach=reach_by_row(
            """
            select coalesce(b.kelurahan, '') from product p
            left join known_business_now b using (business_id) where p.product_id = $1
            """,
            "body.product_id",
        ),
        body=commands.ConfirmStand,
        answer=commands.StandGiven,
        status=201,
        refusals=(
            no.ProductNotFound,
            no.MarketEventNotFound,
            no.EventCancelled,
            no.EventStarted,
            no.DayAhead,
            no.HasStand,
            no.AttendanceNotKnownYet,
            no.NotAttended,
            no.ProductIsSuspended,
            no.ProductFoundWanting,
            no.OverrideNotYours,
            no.SupplyUnknown,
            no.SupplyShort,
            no.PromiseZero,
            no.StandsGone,
        ),
        example=Example(
            role="kasi",
            body={"product_id": "{product_id}"},
            sample="""
            select m.market_event_id, p.product_id from market_event m cross join product p
            where m.status = 'open' and m.starts_on > current_date + 1 and p.status <> 'suspended'
              and m.stands > (select count(*) from stand s
                              where s.market_event_id = m.market_event_id
                                and s.status = 'confirmed')
              and exists (select from known_enrolment_now e
                          where e.business_id = p.business_id and e.state = 'present')
              and not exists (select from stand s where s.market_event_id = m.market_event_id
                              and s.business_id = p.business_id and s.status = 'confirmed')
              and not exists (select from licence l where l.product_id = p.product_id
                              and l.valid_until < current_date)
            limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/market-events/{market_event_id}/stands",
        action=get_stands,
        summary="Stan usaha dari wilayah sendiri di satu acara pasar",
        english="The stands of one's own area's businesses at a market event",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=StandsQuery,
        answer=queries.Stands,
        refusals=(no.MarketEventNotFound,),
        example=Example(role="kasi", sample="select market_event_id from market_event limit 1"),
    ),
    Route(
        method="GET",
        path="/v1/stands/{stand_id}",
        action=get_stand,
        summary="Satu stan",
        english="One stand",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=queries.StandView,
        refusals=(no.StandNotFound,),
        example=Example(role="kasi", sample="select stand_id from stand limit 1"),
    ),
)

# The page shows it last: what is given back can get no support any more.
GIVING_BACK: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/stands/{stand_id}/release",
        action=post_release,
        summary="Melepas stan dengan alasan",
        english="Give a stand back, with a reason",
        allow=OFFICERS,
        reach=reach_by_row(
            """
            select coalesce(b.kelurahan, '') from stand s
            left join known_business_now b using (business_id) where s.stand_id = $1
            """,
            "stand_id",
        ),
        if_match=True,
        body=commands.ReleaseStand,
        answer=commands.StandSaved,
        refusals=(no.StandNotFound, no.StandChanged, no.StandReleasedAlready),
        example=Example(
            role="kasi",
            body={"reason": "Produksi tidak mencukupi"},
            sample="""
            select stand_id, version from stand where status = 'confirmed'
            order by stand_id desc limit 1
            """,
        ),
    ),
)
