"""Training's part: cohorts with too few seats, attendance, answers, certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.chaos.ledger import Request
from tests.chaos.registering import KELURAHAN

if TYPE_CHECKING:
    from tests.chaos.load import World

SEATS = 6
HERE = {"state": "present", "hours": "6"}
AWAY = {"state": "excused", "reason": "Sakit"}


@dataclass(frozen=True)
class Cohort:
    """A cohort and its sessions; a certificate is for presence at all of them."""

    id: str
    sessions: tuple[str, ...]


async def open_cohort(world: World) -> None:
    """An activity, its cohort, one or two sessions, and a count of the first room."""
    name = f"Kegiatan uji {world.number()}"
    body: dict[str, Any] = {"title": name, "year": 2020, "organising_office": "dpmp3akb"}
    activity = await world.post("activity", name, "/v1/activities", body, "training")
    if activity.outcome != "accepted":
        return
    name = f"Angkatan uji {world.number()}"
    path = f"/v1/activities/{activity.id}/cohorts"
    cohort = await world.post("cohort", name, path, {"title": name}, "training")
    if cohort.outcome != "accepted":
        return
    wanted = world.random.choice((1, 1, 2))
    made = [await _session(world, cohort.id) for _ in range(wanted)]
    if all(session.outcome == "accepted" for session in made):
        sessions = tuple(session.id for session in made)
        world.cohorts = [*world.cohorts[-3:], Cohort(cohort.id, sessions)]
        for _ in range(2):
            await _count(world, sessions[0])


async def _session(world: World, cohort: str) -> Request:
    title = f"Sesi uji {world.number()}"
    body = {
        "title": title,
        "topics": ["marketing"],
        "held_on": "2020-02-02",
        "hours": "6",
        "kelurahan": KELURAHAN[0],
        "capacity": SEATS,
        "organising_office": "dpmp3akb",
        "cohort_id": cohort,
    }
    return await world.post("session", title, "/v1/sessions", body, "training")


async def _count(world: World, session: str) -> None:
    source = f"hitung-{world.number()}"
    body = {"headcount": world.random.randrange(100), "approximate": True, "source": source}
    path = f"/v1/sessions/{session}/headcounts"
    await world.post("headcount", source, path, body, "training")


async def trained(world: World, business: str) -> bool:
    """She goes to all sessions of a cohort; whether she was there. Too early is refused."""
    cohort = world.random.choice(world.cohorts)
    if world.chance(0.1):
        await _certificate(world, cohort, business, "too early ")
    seat = told = None
    for session in cohort.sessions:
        seat = await _seat(world, session, business)
        told = await _there(world, seat.id) if seat.outcome == "accepted" else None
        if told is None or told.outcome != "accepted":
            return False
    given = await _certificate(world, cohort, business)
    if given.outcome == "accepted" and world.chance(0.05):
        await _revoke(world, given.id)
    elif given.outcome == "accepted" and seat and told and world.chance(0.05):
        wrong = {"state": "absent", "reason": "Bukan dia"}  # takes her certificate, too
        await _attend(world, seat.id, told.version, "attendance-corrections", wrong)
        return False
    return given.outcome != "unanswered"


async def _seat(world: World, session: str, business: str) -> Request:
    """A seat; whom another office guides gets one only from the head of section, with a reason."""
    path, mark = f"/v1/sessions/{session}/enrolments", f"{session} {business}"
    body = {"business_id": business}
    seat = await world.post("enrolment", mark, path, body, "training")
    if seat.code != "usaha-tidak-layak":
        return seat
    return await world.post(
        "enrolment", mark, path, body | {"override_reason": "Surat menyusul"}, "training"
    )


async def _there(world: World, seat: str) -> Request:
    """Her attendance, put right now and then, and her answers; the last of them."""
    missing = world.chance(0.2)
    seen = await _attend(world, seat, 1, "attendance", AWAY if missing else HERE)
    if seen.outcome == "accepted" and missing:
        late = {"state": "present", "hours": "3", "reason": "Datang terlambat"}
        seen = await _attend(world, seat, 2, "attendance-corrections", late)
    if seen.outcome != "accepted":
        return seen
    answers = {"confidence_before": 2, "learning": [{"topic": "marketing", "score": 4}]}
    return await world.post(
        "answers",
        f"{seat} {seen.version + 1}",
        f"/v1/enrolments/{seat}/assessments",
        answers,
        "training",
        seen.version,
        "fasilitator",
    )


async def _attend(world: World, seat: str, version: int, what: str, body: Any) -> Request:
    mark, path = f"{seat} {version + 1}", f"/v1/enrolments/{seat}/{what}"
    return await world.post("attendance", mark, path, body, "training", version)


async def _certificate(world: World, cohort: Cohort, business: str, when: str = "") -> Request:
    mark, path = f"{when}{cohort.id} {business}", f"/v1/cohorts/{cohort.id}/certificates"
    return await world.post("certificate", mark, path, {"business_id": business}, "training")


async def _revoke(world: World, certificate: str) -> None:
    body, path = {"reason": "Salah orang"}, f"/v1/certificates/{certificate}/revocation"
    await world.post("revocation", certificate, path, body, "training", 1)
