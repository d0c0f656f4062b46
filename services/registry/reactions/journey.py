"""The steps of each business's journey, from what the services report."""

import json
from operator import attrgetter

from shared.consumers import Projection, Received
from shared.contracts import marketing, registry, training
from shared.contracts.fact import FACTS, Fact

# The fields of a step that its sentence may need; a fact has those that it has.
_TOLD = (
    "sub_sector",
    "production_mode",
    "session_title",
    "state",
    "hours",
    "price_rupiah",
    "unit",
    "brand_status",
    "market_event_name",
    "stand_number",
    "started_on",
    "starts_on",
    "number",
    "month",
    "channel",
    "rupiah",
    "kind",
    "planned_rupiah",
    "actual_rupiah",
    "promised",
)


def _step(event: Received) -> str:
    """The event's identity in one column."""
    return f"{event.source} {event.id}"


def _kind(event: Received) -> str:
    """`business.registered` of `id.binaan.registry.business.registered.v1`."""
    return ".".join(event.type.split(".")[-3:-1])


def _facts(event: Received) -> str:
    """The codes that the step's sentence is made of, as JSON."""
    fact: Fact = event.fact
    facts = {name: str(value) for name in _TOLD if (value := getattr(fact, name, None)) is not None}
    if isinstance(fact, registry.BusinessState):
        capacity = fact.capacity
        facts |= {"quantity": capacity.quantity, "unit": capacity.unit, "period": capacity.period}
        facts |= _observed(fact)
    if isinstance(fact, registry.LicenceReported):
        facts = _paper(fact)
    if isinstance(fact, registry.BusinessCorrected):
        facts["corrected"] = " ".join(fact.corrected)
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def _paper(fact: registry.LicenceReported) -> dict[str, str]:
    """Its id too: two papers of a kind are two steps, and one that is told again is none."""
    facts = {
        "licence_id": str(fact.licence_id),
        "licence": fact.kind,
        "licence_state": fact.status,
        "since": str(fact.occurred_on),
        "by_office": fact.by_office,
    }
    return facts | ({"valid_until": str(fact.valid_until)} if fact.valid_until else {})


def _observed(fact: registry.BusinessState) -> dict[str, str]:
    facts: dict[str, str] = {}
    if fact.assessment:
        facts["business_class"] = fact.assessment.business_class
    if fact.coverage:
        facts["guided"] = fact.coverage.guided
    if fact.follow_up:
        facts["follow_up_month"] = str(fact.follow_up.month)
    return facts


_TOPICS = (
    registry.BUSINESS,
    registry.LICENCE,
    training.ENROLMENT,
    training.CERTIFICATE,
    marketing.PRODUCT,
    marketing.STAND,
    marketing.SUPPORT,
    marketing.SALE,
)

JOURNEY = Projection(
    name="registry.journey",
    topics=_TOPICS,
    # Whatever they tell; of what is told in two versions the earlier one: it is one step.
    facts=tuple(f for f in FACTS.values() if f.TOPIC in _TOPICS and f.BESIDE is None),
    table="journey_step",
    key="step",  # every event is a step of its own, so nothing folds
    columns={
        "step": _step,
        "business_id": attrgetter("fact.business_id"),
        "source": attrgetter("source"),
        "event_id": attrgetter("id"),
        "kind": _kind,
        "occurred_on": attrgetter("fact.occurred_on"),
        "recorded_at": attrgetter("time"),
        "correlation_id": attrgetter("correlation_id"),
        "facts": _facts,
    },
)
