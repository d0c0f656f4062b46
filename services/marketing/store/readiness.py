"""What the rule of readiness looks at, of a product whose row is locked."""

from datetime import date

from services.marketing.domain.licence import Told
from services.marketing.domain.product import BrandStatus, Product
from services.marketing.domain.readiness import Facts
from services.marketing.store.products import assessed_until
from shared.db import Connection

_LICENCES = "select * from licences_told($1, $2, $3)"


async def facts(conn: Connection, product: Product, starts_on: date, day: date) -> Facts:
    """The product as it was on a day, for an event that begins then; production as it is now."""
    row = await conn.fetchrow(
        """
        select (select production_mode from known_business_now where business_id = $2),
               (select capacity_quantity from known_business_now where business_id = $2),
               (select count(*) from product where business_id = $2) as products,
               (select min(issued_on) from known_certificate_now
                where business_id = $2 and status = 'issued' and issued_on <= $3) as certified_on,
               w.status, w.changed_on, w.expires_on
        from (values (1)) as one left join lateral (
            select status, changed_on, expires_on from brand_step
            where product_id = $1 and changed_on <= $3 order by version desc limit 1
        ) w on true
        """,
        product.id,
        product.business_id,
        day,
    )
    licences = [
        Told(**told) for told in await conn.fetch(_LICENCES, product.id, product.business_id, day)
    ]
    # Before its first step a brand was what the product was added with.
    unstepped = product.brand_status if product.brand_changed_on is None else BrandStatus.NONE
    quality, packaging = await assessed_until(conn, product.id, day)
    return Facts(
        product_id=product.id,
        business_id=product.business_id,
        brand=BrandStatus(row["status"]) if row["status"] else unstepped,
        brand_on=row["changed_on"],
        brand_expires_on=row["expires_on"],
        quality=quality,
        packaging=packaging,
        production_mode=row["production_mode"],
        capacity=row["capacity_quantity"],
        certified_on=row["certified_on"],
        next_event_on=starts_on,
        licences=tuple(licences),
        products=row["products"],
    )
