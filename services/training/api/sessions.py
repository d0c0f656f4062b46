"""Routes of the training calendar."""

from datetime import date
from uuid import UUID

from services.training.api.allow import OFFICERS, READERS
from services.training.commands import sessions as commands
from services.training.domain import refusals as no
from services.training.queries import sessions as queries
from shared.contracts.values import KelurahanCode
from shared.db import Tx
from shared.http import Answer, Call, Example, Page, Route, reach_anywhere, reach_by_body

OPEN_CALENDAR = reach_anywhere("Jadwal sesi terbuka bagi semua petugas dan tidak memuat orang.")


class SessionsQuery(Page[tuple[date, UUID]]):
    """Which part of the calendar."""

    held_from: date | None = None
    kelurahan: KelurahanCode | None = None


async def post_session(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await commands.schedule_session(tx, call.body)
        return Answer(
            body=saved,
            version=saved.version,
            location=f"/v1/sessions/{saved.session_id}",
        )

    return await call.write(work)


async def get_session(call: Call) -> Answer:
    session_id = call.path["session_id"]
    view = await call.read(lambda conn: queries.session(conn, session_id))
    if view is None:
        raise no.SessionNotFound
    return Answer(body=view, version=view.version)


async def get_sessions(call: Call) -> Answer:
    query: SessionsQuery = call.query
    found = await call.read(
        lambda conn: queries.sessions(
            conn,
            held_from=query.held_from,
            kelurahan=query.kelurahan,
            after=query.after,
            limit=query.most,
        )
    )
    shown, more = query.cut(found, lambda s: (s.held_on, s.session_id))
    return Answer(body=queries.Sessions(items=shown), next_cursor=more)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/sessions",
        action=post_session,
        summary="Menjadwalkan sesi pelatihan",
        english="Schedule a training session",
        allow=OFFICERS,
        reach=reach_by_body("kelurahan"),
        body=commands.ScheduleSession,
        answer=commands.SessionSaved,
        status=201,
        refusals=(
            no.UnknownVenue,
            no.SessionLengthWrong,
            no.CohortNotFound,
            no.CohortCertified,
        ),
        example=Example(
            role="kasi",
            body={
                "title": "Keterampilan industri rumahan",
                "topics": ["marketing", "packaging"],
                "held_on": "2017-07-31",
                "hours": "6",
                "kelurahan": "36.74.06.1001",
                "capacity": 80,
                "organising_office": "dp3ap2kb",
                "cohort_id": "{cohort_id}",
            },
            sample="""
            select cohort_id from cohort h
            where not exists (select from certificate c where c.cohort_id = h.cohort_id)
            order by cohort_id desc limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/sessions",
        action=get_sessions,
        summary="Daftar sesi pelatihan menurut tanggal",
        english="Training sessions by date",
        allow=READERS,
        reach=OPEN_CALENDAR,
        query=SessionsQuery,
        answer=queries.Sessions,
        example=Example(role="petugas", query={"limit": "20"}),
    ),
    Route(
        method="GET",
        path="/v1/sessions/{session_id}",
        action=get_session,
        summary="Satu sesi pelatihan dan jumlah tempat yang terisi",
        english="One training session and how many of its seats are taken",
        allow=READERS,
        reach=OPEN_CALENDAR,
        answer=queries.SessionView,
        refusals=(no.SessionNotFound,),
        example=Example(role="petugas", sample="select session_id from session limit 1"),
    ),
)
