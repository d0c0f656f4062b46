"""Whether the programme may guide a business: the facts of a day, and what the rule says."""

from datetime import date
from uuid import UUID

from services.registry.domain.eligibility import RULE, VERSION, Facts, State, decide
from services.registry.domain.observations import (
    Assessment,
    BusinessClass,
    Coverage,
    CoverageSource,
    Guided,
)
from services.registry.domain.programme import SiteStatus
from services.registry.queries.views import View
from shared.db import Connection
from shared.errors import Language


class ReasonView(View):
    """One condition of the rule. `known_on`: the day of the fact that it rests on."""

    condition: str
    state: State
    detail: str
    known_on: date | None


class NeededView(View):
    """A fact that is missing for a yes: what, who can supply it, by when."""

    fact: str
    who: str
    detail: str
    by: date | None


class Eligibility(View):
    """The rule's answer on a day. With all of `needed` it is a yes, with less it isn't."""

    business_id: UUID
    on: date
    eligible: bool
    rule: str
    rule_version: int
    reasons: tuple[ReasonView, ...]
    needed: tuple[NeededView, ...]


_KNOWN = """
select s.status as site, c.guided, c.by_office, c.answered_on, c.source,
       a.business_class, a.assessed_on
from business b
join person p on p.person_id = b.owner_id
left join lateral (
    select t.status
    from site s
    join lateral (
        select t.status from site_status t where t.site_id = s.site_id and t.since <= $2
        order by t.version desc limit 1
    ) t on true
    where s.year = extract(year from $2::date) and s.kelurahan in (b.kelurahan, p.kelurahan)
    order by (t.status = 'active') desc limit 1
) s on true
left join lateral (
    select * from coverage c where c.business_id = b.business_id and c.answered_on <= $2
    order by c.version desc limit 1
) c on true
left join lateral (
    select * from assessment a where a.business_id = b.business_id and a.assessed_on <= $2
    order by a.version desc limit 1
) a on true
where b.business_id = $1
"""


async def eligibility(
    conn: Connection, business_id: UUID, on: date | None, language: Language
) -> Eligibility | None:
    """On a day, today unless said otherwise; None when the registry doesn't have the business."""
    day = on or await conn.fetchval("select (now() at time zone 'Asia/Jakarta')::date")
    row = await conn.fetchrow(_KNOWN, business_id, day)
    if row is None:
        return None
    facts = Facts(
        on=day,
        site=SiteStatus(row["site"]) if row["site"] else None,
        coverage=Coverage(
            Guided(row["guided"]),
            row["by_office"],
            row["answered_on"],
            CoverageSource(row["source"]),
        )
        if row["guided"]
        else None,
        assessment=Assessment(BusinessClass(row["business_class"]), row["assessed_on"])
        if row["business_class"]
        else None,
    )
    decision = decide(facts)
    return Eligibility(
        business_id=business_id,
        on=day,
        eligible=decision.eligible,
        rule=RULE,
        rule_version=VERSION,
        reasons=tuple(
            ReasonView(
                condition=reason.condition,
                state=reason.state,
                detail=reason.text(language),
                known_on=reason.known_on,
            )
            for reason in decision.reasons
        ),
        needed=tuple(
            NeededView(fact=need.fact, who=need.who, detail=need.text(language), by=need.by)
            for need in decision.needed
        ),
    )
