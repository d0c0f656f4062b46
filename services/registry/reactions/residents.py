"""What the registry does when the civil registry reports about a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from uuid import UUID

from services.registry import events
from services.registry.domain.feed_refusals import NikOfAnother
from services.registry.domain.resident import Civil, Heard, News, Told, hear, possible
from services.registry.reactions.reported import judged, number, parked, where
from services.registry.store import people, residents
from services.registry.store.residents import Change, Known, Reference
from shared.consumers import Ending, ForStaff, Reaction, Received, Waiting
from shared.contracts import office_feeds
from shared.contracts.areas import Area
from shared.db import Tx

_NEWS: tuple[tuple[type[office_feeds.Resident], News], ...] = (
    (office_feeds.ResidentVerified, News.VERIFIED),
    (office_feeds.ResidentMoved, News.MOVED),
    (office_feeds.ResidentDied, News.DIED),
    (office_feeds.NikCorrected, News.IDENTITY_CORRECTED),
)


class _Report(NamedTuple):
    nik: str
    former: str | None
    card: str | None
    told: Told


@dataclass
class _Known:
    """What was known before the batch, and becomes known while it is gone through."""

    references: dict[Reference, Known]
    holders: dict[str, UUID]
    persons: dict[UUID, Civil] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    heard: dict[Reference, Known] = field(default_factory=dict)
    numbers: dict[UUID, str] = field(default_factory=dict)

    def candidates(self) -> set[UUID]:
        return {known.person_id for known in self.references.values()} | set(self.holders.values())


async def hear_residents(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
    """Change whom the news is about, and tell the others under our ids.

    Who isn't registered is waited for; a number that is another person's goes to staff. At most
    ten round trips, whatever the number of events.
    """
    reports, endings = judged(received, lambda event: _report(tx, event))
    if not reports:
        return endings
    references = [_reference(event) for event, _ in reports]
    numbers = {n for _, report in reports for n in (report.nik, report.former) if n}
    known = _Known(
        await residents.known(tx.conn, references), await people.held_by(tx.conn, numbers)
    )
    if known.candidates():
        known.persons = await residents.lock(tx.conn, known.candidates())
        # Read again under the locks: another worker may have heard of them meanwhile.
        known.references = await residents.known(tx.conn, references)
    homes = await residents.households(
        tx, (r.card for event, r in reports if r.card and _person(known, event, r))
    )
    for event, report in reports:
        ending = _hear(tx, known, homes, event, report)
        if ending is not None:
            endings.append(ending)
    if known.heard:
        await residents.save(tx, known.changes, known.heard, known.numbers)
    return endings


def _hear(
    tx: Tx, known: _Known, homes: dict[str, UUID], event: Received, report: _Report
) -> Ending | None:
    person_id = _person(known, event, report)
    if person_id is None or person_id not in known.persons:
        area = report.told.kelurahan or ""
        return Waiting(event, people.registered(report.nik), ForStaff(area=area))
    holder = known.holders.get(report.nik)
    if holder is not None and holder != person_id:
        pair = ", ".join(sorted((str(holder), str(person_id))))
        refusal = NikOfAnother(pointer="/data/nik", persons=pair)
        return parked(event, refusal, known.persons[person_id].kelurahan)
    reference, told = _reference(event), report.told
    if report.card in homes:
        told = _at_home(told, homes[report.card])
    before = known.references.get(reference)
    heard = before.heard if before else Heard()
    person = known.persons[person_id]
    after, now_heard = hear(person, heard, told)
    known.references[reference] = known.heard[reference] = Known(person_id, now_heard)
    if now_heard.identity > heard.identity:
        known.holders[report.nik] = person_id
        known.numbers[person_id] = report.nik
        if report.former and known.holders.get(report.former) == person_id:
            del known.holders[report.former]
    if after is not person:
        known.persons[person_id] = after
        known.changes.append(Change(after, told, reference))
        fact = events.person_reported(after, told.news, told.on)
        tx.because(event).emit(fact, key=person_id, version=after.version)
    return None


def _person(known: _Known, event: Received, report: _Report) -> UUID | None:
    """By the reference that was heard of before, else by the number, else by the former one."""
    by_reference = known.references.get(_reference(event))
    if by_reference is not None:
        return by_reference.person_id
    former = known.holders.get(report.former) if report.former else None
    return former or known.holders.get(report.nik)


def _at_home(told: Told, household_id: UUID) -> Told:
    return Told(told.news, told.sequence, told.on, told.kelurahan, told.city, household_id)


def _report(tx: Tx, event: Received) -> _Report:
    """What an event says. Raises the refusals of places, numbers and days."""
    fact = cast("office_feeds.Resident", event.fact)
    possible(event.sequence, fact.occurred_on, tx.today)
    nik, former, card = number(fact.nik), None, None
    kelurahan = city = None
    if isinstance(fact, office_feeds.ResidentVerified | office_feeds.ResidentMoved):
        place, card = where(fact.area), fact.family_card
        if isinstance(place, Area):
            kelurahan = place.code
        else:
            city = place.city
    elif isinstance(fact, office_feeds.NikCorrected):
        former = fact.former_nik  # it was wrong, so it may be no number at all
    news = next(news for form, news in _NEWS if isinstance(fact, form))
    told = Told(news, event.sequence, fact.occurred_on, kelurahan, city)
    return _Report(nik, former, card, told)


def _reference(event: Received) -> Reference:
    return event.source, event.subject


RESIDENTS = Reaction(
    name="registry.residents",
    topics=(office_feeds.RESIDENTS.topic,),
    facts=office_feeds.RESIDENTS.facts,
    react=hear_residents,
)
