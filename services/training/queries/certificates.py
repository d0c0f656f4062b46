"""What training can be asked about certificates: by staff, and by anybody who holds a number."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from services.training.domain.certificate import read_number
from services.training.queries.views import View
from shared.db import Connection


class CertificateView(View):
    """A certificate. `kelurahan` is the business's, as registry says now."""

    certificate_id: UUID
    number: str
    cohort_id: UUID
    business_id: UUID
    person_id: UUID
    kelurahan: str | None
    issued_on: date
    status: str
    revoke_reason: str | None
    version: int


class Finding(StrEnum):
    """What a number turns out to be. `not_a_number`: mistyped, its check letter doesn't fit."""

    NOT_A_NUMBER = "not_a_number"
    UNKNOWN = "unknown"
    ISSUED = "issued"
    REVOKED = "revoked"


class CertificateCheck(View):
    """Whether a number is a certificate of ours, and of what; never whose."""

    finding: Finding
    number: str | None = None
    activity_title: str | None = None
    cohort_title: str | None = None
    year: int | None = None
    organising_office: str | None = None
    issued_on: date | None = None


async def certificate(conn: Connection, certificate_id: UUID) -> CertificateView | None:
    """One certificate; None when there is none."""
    row = await conn.fetchrow(
        """
        select c.certificate_id, c.number, c.cohort_id, c.business_id, c.person_id, b.kelurahan,
               c.issued_on, c.status, c.revoke_reason, c.version
        from certificate c left join known_business_now b using (business_id)
        where c.certificate_id = $1
        """,
        certificate_id,
    )
    return CertificateView(**row) if row else None


async def check(conn: Connection, text: str) -> CertificateCheck:
    """What the number is, however it was typed."""
    number = read_number(text)
    if number is None:
        return CertificateCheck(finding=Finding.NOT_A_NUMBER)
    row = await conn.fetchrow(
        """
        select c.status as finding, c.number, a.title as activity_title, h.title as cohort_title,
               a.year, a.organising_office, c.issued_on
        from certificate c join cohort h using (cohort_id) join activity a using (activity_id)
        where c.number = $1
        """,
        number,
    )
    return CertificateCheck(**row) if row else CertificateCheck(finding=Finding.UNKNOWN)
