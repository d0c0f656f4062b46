"""What training can be told about certificates."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints

from services.training import events
from services.training.commands.enrolments import business_of
from services.training.commands.forms import Command, Reason
from services.training.domain.certificate import (
    Certificate,
    CertificateStatus,
    day_of,
    earn,
    number_of,
    revoke,
)
from services.training.domain.refusals import (
    AlreadyCertified,
    CertificateChanged,
    CertificateNotFound,
    CohortNotFound,
)
from services.training.store import activities, certificates
from shared.db import Tx
from shared.ids import uuid7


class IssueCertificate(Command):
    """Give a business's owner the certificate of a cohort.

    `issued_on`: the day on the paper, if that was handed out earlier than today.
    """

    business_id: UUID
    issued_on: date | None = None


class RevokeCertificate(Command):
    """Take it back, and say why."""

    reason: Annotated[Reason, StringConstraints(min_length=3)]


class CertificateSaved(BaseModel):
    """The certificate as it is now; its number is read with it."""

    certificate_id: UUID
    status: CertificateStatus
    version: int


async def issue_certificate(tx: Tx, cohort_id: UUID, command: IssueCertificate) -> CertificateSaved:
    """Raises CohortNotFound, those of `business_of`, AlreadyCertified, and those of the rules."""
    business = await business_of(tx, command.business_id)
    if not await activities.lock_cohort(tx.conn, cohort_id):
        raise CohortNotFound
    meetings = await certificates.meetings(tx.conn, cohort_id, business.business_id)
    if await certificates.lock_held(tx.conn, cohort_id, business.business_id):
        raise AlreadyCertified(pointer="/business_id")
    earn(meetings, tx.today)
    issued_on = day_of(meetings, command.issued_on, tx.today)
    certificate_id = uuid7()
    certificate = Certificate(
        id=certificate_id,
        number=number_of(certificate_id),
        cohort_id=cohort_id,
        business_id=business.business_id,
        person_id=business.owner_id,
        issued_on=issued_on,
    )
    await certificates.insert(tx, certificate)
    fact = events.certificate_issued(certificate)
    tx.emit(fact, key=certificate.id, version=certificate.version)
    return _saved(certificate)


async def revoke_certificate(
    tx: Tx, certificate_id: UUID, version: int, command: RevokeCertificate
) -> CertificateSaved:
    """Raises CertificateNotFound, CertificateChanged or CertificateRevokedAlready."""
    before = await certificates.lock(tx.conn, certificate_id)
    if before is None:
        raise CertificateNotFound
    if before.version != version:
        raise CertificateChanged
    after = revoke(before)
    await certificates.save_revoked(tx, after, command.reason)
    tx.emit(events.certificate_revoked(after, tx.today), key=after.id, version=after.version)
    return _saved(after)


def _saved(certificate: Certificate) -> CertificateSaved:
    return CertificateSaved(
        certificate_id=certificate.id, status=certificate.status, version=certificate.version
    )
