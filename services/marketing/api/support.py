"""Routes of support of participants, and of an event's budget."""

from collections.abc import Awaitable, Callable

from services.marketing.api.allow import OFFICERS, READERS
from services.marketing.commands import support as commands
from services.marketing.domain import refusals as no
from services.marketing.queries import support as queries
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Route,
    reach_anywhere,
    reach_by_answer,
    reach_by_filter,
    reach_by_row,
)

CITY_WIDE = reach_anywhere("Anggaran sebuah acara berlaku untuk seluruh kota, tanpa data orang.")
ANY_EVENT = "select market_event_id from market_event where status = 'open' limit 1"
ANY_SUPPORT = "select support_id from support order by support_id limit 1"


def _by(table: str) -> str:
    return f"""
    select coalesce(b.kelurahan, '') from {table} t
    left join known_business_now b using (business_id) where t.{table}_id = $1
    """  # noqa: S608  one of two names below


BY_STAND = reach_by_row(_by("stand"), "stand_id")
BY_SUPPORT = reach_by_row(_by("support"), "support_id")


async def post_budget(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await commands.set_budget(tx, call.path["market_event_id"], call.body)
        where = f"/v1/market-events/{saved.market_event_id}/budget"
        return Answer(body=saved, version=saved.version, location=where)

    return await call.write(work)


async def get_budget(call: Call) -> Answer:
    event_id = call.path["market_event_id"]
    view = await call.read(lambda conn: queries.budget(conn, event_id))
    if view is None:
        raise no.MarketEventNotFound
    return Answer(body=view)


async def post_support(call: Call) -> Answer:
    stand_id = call.path["stand_id"]
    return await _written(call, lambda tx: commands.plan_support(tx, stand_id, call.body))


async def get_support_of_stand(call: Call) -> Answer:
    stand_id = call.path["stand_id"]
    found = await call.read(lambda conn: queries.of_stand(conn, stand_id))
    if found is None:
        raise no.StandNotFound
    shown = tuple(view for view in found if call.actor.reaches(view.kelurahan or ""))
    return Answer(body=queries.SupportOfStand(items=shown))


async def get_support(call: Call) -> Answer:
    support_id = call.path["support_id"]
    view = await call.read(lambda conn: queries.support(conn, support_id))
    if view is None:
        raise no.SupportNotFound
    return Answer(body=view, version=view.version)


async def post_approval(call: Call) -> Answer:
    support_id, version = call.path["support_id"], call.if_match or 0
    return await _written(
        call, lambda tx: commands.approve_support(tx, support_id, version, call.body)
    )


async def post_payment(call: Call) -> Answer:
    support_id, version = call.path["support_id"], call.if_match or 0
    return await _written(call, lambda tx: commands.pay_support(tx, support_id, version, call.body))


async def _written(call: Call, told: Callable[[Tx], Awaitable[commands.SupportSaved]]) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await told(tx)
        return Answer(body=saved, version=saved.version, location=f"/v1/support/{saved.support_id}")

    return await call.write(work)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/market-events/{market_event_id}/budgets",
        action=post_budget,
        summary="Menetapkan anggaran dukungan untuk sebuah acara",
        english="Set the budget of an event's support",
        allow=frozenset({"kasi"}),
        reach=CITY_WIDE,
        body=commands.SetBudget,
        answer=commands.BudgetSaved,
        status=201,
        refusals=(no.MarketEventNotFound, no.BudgetBelowCommitted),
        example=Example(role="kasi", body={"rupiah": 50_000_000}, sample=ANY_EVENT),
    ),
    Route(
        method="GET",
        path="/v1/market-events/{market_event_id}/budget",
        action=get_budget,
        summary="Anggaran sebuah acara: disetujui, dibayar, dan tersisa",
        english="An event's budget: approved, paid and left",
        allow=READERS,
        reach=CITY_WIDE,
        answer=queries.BudgetView,
        refusals=(no.MarketEventNotFound,),
        example=Example(role="kasi", sample=ANY_EVENT),
    ),
    Route(
        method="POST",
        path="/v1/stands/{stand_id}/support",
        action=post_support,
        summary="Merencanakan bantuan: stan, transportasi, penginapan, atau lainnya",
        english="Plan support: stand, transport, lodging or other",
        allow=OFFICERS,
        reach=BY_STAND,
        body=commands.PlanSupport,
        answer=commands.SupportSaved,
        status=201,
        refusals=(no.StandNotFound, no.StandGone, no.AmountZero),
        example=Example(
            role="kasi",
            body={"kind": "transport", "planned_rupiah": 300_000},
            sample="""
            select s.stand_id from stand s left join event_budget b using (market_event_id)
            where s.status = 'confirmed'
            order by b.rupiah - coalesce((select sum(coalesce(u.actual_rupiah, u.planned_rupiah))
                                          from support u
                                          where u.market_event_id = s.market_event_id
                                            and u.status <> 'planned'), 0) desc nulls last,
                     s.stand_id
            limit 1
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/stands/{stand_id}/support",
        action=get_support_of_stand,
        summary="Semua bantuan untuk satu stan",
        english="All support of one stand",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        answer=queries.SupportOfStand,
        refusals=(no.StandNotFound,),
        example=Example(role="kasi", sample="select stand_id from support limit 1"),
    ),
    Route(
        method="GET",
        path="/v1/support/{support_id}",
        action=get_support,
        summary="Satu bantuan: direncanakan, disetujui, dibayar",
        english="One line of support: planned, approved, paid",
        allow=READERS,
        reach=reach_by_answer("kelurahan"),
        answer=queries.SupportView,
        refusals=(no.SupportNotFound,),
        example=Example(role="kasi", sample=ANY_SUPPORT),
    ),
    Route(
        method="POST",
        path="/v1/support/{support_id}/approval",
        action=post_approval,
        summary="Menyetujui bantuan yang direncanakan orang lain",
        english="Approve support that somebody else planned",
        allow=frozenset({"kasi", "verifikator"}),
        reach=BY_SUPPORT,
        if_match=True,
        body=commands.ApproveSupport,
        answer=commands.SupportSaved,
        refusals=(
            no.SupportNotFound,
            no.SupportChanged,
            no.SupportNotPlanned,
            no.StandGone,
            no.SameHands,
            no.BudgetShort,
        ),
        example=Example(
            role="verifikator",
            body={},
            sample="""
            select u.support_id, u.version from support u join stand s using (stand_id)
            where u.status = 'planned' and s.status = 'confirmed'
            order by u.support_id desc limit 1
            """,
        ),
    ),
    Route(
        method="POST",
        path="/v1/support/{support_id}/payment",
        action=post_payment,
        summary="Mencatat biaya yang sebenarnya",
        english="Record what it cost",
        allow=OFFICERS,
        reach=BY_SUPPORT,
        if_match=True,
        body=commands.PaySupport,
        answer=commands.SupportSaved,
        refusals=(
            no.SupportNotFound,
            no.SupportChanged,
            no.SupportNotApproved,
            no.BudgetShort,
        ),
        example=Example(
            role="kasi",
            body={"actual_rupiah": 275_000},
            sample="""
            select support_id, version from support where status = 'approved'
            order by support_id desc limit 1
            """,
        ),
    ),
)
