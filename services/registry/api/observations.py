"""Routes of what somebody observed: class, coverage, constraints, follow-ups."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from services.registry.api.allow import STAFF
from services.registry.api.businesses import ANY_BUSINESS, BY_BUSINESS, saved_answer
from services.registry.commands import observations
from services.registry.commands.businesses import BusinessSaved
from services.registry.domain import refusals as no
from shared.db import Tx
from shared.http import Answer, Call, Example, Route

Observe = Callable[[Tx, UUID, Any], Awaitable[BusinessSaved]]
_DAYS = (no.BusinessNotFound, no.ObservedInFuture, no.ObservedBeforeLast)


def _posting(observe: Observe) -> Callable[[Call], Awaitable[Answer]]:
    async def post(call: Call) -> Answer:
        async def work(tx: Tx) -> Answer:
            return saved_answer(await observe(tx, call.path["business_id"], call.body))

        return await call.write(work)

    return post


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/businesses/{business_id}/assessments",
        action=_posting(observations.assess_business),
        summary="Menetapkan kelas usaha, dengan alasan penilai",
        english="Give the business a class, with the assessor's reasons",
        allow=STAFF,
        reach=BY_BUSINESS,
        body=observations.AssessBusiness,
        answer=BusinessSaved,
        status=201,
        refusals=_DAYS,
        example=Example(
            role="petugas",
            body={
                "business_class": "pemula",
                "assessed_on": "2017-07-25",
                "reasons": "Baru tiga bulan, belum bermerek, dikerjakan sendiri",
            },
            sample=ANY_BUSINESS,
        ),
    ),
    Route(
        method="POST",
        path="/v1/businesses/{business_id}/coverage",
        action=_posting(observations.answer_coverage),
        summary="Mencatat apakah dinas lain sudah membina usaha ini",
        english="Record whether another office guides this business already",
        allow=STAFF,
        reach=BY_BUSINESS,
        body=observations.AnswerCoverage,
        answer=BusinessSaved,
        status=201,
        refusals=(*_DAYS, no.GuidedByNobody),
        example=Example(
            role="petugas",
            body={"guided": "no", "answered_on": "2017-07-26", "source": "office_list"},
            sample=ANY_BUSINESS,
        ),
    ),
    Route(
        method="POST",
        path="/v1/businesses/{business_id}/constraints",
        action=_posting(observations.ask_constraints),
        summary="Menanyakan lagi kendala usaha",
        english="Ask again what holds the business back",
        allow=STAFF,
        reach=BY_BUSINESS,
        body=observations.AskConstraints,
        answer=BusinessSaved,
        status=201,
        refusals=(*_DAYS, no.NamedTwice),
        example=Example(
            role="petugas",
            body={
                "asked_on": "2017-10-30",
                "constraints": [{"kind": "marketing", "severity": 1}],
            },
            sample=ANY_BUSINESS,
        ),
    ),
    Route(
        method="POST",
        path="/v1/businesses/{business_id}/follow-ups",
        action=_posting(observations.record_follow_up),
        summary="Mencatat perkembangan usaha pada bulan 0, 3, 6, atau 12",
        english="Record how the business is doing in month 0, 3, 6 or 12",
        allow=STAFF,
        reach=BY_BUSINESS,
        body=observations.RecordFollowUp,
        answer=BusinessSaved,
        status=201,
        refusals=(*_DAYS, no.FollowUpWithoutBaseline, no.FollowUpBackwards, no.UnknownUnit),
        example=Example(
            role="petugas",
            body={
                "month": 0,
                "observed_on": "2017-07-31",
                "income_band": "from_1m",
                "output": {"quantity": "20", "unit": "jar", "period": "day"},
                "helpers": 0,
            },
            sample=ANY_BUSINESS,
        ),
    ),
)
