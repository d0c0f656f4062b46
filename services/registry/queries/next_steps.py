"""What is next for a business: one list, from what all services told."""

from datetime import date
from uuid import UUID

from services.registry.domain.eligibility import decide
from services.registry.domain.next_steps import Facts, Phase, Product, next_steps
from services.registry.queries import eligibility
from services.registry.queries.views import View
from shared.db import Connection
from shared.errors import Language


class NextStep(View):
    """Something to do: what is missing, who can supply it, by when, about which row."""

    phase: Phase
    fact: str
    who: str
    by: date | None
    about: UUID | None
    detail: str


_KNOWN = """
select p.died_on, b.production_mode = 'to_order' as to_order,
       array(select distinct e.state from known_enrolment_now e
             where e.business_id = b.business_id) as seats,
       exists (select from known_certificate_now c where c.business_id = b.business_id
               and (c.revoked_on is null or c.revoked_on > $2)) as certified,
       exists (select from known_stand_now s where s.business_id = b.business_id
               and s.status = 'confirmed' and s.starts_on > $2) as has_stand,
       (select max(s.starts_on) from known_stand_now s
        where s.business_id = b.business_id and s.status = 'confirmed' and s.starts_on <= $2
          and not exists (select from known_sale_now l where l.business_id = b.business_id
                          and l.month >= date_trunc('month', s.starts_on))) as unsold_on,
       (select f.observed_on from follow_up f where f.business_id = b.business_id and f.month = 0
        order by f.version desc limit 1) as baseline_on,
       (select max(f.month) from follow_up f where f.business_id = b.business_id) as last_month
from business b join person p on p.person_id = b.owner_id
where b.business_id = $1
"""
_PRODUCTS = """
select distinct on (product_id) product_id, brand_status, brand_expires_on, quality_score,
       quality_on, packaging_score, status
from known_product_now where business_id = $1 order by product_id, version desc
"""
_LAPSED = """
select kind, (array_agg(by_office order by since desc))[1] as by_office
from licence where business_id = $1 and kind <> 'merek_letter'
group by kind having not bool_or(status = 'issued' and coalesce(valid_until >= $2, true))
order by kind
"""


async def steps(
    conn: Connection, business_id: UUID, today: date, language: Language
) -> tuple[NextStep, ...]:
    """Of a business that the registry has; none when its owner has died."""
    row = await conn.fetchrow(_KNOWN, business_id, today)
    facts = await eligibility.facts_of(conn, business_id, today)
    if row is None or facts is None or row["died_on"] is not None:
        return ()
    found = next_steps(
        Facts(
            today=today,
            business_id=business_id,
            eligibility=decide(facts).needed,
            to_order=row["to_order"],
            seats=frozenset(row["seats"]),
            certified=row["certified"],
            products=tuple(Product(**p) for p in await conn.fetch(_PRODUCTS, business_id)),
            lapsed=tuple(
                (paper["kind"], paper["by_office"])
                for paper in await conn.fetch(_LAPSED, business_id, today)
            ),
            has_stand=row["has_stand"],
            unsold_on=row["unsold_on"],
            baseline_on=row["baseline_on"],
            last_month=row["last_month"],
        )
    )
    return tuple(
        NextStep(
            phase=step.phase,
            fact=step.needed.fact,
            who=step.needed.who,
            by=step.needed.by,
            about=step.needed.about or business_id,
            detail=step.needed.text(language),
        )
        for step in found
    )
