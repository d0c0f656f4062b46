"""Routes of products."""

from services.marketing import commands, queries
from services.marketing.api.allow import READERS, STAFF
from services.marketing.domain import refusals as no
from shared.db import Tx
from shared.http import Answer, Call, Example, Route, reach_by_answer, reach_by_row


async def post_product(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await commands.add_product(tx, call.body)
        return Answer(
            body=saved,
            version=saved.version,
            location=f"/v1/products/{saved.product_id}",
        )

    return await call.write(work)


async def get_product(call: Call) -> Answer:
    product_id = call.path["product_id"]
    view = await call.read(lambda conn: queries.product(conn, product_id))
    if view is None:
        raise no.ProductNotFound
    return Answer(body=view, version=view.version)


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
        path="/v1/products/{product_id}",
        action=get_product,
        summary="Satu produk",
        english="One product",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=queries.ProductView,
        refusals=(no.ProductNotFound,),
        example=Example(role="kasi", sample="select product_id from product limit 1"),
    ),
)
