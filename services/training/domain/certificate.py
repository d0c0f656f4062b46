"""A certificate for real attendance, and a number that no spreadsheet mangles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.training.domain.enrolment import State
from services.training.domain.refusals import (
    CertificateNotEarned,
    CertificateRevokedAlready,
    IssuedOutOfTime,
)
from shared.errors import Needed

RULE = "sertifikat-1"  # present at every session of the cohort
# Consonants: no words by chance, no digit, nothing that is read as a number, date or formula.
# Nineteen, a prime, so that the check letter finds each wrong letter and each two swapped.
LETTERS = "BCDFGHJKLMNPQRSTVWX"
LENGTH = 12


class CertificateStatus(StrEnum):
    """A revoked certificate keeps its row and its number."""

    ISSUED = "issued"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session of the cohort, and what is known of her there; None: she has no seat."""

    session_id: UUID
    held_on: date
    state: State | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """Given to one business's owner for one cohort."""

    id: UUID
    number: str
    cohort_id: UUID
    business_id: UUID
    person_id: UUID
    issued_on: date
    status: CertificateStatus = CertificateStatus.ISSUED
    version: int = 1


def missing(meetings: Sequence[Meeting], today: date) -> tuple[Needed, ...]:
    """The smallest set of facts with which a certificate is earned; empty: it is."""
    if not meetings:
        return (_SESSION, _ATTENDANCE)
    return tuple(_attend(m, today) for m in meetings if m.state is not State.PRESENT)


def earn(meetings: Sequence[Meeting], today: date) -> None:
    """Raises CertificateNotEarned, which says what is missing."""
    needed = missing(meetings, today)
    if needed:
        attended = sum(m.state is State.PRESENT for m in meetings)
        raise CertificateNotEarned(needed=needed, attended=attended, sessions=len(meetings))


def day_of(meetings: Sequence[Meeting], on_paper: date | None, today: date) -> date:
    """The day of an earned certificate: today, unless the paper says earlier.

    Raises IssuedOutOfTime for a paper from before the last session, or of a day to come.
    """
    if on_paper is None:
        return today
    last = max(meeting.held_on for meeting in meetings)
    if not last <= on_paper <= today:
        raise IssuedOutOfTime(pointer="/issued_on", issued_on=on_paper, held_on=last)
    return on_paper


def revoke(certificate: Certificate) -> Certificate:
    """It holds no more. Raises CertificateRevokedAlready."""
    if certificate.status is CertificateStatus.REVOKED:
        raise CertificateRevokedAlready
    return replace(certificate, status=CertificateStatus.REVOKED, version=certificate.version + 1)


def number_of(certificate_id: UUID) -> str:
    """The certificate's number: eleven letters of the id's random part and a check letter."""
    rest = certificate_id.int & ((1 << 62) - 1)
    values = []
    for _ in range(LENGTH - 1):
        rest, value = divmod(rest, len(LETTERS))
        values.append(value)
    # The check letter's own weight is LENGTH: all weighted values together are 0 modulo 19.
    wanted = -sum(weight * value for weight, value in enumerate(values, 1))
    values.append(wanted * pow(LENGTH, -1, len(LETTERS)) % len(LETTERS))
    text = "".join(LETTERS[value] for value in values)
    return "-".join(text[i : i + 4] for i in range(0, LENGTH, 4))


def read_number(text: str) -> str | None:
    """The number as we write it, however it was typed; None when it can't be one of ours."""
    letters = [c for c in text.upper() if c not in " -"]
    if len(letters) != LENGTH or any(c not in LETTERS for c in letters):
        return None
    total = sum(weight * LETTERS.index(c) for weight, c in enumerate(letters, 1))
    if total % len(LETTERS):
        return None
    joined = "".join(letters)
    return "-".join(joined[i : i + 4] for i in range(0, LENGTH, 4))


_SESSION = Needed(
    fact="session",
    who="kasi",
    indonesian="Jadwalkan sesi untuk angkatan ini; belum ada satu pun.",
    english="Schedule a session for this cohort; there is none yet.",
)
_ATTENDANCE = Needed(
    fact="attendance",
    who="fasilitator",
    indonesian="Catat kehadirannya di sesi itu.",
    english="Record her attendance at that session.",
)


def _attend(meeting: Meeting, today: date) -> Needed:
    """What to do about one session at which she isn't known to have been."""
    day = meeting.held_on
    if meeting.state in (State.EXCUSED, State.ABSENT):
        return Needed(
            fact="attendance",
            who="petugas",
            indonesian=f"Tercatat tidak hadir pada {day}. Koreksi bila catatannya keliru.",
            english=f"Recorded as not present on {day}. Correct it if the entry is wrong.",
            about=meeting.session_id,
        )
    return Needed(
        fact="attendance",
        who="fasilitator",
        indonesian=f"Catat kehadirannya di sesi {day}.",
        english=f"Record her attendance at the session of {day}.",
        by=day if day >= today else None,
        about=meeting.session_id,
    )
