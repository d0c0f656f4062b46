"""Routes of seats and attendance."""

from uuid import UUID

from services.training.api.allow import OFFICERS, READERS, STAFF
from services.training.commands import enrolments as commands
from services.training.domain import refusals as no
from services.training.queries import enrolments as queries
from shared.db import Tx
from shared.http import Answer, Call, Example, Page, Route, reach_anywhere, reach_by_row

TO_BE_ENROLLED = reach_anywhere(
    "Aturannya dua sisi dan diperiksa oleh layanan ini: tempat sesi atau kelurahan usaha harus "
    "berada di wilayah tugas. Usaha yang baru didata dijawab belum-tersedia, bukan ditolak."
)
BY_VENUE_OR_BUSINESS = reach_by_row(
    """
    select s.kelurahan from enrolment e join session s using (session_id)
    where e.enrolment_id = $1
    union all
    select b.kelurahan from enrolment e join known_business_now b using (business_id)
    where e.enrolment_id = $1
    """,
    "enrolment_id",
)


class SeatsQuery(Page[UUID]):
    """Which part of the roster."""


async def post_enrolment(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        return _saved(await commands.enrol(tx, call.path["session_id"], call.body))

    return await call.write(work)


async def get_roster(call: Call) -> Answer:
    query: SeatsQuery = call.query
    session_id = call.path["session_id"]
    found = await call.read(
        lambda conn: queries.roster(
            conn, session_id, call.actor, after=query.after, limit=query.most
        )
    )
    if found is None:
        raise no.SessionNotFound
    shown, more = query.cut(found, lambda item: item.enrolment_id)
    return Answer(body=queries.Roster(items=shown), next_cursor=more)


async def get_enrolment(call: Call) -> Answer:
    enrolment_id = call.path["enrolment_id"]
    view = await call.read(lambda conn: queries.enrolment(conn, enrolment_id))
    if view is None:
        raise no.EnrolmentNotFound
    return Answer(body=view, version=view.version)


async def post_attendance(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        enrolment_id, version = call.path["enrolment_id"], call.if_match or 0
        return _saved(await commands.record_attendance(tx, enrolment_id, version, call.body))

    return await call.write(work)


async def post_attendance_correction(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        enrolment_id, version = call.path["enrolment_id"], call.if_match or 0
        return _saved(await commands.correct_attendance(tx, enrolment_id, version, call.body))

    return await call.write(work)


async def post_assessment(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        enrolment_id, version = call.path["enrolment_id"], call.if_match or 0
        return _saved(await commands.assess(tx, enrolment_id, version, call.body))

    return await call.write(work)


def _saved(saved: commands.EnrolmentSaved) -> Answer:
    return Answer(
        body=saved, version=saved.version, location=f"/v1/enrolments/{saved.enrolment_id}"
    )


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/sessions/{session_id}/enrolments",
        action=post_enrolment,
        summary="Mendaftarkan usaha ke sesi pelatihan",
        english="Enrol a business for a session",
        allow=STAFF,
        reach=TO_BE_ENROLLED,
        body=commands.Enrol,
        answer=commands.SeatGiven,
        status=201,
        refusals=(
            no.SessionNotFound,
            no.BusinessNotFound,
            no.BusinessNotKnownYet,
            no.OutsideArea,
            no.BusinessNotEligible,
            no.OverrideNotYours,
            no.AlreadyEnrolled,
            no.SessionFull,
        ),
        example=Example(
            role="kasi",
            body={"business_id": "{business_id}"},
            sample="""
            select s.session_id, b.business_id from session s cross join known_business_now b
            where s.capacity > (select count(*) from enrolment e where e.session_id = s.session_id)
              and not exists (select from enrolment e where e.session_id = s.session_id
                              and e.business_id = b.business_id)
              and b.guided is distinct from 'yes' and b.business_class is distinct from 'mikro'
            limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/sessions/{session_id}/enrolments",
        action=get_roster,
        summary="Daftar peserta satu sesi, juga dari kecamatan lain",
        english="The roster of a session, participants from elsewhere included",
        allow=READERS,
        reach=reach_anywhere(
            "Yang bertugas di tempat sesi melihat semua peserta; yang lain hanya peserta dari "
            "wilayahnya sendiri."
        ),
        query=SeatsQuery,
        answer=queries.Roster,
        refusals=(no.SessionNotFound,),
        example=Example(role="petugas", sample="select session_id from enrolment limit 1"),
    ),
    Route(
        method="GET",
        path="/v1/enrolments/{enrolment_id}",
        action=get_enrolment,
        summary="Satu pendaftaran dengan riwayat kehadirannya",
        english="One enrolment with the history of its attendance",
        allow=READERS,
        reach=BY_VENUE_OR_BUSINESS,
        answer=queries.EnrolmentView,
        refusals=(no.EnrolmentNotFound,),
        example=Example(role="kasi", sample="select enrolment_id from enrolment limit 1"),
    ),
    Route(
        method="POST",
        path="/v1/enrolments/{enrolment_id}/attendance",
        action=post_attendance,
        summary="Mencatat kehadiran",
        english="Record attendance",
        allow=STAFF,
        reach=BY_VENUE_OR_BUSINESS,
        if_match=True,
        body=commands.RecordAttendance,
        answer=commands.EnrolmentSaved,
        refusals=(
            no.EnrolmentNotFound,
            no.EnrolmentChanged,
            no.AttendanceAlreadyRecorded,
            no.SessionNotHeldYet,
            no.HoursMissing,
            no.HoursExceedSession,
            no.HoursWithoutPresence,
            no.ReasonMissing,
        ),
        example=Example(
            role="kasi",
            body={"state": "absent"},
            sample="""
            select e.enrolment_id, e.version from enrolment e join session s using (session_id)
            where e.state = 'enrolled' and s.held_on <= current_date
            order by e.enrolment_id desc limit 1
            """,
        ),
    ),
    Route(
        method="POST",
        path="/v1/enrolments/{enrolment_id}/attendance-corrections",
        action=post_attendance_correction,
        summary="Mengoreksi catatan kehadiran yang keliru",
        english="Put a wrong attendance entry right",
        allow=OFFICERS,
        reach=BY_VENUE_OR_BUSINESS,
        if_match=True,
        body=commands.CorrectAttendance,
        answer=commands.EnrolmentSaved,
        refusals=(
            no.EnrolmentNotFound,
            no.EnrolmentChanged,
            no.AttendanceNotRecorded,
            no.NothingCorrected,
            no.HoursMissing,
            no.HoursExceedSession,
            no.HoursWithoutPresence,
            no.ReasonMissing,
        ),
        example=Example(
            role="kasi",
            body={"state": "present", "hours": "1.5", "reason": "Datang terlambat"},
            sample="""
            select e.enrolment_id, e.version from enrolment e join session s using (session_id)
            where e.state in ('excused', 'absent') and s.hours >= 1.5
            order by e.enrolment_id desc limit 1
            """,
        ),
    ),
    Route(
        method="POST",
        path="/v1/enrolments/{enrolment_id}/assessments",
        action=post_assessment,
        summary="Mencatat rasa percaya diri dan yang dipelajari, skala 1 sampai 5",
        english="Record her confidence and what she learned, from 1 to 5",
        allow=STAFF,
        reach=BY_VENUE_OR_BUSINESS,
        if_match=True,
        body=commands.Assess,
        answer=commands.EnrolmentSaved,
        refusals=(
            no.EnrolmentNotFound,
            no.EnrolmentChanged,
            no.AssessmentEmpty,
            no.NotPresent,
            no.TopicNotTaught,
            no.TopicTwice,
        ),
        example=Example(
            role="kasi",
            body={
                "confidence_before": 2,
                "confidence_after": 4,
                "learning": [{"topic": "{topic}", "score": 5}],
            },
            sample="""
            select e.enrolment_id, e.version, s.topics[1] as topic
            from enrolment e join session s using (session_id)
            where e.state = 'present' order by e.enrolment_id desc limit 1
            """,
        ),
    ),
)
