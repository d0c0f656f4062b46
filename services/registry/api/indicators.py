"""The route of the ten figures."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.registry.api.allow import READERS
from services.registry.queries import indicators as queries
from shared.contracts.values import KelurahanCode
from shared.http import Answer, Call, Example, Route, reach_by_filter


class IndicatorsQuery(BaseModel):
    """One kelurahan, one year, as of a day; all of the caller's areas, ever, today if not said."""

    model_config = ConfigDict(extra="forbid")
    kelurahan: KelurahanCode | None = None
    year: Annotated[int, Field(ge=1979, le=2100)] | None = None
    as_of: date | None = None


async def get_indicators(call: Call) -> Answer:
    query: IndicatorsQuery = call.query
    view = await call.read(
        lambda conn: queries.indicators(
            conn,
            call.actor,
            kelurahan=query.kelurahan,
            year=query.year,
            as_of=query.as_of,
            language=call.language,
        )
    )
    return Answer(body=view)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/indicators",
        action=get_indicators,
        summary="Sepuluh angka program, dengan definisi, saringan, dan rincian per kelurahan",
        english="The programme's ten figures, with definition, filter and the funnel by kelurahan",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=IndicatorsQuery,
        answer=queries.Indicators,
        example=Example(role="petugas", query={"year": "2017", "as_of": "2017-12-31"}),
    ),
)
