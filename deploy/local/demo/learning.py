"""The second act: the training on 31 July 2017."""

from dataclasses import dataclass

from deploy.local.demo import invented, reported
from deploy.local.demo.client import Json
from deploy.local.demo.steps import INVENTED, REPORTED, Steps, done, no, together, until


@dataclass(frozen=True)
class Training:
    """The ids of what was made."""

    cohort: str
    session: str


async def play(steps: Steps, businesses: list[str]) -> Training:
    """From the activity to the certificates."""
    with steps.act("The training on Monday 31 July 2017, in Kecamatan Pamulang"):
        made = await _planned(steps)
        seats = await _seats(steps, made.session, businesses)
        await _attendance(steps, seats)
        await _headcount(steps, made.session)
        await _answers(steps, seats)
        await _certificates(steps, made.cohort, businesses)
    return made


async def _planned(steps: Steps) -> Training:
    activity = await steps.post("training", "/v1/activities", invented.ACTIVITY, "activity", "kasi")
    path = f"/v1/activities/{activity['activity_id']}/cohorts"
    cohort = (await steps.post("training", path, invented.COHORT, "cohort", "kasi"))["cohort_id"]
    body = {**invented.SESSION, "cohort_id": cohort}
    session = await steps.post("training", "/v1/sessions", body, "session", "kasi")
    topics = ", ".join(reported.TOPICS)
    done(REPORTED, f"activity, cohort and session; topics {topics} against what holds them back")
    return Training(cohort, session["session_id"])


async def _seats(steps: Steps, session: str, businesses: list[str]) -> list[Json]:
    path = f"/v1/sessions/{session}/enrolments"

    async def one(number: int) -> Json:
        body = {"business_id": businesses[number]}
        return await steps.post("training", path, body, f"enrolment {number}")

    seats = await together(
        f"{REPORTED}{INVENTED}", "names on the roster, ten of Rempoa among them", one,
        range(invented.SEATS),
    )  # fmt: skip
    late = range(invented.SEATS, invented.SEATS + invented.TOO_MANY)
    answers = [
        await steps.refused("training", path, {"business_id": businesses[n]}, f"too many {n}")
        for n in late
    ]
    no(f"{invented.TOO_MANY} more ask for a seat", answers[0])
    elsewhere = {"business_id": businesses[-1]}
    answer = await steps.refused("training", path, elsewhere, "guided elsewhere")
    no("a seat for who is guided by another office", answer)
    return seats


async def _attendance(steps: Steps, seats: list[Json]) -> None:
    """One was excused, one stayed away, one was only late, which is put right."""

    async def one(number: int) -> None:
        path, version = f"/v1/enrolments/{seats[number]['enrolment_id']}", seats[number]["version"]
        told: Json = {"state": "present", "hours": "6"}
        if number in (invented.EXCUSED, invented.LATE):
            told = {"state": "excused", "reason": "Sakit"}
        elif number == invented.ABSENT:
            told = {"state": "absent"}
        name = f"attendance {number}"
        there = await steps.post("training", f"{path}/attendance", told, name, version=version)
        if number == invented.LATE:
            right = {"state": "present", "hours": "4.5", "reason": "Datang terlambat"}
            where = f"{path}/attendance-corrections"
            await steps.post("training", where, right, "late", version=there["version"])

    await together(INVENTED, "seats with attendance, one corrected", one, range(len(seats)))


async def _headcount(steps: Steps, session: str) -> None:
    body = {"headcount": reported.HEADCOUNT, "approximate": True, "source": "news-report"}
    path = f"/v1/sessions/{session}"
    await steps.post("training", f"{path}/headcounts", body, "headcount", "fasilitator")
    seen = await steps.asked("reconciled", "training", f"{path}/headcount")
    done(
        REPORTED,
        f"about {seen['headcount']} counted in the room, beside the roster: {seen['present']} of "
        f"{seen['enrolled']} named were present ({seen['verdict'].replace('_', ' ')})",
    )


async def _answers(steps: Steps, seats: list[Json]) -> None:
    """Confidence before and after on one scale, and what was learned, of whoever was there."""

    async def one(number: int) -> None:
        before, after = invented.confidence(number)
        body = {
            "confidence_before": before,
            "confidence_after": after,
            "learning": invented.learned(number),
        }
        path = f"/v1/enrolments/{seats[number]['enrolment_id']}/assessments"
        version = seats[number]["version"] + (2 if number == invented.LATE else 1)
        name, who = f"answers {number}", "fasilitator"
        await steps.post("training", path, body, name, who, version)

    there = [n for n in range(len(seats)) if n not in invented.AWAY]
    await together(INVENTED, "tell their confidence and what they learned", one, there)


async def _certificates(steps: Steps, cohort: str, businesses: list[str]) -> None:
    path = f"/v1/cohorts/{cohort}/certificates"
    day = {"issued_on": invented.CERTIFICATES_ON}

    async def one(number: int) -> Json:
        body = {"business_id": businesses[number], **day}
        return await steps.post("training", path, body, f"certificate {number}", "kasi")

    out = (*invented.AWAY, *invented.NOT_COLLECTED)
    fetched = [n for n in range(invented.SEATS) if n not in out]
    given = await together(INVENTED, "certificates for real attendance", one, fetched)
    certificate = given[0]["certificate_id"]
    told = await steps.asked("certificate", "training", f"/v1/certificates/{certificate}")

    async def verified() -> Json:
        number = told["number"].replace("-", "").lower()  # as somebody might type it
        query = {"number": number}
        return (await steps.client.get("training", "/v1/certificates", "auditor", **query)).body

    found: Json = await steps.ledger.once("verified", verified)
    number, finding = told["number"], found["finding"]
    done(INVENTED, f"a certificate is verified without saying whose: “{number}” is {finding}")
    body = {"business_id": businesses[invented.EXCUSED], **day}
    answer = await steps.refused("training", path, body, "no certificate", "kasi")
    no("a certificate for who was excused", answer)


async def known_to_marketing(steps: Steps, product: str) -> None:
    """Waits until marketing has heard of the certificate and of the changed production."""

    async def heard() -> bool | None:
        path, on = f"/v1/products/{product}/readiness", invented.STANDS_ON
        view = (await steps.client.get("marketing", path, on=on)).body
        states = {point["point"]: point["state"] for point in view["points"]}
        return True if states["certificate"] == states["capacity"] == "met" else None

    await until(heard)
