"""Support and budgets. A line is locked before its event's budget, the budget before the sum."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.marketing.domain.support import Budget, Support, SupportKind, SupportStatus
from shared.db import Connection, Tx


class Place(NamedTuple):
    """The stand that a line is for, and when its event begins."""

    stand_confirmed: bool
    market_event_id: UUID
    business_id: UUID
    starts_on: date


async def place(conn: Connection, stand_id: UUID) -> Place | None:
    """The stand; None when there is none."""
    row = await conn.fetchrow(
        """
        select s.status = 'confirmed' as stand_confirmed, s.market_event_id, s.business_id,
               m.starts_on
        from stand s join market_event m using (market_event_id) where s.stand_id = $1
        """,
        stand_id,
    )
    return Place(**row) if row else None


async def lock_stand(conn: Connection, stand_id: UUID) -> None:
    """Keep the stand as it is: it can't be given back while its support is decided on."""
    await conn.execute("select from stand where stand_id = $1 for share", stand_id)


async def insert(tx: Tx, support: Support) -> None:
    """A new line."""
    await tx.conn.execute(
        """
        insert into support (support_id, stand_id, market_event_id, business_id, kind,
                             planned_rupiah, status, version, planned_at, planned_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        support.id,
        support.stand_id,
        support.market_event_id,
        support.business_id,
        support.kind.value,
        support.planned_rupiah,
        support.status.value,
        support.version,
        tx.now,
        support.planned_by,
    )


async def lock(conn: Connection, support_id: UUID) -> Support | None:
    """The line, its row locked."""
    row = await conn.fetchrow("select * from support where support_id = $1 for update", support_id)
    return _support(row) if row else None


async def lock_budget(conn: Connection, market_event_id: UUID, *, without: UUID | None) -> Budget:
    """The event's budget, its row locked, and what all lines but `without` commit of it.

    No budget is one of nothing. An approved line counts as planned as long as its stand is there.
    The sum is a statement of its own, after the lock: it must see what others committed.
    """
    rupiah = await conn.fetchval(
        "select rupiah from event_budget where market_event_id = $1 for update", market_event_id
    )
    committed = await conn.fetchval(COMMITTED, market_event_id, without)
    return Budget(rupiah or 0, committed)


COMMITTED = """
select coalesce(sum(case when u.status = 'paid' then u.actual_rupiah
                         when s.status = 'confirmed' then u.planned_rupiah
                         else 0 end), 0)::bigint
from support u join stand s using (stand_id)
where u.market_event_id = $1 and u.status <> 'planned'
  and ($2::uuid is null or u.support_id <> $2)
"""


async def lock_new_budget(tx: Tx, market_event_id: UUID) -> int:
    """The version of the event's budget, its row locked; a budget of nothing is put there first."""
    version: int = await tx.conn.fetchval(
        """
        insert into event_budget (market_event_id, rupiah, version, set_at, set_by)
        values ($1, 0, 0, $2, $3)
        on conflict (market_event_id) do update set version = event_budget.version
        returning version
        """,
        market_event_id,
        tx.now,
        tx.actor.subject,
    )
    return version


async def save_budget(tx: Tx, market_event_id: UUID, rupiah: int, version: int) -> None:
    """The locked budget as it is now."""
    await tx.conn.execute(
        """
        update event_budget set rupiah = $2, version = $3, set_at = $4, set_by = $5
        where market_event_id = $1
        """,
        market_event_id,
        rupiah,
        version,
        tx.now,
        tx.actor.subject,
    )


async def save_approved(tx: Tx, support: Support) -> None:
    """The locked line as approved."""
    await tx.conn.execute(
        """
        update support set status = 'approved', version = $2, approved_at = $3, approved_by = $4
        where support_id = $1
        """,
        support.id,
        support.version,
        tx.now,
        tx.actor.subject,
    )


async def save_paid(tx: Tx, support: Support) -> None:
    """The locked line as paid."""
    await tx.conn.execute(
        """
        update support set status = 'paid', actual_rupiah = $2, version = $3, paid_at = $4,
                           paid_by = $5
        where support_id = $1
        """,
        support.id,
        support.actual_rupiah,
        support.version,
        tx.now,
        tx.actor.subject,
    )


def _support(row: Mapping[str, Any]) -> Support:
    return Support(
        id=row["support_id"],
        stand_id=row["stand_id"],
        market_event_id=row["market_event_id"],
        business_id=row["business_id"],
        kind=SupportKind(row["kind"]),
        planned_rupiah=row["planned_rupiah"],
        planned_by=row["planned_by"],
        actual_rupiah=row["actual_rupiah"],
        status=SupportStatus(row["status"]),
        version=row["version"],
    )
