"""Routes of home businesses: entering, changing, correcting, and what became of them."""

from uuid import UUID

from services.registry.api.allow import OFFICERS, READERS, STAFF
from services.registry.commands import businesses
from services.registry.commands.businesses import (
    ChangeProduction,
    CorrectBusiness,
    RegisterBusiness,
)
from services.registry.domain import refusals as no
from services.registry.queries import businesses as queries
from shared.contracts.values import Code, KelurahanCode
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Page,
    Route,
    reach_by_answer,
    reach_by_body,
    reach_by_filter,
    reach_by_row,
)

BY_BUSINESS = reach_by_row("select kelurahan from business where business_id = $1", "business_id")
# A business of the kelurahan that a demo token's petugas works in.
ANY_BUSINESS = """
select business_id, version from business where kelurahan like '36.74.06.%'
order by business_id desc limit 1
"""


class BusinessesQuery(Page[UUID]):
    """Which businesses; without filters all of the caller's areas."""

    kelurahan: KelurahanCode | None = None
    sector: Code | None = None


async def post_business(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        return saved_answer(await businesses.register_business(tx, call.body))

    return await call.write(work)


async def post_production_change(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        business_id, version = call.path["business_id"], call.if_match or 0
        return saved_answer(await businesses.change_production(tx, business_id, version, call.body))

    return await call.write(work)


async def post_correction(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        business_id, version = call.path["business_id"], call.if_match or 0
        return saved_answer(await businesses.correct_business(tx, business_id, version, call.body))

    return await call.write(work)


async def get_businesses(call: Call) -> Answer:
    query: BusinessesQuery = call.query
    found = await call.read(
        lambda conn: queries.businesses(
            conn,
            call.actor,
            kelurahan=query.kelurahan,
            sector=query.sector,
            after=query.after,
            limit=query.most,
        )
    )
    shown, more = query.cut(found, lambda item: item.business_id)
    return Answer(body=queries.Businesses(items=shown), next_cursor=more)


async def get_business(call: Call) -> Answer:
    business_id = call.path["business_id"]
    view = await call.read(lambda conn: queries.business(conn, business_id))
    if view is None:
        raise no.BusinessNotFound
    return Answer(body=view, version=view.version)


def saved_answer(saved: businesses.BusinessSaved) -> Answer:
    """The business in its new version."""
    location = f"/v1/businesses/{saved.business_id}"
    return Answer(body=saved, version=saved.version, location=location)


_ENTRIES = (
    no.UnknownKelurahan,
    no.UnknownSector,
    no.SubSectorElsewhere,
    no.UnknownUnit,
    no.CapacityNotPositive,
    no.StartInFuture,
    no.NamedTwice,
)

ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/businesses",
        action=post_business,
        summary="Mendata usaha rumahan",
        english="Register a home business",
        allow=STAFF,
        reach=reach_by_body("kelurahan"),
        body=RegisterBusiness,
        answer=businesses.BusinessSaved,
        status=201,
        refusals=(no.PersonNotFound, no.RegisteredOutOfTime, *_ENTRIES),
        example=Example(
            role="petugas",
            body={
                "owner_id": "{owner_id}",
                "kelurahan": "36.74.06.1005",
                "sector": "food",
                "sub_sector": "confectionery",
                "started_on": "2017-05-01",
                "production_mode": "to_order",
                "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
                "channels": [{"kind": "online"}],
                "constraints": [
                    {"kind": "brand", "severity": 3},
                    {"kind": "marketing", "severity": 2},
                ],
            },
            sample="select person_id as owner_id from person order by person_id desc limit 1",
        ),
    ),
    Route(
        method="GET",
        path="/v1/businesses",
        action=get_businesses,
        summary="Daftar usaha di wilayah tugas",
        english="The businesses of the caller's areas",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=BusinessesQuery,
        answer=queries.Businesses,
        example=Example(role="petugas", query={"sector": "food", "limit": "10"}),
    ),
    Route(
        method="GET",
        path="/v1/businesses/{business_id}",
        action=get_business,
        summary="Data satu usaha",
        english="One business",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=queries.BusinessView,
        refusals=(no.BusinessNotFound,),
        example=Example(role="petugas", sample=ANY_BUSINESS),
    ),
    Route(
        method="POST",
        path="/v1/businesses/{business_id}/production-changes",
        action=post_production_change,
        summary="Mencatat perubahan cara atau kapasitas produksi yang benar-benar terjadi",
        english="Record that the business produces differently since a day",
        allow=STAFF,
        reach=BY_BUSINESS,
        if_match=True,
        body=ChangeProduction,
        answer=businesses.BusinessSaved,
        refusals=(
            no.BusinessNotFound,
            no.BusinessChanged,
            no.EffectiveInFuture,
            no.EffectiveBeforeStart,
            no.EffectiveBeforeLastChange,
            no.NothingChanged,
            no.UnknownUnit,
            no.CapacityNotPositive,
        ),
        example=Example(
            role="petugas",
            body={
                "production_mode": "batch",
                "capacity": {"quantity": "{quantity}", "unit": "jar", "period": "day"},
                "effective_on": "{effective_on}",
            },
            sample="""
            select business_id, version, production_since::text as effective_on,
                   (capacity_quantity + 1)::text as quantity
            from business where kelurahan like '36.74.06.%' order by business_id desc limit 1
            """,
        ),
    ),
    Route(
        method="POST",
        path="/v1/businesses/{business_id}/corrections",
        action=post_correction,
        summary="Membetulkan isian yang keliru; keadaan usahanya sendiri tidak berubah",
        english="Put a wrong entry right; the business itself didn't change",
        allow=OFFICERS,
        reach=BY_BUSINESS,
        if_match=True,
        body=CorrectBusiness,
        answer=businesses.BusinessSaved,
        refusals=(
            no.BusinessNotFound,
            no.BusinessChanged,
            no.OutsideArea,
            no.StartAfterChange,
            no.NothingChanged,
            *_ENTRIES,
        ),
        example=Example(
            role="petugas",
            body={
                "reason_code": "typing_error",
                "reason": "Salah ketik saat pendataan",
                "capacity": {"quantity": "{quantity}", "unit": "jar", "period": "day"},
            },
            sample="""
            select business_id, version, (capacity_quantity + 1)::text as quantity
            from business where kelurahan like '36.74.06.%' order by business_id desc limit 1
            """,
        ),
    ),
)
