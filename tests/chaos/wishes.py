"""Checks of the ledger's wishes: what was accepted is there once, what was refused is not."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.chaos.check import Finding, Found
from tests.chaos.ledger import Ledger, Request
from tests.chaos.picture import Picture

_EFFECTS = {
    "person": "name",
    "business": "select owner_id::text as mark, business_id::text as id from registry.business",
    "production change": "production-changed",
    "correction": "business.corrected",
    "class": "select reasons as mark, business_id::text as id from registry.assessment",
    "coverage": """select by_office as mark, business_id::text as id from registry.coverage
                   where guided = 'yes'""",
    "constraints asked": """select business_id || ' ' || asked_on as mark, business_id::text as id
                            from registry.constraints_asked""",
    "follow-up": """select business_id || ' ' || month as mark, business_id::text as id
                    from registry.follow_up""",
    "site": """select s.kelurahan || ' ' || s.year || ' ' || t.status as mark, site_id::text as id
               from registry.site s join registry.site_status t using (site_id)""",
    "office": """select code || ' ' || valid_from as mark, office_id::text as id
                 from registry.office""",
    "opening balance": """select source as mark, balance_id::text as id
                          from registry.opening_balance""",
    "activity": "select title as mark, activity_id::text as id from training.activity",
    "cohort": "select title as mark, cohort_id::text as id from training.cohort",
    "session": "select title as mark, session_id::text as id from training.session",
    "headcount": "select source as mark, session_id::text as id from training.headcount",
    "enrolment": """select session_id || ' ' || business_id as mark, enrolment_id::text as id
                    from training.enrolment""",
    "attendance": """select enrolment_id || ' ' || version as mark, enrolment_id::text as id
                     from training.attendance where version > 1""",
    "answers": """select enrolment_id || ' ' || version as mark, enrolment_id::text as id
                  from training.assessment""",
    "certificate": """select cohort_id || ' ' || business_id as mark, certificate_id::text as id
                      from training.certificate""",
    "revocation": """select certificate_id::text as mark, certificate_id::text as id
                     from training.certificate where status = 'revoked'
                     and revoke_reason <> 'kehadiran-dikoreksi'""",
    "product": "select name as mark, product_id::text as id from marketing.product",
    "brand": "select number as mark, product_id::text as id from marketing.brand_step",
    "assessment": """select photo_reference as mark, product_id::text as id
                     from marketing.assessment""",
    "licence": "select number as mark, product_id::text as id from marketing.licence",
    "check": """select product_id || ' ' || checked_on as mark, product_id::text as id
                from marketing.product_check""",
    "stand": """select market_event_id || ' ' || business_id as mark, stand_id::text as id
                from marketing.stand""",
    "release": """select stand_id || ' ' || version as mark, stand_id::text as id
                  from marketing.stand where status = 'released'
                  and release_reason <> 'acara-dibatalkan'""",
    "budget": """select market_event_id::text as mark, market_event_id::text as id
                 from marketing.event_budget where version > 0""",
    "support": "select planned_rupiah::text as mark, support_id::text as id from marketing.support",
    "approval": """select support_id::text as mark, support_id::text as id from marketing.support
                   where approved_at is not null""",
    "payment": """select support_id::text as mark, support_id::text as id from marketing.support
                  where paid_at is not null""",
    "sale": """select product_id || ' ' || channel || ' ' || coalesce(market_event_id::text, '-')
                      as mark, sale_id::text as id from marketing.sale""",
    "sale correction": """select sale_id || ' ' || version as mark, sale_id::text as id
                          from marketing.sale_correction""",
}
"""Of each kind of wish, where its effect is: a query, a kind of event, or the people's names."""


async def accepted_once(picture: Picture, ledger: Ledger) -> Found:
    """Accepted: there once. Refused: not there. Unanswered: once or not at all."""
    wishes: dict[str, dict[str, list[Request]]] = defaultdict(lambda: defaultdict(list))
    for request in ledger.requests:
        wishes[request.op][request.mark].append(request)
    for op, source in _EFFECTS.items():
        effects = await _effects(picture, source)
        for mark, requests in wishes[op].items():
            if broken := _judged(requests, effects.pop(mark, [])):
                yield broken
        for mark in effects:
            yield Finding("invented", op, f"“{mark}” was never asked for")
    for op in wishes.keys() - _EFFECTS.keys():
        yield Finding("lost", op, "nobody knows where its effect would be")


async def versions_accepted_once(_: Picture, ledger: Ledger) -> Found:
    """No version of anything was given to two wishes; a repeated wish gets the same answer."""
    versions = Counter(
        (r.id, r.version) for r in ledger.requests if r.outcome == "accepted" and r.if_match
    )
    for (key, version), times in versions.items():
        if times > 1:
            yield Finding("twice", "If-Match", f"version {version} of {key} accepted {times} times")
    for told in ledger.differing:
        yield Finding("differs", "Idempotency-Key", told)


async def _effects(picture: Picture, source: str) -> dict[str, list[str]]:
    """Of each mark, the ids of what it is found on."""
    effects: dict[str, list[str]] = defaultdict(list)
    if source.startswith("select"):
        for row in await picture.rows(source):
            effects[row["mark"]].append(row["id"])
    elif source == "name":
        for person, name in picture.names.items():
            effects[name].append(person)
    else:
        for event in picture.first["registry.business"].values():
            if source in event.type:
                effects[event.fact["capacity"]["quantity"]].append(event.key)
    return effects


def _judged(requests: Sequence[Request], ids: list[str]) -> Finding | None:
    """All requests for one effect: it may have been refused at first, and asked for otherwise."""
    accepted = [r for r in requests if r.outcome == "accepted"]
    unanswered = [r for r in requests if r.outcome in ("unanswered", "open")]
    request = (accepted or unanswered or list(requests))[0]
    op, outcome = request.op, request.outcome
    told = f"{op} “{request.mark}”, key {request.key}, {outcome} as {request.id or '-'}"
    if len(ids) > 1:
        return Finding("twice", op, f"{told}: there {len(ids)} times: {', '.join(ids)}")
    if len(accepted) > 1:
        return Finding("twice", op, f"{told}: accepted {len(accepted)} times")
    if accepted and ids != [request.id]:
        return Finding("lost", op, f"{told}: found {ids}")
    if not accepted and not unanswered and ids:
        return Finding("invented", op, f"{told} with {request.code}: there all the same")
    return None
