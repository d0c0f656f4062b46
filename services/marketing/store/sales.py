"""Sales as they are reported. One a product, month, channel and event, by an index too."""

from services.marketing.domain.sale import Sale
from shared.db import Tx


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
