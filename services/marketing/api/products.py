"""Routes of products, and whether one is ready for the market."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.marketing.api.allow import READERS, STAFF
from services.marketing.commands import products as commands
from services.marketing.domain import refusals as no
from services.marketing.queries import products as queries
from services.marketing.queries import readiness
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

ANY_PRODUCT = "select product_id from product order by product_id limit 1"


class ProductsQuery(Page[UUID]):
    """Which products; without a business all of the caller's areas."""

    business_id: UUID | None = None


class ReadinessQuery(BaseModel):
    """On which day; today unless said otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date | None = None


async def post_product(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await commands.add_product(tx, call.body)
        return Answer(
            body=saved,
            version=saved.version,
            location=f"/v1/products/{saved.product_id}",
        )

    return await call.write(work)


async def get_products(call: Call) -> Answer:
    query: ProductsQuery = call.query
    found = await call.read(
        lambda conn: queries.products(
            conn,
            call.actor,
            business_id=query.business_id,
            after=query.after,
            limit=query.most,
        )
    )
    shown, more = query.cut(found, lambda item: item.product_id)
    return Answer(body=queries.Products(items=shown), next_cursor=more)


async def get_product(call: Call) -> Answer:
    product_id = call.path["product_id"]
    view = await call.read(lambda conn: queries.product(conn, product_id))
    if view is None:
        raise no.ProductNotFound
    return Answer(body=view, version=view.version)


async def get_readiness(call: Call) -> Answer:
    query: ReadinessQuery = call.query
    product_id, on = call.path["product_id"], query.on or call.today
    view = await call.read(lambda conn: readiness.readiness(conn, product_id, on, call.language))
    if view is None:
        raise no.ProductNotFound
    return Answer(body=view)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/products",
        action=post_product,
        summary="Menambahkan produk sebuah usaha",
        english="Add a product of a business",
        allow=STAFF,
        reach=reach_by_row(
            "select kelurahan from known_business_now where business_id = $1", "body.business_id"
        ),
        body=commands.AddProduct,
        answer=commands.ProductSaved,
        status=201,
        refusals=(
            no.BusinessNotFound,
            no.BusinessNotKnownYet,
            no.DayAhead,
            no.PriceNegative,
            no.ShelfLifeTooShort,
        ),
        example=Example(
            role="kasi",
            body={
                "business_id": "{business_id}",
                "name": "Cokelat warna bertulisan",
                "unit": "jar",
                "price_rupiah": 35000,
                "shelf_life_days": 90,
                "brand_status": "none",
            },
            sample="""
            select b.business_id from known_business_now b
            order by exists (select from known_enrolment_now e
                             where e.business_id = b.business_id and e.state = 'present') desc,
                     exists (select from product p where p.business_id = b.business_id)
            limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/products",
        action=get_products,
        summary="Produk di wilayah sendiri, juga menurut usaha",
        english="Products of one's own areas, or of one business",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=ProductsQuery,
        answer=queries.Products,
        example=Example(role="petugas", query={"limit": "20"}),
    ),
    Route(
        method="GET",
        path="/v1/products/{product_id}",
        action=get_product,
        summary="Satu produk dengan merek, penilaian, izin, dan pemeriksaannya",
        english="One product with its brand, assessments, licences and checks",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=queries.ProductView,
        refusals=(no.ProductNotFound,),
        example=Example(role="kasi", sample=ANY_PRODUCT),
    ),
    Route(
        method="GET",
        path="/v1/products/{product_id}/readiness",
        action=get_readiness,
        summary="Kesiapan produk untuk pasar: lima butir, izin, dan langkah berikutnya",
        english="Is the product ready for the market: five points, licences and the next steps",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        query=ReadinessQuery,
        answer=readiness.ReadinessView,
        refusals=(no.ProductNotFound,),
        example=Example(role="kasi", sample=ANY_PRODUCT),
    ),
)
