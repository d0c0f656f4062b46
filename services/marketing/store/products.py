"""Products, and what is known of the businesses that make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.marketing.domain.product import BrandStatus, Product
from shared.db import Connection, Tx


@dataclass(frozen=True, slots=True)
class KnownEnrolment:
    """What training told about a seat of the business."""

    enrolment_id: UUID
    state: str


async def business_is_known(conn: Connection, business_id: UUID) -> bool:
    """Whether registry's word of this business has arrived here."""
    known: bool = await conn.fetchval(
        "select exists (select from known_business_now where business_id = $1)", business_id
    )
    return known


async def known_enrolments(conn: Connection, business_id: UUID) -> Sequence[KnownEnrolment]:
    """The business's seats in training sessions, the newest first."""
    rows = await conn.fetch(
        """
        select enrolment_id, state from known_enrolment_now
        where business_id = $1 order by enrolment_id desc
        """,
        business_id,
    )
    return [KnownEnrolment(**row) for row in rows]


async def insert(tx: Tx, product: Product) -> None:
    """A new product."""
    await tx.conn.execute(
        """
        insert into product (product_id, business_id, name, unit, price_rupiah, shelf_life_days,
                             brand_status, version, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        product.id,
        product.business_id,
        product.name,
        product.unit,
        product.price_rupiah,
        product.shelf_life_days,
        product.brand_status.value,
        product.version,
        tx.now,
        tx.actor.subject,
    )


async def find(conn: Connection, product_id: UUID) -> Product | None:
    """The product as it is."""
    row = await conn.fetchrow("select * from product where product_id = $1", product_id)
    if row is None:
        return None
    return Product(
        id=row["product_id"],
        business_id=row["business_id"],
        name=row["name"],
        unit=row["unit"],
        price_rupiah=row["price_rupiah"],
        shelf_life_days=row["shelf_life_days"],
        brand_status=BrandStatus(row["brand_status"]),
        version=row["version"],
    )
