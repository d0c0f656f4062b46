"""Checks of the programme's own rules, written down here a second time."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.chaos.check import Finding, Found, Kind
from tests.chaos.ledger import Ledger
from tests.chaos.picture import Picture

DAYS = {"day": 1, "week": 7, "month": 30}
LETTERS = "BCDFGHJKLMNPQRSTVWX"

_LAST_WORD = """
    select a.state from training.attendance a
    where a.enrolment_id = e.enrolment_id and a.recorded_at <= c.issued_at
    order by a.version desc limit 1
"""
RULES: Mapping[str, tuple[Kind, str]] = {
    "seats": (
        "exceeded",
        """
        select s.session_id as id, count(*) || ' of ' || s.capacity as told
        from training.session s join training.enrolment e using (session_id)
        group by s.session_id having count(*) > s.capacity
        """,
    ),
    "stands": (
        "exceeded",
        """
        select m.market_event_id as id, count(*) || ' of ' || m.stands as told
        from marketing.market_event m join marketing.stand s using (market_event_id)
        where s.status = 'confirmed' group by m.market_event_id
        having count(*) > case m.status when 'cancelled' then 0 else m.stands end
        """,
    ),
    "stand number": (
        "exceeded",
        """
        select market_event_id as id, 'number ' || stand_number || ' twice' as told
        from marketing.stand where status = 'confirmed'
        group by market_event_id, stand_number having count(*) > 1
        """,
    ),
    "budget": (
        "exceeded",
        """
        select u.market_event_id as id, sum(u.money) || ' of ' || coalesce(b.rupiah, 0) as told
        from (
            select u.market_event_id, case when u.status = 'paid' then u.actual_rupiah
                                           when s.status = 'confirmed' then u.planned_rupiah
                                           else 0 end as money
            from marketing.support u join marketing.stand s using (stand_id)
            where u.status <> 'planned'
        ) u left join marketing.event_budget b using (market_event_id)
        group by u.market_event_id, b.rupiah having sum(u.money) > coalesce(b.rupiah, 0)
        """,
    ),
    "two people": (
        "rule",
        """
        select support_id as id, 'planned and approved by ' || planned_by as told
        from marketing.support where approved_by = planned_by
        """,
    ),
    "certificate when issued": (
        "rule",
        f"""
        select c.certificate_id as id, 'not present at all sessions when it was issued' as told
        from training.certificate c
        where not exists (select from training.session s where s.cohort_id = c.cohort_id)
           or exists (
               select from training.session s where s.cohort_id = c.cohort_id and not exists (
                   select from training.enrolment e where e.session_id = s.session_id
                   and e.business_id = c.business_id and ({_LAST_WORD}) = 'present'))
        """,
    ),
    "certificate now": (
        "rule",
        """
        select c.certificate_id as id, 'holds, though she was not present' as told
        from training.certificate c join training.session s using (cohort_id)
        left join training.enrolment e using (session_id, business_id)
        where c.status = 'issued' and coalesce(e.state, '-') <> 'present'
        """,
    ),
    "one certificate": (
        "rule",
        """
        select max(certificate_id::text) as id, count(*) || ' of one cohort and business' as told
        from training.certificate where status = 'issued'
        group by cohort_id, business_id having count(*) > 1
        """,
    ),
    "headcount": (
        "rule",
        """
        select s.session_id as id, s.headcount || ' is not the newest count' as told
        from training.session s join lateral (
            select h.headcount from training.headcount h
            where h.session_id = s.session_id order by h.version desc limit 1
        ) h on true where h.headcount is distinct from s.headcount
        """,
    ),
    "stand of the suspended": (
        "rule",
        """
        select s.stand_id as id, 'its product was suspended' as told
        from marketing.stand s join lateral (
            select k.status from marketing.product_check k
            where k.product_id = s.product_id and k.recorded_at < s.confirmed_at
            order by k.version desc limit 1
        ) k on k.status = 'suspended'
        """,
    ),
    "stand of what was found wanting": (
        "rule",
        """
        select s.stand_id as id, 'quality was ' || a.score || ' of 5, and nobody allowed it' as told
        from marketing.stand s join lateral (
            select a.recipe::int + a.weight::int + a.shelf_life::int + a.hygiene::int
                   + a.label::int as score
            from marketing.assessment a
            where a.product_id = s.product_id and a.recipe is not null
              and a.recorded_at < s.confirmed_at and a.assessed_on <= s.confirmed_on
            order by a.assessed_on desc, a.version desc limit 1
        ) a on a.score < 4
        where coalesce(s.override_reason, '') = ''
        """,
    ),
    "sale at an event": (
        "rule",
        """
        select l.sale_id as id, 'no stand there, or not in its months' as told
        from marketing.sale l left join marketing.market_event m using (market_event_id)
        where (l.channel = 'event') <> (m.market_event_id is not null)
           or (l.channel = 'event' and (
               l.month not between to_char(m.starts_on, 'YYYY-MM') and to_char(m.ends_on, 'YYYY-MM')
               or not exists (select from marketing.stand s where s.product_id = l.product_id
                              and s.market_event_id = l.market_event_id)))
        """,
    ),
    "corrected sale": (
        "rule",
        """
        select l.sale_id as id, 'its corrections do not lead to what it says' as told
        from marketing.sale l left join lateral (
            select c.quantity, c.rupiah, c.version, count(*) over () as n
            from marketing.sale_correction c where c.sale_id = l.sale_id
            order by c.version desc limit 1
        ) c on true
        where l.version <> 1 + coalesce(c.n, 0) or l.version <> coalesce(c.version, 1)
           or l.rupiah <> coalesce(c.rupiah, l.rupiah)
           or l.quantity <> coalesce(c.quantity, l.quantity)
        """,
    ),
    "follow-up": (
        "rule",
        """
        select f.business_id as id, 'month ' || f.month || ' without or before another' as told
        from registry.follow_up f
        where (f.month > 0 and not exists (
                  select from registry.follow_up b where b.business_id = f.business_id
                  and b.month = 0 and b.version < f.version))
           or exists (select from registry.follow_up n where n.business_id = f.business_id
                      and n.month < f.month and n.version > f.version)
        """,
    ),
    "offices one after another": (
        "rule",
        """
        select o.office_id as id, o.code || ' has two titles at a time' as told
        from registry.office o join registry.office n using (code)
        where n.valid_from > o.valid_from
          and coalesce(o.valid_until, 'infinity'::date) >= n.valid_from
        """,
    ),
    "sites": (
        "rule",
        """
        select s.site_id as id, 'its statuses go back in time' as told
        from registry.site_status s join registry.site_status n using (site_id)
        where n.version > s.version and n.since < s.since
        """,
    ),
}
"""Of each rule: the kind of finding, and a query for the ids that break it."""
OF_CODE = ("supply", "certificate number", "marketing.product")
"""The rules that a query can't tell: the checks below are named so."""


async def all_are_kept(picture: Picture, _: Ledger) -> Found:
    """Whatever a query can tell: limits, certificates, two people, sales, follow-ups."""
    for name, (kind, query) in RULES.items():
        for row in await picture.rows(query):
            yield Finding(kind, name, f"{row['id']}: {row['told']}")


async def promises_can_be_kept(picture: Picture, _: Ledger) -> Found:
    """What a business has promised up to any day is not more than it could ever make until then.

    Its capacity may have been lowered since: the highest that was ever told is what counts.
    """
    most: dict[str, Fraction] = defaultdict(Fraction)
    for event in picture.first["registry.business"].values():
        capacity = event.fact["capacity"]
        per_day = Fraction(capacity["quantity"]) / DAYS[capacity["period"]]
        most[event.key] = max(most[event.key], per_day)
    rows = await picture.rows(
        """
        select s.business_id::text as business, s.promised, m.starts_on, s.confirmed_on
        from marketing.stand s join marketing.market_event m using (market_event_id)
        where s.status = 'confirmed' and s.promised is not null
        """
    )
    promised: dict[str, list[tuple[date, Decimal, date]]] = defaultdict(list)
    for row in rows:
        promised[row["business"]].append((row["starts_on"], row["promised"], row["confirmed_on"]))
    for business, given in promised.items():
        first = min(day for _, _, day in given)
        for by in {by for by, _, _ in given}:
            wanted = sum((Fraction(much) for until, much, _ in given if until <= by), Fraction(0))
            able = most[business] * max((by - first).days, 1)
            if wanted > able:
                told = (
                    f"{business} promised {float(wanted):.3f} by {by}, can make {float(able):.3f}"
                )
                yield Finding("exceeded", "supply", told)


async def certificates_are_numbered(picture: Picture, _: Ledger) -> Found:
    """Each certificate has a number of its own, with the right check letter, and keeps it."""
    rows = await picture.rows("select certificate_id::text as id, number from training.certificate")
    number_of = {row["id"]: row["number"] for row in rows}
    holders: dict[str, list[str]] = defaultdict(list)
    for certificate, number in number_of.items():
        holders[number].append(certificate)
        letters = [LETTERS.find(letter) for letter in number.replace("-", "")]
        total = sum(weight * value for weight, value in enumerate(letters, 1))
        if not re.fullmatch(r"[A-Z]{4}-[A-Z]{4}-[A-Z]{4}", number) or -1 in letters or total % 19:
            yield Finding("rule", "certificate number", f"{certificate} has {number}")
    for number, ids in holders.items():
        if len(ids) > 1:
            yield Finding("twice", "certificate number", f"{number} is on {', '.join(sorted(ids))}")
    for event in picture.first["training.certificate"].values():
        if number_of.get(event.key, event.fact["number"]) != event.fact["number"]:
            yield Finding("differs", "certificate number", f"{event.key} was told under another")


async def readiness_is_told(picture: Picture, _: Ledger) -> Found:
    """What readiness rests on is told as it was entered: brand, checklist, packaging, status."""
    table = "marketing.product"
    seen: dict[str, list[Any]] = defaultdict(list)
    for row in await picture.rows(
        "select * from marketing.assessment order by assessed_on, version"
    ):
        seen[str(row["product_id"])].append(row)
    stepped = await _last(picture, "marketing.brand_step", "status")
    checked = await _last(picture, "marketing.product_check", "status")
    for key, event in picture.newest("marketing.product").items():
        fact, looked = event.fact, seen[key]
        quality, packaging = fact["quality"] or {}, fact["packaging"] or {}
        lists = [r for r in looked if r["recipe"] is not None]
        scores = [r for r in looked if r["packaging"] is not None]
        points = ("recipe", "weight", "shelf_life", "hygiene", "label")
        have = (
            fact["brand_status"],
            fact["status"],
            [quality.get(point) for point in points],
            (packaging.get("before"), packaging.get("after")),
        )
        want = (
            stepped.get(key, "none"),
            checked.get(key, "active"),
            [lists[-1][point] if lists else None for point in points],
            (scores[0]["packaging"], scores[-1]["packaging"]) if scores else (None, None),
        )
        if have != want:
            yield Finding("differs", table, f"{key} was told as {have}, entered as {want}")


async def _last(picture: Picture, table: str, column: str) -> dict[str, str]:
    """Of each product, the column in the newest row of what happened to it."""
    rows = await picture.rows(
        f"select product_id::text as id, {column} from {table} order by version"
    )
    return {row["id"]: row[column] for row in rows}
