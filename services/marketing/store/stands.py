"""Stands. Two unique indexes hold what the locks already promise."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.marketing.domain.stand import Stand, StandStatus
from services.marketing.domain.supply import Promise
from shared.db import Connection, Tx


async def taken(conn: Connection, market_event_id: UUID) -> dict[int, UUID]:
    """Number → business of the confirmed stands.

    A statement of its own, after the event's row is locked: it must see what others committed
    while this transaction waited, and a statement keeps the snapshot it began with.
    """
    rows = await conn.fetch(
        """
        select stand_number, business_id from stand
        where market_event_id = $1 and status = 'confirmed'
        """,
        market_event_id,
    )
    return {row["stand_number"]: row["business_id"] for row in rows}


async def promises(
    conn: Connection, business_id: UUID, unit: str, today: date
) -> tuple[Promise, ...]:
    """What the business promised for events after `today`, in that unit.

    A statement of its own, after the business's products are locked: see `taken`.
    """
    rows = await conn.fetch(
        """
        select m.starts_on, s.promised from stand s join market_event m using (market_event_id)
        join product p using (product_id)
        where s.business_id = $1 and s.status = 'confirmed' and s.promised is not null
          and p.unit = $2 and m.starts_on > $3
        """,
        business_id,
        unit,
        today,
    )
    return tuple(Promise(row["starts_on"], row["promised"]) for row in rows)


async def had(conn: Connection, product_id: UUID, market_event_id: UUID) -> bool:
    """Whether the product had a stand at the event."""
    found: bool = await conn.fetchval(
        """
        select exists (select from stand where product_id = $1 and market_event_id = $2
                       and status = 'confirmed')
        """,
        product_id,
        market_event_id,
    )
    return found


async def insert(
    tx: Tx, stand: Stand, confirmed_on: date, override_reason: str | None = None
) -> None:
    """A confirmed stand; with a reason when it was given in spite of something."""
    await tx.conn.execute(
        """
        insert into stand (stand_id, market_event_id, product_id, business_id, stand_number,
                           status, promised, version, confirmed_on, confirmed_at, confirmed_by,
                           overridden, override_reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        stand.id,
        stand.market_event_id,
        stand.product_id,
        stand.business_id,
        stand.number,
        stand.status.value,
        stand.promised,
        stand.version,
        confirmed_on,
        tx.now,
        tx.actor.subject,
        list(stand.overridden),
        override_reason,
    )


async def lock(conn: Connection, stand_id: UUID) -> Stand | None:
    """The stand, its row locked."""
    row = await conn.fetchrow("select * from stand where stand_id = $1 for update", stand_id)
    return _stand(row) if row else None


async def lock_confirmed(conn: Connection, market_event_ids: Sequence[UUID]) -> list[Stand]:
    """All confirmed stands of these (locked) events, locked in the order of their ids."""
    rows = await conn.fetch(
        """
        select * from stand where market_event_id = any ($1::uuid[]) and status = 'confirmed'
        order by stand_id for update
        """,
        market_event_ids,
    )
    return [_stand(row) for row in rows]


async def save_released(tx: Tx, stands: Sequence[Stand], reason: str) -> None:
    """The locked stands as given back."""
    await tx.conn.execute(
        """
        update stand s set status = 'released', version = t.version, released_at = $3,
                           released_by = $4, release_reason = $5
        from unnest($1::uuid[], $2::bigint[]) as t (id, version) where s.stand_id = t.id
        """,
        [stand.id for stand in stands],
        [stand.version for stand in stands],
        tx.now,
        tx.actor.subject,
        reason,
    )


def _stand(row: Mapping[str, Any]) -> Stand:
    return Stand(
        id=row["stand_id"],
        market_event_id=row["market_event_id"],
        product_id=row["product_id"],
        business_id=row["business_id"],
        number=row["stand_number"],
        promised=row["promised"],
        overridden=tuple(row["overridden"]),
        status=StandStatus(row["status"]),
        version=row["version"],
    )
