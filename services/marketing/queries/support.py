"""What marketing can be asked about support and budgets."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.marketing.queries.views import View
from shared.db import Connection


class SupportView(View):
    """One line of support. `kelurahan` is the business's, as registry says now."""

    support_id: UUID
    stand_id: UUID
    market_event_id: UUID
    business_id: UUID
    kelurahan: str | None
    kind: str
    planned_rupiah: int
    actual_rupiah: int | None
    status: str
    planned_at: datetime
    planned_by: str
    approved_at: datetime | None
    approved_by: str | None
    paid_at: datetime | None
    version: int


class SupportOfStand(View):
    """All lines of support of one stand."""

    items: tuple[SupportView, ...]


class Spent(View):
    """One kind of support at an event, in rupiah."""

    kind: str
    lines: int
    planned: int
    approved: int
    paid: int


class BudgetView(View):
    """An event's budget in rupiah. `committed`: paid, and approved for stands that are kept."""

    market_event_id: UUID
    rupiah: int
    committed: int
    left: int
    by_kind: tuple[Spent, ...]
    version: int


_SUPPORT = """
select u.support_id, u.stand_id, u.market_event_id, u.business_id, b.kelurahan, u.kind,
       u.planned_rupiah, u.actual_rupiah, u.status, u.planned_at, u.planned_by, u.approved_at,
       u.approved_by, u.paid_at, u.version
from support u left join known_business_now b using (business_id)
"""


async def support(conn: Connection, support_id: UUID) -> SupportView | None:
    """One line; None when there is none."""
    row = await conn.fetchrow(_SUPPORT + "where u.support_id = $1", support_id)
    return SupportView(**row) if row else None


async def of_stand(conn: Connection, stand_id: UUID) -> Sequence[SupportView] | None:
    """The lines of a stand; None when there is no such stand."""
    if not await conn.fetchval("select exists (select from stand where stand_id = $1)", stand_id):
        return None
    rows = await conn.fetch(_SUPPORT + "where u.stand_id = $1 order by u.support_id", stand_id)
    return [SupportView(**row) for row in rows]


async def budget(conn: Connection, market_event_id: UUID) -> BudgetView | None:
    """An event's budget; None when there is no such event. Version 0: none was set."""
    row = await conn.fetchrow(
        """
        select m.market_event_id, coalesce(g.rupiah, 0) as rupiah, coalesce(g.version, 0) as version
        from market_event m left join event_budget g using (market_event_id)
        where m.market_event_id = $1
        """,
        market_event_id,
    )
    if row is None:
        return None
    kinds = await conn.fetch(
        """
        select u.kind, count(*) as lines, sum(u.planned_rupiah)::bigint as planned,
               coalesce(sum(u.planned_rupiah) filter (
                   where u.status = 'approved' and s.status = 'confirmed'), 0)::bigint as approved,
               coalesce(sum(u.actual_rupiah), 0)::bigint as paid
        from support u join stand s using (stand_id)
        where u.market_event_id = $1 group by u.kind order by u.kind
        """,
        market_event_id,
    )
    spent = tuple(Spent(**kind) for kind in kinds)
    committed = sum(kind.approved + kind.paid for kind in spent)
    return BudgetView(
        **row, committed=committed, left=max(row["rupiah"] - committed, 0), by_kind=spent
    )
