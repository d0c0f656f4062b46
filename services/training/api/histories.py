"""The route of what a business's owner was taught."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from services.training.api.allow import READERS
from services.training.domain import refusals as no
from services.training.queries import history as queries
from shared.http import Answer, Call, Example, Route, reach_by_row


class HistoryQuery(BaseModel):
    """Up to which day; today unless said otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date | None = None


async def get_history(call: Call) -> Answer:
    query: HistoryQuery = call.query
    business_id, on = call.path["business_id"], query.on or call.today
    view = await call.read(lambda conn: queries.history(conn, business_id, on))
    if view is None:
        raise no.BusinessNotFound
    return Answer(body=view)


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/businesses/{business_id}/trainings",
        action=get_history,
        summary="Semua pelatihan yang diikuti pemilik usaha, juga dari dinas lain",
        english="Everything that a business's owner was taught, by other offices too",
        allow=READERS,
        reach=reach_by_row(
            "select kelurahan from known_business_now where business_id = $1", "business_id"
        ),
        query=HistoryQuery,
        answer=queries.HistoryView,
        refusals=(no.BusinessNotFound,),
        example=Example(
            role="petugas", sample="select business_id from known_business_now limit 1"
        ),
    ),
)
