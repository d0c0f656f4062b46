"""Routes of certificates."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from services.training.api.allow import OFFICERS, READERS
from services.training.commands import certificates
from services.training.domain import refusals as no
from services.training.queries import certificates as asked
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Route,
    reach_anywhere,
    reach_by_answer,
    reach_by_row,
)


class CheckQuery(BaseModel):
    """The number as it stands on the paper; case, spaces and dashes don't matter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[str, StringConstraints(min_length=1, max_length=40)]


async def post_certificate(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        return _saved(await certificates.issue_certificate(tx, call.path["cohort_id"], call.body))

    return await call.write(work)


async def get_certificate(call: Call) -> Answer:
    certificate_id = call.path["certificate_id"]
    view = await call.read(lambda conn: asked.certificate(conn, certificate_id))
    if view is None:
        raise no.CertificateNotFound
    return Answer(body=view, version=view.version)


async def get_earning(call: Call) -> Answer:
    cohort_id, business_id = call.path["cohort_id"], call.path["business_id"]
    view = await call.read(
        lambda conn: asked.earning(conn, cohort_id, business_id, call.today, call.language)
    )
    if view is None:
        raise no.NothingToEarn
    return Answer(body=view)


async def get_certificate_check(call: Call) -> Answer:
    query: CheckQuery = call.query
    return Answer(body=await call.read(lambda conn: asked.check(conn, query.number)))


async def post_revocation(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        certificate_id, version = call.path["certificate_id"], call.if_match or 0
        return _saved(await certificates.revoke_certificate(tx, certificate_id, version, call.body))

    return await call.write(work)


def _saved(saved: certificates.CertificateSaved) -> Answer:
    return Answer(
        body=saved, version=saved.version, location=f"/v1/certificates/{saved.certificate_id}"
    )


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/cohorts/{cohort_id}/certificates",
        action=post_certificate,
        summary="Memberikan sertifikat kepada yang hadir di semua sesi angkatan",
        english="Give a certificate to who was present at all sessions of the cohort",
        allow=OFFICERS,
        reach=reach_by_row(
            "select kelurahan from known_business_now where business_id = $1", "body.business_id"
        ),
        body=certificates.IssueCertificate,
        answer=certificates.CertificateSaved,
        status=201,
        refusals=(
            no.CohortNotFound,
            no.BusinessNotFound,
            no.BusinessNotKnownYet,
            no.AlreadyCertified,
            no.CertificateNotEarned,
            no.IssuedOutOfTime,
        ),
        example=Example(
            role="kasi",
            body={"business_id": "{business_id}"},
            sample="""
            select s.cohort_id, e.business_id from enrolment e join session s using (session_id)
            where s.cohort_id is not null
              and not exists (select from certificate c where c.cohort_id = s.cohort_id
                              and c.business_id = e.business_id and c.status = 'issued')
            group by s.cohort_id, e.business_id
            having count(*) filter (where e.state = 'present')
                   = (select count(*) from session o where o.cohort_id = s.cohort_id)
            order by s.cohort_id, e.business_id limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/cohorts/{cohort_id}/certificates/{business_id}",
        action=get_earning,
        summary="Sudahkah sebuah usaha berhak atas sertifikat angkatan ini, dan apa yang kurang",
        english="Whether a business has earned the cohort's certificate, and what is missing",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=asked.Earning,
        refusals=(no.NothingToEarn,),
        example=Example(
            role="kasi",
            sample="""
            select s.cohort_id, e.business_id from enrolment e join session s using (session_id)
            where s.cohort_id is not null order by e.enrolment_id desc limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/certificates",
        action=get_certificate_check,
        summary="Memeriksa keaslian sertifikat dengan nomornya",
        english="Verify a certificate by its number",
        allow=READERS | {"operator"},
        reach=reach_anywhere("Siapa pun yang memegang nomornya boleh memeriksa; tanpa data orang."),
        query=CheckQuery,
        answer=asked.CertificateCheck,
        example=Example(
            role="auditor",
            query={"number": "{number}"},
            sample="select number from certificate order by certificate_id limit 1",
        ),
    ),
    Route(
        method="GET",
        path="/v1/certificates/{certificate_id}",
        action=get_certificate,
        summary="Satu sertifikat",
        english="One certificate",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=asked.CertificateView,
        refusals=(no.CertificateNotFound,),
        example=Example(role="kasi", sample="select certificate_id from certificate limit 1"),
    ),
    Route(
        method="POST",
        path="/v1/certificates/{certificate_id}/revocation",
        action=post_revocation,
        summary="Mencabut sertifikat dengan alasan",
        english="Revoke a certificate, with a reason",
        allow=OFFICERS,
        reach=reach_by_row(
            """
            select coalesce(b.kelurahan, '') from certificate c
            left join known_business_now b using (business_id) where c.certificate_id = $1
            """,
            "certificate_id",
        ),
        if_match=True,
        body=certificates.RevokeCertificate,
        answer=certificates.CertificateSaved,
        refusals=(no.CertificateNotFound, no.CertificateChanged, no.CertificateRevokedAlready),
        example=Example(
            role="kasi",
            body={"reason": "Diberikan kepada orang yang keliru"},
            sample="""
            select certificate_id, version from certificate where status = 'issued'
            order by certificate_id desc limit 1
            """,
        ),
    ),
)
