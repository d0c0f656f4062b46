"""Checks of the receipts: an office is told what became of each record that it sent, once."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos import civil
from tests.chaos.check import Finding, Found, Kind
from tests.chaos.ledger import Ledger
from tests.chaos.observe import OFFICES, RESIDENTS, SERVICES, TOPICS_OF, is_receipts
from tests.chaos.picture import Event, Picture

NAME = "receipts"
Place = tuple[str, int, int]
Told = list[str]
_AT_LAST = {
    "accepted": (["accepted"], ["waiting", "accepted"]),
    "waiting": (["waiting"],),
    "rejected": (["rejected"],),
}
"""Of each end of the civil registry's news: what its sender is told, and nothing more."""


async def receipts_are_given(picture: Picture, ledger: Ledger) -> Found:
    """Of each record what it must be told, in its order; the topic and the table say the same."""
    told, kept = _told(picture), await _kept(picture)
    sent: set[Place] = set()
    for event, expected in _expected(picture, ledger):
        place = (event.topic, event.partition, event.offset)
        outcomes, about = told[place], f"{event.id} at {place}"
        sent.add(place)
        if outcomes not in expected:
            kind: Kind = "differs" if outcomes else "lost"
            if len(outcomes) > max(map(len, expected)):
                kind = "twice"
            yield Finding(kind, NAME, f"{about}: {outcomes}, should be {expected}")
        if outcomes != kept[place]:
            kind = "twice" if len(kept[place]) > len(outcomes) else "differs"
            yield Finding(kind, NAME, f"{about}: told {outcomes}, kept {kept[place]}")
    for place in (told.keys() | kept.keys()) - sent:
        yield Finding("invented", NAME, f"for {place}, where no record is")


def _expected(picture: Picture, ledger: Ledger) -> Iterator[tuple[Event, tuple[Told, ...]]]:
    """Of each record of an office, what its sender may have been told.

    Of an id the first one counts, the others are duplicates; other content is rejected.
    """
    ends = civil.ends(picture, ledger)
    for topic in OFFICES:
        for event in picture.events.get(topic, ()):
            first = picture.first[topic][event.id]
            if event is first:
                yield event, _AT_LAST[ends[event.id]] if topic == RESIDENTS else (["accepted"],)
            elif event.body == first.body:
                yield event, (["duplicate"],)
            else:
                yield event, (["rejected"],)


def _told(picture: Picture) -> dict[Place, Told]:
    """Of each record: the outcomes that stand on the topics of receipts."""
    found: dict[Place, Told] = defaultdict(list)
    for topic in filter(is_receipts, sum(TOPICS_OF.values(), ())):
        for fact in (event.fact for event in picture.first[topic].values()):
            found[fact["topic"], fact["partition"], fact["offset"]].append(fact["outcome"])
    return found


async def _kept(picture: Picture) -> dict[Place, Told]:
    """The same from the services' tables."""
    found: dict[Place, Told] = defaultdict(list)
    for service in SERVICES:
        for row in await picture.rows(f"select * from {service}.receipt order by receipt_no"):
            found[row["topic"], row["partition"], row["record_offset"]].append(row["outcome"])
    return found
