"""Whether the programme may guide a business: the facts of a day, and what the rule says."""

from datetime import date
from uuid import UUID

from services.registry.domain.eligibility import (
    RULE,
    VERSION,
    Decile,
    Facts,
    State,
    Taught,
    Word,
    decide,
    shown,
)
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
    """One condition of the rule. `known_on`: the day of the fact that it rests on.

    `source`: how it is known (`office_event`: the office said so itself); `by_office`: which one.
    """

    condition: str
    state: State
    detail: str
    known_on: date | None
    source: str | None
    by_office: str | None


class NeededView(View):
    """A fact that is missing for a yes: what, who can supply it, by when."""

    fact: str
    who: str
    detail: str
    by: date | None


class ShownView(View):
    """Something that an office reported for that day or before. It decides nothing by itself."""

    fact: str
    by_office: str
    on: date
    detail: str


class Eligibility(View):
    """The rule's answer on a day. With all of `needed` it is a yes, with less it isn't.

    `shown`: what offices reported besides.
    """

    business_id: UUID
    on: date
    eligible: bool
    rule: str
    rule_version: int
    reasons: tuple[ReasonView, ...]
    needed: tuple[NeededView, ...]
    shown: tuple[ShownView, ...]


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
_WORDS = """
select by_office, guided, since from (
    select distinct on (source, guidance_ref) source, by_office, guided, since
    from guidance_report where business_id = $1 and since <= $2
    order by source, guidance_ref, sequence desc
) w order by since, source
"""
_DECILE = """
select d.decile, d.as_of, split_part(d.source, ':', 4) as by_office
from business b join person p on p.person_id = b.owner_id join decile d using (household_id)
where b.business_id = $1 and d.as_of <= $2
order by d.as_of desc, d.sequence desc limit 1
"""
_TAUGHT = """
select t.by_office, t.title, t.ended_on, t.hours
from business b join outside_training t on t.person_id = b.owner_id
where b.business_id = $1 and t.ended_on <= $2 order by t.ended_on, t.outside_training_id
"""


async def facts_of(conn: Connection, business_id: UUID, day: date) -> Facts | None:
    """What is known for a day; None when the registry doesn't have the business."""
    row = await conn.fetchrow(_KNOWN, business_id, day)
    if row is None:
        return None
    decile = await conn.fetchrow(_DECILE, business_id, day)
    return Facts(
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
        decile=Decile(**decile) if decile else None,
        words=tuple(Word(**word) for word in await conn.fetch(_WORDS, business_id, day)),
        taught=tuple(Taught(**row) for row in await conn.fetch(_TAUGHT, business_id, day)),
    )


async def eligibility(
    conn: Connection, business_id: UUID, on: date, language: Language
) -> Eligibility | None:
    """On a day; None when the registry doesn't have the business."""
    facts = await facts_of(conn, business_id, on)
    if facts is None:
        return None
    decision = decide(facts)
    return Eligibility(
        business_id=business_id,
        on=on,
        eligible=decision.eligible,
        rule=RULE,
        rule_version=VERSION,
        reasons=tuple(
            ReasonView(
                condition=reason.condition,
                state=reason.state,
                detail=reason.text(language),
                known_on=reason.known_on,
                source=reason.source,
                by_office=reason.by_office,
            )
            for reason in decision.reasons
        ),
        needed=tuple(
            NeededView(fact=need.fact, who=need.who, detail=need.text(language), by=need.by)
            for need in decision.needed
        ),
        shown=tuple(
            ShownView(fact=s.fact, by_office=s.by_office, on=s.on, detail=s.text(language))
            for s in shown(facts)
        ),
    )
