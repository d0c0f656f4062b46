"""Checks of what consumers made of the events: views, the journey, the reaction's effects."""

import json
from collections import Counter
from typing import Any

from tests.chaos.check import Finding, Found, per_key
from tests.chaos.ledger import Ledger
from tests.chaos.observe import CONSUMERS, OFFICE, PASSED_BY
from tests.chaos.picture import Event, Picture

View = tuple[str, str, str, dict[str, str]]
_VIEWS: tuple[View, ...] = (
    (
        "training.known_business",
        "registry.business",
        "business_id",
        {
            "owner_id": "owner_id",
            "kelurahan": "kelurahan",
            "guided": "coverage.guided",
            "guided_by": "coverage.by_office",
            "business_class": "assessment.business_class",
        },
    ),
    (
        "training.known_outside_training",
        "registry.outside-training",
        "outside_training_id",
        {"person_id": "person_id", "by_office": "by_office", "title": "title"},
    ),
    (
        "marketing.known_business",
        "registry.business",
        "business_id",
        {
            "kelurahan": "kelurahan",
            "production_mode": "production_mode",
            "capacity_unit": "capacity.unit",
            "capacity_period": "capacity.period",
        },
    ),
    (
        "marketing.known_enrolment",
        "training.enrolment",
        "enrolment_id",
        {"session_id": "session_id", "business_id": "business_id", "state": "state"},
    ),
    (
        "marketing.known_certificate",
        "training.certificate",
        "certificate_id",
        {"business_id": "business_id", "issued_on": "issued_on", "status": "status"},
    ),
    (
        "marketing.known_licence",
        "registry.licence",
        "licence_id",
        {
            "business_id": "business_id",
            "kind": "kind",
            "by_office": "by_office",
            "reports": "reports",
        },
    ),
    ("registry.known_session", "training.session", "session_id", {"held_on": "held_on"}),
    (
        "registry.known_enrolment",
        "training.enrolment",
        "enrolment_id",
        {"session_id": "session_id", "business_id": "business_id", "state": "state"},
    ),
    (
        "registry.known_certificate",
        "training.certificate",
        "certificate_id",
        {"business_id": "business_id", "issued_on": "issued_on"},
    ),
    (
        "registry.known_stand",
        "marketing.stand",
        "stand_id",
        {"business_id": "business_id", "starts_on": "starts_on", "status": "status"},
    ),
    (
        "registry.known_sale",
        "marketing.sale",
        "sale_id",
        {"business_id": "business_id", "rupiah": "rupiah"},
    ),
)
"""Of each projection: its table, the topic, the key, and its columns with what the topic tells."""
SOME = ("training.known_business", "marketing.known_business")
"""Projections that take only some kinds of event: their version may be an older one."""


COMPARED = (*(view[0] for view in _VIEWS), "registry.known_product", "registry.journey_step")
"""All projections that are compared with their source."""


async def views_are_their_source(picture: Picture, _: Ledger) -> Found:
    """Each row of a projection is the highest version of its key on the topic."""
    for table, topic, key, columns in _VIEWS:
        newest = picture.newest(topic)
        rows = {str(r[key]): r for r in await picture.rows(f"select * from {table}_now")}
        for lost in newest.keys() - rows.keys():
            yield Finding("lost", table, f"{lost} is missing")
        for extra in rows.keys() - newest.keys():
            yield Finding("invented", table, f"{extra} is on no topic")
        for name in newest.keys() & rows.keys():
            row, event = rows[name], newest[name]
            have = {column: _text(row[column]) for column in columns}
            told = {column: _text(_at(event.fact, path)) for column, path in columns.items()}
            older = row["version"] < event.sequence and table in SOME
            if have != told or (row["version"] != event.sequence and not older):
                said = f"{name} has {row['version']} {have}, the topic {event.sequence} {told}"
                yield Finding("differs", table, said)


async def products_keep_each_version(picture: Picture, _: Ledger) -> Found:
    """The registry keeps every version of a product: how it stood on an earlier day."""
    table = "registry.known_product"
    told = {f"{e.key} {e.sequence}": e.fact for e in picture.first["marketing.product"].values()}
    rows = {r["product_version"]: r for r in await picture.rows(f"select * from {table}_now")}
    for lost in told.keys() - rows.keys():
        yield Finding("lost", table, f"{lost} is missing")
    for extra in rows.keys() - told.keys():
        yield Finding("invented", table, f"{extra} is on no topic")
    for name in told.keys() & rows.keys():
        row, fact = rows[name], told[name]
        have = (row["brand_status"], row["quality_score"], row["packaging_score"], row["status"])
        quality, packaging = fact["quality"], fact["packaging"]
        met = quality and sum(value is True for value in quality.values())
        want = (fact["brand_status"], met, packaging and packaging["after"], fact["status"])
        if have != want:
            yield Finding("differs", table, f"{name} is {have}, the topic says {want}")


def _at(fact: Any, path: str) -> Any:
    """What lies in a fact under `coverage.guided`; None where there is nothing."""
    for name in path.split("."):
        fact = fact.get(name) if fact is not None else None
    return fact


def _text(value: Any) -> str:
    if isinstance(value, str) and value.startswith("["):  # a list that lies there as JSON
        value = json.loads(value)
    if isinstance(value, list):
        return json.dumps(value, sort_keys=True)
    return "-" if value is None else str(value)


async def journey_is_the_events(picture: Picture, _: Ledger) -> Found:
    """One step for each event that concerns a business, and no other step."""
    name = "registry.journey"
    all_of_them = (e for topic in CONSUMERS[name] for e in picture.first[topic].values())
    events = [e for e in all_of_them if e.type not in PASSED_BY[name]]
    due = {(e.id, e.fact["business_id"], ".".join(e.type.split(".")[-3:-1])) for e in events}
    rows = await picture.rows("select event_id, business_id, kind from registry.journey_step_now")
    have = Counter((r["event_id"], str(r["business_id"]), r["kind"]) for r in rows)
    for lost in due - have.keys():
        yield Finding("lost", "journey", f"no step for event {lost[0]} {lost[2]}")
    for extra in have.keys() - due:
        yield Finding("invented", "journey", f"a step without an event: {extra}")
    for step, times in have.items():
        if times > 1:
            yield Finding("twice", "journey", f"{times} steps of event {step[0]}")


async def office_is_heard(picture: Picture, _: Ledger) -> Found:
    """Each fact of the office that changes something has one effect, the others have none."""
    effects = Counter(e.cause for e in picture.first["marketing.market-event"].values())
    rows = {r["event_ref"]: r for r in await picture.rows("select * from marketing.market_event")}
    due: set[str | None] = set()
    for ref, events in per_key(iter(picture.first[OFFICE].values())).items():
        want, causes = _counted(events)
        due |= causes
        if (row := rows.get(ref)) is None:
            yield Finding("lost", "market_event", f"{ref} is missing")
            continue
        have = (row["heard"], row["version"], row["status"], row["name"])
        if have != want:
            yield Finding("differs", "market_event", f"{ref} is {have}, the office told {want}")
    for lost in due - effects.keys():
        yield Finding("lost", "market events listed", f"office event {lost} had no effect")
    for extra in effects.keys() - due:
        yield Finding("invented", "market events listed", f"office event {extra} had one")
    for cause, times in effects.items():
        if times > 1:
            yield Finding("twice", "market events listed", f"office event {cause}: {times} effects")


def _counted(events: list[Event]) -> tuple[tuple[int, int, str, str], set[str]]:
    """The rule, counted again: a higher sequence, or the first cancellation, changes something.

    (highest sequence, number of changes, status, name) and the events that changed something.
    """
    heard, status, newest = 0, "open", events[0]
    causes: set[str] = set()
    for event in events:
        cancels = event.type.endswith(".cancelled.v1")
        if event.sequence > heard or (cancels and status == "open"):
            causes.add(event.id)
        if event.sequence > heard:
            heard, newest = event.sequence, event
        status = "cancelled" if cancels else status
    return (heard, len(causes), status, newest.fact["name"]), causes
