"""Routes of what happens to a product: brand, assessments, licences, checks."""

from collections.abc import Awaitable, Callable

from services.marketing.api.allow import OFFICERS, STAFF
from services.marketing.commands import products as commands
from services.marketing.domain import refusals as no
from shared.db import Tx
from shared.http import Answer, Call, Example, Route, reach_by_row

BY_PRODUCT = reach_by_row(
    """
    select coalesce(b.kelurahan, '') from product p
    left join known_business_now b using (business_id) where p.product_id = $1
    """,
    "product_id",
)
NEWEST = "select product_id from product order by product_id desc limit 1"


async def post_brand(call: Call) -> Answer:
    product_id, version = call.path["product_id"], call.if_match or 0
    return await _written(
        call, lambda tx: commands.change_brand(tx, product_id, version, call.body)
    )


async def post_assessment(call: Call) -> Answer:
    product_id = call.path["product_id"]
    return await _written(call, lambda tx: commands.assess_product(tx, product_id, call.body))


async def post_licence(call: Call) -> Answer:
    product_id = call.path["product_id"]
    return await _written(call, lambda tx: commands.add_licence(tx, product_id, call.body))


async def post_check(call: Call) -> Answer:
    product_id = call.path["product_id"]
    return await _written(call, lambda tx: commands.check_product(tx, product_id, call.body))


async def _written(call: Call, told: Callable[[Tx], Awaitable[commands.ProductSaved]]) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await told(tx)
        return Answer(
            body=saved, version=saved.version, location=f"/v1/products/{saved.product_id}"
        )

    return await call.write(work)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/products/{product_id}/brand",
        action=post_brand,
        summary="Mencatat langkah merek: nama, pengajuan, terdaftar, ditolak",
        english="Record the brand's next step: a name, applied for, registered, rejected",
        allow=STAFF,
        reach=BY_PRODUCT,
        if_match=True,
        body=commands.ChangeBrand,
        answer=commands.ProductSaved,
        refusals=(
            no.ProductNotFound,
            no.ProductChanged,
            no.DayAhead,
            no.BrandStepImpossible,
            no.BrandStepBeforeLast,
            no.BrandDetailsMissing,
            no.BrandDetailsUnasked,
        ),
        example=Example(
            role="kasi",
            body={"status": "applied", "number": "JID2017000001", "brand_class": 30},
            sample="""
            select product_id, version from product where brand_status in ('none', 'name_only')
            order by product_id desc limit 1
            """,
        ),
    ),
    Route(
        method="POST",
        path="/v1/products/{product_id}/assessments",
        action=post_assessment,
        summary="Menilai mutu (lima butir) dan kemasan (0 sampai 100)",
        english="Assess quality (five points) and packaging (0 to 100)",
        allow=STAFF,
        reach=BY_PRODUCT,
        body=commands.AssessProduct,
        answer=commands.ProductSaved,
        status=201,
        refusals=(no.ProductNotFound, no.NothingAssessed, no.AssessedInFuture),
        example=Example(
            role="kasi",
            body={
                "quality": {
                    "recipe": True,
                    "weight": True,
                    "shelf_life": True,
                    "hygiene": True,
                    "label": False,
                },
                "packaging": 70,
                "photo_reference": "kemasan-2017-08",
                "assessed_on": "2017-08-02",
            },
            sample=NEWEST,
        ),
    ),
    Route(
        method="POST",
        path="/v1/products/{product_id}/licences",
        action=post_licence,
        summary="Mencatat izin: NIB, P-IRT, halal, atau merek",
        english="Record a licence: NIB, P-IRT, halal or mark",
        allow=STAFF,
        reach=BY_PRODUCT,
        body=commands.AddLicence,
        answer=commands.ProductSaved,
        status=201,
        refusals=(
            no.ProductNotFound,
            no.LicenceNumberWrong,
            no.LicenceDatesReversed,
            no.LicenceTooLong,
        ),
        example=Example(
            role="kasi",
            body={"kind": "nib", "number": "9120000000012", "valid_from": "2017-08-28"},
            sample=NEWEST,
        ),
    ),
    Route(
        method="POST",
        path="/v1/products/{product_id}/checks",
        action=post_check,
        summary="Memeriksa ketersediaan dan mutu setelah bermerek",
        english="Check availability and quality once it has a brand",
        allow=OFFICERS | {"fasilitator", "verifikator"},
        reach=BY_PRODUCT,
        body=commands.CheckProduct,
        answer=commands.ProductSaved,
        status=201,
        refusals=(no.ProductNotFound, no.NotBranded, no.CheckedInFuture),
        example=Example(
            role="kasi",
            body={"available": True, "quality_kept": True, "checked_on": "2017-09-01"},
            sample="""
            select product_id from product where brand_status in ('applied', 'registered')
            order by product_id desc limit 1
            """,
        ),
    ),
)
