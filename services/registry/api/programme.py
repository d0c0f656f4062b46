"""Routes of the programme itself: its sites, the offices, what was counted before."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.registry.api.allow import READERS
from services.registry.commands import programme
from services.registry.domain import refusals as no
from services.registry.queries import programme as queries
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Route,
    reach_anywhere,
    reach_by_body,
    reach_by_filter,
)

KASI = frozenset({"kasi"})


class SitesQuery(BaseModel):
    """The sites of one year, or of all."""

    model_config = ConfigDict(extra="forbid")
    year: Annotated[int, Field(ge=1979, le=2100)] | None = None


class OfficesQuery(BaseModel):
    """The titles that held `on` a day, or all."""

    model_config = ConfigDict(extra="forbid")
    on: date | None = None


async def post_site(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await programme.list_site(tx, call.body)
        return Answer(body=saved, version=saved.version, location="/v1/sites")

    return await call.write(work)


async def get_sites(call: Call) -> Answer:
    year = call.query.year
    return Answer(body=await call.read(lambda conn: queries.sites(conn, call.actor, year)))


async def post_office(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await programme.name_office(tx, call.body)
        return Answer(body=saved, version=saved.version, location="/v1/offices")

    return await call.write(work)


async def get_offices(call: Call) -> Answer:
    on = call.query.on
    return Answer(body=await call.read(lambda conn: queries.offices(conn, on)))


async def post_balance(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await programme.record_balance(tx, call.body)
        return Answer(body=saved, location="/v1/opening-balances")

    return await call.write(work)


async def get_balances(call: Call) -> Answer:
    return Answer(body=await call.read(lambda conn: queries.balances(conn, call.actor)))


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/sites",
        action=post_site,
        summary="Menetapkan kelurahan sebagai lokasi program dalam satu tahun, atau statusnya",
        english="Make a kelurahan a site of the programme in a year, or change its status",
        allow=KASI,
        reach=reach_by_body("kelurahan"),
        body=programme.ListSite,
        answer=programme.SiteSaved,
        status=201,
        refusals=(
            no.UnknownKelurahan,
            no.SiteStatusElsewhen,
            no.SiteStatusUnchanged,
            no.SiteStatusBackwards,
        ),
        example=Example(
            role="kasi",
            body={
                "kelurahan": "36.74.06.1005",
                "year": "{year}",
                "status": "active",
                "since": "{since}",
            },
            # a year without this site yet, so that the example can be tried again
            sample="""
            select y as year, y || '-01-02' as since from generate_series(2017, 2100) y
            where not exists (
                select from site where kelurahan = '36.74.06.1005' and site.year = y
            ) order by y limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/sites",
        action=get_sites,
        summary="Lokasi program menurut tahun",
        english="The programme's sites, by year",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=SitesQuery,
        answer=queries.Sites,
        example=Example(role="petugas", query={"year": "2017"}),
    ),
    Route(
        method="POST",
        path="/v1/offices",
        action=post_office,
        summary="Mencatat nama dinas sejak suatu tanggal",
        english="Record the title that an office bears since a day",
        allow=KASI,
        reach=reach_anywhere("An office works for the whole city."),
        body=programme.NameOffice,
        answer=programme.OfficeSaved,
        status=201,
        refusals=(no.ValidityBackwards, no.OfficeTitleBeforeLast),
        example=Example(
            role="kasi",
            body={
                "code": "{code}",
                "title": "Dinas Pemberdayaan Perempuan",
                "valid_from": "2017-01-02",
            },
            sample="select 'office-' || (1 + count(*))::text as code from office",
        ),
    ),
    Route(
        method="GET",
        path="/v1/offices",
        action=get_offices,
        summary="Nama dinas, semua atau yang berlaku pada suatu tanggal",
        english="The titles of offices, all or those that held on a day",
        allow=READERS,
        reach=reach_anywhere("An office works for the whole city."),
        query=OfficesQuery,
        answer=queries.Offices,
        example=Example(role="petugas", query={"on": "2017-07-31"}),
    ),
    Route(
        method="POST",
        path="/v1/opening-balances",
        action=post_balance,
        summary="Mencatat jumlah usaha menurut daftar lama, per kecamatan",
        english="Record how many businesses an old list counts in a kecamatan",
        allow=KASI,
        reach=reach_by_body("kecamatan"),
        body=programme.RecordBalance,
        answer=programme.BalanceSaved,
        status=201,
        refusals=(no.UnknownKecamatan, no.BalanceInFuture, no.BalanceRecordedAlready),
        example=Example(
            role="kasi",
            body={
                "kecamatan": "36.74.06",
                "businesses": 30,
                "as_of": "2017-07-31",
                "source": "{source}",
            },
            sample="select 'Contoh daftar ' || (1 + count(*))::text as source from opening_balance",
        ),
    ),
    Route(
        method="GET",
        path="/v1/opening-balances",
        action=get_balances,
        summary="Jumlah usaha menurut daftar lama; tidak pernah digabung dengan yang terdata",
        english="What old lists count; never added to what is registered",
        allow=READERS,
        reach=reach_by_filter("kecamatan"),
        answer=queries.Balances,
        example=Example(role="petugas"),
    ),
)
