"""Routes of what became of a business."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from services.registry.api.allow import READERS
from services.registry.api.businesses import ANY_BUSINESS, BY_BUSINESS
from services.registry.domain import refusals as no
from services.registry.queries import eligibility, journeys, observations
from shared.http import Answer, Call, Example, Route


async def get_history(call: Call) -> Answer:
    business_id = call.path["business_id"]
    view = await call.read(lambda conn: journeys.history(conn, business_id))
    if view is None:
        raise no.BusinessNotFound
    return Answer(body=view)


async def get_journey(call: Call) -> Answer:
    business_id = call.path["business_id"]
    view = await call.read(
        lambda conn: journeys.journey(conn, business_id, call.today, call.language)
    )
    if view is None:
        raise no.BusinessNotFound
    return Answer(body=view)


async def get_observations(call: Call) -> Answer:
    business_id = call.path["business_id"]
    view = await call.read(lambda conn: observations.observations(conn, business_id))
    if view is None:
        raise no.BusinessNotFound
    return Answer(body=view)


class EligibilityQuery(BaseModel):
    """On which day; today unless said otherwise."""

    model_config = ConfigDict(extra="forbid")
    on: date | None = None


async def get_eligibility(call: Call) -> Answer:
    business_id, on = call.path["business_id"], call.query.on or call.today
    view = await call.read(
        lambda conn: eligibility.eligibility(conn, business_id, on, call.language)
    )
    if view is None:
        raise no.BusinessNotFound
    return Answer(body=view)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/businesses/{business_id}/history",
        action=get_history,
        summary="Riwayat perubahan dan pembetulan, per isian",
        english="What was changed or corrected, field by field",
        allow=READERS,
        reach=BY_BUSINESS,
        answer=journeys.History,
        refusals=(no.BusinessNotFound,),
        example=Example(role="petugas", sample=ANY_BUSINESS),
    ),
    Route(
        method="GET",
        path="/v1/businesses/{business_id}/journey",
        action=get_journey,
        summary="Perjalanan usaha ini dalam program, dari semua layanan, dan langkah berikutnya",
        english="The way of this business through the programme, and what is next for it",
        allow=READERS,
        reach=BY_BUSINESS,
        answer=journeys.Journey,
        refusals=(no.BusinessNotFound,),
        example=Example(role="petugas", sample=ANY_BUSINESS),
    ),
    Route(
        method="GET",
        path="/v1/businesses/{business_id}/observations",
        action=get_observations,
        summary="Yang diamati dari usaha ini: kelas, pembinaan dinas lain, kendala, perkembangan",
        english="What was observed of this business: class, coverage, constraints, follow-ups",
        allow=READERS,
        reach=BY_BUSINESS,
        answer=observations.Observations,
        refusals=(no.BusinessNotFound,),
        example=Example(role="petugas", sample=ANY_BUSINESS),
    ),
    Route(
        method="GET",
        path="/v1/businesses/{business_id}/eligibility",
        action=get_eligibility,
        summary="Apakah usaha ini layak dibina, mengapa, dan apa yang masih diperlukan",
        english="Whether the programme may guide this business, why, and what would change it",
        allow=READERS,
        reach=BY_BUSINESS,
        query=EligibilityQuery,
        answer=eligibility.Eligibility,
        refusals=(no.BusinessNotFound,),
        example=Example(role="petugas", query={"on": "2017-07-31"}, sample=ANY_BUSINESS),
    ),
)
