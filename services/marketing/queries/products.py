"""What marketing can be asked about products and everything that happened to them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.marketing.domain.quality import Packaging, Quality, newest, packaged
from services.marketing.queries.views import View
from shared.actor import Actor
from shared.db import Connection


class ProductLine(View):
    """A product in a list."""

    product_id: UUID
    business_id: UUID
    kelurahan: str | None
    name: str
    brand_status: str
    status: str
    version: int


class Products(View):
    """One page of products, in the order in which they were added."""

    items: tuple[ProductLine, ...]


class BrandStep(View):
    """One step of the brand's life. Steps are never changed."""

    version: int
    status: str
    number: str | None
    brand_class: int | None
    expires_on: date | None
    changed_on: date
    recorded_by: str


class Assessed(View):
    """What was looked at one day; `quality`: how many of five, null when not this time."""

    version: int
    quality: int | None
    recipe: bool | None
    weight: bool | None
    shelf_life: bool | None
    hygiene: bool | None
    label: bool | None
    packaging: int | None
    photo_reference: str | None
    assessed_on: date
    recorded_by: str


class Licence(View):
    """A licence and its dates, as told."""

    version: int
    kind: str
    number: str
    valid_from: date
    valid_until: date | None
    recorded_by: str


class OfficePaper(View):
    """One report of an office about a paper of the business; its number stays in the registry.

    Which product a P-IRT or a halal certificate is for, the registry shows in the office's words.
    """

    licence_id: UUID
    kind: str
    by_office: str
    status: str
    since: date
    valid_until: date | None


class Checked(View):
    """One check after branding; `status`: the product's after it."""

    version: int
    available: bool
    quality_kept: bool
    checked_on: date
    status: str
    recorded_by: str


class PackagingView(View):
    """Points from 0 to 100: the first score ever, and the newest."""

    before: int
    before_on: date
    after: int
    after_on: date


class ProductView(ProductLine):
    """A product. The price is in rupiah for one unit; `kelurahan`: the business's, as of now.

    `quality`: points of the newest checklist, of five. `licences`: what staff entered for it;
    `office_papers`: what offices reported about the business, a paper's newest report last.
    """

    unit: str
    price_rupiah: int
    shelf_life_days: int | None
    brand_number: str | None
    brand_class: int | None
    brand_expires_on: date | None
    quality: int | None
    quality_on: date | None
    packaging: PackagingView | None
    created_at: datetime
    brand_steps: tuple[BrandStep, ...]
    assessments: tuple[Assessed, ...]
    licences: tuple[Licence, ...]
    office_papers: tuple[OfficePaper, ...]
    checks: tuple[Checked, ...]


async def products(
    conn: Connection,
    actor: Actor,
    *,
    business_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> Sequence[ProductLine]:
    """Products of the actor's areas; `business_id`: only this business's."""
    rows = await conn.fetch(
        """
        select p.product_id, p.business_id, b.kelurahan, p.name, p.brand_status, p.status,
               p.version
        from product p join known_business_now b using (business_id)
        where b.kelurahan like any ($1::text[]) and ($2::uuid is null or p.business_id = $2)
          and ($3::uuid is null or p.product_id > $3)
        order by p.product_id limit $4
        """,
        actor.patterns(),
        business_id,
        after,
        limit,
    )
    return [ProductLine(**row) for row in rows]


async def product(conn: Connection, product_id: UUID) -> ProductView | None:
    """One product with everything that happened to it; None when there is no such product."""
    row = await conn.fetchrow(
        """
        select p.product_id, p.business_id, b.kelurahan, p.name, p.unit, p.price_rupiah,
               p.shelf_life_days, p.brand_status, p.brand_number, p.brand_class,
               p.brand_expires_on, p.status, p.created_at, p.version
        from product p left join known_business_now b using (business_id)
        where p.product_id = $1
        """,
        product_id,
    )
    if row is None:
        return None
    assessments = [_assessed(a) for a in await conn.fetch(_ASSESSMENTS, product_id)]
    quality, packaging = summary(assessments)
    return ProductView(
        **row,
        quality=quality.score if quality else None,
        quality_on=quality.assessed_on if quality else None,
        packaging=_shown(packaging),
        brand_steps=tuple(BrandStep(**r) for r in await conn.fetch(_STEPS, product_id)),
        assessments=tuple(assessments),
        licences=tuple(Licence(**r) for r in await conn.fetch(_LICENCES, product_id)),
        office_papers=tuple(
            OfficePaper(**r) for r in await conn.fetch(_PAPERS, row["business_id"])
        ),
        checks=tuple(Checked(**r) for r in await conn.fetch(_CHECKS, product_id)),
    )


_ASSESSMENTS = """
select version, recipe, weight, shelf_life, hygiene, label, packaging, photo_reference,
       assessed_on, recorded_by
from assessment where product_id = $1 order by version
"""
_STEPS = """
select version, status, number, brand_class, expires_on, changed_on, recorded_by
from brand_step where product_id = $1 order by version
"""
_LICENCES = """
select version, kind, number, valid_from, valid_until, recorded_by
from licence where product_id = $1 order by version
"""
_PAPERS = """
select licence_id, kind, by_office, status, since, valid_until
from known_licence_report_now where business_id = $1 order by kind, licence_id, n
"""
_CHECKS = """
select version, available, quality_kept, checked_on, status, recorded_by
from product_check where product_id = $1 order by version
"""


async def assessed(
    conn: Connection, product_id: UUID, on: date
) -> tuple[Quality | None, Packaging | None]:
    """What the product's assessments up to a day come to."""
    told = [_assessed(row) for row in await conn.fetch(_ASSESSMENTS, product_id)]
    return summary([one for one in told if one.assessed_on <= on])


def summary(assessments: Sequence[Assessed]) -> tuple[Quality | None, Packaging | None]:
    """The newest checklist, and the first and the newest score of the packaging."""
    quality: Quality | None = None
    packaging: Packaging | None = None
    for told in assessments:
        packaging = packaged(packaging, told.packaging, told.assessed_on)
        quality = newest(quality, _quality(told.model_dump()))
    return quality, packaging


def _assessed(row: Any) -> Assessed:
    quality = _quality(row)
    return Assessed(**row, quality=quality.score if quality else None)


def _quality(row: Any) -> Quality | None:
    if row["recipe"] is None:
        return None
    names = ("recipe", "weight", "shelf_life", "hygiene", "label", "assessed_on")
    return Quality(**{name: row[name] for name in names})


def _shown(packaging: Packaging | None) -> PackagingView | None:
    if packaging is None:
        return None
    return PackagingView(
        before=packaging.before,
        before_on=packaging.before_on,
        after=packaging.after,
        after_on=packaging.after_on,
    )
