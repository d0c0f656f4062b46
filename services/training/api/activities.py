"""Routes of activities, cohorts and topics."""

from services.training.api.allow import OFFICERS, READERS
from services.training.commands import activities
from services.training.domain import refusals as no
from services.training.queries import activities as asked
from services.training.queries import sessions as calendar
from shared.db import Tx
from shared.http import Answer, Call, Example, Route, reach_anywhere

OPEN_PLANS = reach_anywhere("Kegiatan dan angkatan terbuka bagi semua petugas, tanpa data orang.")


async def post_activity(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await activities.plan_activity(tx, call.body)
        return Answer(
            body=saved, version=saved.version, location=f"/v1/activities/{saved.activity_id}"
        )

    return await call.write(work)


async def post_cohort(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await activities.open_cohort(tx, call.path["activity_id"], call.body)
        return Answer(body=saved, version=saved.version, location=f"/v1/cohorts/{saved.cohort_id}")

    return await call.write(work)


async def get_activity(call: Call) -> Answer:
    activity_id = call.path["activity_id"]
    view = await call.read(lambda conn: asked.activity(conn, activity_id))
    if view is None:
        raise no.ActivityNotFound
    return Answer(body=view, version=view.version)


async def get_cohort(call: Call) -> Answer:
    cohort_id = call.path["cohort_id"]
    view = await call.read(lambda conn: asked.cohort(conn, cohort_id))
    if view is None:
        raise no.CohortNotFound
    return Answer(body=view, version=view.version)


async def get_topics(call: Call) -> Answer:
    found = await call.read(lambda conn: calendar.topics(conn, call.actor))
    return Answer(body=calendar.Topics(items=tuple(found)))


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/activities",
        action=post_activity,
        summary="Merencanakan kegiatan pelatihan",
        english="Plan a training activity",
        allow=OFFICERS,
        reach=OPEN_PLANS,
        body=activities.PlanActivity,
        answer=activities.ActivitySaved,
        status=201,
        example=Example(
            role="kasi",
            body={
                "title": "Pelatihan keterampilan industri rumahan",
                "year": 2017,
                "organising_office": "dp3ap2kb",
            },
        ),
    ),
    Route(
        method="GET",
        path="/v1/activities/{activity_id}",
        action=get_activity,
        summary="Satu kegiatan dan angkatannya",
        english="One activity and its cohorts",
        allow=READERS,
        reach=OPEN_PLANS,
        answer=asked.ActivityView,
        refusals=(no.ActivityNotFound,),
        example=Example(role="petugas", sample="select activity_id from activity limit 1"),
    ),
    Route(
        method="POST",
        path="/v1/activities/{activity_id}/cohorts",
        action=post_cohort,
        summary="Membuka angkatan dalam satu kegiatan",
        english="Open a cohort of an activity",
        allow=OFFICERS,
        reach=OPEN_PLANS,
        body=activities.OpenCohort,
        answer=activities.CohortSaved,
        status=201,
        refusals=(no.ActivityNotFound,),
        example=Example(
            role="kasi",
            body={"title": "Angkatan Pamulang"},
            sample="select activity_id from activity limit 1",
        ),
    ),
    Route(
        method="GET",
        path="/v1/cohorts/{cohort_id}",
        action=get_cohort,
        summary="Satu angkatan: sesi, peserta, rasa percaya diri, dan yang dipelajari",
        english="One cohort: sessions, participants, confidence, and what was learned",
        allow=READERS,
        reach=OPEN_PLANS,
        answer=asked.CohortView,
        refusals=(no.CohortNotFound,),
        example=Example(role="petugas", sample="select cohort_id from cohort limit 1"),
    ),
    Route(
        method="GET",
        path="/v1/topics",
        action=get_topics,
        summary="Topik pelatihan dan kendala yang dijawabnya",
        english="Training topics and the constraints that they ease",
        allow=READERS,
        reach=reach_anywhere("Daftar topik terbuka; jumlah usaha hanya dari wilayah sendiri."),
        answer=calendar.Topics,
        example=Example(role="petugas"),
    ),
)
