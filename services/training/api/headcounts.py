"""Routes of the count of a room, beside the roster of names."""

from services.training.api.allow import READERS, STAFF
from services.training.commands import sessions
from services.training.domain import refusals as no
from services.training.queries import sessions as asked
from shared.db import Tx
from shared.http import Answer, Call, Example, Route, reach_anywhere, reach_by_row

HELD = "select session_id from session where held_on < current_date order by session_id limit 1"


async def post_headcount(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await sessions.report_headcount(tx, call.path["session_id"], call.body)
        where = f"/v1/sessions/{saved.session_id}/headcount"
        return Answer(body=saved, version=saved.version, location=where)

    return await call.write(work)


async def get_headcount(call: Call) -> Answer:
    session_id = call.path["session_id"]
    view = await call.read(lambda conn: asked.headcount(conn, session_id))
    if view is None:
        raise no.SessionNotFound
    return Answer(body=view)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/sessions/{session_id}/headcounts",
        action=post_headcount,
        summary="Melaporkan jumlah yang hadir di ruangan",
        english="Report how many were in the room",
        allow=STAFF,
        reach=reach_by_row("select kelurahan from session where session_id = $1", "session_id"),
        body=sessions.ReportHeadcount,
        answer=sessions.SessionSaved,
        status=201,
        refusals=(no.SessionNotFound, no.SessionNotHeldYet),
        example=Example(
            role="kasi",
            body={"headcount": 80, "approximate": True, "source": "news-report"},
            sample=HELD,
        ),
    ),
    Route(
        method="GET",
        path="/v1/sessions/{session_id}/headcount",
        action=get_headcount,
        summary="Jumlah di ruangan dibandingkan dengan daftar nama, juga menurut kecamatan",
        english="The count of the room against the roster, and by kecamatan",
        allow=READERS,
        reach=reach_anywhere("Hanya jumlah, tanpa orang dan tanpa usaha."),
        answer=asked.HeadcountView,
        refusals=(no.SessionNotFound,),
        example=Example(role="petugas", sample=HELD),
    ),
)
