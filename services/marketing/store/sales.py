"""Sales as they are reported. One a product, month, channel and event, by an index too."""

from uuid import UUID

from services.marketing.domain.sale import Sale, SaleChannel
from shared.db import Connection, Tx


async def insert(tx: Tx, sale: Sale) -> bool:
    """A new report; False when there is one already."""
    row = await tx.conn.fetchrow(
        """
        insert into sale (sale_id, product_id, business_id, market_event_id, channel, month,
                          quantity, rupiah, version, reported_at, reported_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict do nothing returning sale_id
        """,
        sale.id,
        sale.product_id,
        sale.business_id,
        sale.market_event_id,
        sale.channel.value,
        sale.month,
        sale.quantity,
        sale.rupiah,
        sale.version,
        tx.now,
        tx.actor.subject,
    )
    return row is not None


async def lock(
    conn: Connection,
    product_id: UUID,
    month: str,
    channel: SaleChannel,
    market_event_id: UUID | None,
) -> Sale | None:
    """The report of these four, its row locked; None when there is none."""
    row = await conn.fetchrow(
        """
        select s.*, p.unit from sale s join product p using (product_id)
        where s.product_id = $1 and s.month = $2 and s.channel = $3
          and s.market_event_id is not distinct from $4 for update of s
        """,
        product_id,
        month,
        channel.value,
        market_event_id,
    )
    if row is None:
        return None
    return Sale(
        id=row["sale_id"],
        product_id=row["product_id"],
        business_id=row["business_id"],
        unit=row["unit"],
        market_event_id=row["market_event_id"],
        channel=SaleChannel(row["channel"]),
        month=row["month"],
        quantity=row["quantity"],
        rupiah=row["rupiah"],
        version=row["version"],
    )


async def save_corrected(tx: Tx, before: Sale, after: Sale, reason: str) -> None:
    """The locked report as it is now, and what it was until now."""
    await tx.conn.execute(
        """
        with sale as (
            update sale set quantity = $5, rupiah = $6, version = $2 where sale_id = $1
        )
        insert into sale_correction (sale_id, version, old_quantity, old_rupiah, quantity, rupiah,
                                     reason, recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        after.id,
        after.version,
        before.quantity,
        before.rupiah,
        after.quantity,
        after.rupiah,
        reason,
        tx.now,
        tx.actor.subject,
    )
