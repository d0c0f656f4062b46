"""Routes of sales."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from services.marketing.api.allow import READERS, STAFF
from services.marketing.commands import sales as commands
from services.marketing.domain import refusals as no
from services.marketing.queries import sales as queries
from shared.contracts.values import Code
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Page,
    Route,
    reach_anywhere,
    reach_by_answer,
    reach_by_filter,
    reach_by_row,
)

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class SalesQuery(Page[UUID]):
    """Which reports."""

    market_event_id: UUID | None = None
    product_id: UUID | None = None
    channel: Code | None = None
    month: Month | None = None


class TotalsQuery(BaseModel):
    """Which sums."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    market_event_id: UUID | None = None
    channel: Code | None = None
    month: Month | None = None


async def post_sale(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await commands.report_sale(tx, call.body)
        return Answer(body=saved, version=saved.version, location=f"/v1/sales/{saved.sale_id}")

    return await call.write(work)


async def get_sale(call: Call) -> Answer:
    sale_id = call.path["sale_id"]
    view = await call.read(lambda conn: queries.sale(conn, sale_id))
    if view is None:
        raise no.SaleNotFound
    return Answer(body=view, version=view.version)


async def get_sales(call: Call) -> Answer:
    query: SalesQuery = call.query
    found = await call.read(
        lambda conn: queries.sales(
            conn,
            call.actor,
            market_event_id=query.market_event_id,
            product_id=query.product_id,
            channel=query.channel,
            month=query.month,
            after=query.after,
            limit=query.most,
        )
    )
    shown, more = query.cut(found, lambda item: item.sale_id)
    return Answer(body=queries.Sales(items=shown), next_cursor=more)


async def get_sales_totals(call: Call) -> Answer:
    query: TotalsQuery = call.query
    found = await call.read(
        lambda conn: queries.totals(
            conn,
            call.actor,
            market_event_id=query.market_event_id,
            channel=query.channel,
            month=query.month,
        )
    )
    return Answer(body=queries.SalesTotals(items=tuple(found)))


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/sales",
        action=post_sale,
        summary="Melaporkan penjualan menurut saluran, bulan, dan acara, atau mengoreksinya",
        english="Report a product's sales by channel, month and event, or correct a report",
        allow=STAFF,
        reach=reach_by_row(
            """
            select coalesce(b.kelurahan, '') from product p
            left join known_business_now b using (business_id) where p.product_id = $1
            """,
            "body.product_id",
        ),
        body=commands.ReportSale,
        answer=commands.SaleSaved,
        status=201,
        refusals=(
            no.ProductNotFound,
            no.MarketEventNotFound,
            no.SaleEmpty,
            no.EventWanted,
            no.EventUnasked,
            no.MonthAhead,
            no.MonthNotEvents,
            no.NoStandThere,
            no.SaleReportedAlready,
            no.SaleNotFound,
            no.SaleChanged,
            no.SaleUnchanged,
        ),
        example=Example(
            role="kasi",
            body={
                "product_id": "{product_id}",
                "channel": "online",
                "month": "2017-08",
                "quantity": "120",
                "rupiah": 4_200_000,
            },
            sample="""
            select product_id from product p
            where not exists (select from sale s where s.product_id = p.product_id
                              and s.month = '2017-08' and s.channel = 'online')
            order by product_id desc limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/sales",
        action=get_sales,
        summary="Laporan penjualan dari wilayah sendiri",
        english="Reported sales of one's own areas",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=SalesQuery,
        answer=queries.Sales,
        example=Example(role="petugas", query={"month": "2017-08"}),
    ),
    Route(
        method="GET",
        path="/v1/sales/{sale_id}",
        action=get_sale,
        summary="Satu laporan penjualan dan koreksinya",
        english="One report of sales and its corrections",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=queries.SaleWithHistory,
        refusals=(no.SaleNotFound,),
        example=Example(role="kasi", sample="select sale_id from sale limit 1"),
    ),
    Route(
        method="GET",
        path="/v1/sales-totals",
        action=get_sales_totals,
        summary="Jumlah penjualan yang dilaporkan, menurut acara, saluran, dan bulan",
        english="Sums of reported sales by event, channel and month",
        allow=READERS,
        reach=reach_anywhere("Hanya menjumlahkan usaha dari wilayah sendiri."),
        query=TotalsQuery,
        answer=queries.SalesTotals,
        example=Example(role="petugas"),
    ),
)
