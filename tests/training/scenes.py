"""What most tests of training begin with."""

from typing import Any

from tests.training.doors import PAMULANG_BARAT, Doors, record
from tests.training.facts import business

BUSINESSES = "training.businesses"


def session_body(**fields: object) -> dict[str, Any]:
    return {
        "title": "Keterampilan industri rumahan",
        "topics": ["marketing", "packaging"],
        "held_on": "2017-07-31",
        "hours": "6",
        "kelurahan": PAMULANG_BARAT,
        "capacity": 80,
        "organising_office": "dp3ap2kb",
    } | fields


async def a_session(training: Doors, **fields: object) -> str:
    answer = await training.post("/v1/sessions", session_body(**fields))
    assert answer.status == 201, answer.body
    return str(answer.body["session_id"])


async def known(training: Doors, kelurahan: str = PAMULANG_BARAT) -> str:
    fact = business(kelurahan=kelurahan)
    assert await training.hear(BUSINESSES, record(fact)) == ["done"]
    return str(fact.business_id)


async def enrol(training: Doors, session: str, business_id: str, **how: Any) -> Any:
    path = f"/v1/sessions/{session}/enrolments"
    return await training.post(path, {"business_id": business_id}, **how)
