"""Products with what happened to them, and what is known of the businesses that make them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.marketing.domain.brand import Check
from services.marketing.domain.licence import Licence, LicenceKind, with_licence
from services.marketing.domain.product import BrandStatus, Product, ProductStatus
from services.marketing.domain.quality import Assessment, Packaging, Quality, newest, packaged
from services.marketing.domain.supply import DAYS, Capacity
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


async def insert(tx: Tx, product: Product, added_on: date) -> None:
    """A new product."""
    await tx.conn.execute(
        """
        insert into product (product_id, business_id, name, unit, price_rupiah, shelf_life_days,
                             brand_status, version, added_on, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        product.id,
        product.business_id,
        product.name,
        product.unit,
        product.price_rupiah,
        product.shelf_life_days,
        product.brand_status.value,
        product.version,
        added_on,
        tx.now,
        tx.actor.subject,
    )


async def find(conn: Connection, product_id: UUID) -> Product | None:
    """The product as it is."""
    return await _read(conn, product_id)


async def lock(conn: Connection, product_id: UUID) -> Product | None:
    """The product, its row locked. Its assessments and licences are read after the lock."""
    await conn.execute("select from product where product_id = $1 for update", product_id)
    return await _read(conn, product_id)


async def lock_all(conn: Connection, product: Product) -> Product:
    """Lock all products of the product's business: what it promises is one after another."""
    rows = await conn.fetch(
        """
        select product_id, status from product where business_id = $1
        order by product_id for update
        """,
        product.business_id,
    )
    status = next(row["status"] for row in rows if row["product_id"] == product.id)
    return replace(product, status=ProductStatus(status))


async def capacity(conn: Connection, business_id: UUID) -> Capacity | None:
    """What registry told of the business's capacity; None when that hasn't come here."""
    row = await conn.fetchrow(
        """
        select capacity_quantity, capacity_unit, capacity_period from known_business_now
        where business_id = $1 and capacity_quantity is not null
        """,
        business_id,
    )
    if row is None or row["capacity_period"] not in DAYS:
        return None
    return Capacity(row["capacity_quantity"], row["capacity_unit"], row["capacity_period"])


async def save_brand(tx: Tx, product: Product) -> None:
    """The locked product's brand, and one more step of its life."""
    await tx.conn.execute(
        """
        with product as (
            update product set brand_status = $3, brand_number = $4, brand_class = $5,
                               brand_expires_on = $6, brand_changed_on = $7, version = $2
            where product_id = $1
        )
        insert into brand_step (product_id, version, status, number, brand_class, expires_on,
                                changed_on, recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        product.id,
        product.version,
        product.brand_status.value,
        product.brand_number,
        product.brand_class,
        product.brand_expires_on,
        product.brand_changed_on,
        tx.now,
        tx.actor.subject,
    )


async def save_assessment(tx: Tx, product: Product, told: Assessment) -> None:
    """One more assessment of the locked product."""
    seen = told.quality
    await tx.conn.execute(
        """
        with product as (update product set version = $2 where product_id = $1)
        insert into assessment (product_id, version, recipe, weight, shelf_life, hygiene, label,
                                packaging, photo_reference, assessed_on, recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        product.id,
        product.version,
        *(
            getattr(seen, name, None)
            for name in ("recipe", "weight", "shelf_life", "hygiene", "label")
        ),
        told.packaging,
        told.photo_reference,
        told.assessed_on,
        tx.now,
        tx.actor.subject,
    )


async def save_licence(tx: Tx, product: Product, told: Licence) -> None:
    """One more licence of the locked product."""
    await tx.conn.execute(
        """
        with product as (update product set version = $2 where product_id = $1)
        insert into licence (product_id, version, kind, number, valid_from, valid_until,
                             recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        product.id,
        product.version,
        told.kind.value,
        told.number,
        told.valid_from,
        told.valid_until,
        tx.now,
        tx.actor.subject,
    )


async def save_check(tx: Tx, product: Product, found: Check) -> None:
    """One more check of the locked product, and its status after it."""
    await tx.conn.execute(
        """
        with product as (
            update product set status = $6, version = $2 where product_id = $1
        )
        insert into product_check (product_id, version, available, quality_kept, checked_on,
                                   status, recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        product.id,
        product.version,
        found.available,
        found.quality_kept,
        found.checked_on,
        product.status.value,
        tx.now,
        tx.actor.subject,
    )


async def assessed_until(
    conn: Connection, product_id: UUID, day: date
) -> tuple[Quality | None, Packaging | None]:
    """What the product's assessments up to a day come to."""
    rows = await conn.fetch(_ASSESSMENTS, product_id)
    return _folded([row for row in rows if row["assessed_on"] <= day])


_ASSESSMENTS = """
select recipe, weight, shelf_life, hygiene, label, packaging, assessed_on from assessment
where product_id = $1 order by version
"""
_LICENCES = """
select kind, number, valid_from, valid_until from licence where product_id = $1 order by version
"""


async def _read(conn: Connection, product_id: UUID) -> Product | None:
    row = await conn.fetchrow("select * from product where product_id = $1", product_id)
    if row is None:
        return None
    product = Product(
        id=row["product_id"],
        business_id=row["business_id"],
        name=row["name"],
        unit=row["unit"],
        price_rupiah=row["price_rupiah"],
        shelf_life_days=row["shelf_life_days"],
        brand_status=BrandStatus(row["brand_status"]),
        brand_number=row["brand_number"],
        brand_class=row["brand_class"],
        brand_expires_on=row["brand_expires_on"],
        brand_changed_on=row["brand_changed_on"],
        status=ProductStatus(row["status"]),
        version=row["version"],
    )
    if product.version == 1:  # nothing was ever added to it
        return product
    checklist, packaging = _folded(await conn.fetch(_ASSESSMENTS, product_id))
    licences: tuple[Licence, ...] = ()
    for told in await conn.fetch(_LICENCES, product_id):
        licences = with_licence(
            licences,
            Licence(
                LicenceKind(told["kind"]), told["number"], told["valid_from"], told["valid_until"]
            ),
        )
    return replace(product, quality=checklist, packaging=packaging, licences=licences)


def _folded(rows: Sequence[Mapping[str, Any]]) -> tuple[Quality | None, Packaging | None]:
    """All assessments of a product, in the order in which they were told, as what they come to."""
    checklist: Quality | None = None
    packaging: Packaging | None = None
    for row in rows:
        packaging = packaged(packaging, row["packaging"], row["assessed_on"])
        if row["recipe"] is not None:
            names = ("recipe", "weight", "shelf_life", "hygiene", "label", "assessed_on")
            checklist = newest(checklist, Quality(**{name: row[name] for name in names}))
    return checklist, packaging
