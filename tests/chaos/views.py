"""Checks of what consumers made of the events: views, the journey, the reaction's effects."""

from collections import Counter

from tests.chaos.check import Finding, Found, per_key
from tests.chaos.ledger import Ledger
from tests.chaos.observe import CONSUMERS, OFFICE
from tests.chaos.picture import Event, Picture

_VIEWS = (
    ("training.known_business", "registry.business", "business_id", ("owner_id", "kelurahan")),
    ("marketing.known_business", "registry.business", "business_id", ("kelurahan",)),
    (
        "marketing.known_enrolment",
        "training.enrolment",
        "enrolment_id",
        ("session_id", "business_id", "state"),
    ),
)


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
            kept = [column for column in columns if column in row]  # a view may keep less
            have = [row["version"], *(str(row[c]) for c in kept)]
            if have != [event.sequence, *(str(event.fact[c]) for c in kept)]:
                yield Finding("differs", table, f"{name} has {have}, the topic {event.sequence}")


async def journey_is_the_events(picture: Picture, _: Ledger) -> Found:
    """One step for each event that concerns a business, and no other step."""
    events = [e for topic in CONSUMERS["registry.journey"] for e in picture.first[topic].values()]
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


_SEATS = """
select s.session_id as id, s.capacity as most, count(*) as taken
from training.session s join training.enrolment e using (session_id) group by 1, 2
having count(*) > s.capacity
"""
_STANDS = """
select m.market_event_id as id, m.stands as most, count(*) as taken
from marketing.market_event m join marketing.stand s using (market_event_id)
where s.status = 'confirmed' group by 1, 2
having count(*) > case m.status when 'cancelled' then 0 else m.stands end
"""
_SAME_STAND = """
select market_event_id as id, 1 as most, count(*) as taken from marketing.stand
where status = 'confirmed' group by market_event_id, stand_number having count(*) > 1
"""


async def nothing_exceeded(picture: Picture, _: Ledger) -> Found:
    """Never more seats or stands than there are."""
    for name, query in (("seats", _SEATS), ("stands", _STANDS), ("stand number", _SAME_STAND)):
        for row in await picture.rows(query):
            yield Finding("exceeded", name, f"{row['id']}: {row['taken']} of {row['most']}")
