"""Certificates, and the attendance that they stand on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.training.domain.certificate import Certificate, CertificateStatus, Meeting
from services.training.domain.enrolment import State
from shared.db import Connection, Tx


async def meetings(conn: Connection, cohort_id: UUID, business_id: UUID) -> list[Meeting]:
    """The cohort's sessions and what is known of the business there; its seats are locked.

    Two statements: the second must see a correction that the first one waited for.
    """
    await conn.execute(
        """
        select from enrolment e join session s using (session_id)
        where s.cohort_id = $1 and e.business_id = $2 order by e.enrolment_id for update of e
        """,
        cohort_id,
        business_id,
    )
    rows = await conn.fetch(
        """
        select s.session_id, s.held_on, e.state from session s
        left join enrolment e on e.session_id = s.session_id and e.business_id = $2
        where s.cohort_id = $1 order by s.held_on, s.session_id
        """,
        cohort_id,
        business_id,
    )
    return [
        Meeting(r["session_id"], r["held_on"], State(r["state"]) if r["state"] else None)
        for r in rows
    ]


async def insert(tx: Tx, certificate: Certificate) -> None:
    """A new certificate. One a business and cohort holds by an index, too."""
    await tx.conn.execute(
        """
        insert into certificate (certificate_id, number, cohort_id, business_id, person_id,
                                 issued_on, status, version, issued_at, issued_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        certificate.id,
        certificate.number,
        certificate.cohort_id,
        certificate.business_id,
        certificate.person_id,
        certificate.issued_on,
        certificate.status.value,
        certificate.version,
        tx.now,
        tx.actor.subject,
    )


async def lock(conn: Connection, certificate_id: UUID) -> Certificate | None:
    """The certificate, its row locked."""
    row = await conn.fetchrow(
        "select * from certificate where certificate_id = $1 for update", certificate_id
    )
    return _certificate(row) if row else None


async def lock_held(conn: Connection, cohort_id: UUID, business_id: UUID) -> Certificate | None:
    """The certificate that the business holds of this cohort, its row locked."""
    row = await conn.fetchrow(
        """
        select * from certificate
        where cohort_id = $1 and business_id = $2 and status = 'issued' for update
        """,
        cohort_id,
        business_id,
    )
    return _certificate(row) if row else None


async def save_revoked(tx: Tx, certificate: Certificate, reason: str) -> None:
    """The locked certificate as revoked."""
    await tx.conn.execute(
        """
        update certificate set status = 'revoked', version = $2, revoked_at = $3,
                               revoked_by = $4, revoke_reason = $5
        where certificate_id = $1
        """,
        certificate.id,
        certificate.version,
        tx.now,
        tx.actor.subject,
        reason,
    )


def _certificate(row: Mapping[str, Any]) -> Certificate:
    return Certificate(
        id=row["certificate_id"],
        number=row["number"],
        cohort_id=row["cohort_id"],
        business_id=row["business_id"],
        person_id=row["person_id"],
        issued_on=row["issued_on"],
        status=CertificateStatus(row["status"]),
        version=row["version"],
    )
