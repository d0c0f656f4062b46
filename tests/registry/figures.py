"""A programme to count: facts of the others as they are heard, and counts made another way."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from shared.contracts.fact import FACTS, Fact
from shared.contracts.generate import example
from shared.ids import uuid7
from tests.training.doors import Doors, record

T, M = "id.binaan.training", "id.binaan.marketing"
POINTS = ("recipe", "weight", "shelf_life", "hygiene", "label")
CONSUMER = {
    "training.session": "registry.sessions",
    "training.enrolment": "registry.enrolments",
    "training.certificate": "registry.certificates",
    "marketing.product": "registry.products",
    "marketing.stand": "registry.stands",
    "marketing.sale": "registry.sales",
}


def fact(fact_type: str, **other: Any) -> Fact:
    """The example of an event version with some of its fields otherwise."""
    body = example(fact_type)["data"] | other
    return FACTS[fact_type].model_validate_json(json.dumps(body, default=str))


async def hear(registry: Doors, told: Fact, sequence: int = 1) -> None:
    """One fact, heard by the projection that the figures rest on."""
    assert await registry.hear(CONSUMER[told.TOPIC], record(told, sequence)) == ["done"]


async def attend(registry: Doors, business_id: str, day: date) -> None:
    """She was at a session of that day."""
    session, enrolment = uuid7(), uuid7()
    await hear(registry, fact(f"{T}.session.scheduled.v1", session_id=session, held_on=day))
    about = {"enrolment_id": enrolment, "session_id": session, "business_id": business_id}
    await hear(registry, fact(f"{T}.enrolment.made.v1", **about))
    await hear(registry, fact(f"{T}.enrolment.attended.v1", **about, occurred_on=day), 2)


async def certify(
    registry: Doors, business_id: str, day: date, revoked: date | None = None
) -> None:
    """She got a certificate, and lost it again."""
    about = {"certificate_id": uuid7(), "business_id": business_id, "issued_on": day}
    await hear(registry, fact(f"{T}.certificate.issued.v1", **about, occurred_on=day))
    if revoked:
        await hear(registry, fact(f"{T}.certificate.revoked.v1", **about, occurred_on=revoked), 2)


async def product(
    registry: Doors,
    business_id: str,
    day: date,
    *,
    product_id: UUID | None = None,
    sequence: int = 1,
    brand: str = "applied",
    score: int = 5,
    packaging: int = 80,
    status: str = "active",
) -> UUID:
    """A product as it stands since that day."""
    product_id = product_id or uuid7()
    points = {name: number < score for number, name in enumerate(POINTS)}
    told = fact(
        f"{M}.product.assessed.v1",
        occurred_on=day,
        product_id=product_id,
        business_id=business_id,
        brand_status=brand,
        brand_expires_on=None,
        quality={**points, "assessed_on": str(day)},
        packaging={
            "before": 20,
            "before_on": str(day),
            "after": packaging,
            "after_on": str(day),
        },
        status=status,
    )
    await hear(registry, told, sequence)
    return product_id


async def stand(registry: Doors, business_id: str, day: date, *, released: bool = False) -> None:
    """She has a stand at an event that begins on that day, or gave it back."""
    about = {"stand_id": uuid7(), "business_id": business_id, "starts_on": day}
    await hear(registry, fact(f"{M}.stand.confirmed.v1", **about))
    if released:
        await hear(registry, fact(f"{M}.stand.released.v1", **about), 2)


async def sell(
    registry: Doors,
    business_id: str,
    day: date,
    rupiah: int = 700_000,
    *,
    corrected: int | None = None,
) -> None:
    """She reported sales of that day's month, and put the report right."""
    about = {"sale_id": uuid7(), "business_id": business_id, "month": f"{day:%Y-%m}"}
    await hear(registry, fact(f"{M}.sale.reported.v1", **about, rupiah=rupiah))
    if corrected is not None:
        await hear(registry, fact(f"{M}.sale.corrected.v1", **about, rupiah=corrected), 2)


async def change_mode(registry: Doors, business_id: str, day: date, mode: str) -> None:
    """She produces in another way since that day."""
    path = f"/v1/businesses/{business_id}"
    now = await registry.get(path)
    change = {
        "production_mode": mode,
        "capacity": now.body["capacity"],
        "effective_on": str(day),
    }
    reply = await registry.post(f"{path}/production-changes", change, if_match=now.etag)
    assert reply.status == 200, reply.body


async def cover(registry: Doors, business_id: str, day: date, guided: str = "yes") -> None:
    """It was answered on that day whether another office guides her."""
    office = {"by_office": "koperasi-ukm"} if guided == "yes" else {}
    answer = {"guided": guided, "answered_on": str(day), "source": "letter"} | office
    reply = await registry.post(f"/v1/businesses/{business_id}/coverage", answer)
    assert reply.status == 201, reply.body


async def earn(registry: Doors, business_id: str, day: date, month: int, band: str) -> None:
    """What her household earned in that month after the beginning."""
    entry = {
        "month": month,
        "observed_on": str(day),
        "income_band": band,
        "output": {"quantity": "20", "unit": "jar", "period": "day"},
        "helpers": 1,
    }
    reply = await registry.post(f"/v1/businesses/{business_id}/follow-ups", entry)
    assert reply.status == 201, reply.body


async def figures(registry: Doors, actor: Any = None, **query: object) -> dict[str, int]:
    """The ten figures by their codes."""
    asked = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
    more = (actor,) if actor else ()
    reply = await registry.get(f"/v1/indicators?{asked}", *more)
    assert reply.status == 200, reply.body
    return {figure["figure"]: figure["value"] for figure in reply.body["figures"]}


# Counted another way: sets of business ids by joins and windows, intersected in Python.
# $1 first day, $2 last day; rows of all kelurahan.
_SETS = {
    "registered": """
        select business_id from business where registered_on <= $2 and $1::date is not null""",
    "covered_elsewhere": """
        select business_id from (
            select business_id, guided, row_number() over
                (partition by business_id order by answered_on desc, version desc) as n
            from coverage where answered_on <= $2 and $1::date is not null) c
        where n = 1 and guided = 'yes'""",
    "trained": """
        select e.business_id from known_enrolment e, known_session s
        where s.session_id = e.session_id and e.state = 'present'
          and s.held_on >= $1 and s.held_on <= $2""",
    "certified": """
        select business_id from known_certificate where issued_on >= $1 and issued_on <= $2
        except all select business_id from known_certificate
        where issued_on >= $1 and issued_on <= $2 and revoked_on <= $2""",
    "_holding": """
        select business_id from known_certificate where issued_on <= $2 and $1::date is not null
        except all select business_id from known_certificate where revoked_on <= $2""",
    "branded": """
        select business_id from known_product p
        where $1::date is not null and brand_status not in ('none', 'name_only', 'rejected')
          and version = (select max(version) from known_product q
                         where q.product_id = p.product_id and q.since <= $2
                           and not exists (select from known_product r
                                           where r.product_id = q.product_id
                                             and r.version = q.version - 1
                                             and r.brand_status = q.brand_status))""",
    "_good": """
        select business_id from known_product p where $1::date is not null and since <= $2
          and version = (select max(version) from known_product q
                         where q.product_id = p.product_id and q.since <= $2)
          and quality_score > 3 and quality_on + 365 >= $2 and quality_on <= $2
          and packaging_score > 59 and status in ('active', 'warned')""",
    "at_a_market": """
        select business_id from known_stand
        where starts_on >= $1 and starts_on <= $2 and status = 'confirmed'""",
    "sold": """
        select business_id from known_sale
        where month >= $1 and month <= $2 group by business_id having sum(rupiah) > 0""",
    "producing_continuously": """
        select business_id from business
        where production_mode = 'continuous' and $1::date is not null
          and business_id not in (select business_id from business_history
              where field = 'production_mode' and effective_on > $2)""",
    "_only_to_order": """
        select business_id from business b where $1::date is not null
          and 'to_order' = coalesce(
              (select (array_agg(old #>> '{}' order by history_id))[1] from business_history h
               where h.business_id = b.business_id and field = 'production_mode'
                 and effective_on > $2), production_mode)""",
    "earning_more": """
        with band as (
            select business_id, month, version, case income_band when 'below_1m' then 0
                when 'from_1m' then 1 when 'from_2m' then 2 when 'from_3m' then 3 else 5 end as rank
            from follow_up where observed_on <= $2 and $1::date is not null)
        select late.business_id from band late join band early using (business_id)
        where early.month = 0 and late.month > 0 and late.rank > early.rank
          and late.version = (select max(version) from band x
                              where x.business_id = late.business_id and x.month > 0)""",
}


async def counted(
    registry: Doors, kelurahan: str | None = None, year: int | None = None, as_of: object = None
) -> dict[str, int]:
    """The ten figures by sets of ids instead of the service's one statement."""
    last = date.fromisoformat(str(as_of)) if as_of else date(2099, 12, 31)
    first = date(1, 1, 1)
    if year is not None:
        first, last = date(year, 1, 1), min(last, date(year, 12, 31))
    found: dict[str, set[UUID]] = {}
    for name, question in _SETS.items():
        rows = await registry.db.pool.fetch(question, first, last)
        found[name] = {row[0] for row in rows}
    found["producing_continuously"] = found["producing_continuously"]
    found["ready"] = found["_good"] & found["branded"] & found["_holding"]
    found["ready"] -= found["_only_to_order"]
    here = await registry.db.pool.fetch(
        "select business_id from business where $1::text is null or kelurahan = $1", kelurahan
    )
    base = found["registered"] & {row[0] for row in here}
    return {name: len(ids & base) for name, ids in found.items() if not name.startswith("_")}
