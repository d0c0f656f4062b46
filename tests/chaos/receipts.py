"""Checks of the receipts: an office is told once what became of each record that it sent."""

from collections import Counter, defaultdict

from tests.chaos.check import Finding, Found, Kind
from tests.chaos.ledger import Ledger
from tests.chaos.observe import SERVICES, TOPICS_OF, is_receipts
from tests.chaos.picture import Picture

NAME = "receipts"
Place = tuple[str, int, int]


async def receipts_are_given(picture: Picture, _: Ledger) -> Found:
    """One a delivery: of an id the first is accepted, the others are duplicates.

    The crash test's office sends nothing that anybody had to correct. The topic and the table say
    the same.
    """
    told, kept = _told(picture), await _kept(picture)
    heard = {topic for topic, _, _ in (*told, *kept)}  # somebody here reads that feed
    sent = {
        (topic, e.partition, e.offset): e for topic in heard for e in picture.events.get(topic, ())
    }
    accepted: Counter[str] = Counter()
    for place, event in sent.items():
        outcomes, about = told[place], f"{event.id} at {place}"
        accepted[event.id] += outcomes.count("accepted")
        if len(outcomes) != 1:
            kind: Kind = "twice" if outcomes else "lost"
            yield Finding(kind, NAME, f"{len(outcomes)} for {about}")
        if sorted(outcomes) != sorted(kept[place]):
            yield Finding("differs", NAME, f"{about}: told {outcomes}, kept {kept[place]}")
    for place in (told.keys() | kept.keys()) - sent.keys():
        yield Finding("invented", NAME, f"for {place}, where no record is")
    for event_id, times in accepted.items():
        if times != 1:
            yield Finding("differs", NAME, f"{event_id} was accepted {times} times")


def _told(picture: Picture) -> dict[Place, list[str]]:
    """Of each record: the outcomes that stand on the topics of receipts."""
    found: dict[Place, list[str]] = defaultdict(list)
    for topic in filter(is_receipts, sum(TOPICS_OF.values(), ())):
        for fact in (event.fact for event in picture.first[topic].values()):
            found[fact["topic"], fact["partition"], fact["offset"]].append(fact["outcome"])
    return found


async def _kept(picture: Picture) -> dict[Place, list[str]]:
    """The same from the services' tables."""
    found: dict[Place, list[str]] = defaultdict(list)
    for service in SERVICES:
        for row in await picture.rows(f"select * from {service}.receipt order by receipt_no"):
            found[row["topic"], row["partition"], row["record_offset"]].append(row["outcome"])
    return found
