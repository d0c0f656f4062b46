"""What training can be asked about certificates: by staff, and by anybody who holds a number."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from services.training.domain.certificate import RULE, Meeting, missing, read_number
from services.training.domain.enrolment import State
from services.training.queries.views import View
from shared.db import Connection
from shared.errors import Language


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


class NeededView(View):
    """A fact that is missing: what, who can supply it, by when, about which session."""

    fact: str
    who: str
    by: date | None
    about: UUID | None
    detail: str


class Earning(View):
    """How far a business is from a cohort's certificate: with all of `needed` it is earned.

    `certificate_id`: the one that it holds already.
    """

    cohort_id: UUID
    business_id: UUID
    kelurahan: str
    rule: str
    attended: int
    sessions: int
    earned: bool
    certificate_id: UUID | None
    needed: tuple[NeededView, ...]


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


async def earning(
    conn: Connection, cohort_id: UUID, business_id: UUID, today: date, language: Language
) -> Earning | None:
    """What the refusal of a certificate would say; None when cohort or business isn't known."""
    row = await conn.fetchrow(
        """
        select b.kelurahan,
               (select t.certificate_id from certificate t where t.cohort_id = c.cohort_id
                and t.business_id = b.business_id and t.status = 'issued') as certificate_id
        from cohort c cross join known_business_now b
        where c.cohort_id = $1 and b.business_id = $2
        """,
        cohort_id,
        business_id,
    )
    if row is None:
        return None
    met = await conn.fetch(
        """
        select s.session_id, s.held_on, e.state from session s
        left join enrolment e on e.session_id = s.session_id and e.business_id = $2
        where s.cohort_id = $1 order by s.held_on, s.session_id
        """,
        cohort_id,
        business_id,
    )
    meetings = [
        Meeting(m["session_id"], m["held_on"], State(m["state"]) if m["state"] else None)
        for m in met
    ]
    needed = missing(meetings, today)
    return Earning(
        cohort_id=cohort_id,
        business_id=business_id,
        kelurahan=row["kelurahan"],
        rule=RULE,
        attended=sum(meeting.state is State.PRESENT for meeting in meetings),
        sessions=len(meetings),
        earned=not needed,
        certificate_id=row["certificate_id"],
        needed=tuple(
            NeededView(
                fact=need.fact,
                who=need.who,
                by=need.by,
                about=need.about,
                detail=need.text(language),
            )
            for need in needed
        ),
    )
