"""What the registry does with papers, trainings and deciles that other offices report.

It finds out whom they mean, keeps them with their day, and tells the others under our ids. What
follows from a paper or a training is for whoever reads that.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar, cast
from uuid import UUID

from services.registry import events
from services.registry.domain.outside import Licence, Training, licence_id, training_id
from services.registry.domain.resident import possible
from services.registry.reactions.reported import (
    Meant,
    judged,
    meant,
    number,
    office_of,
    parked,
    where,
)
from services.registry.store import outside, people
from shared.consumers import Ending, Reaction, Received, Waiting
from shared.contracts import office_feeds
from shared.contracts.areas import Area
from shared.contracts.fact import Fact
from shared.db import Tx
from shared.errors import Refusal

_PAPERS: tuple[tuple[type[office_feeds.Licence], str, str], ...] = (
    (office_feeds.MerekRecommended, "merek_letter", "issued"),
    (office_feeds.NibIssued, "nib", "issued"),
    (office_feeds.NibRevoked, "nib", "revoked"),
    (office_feeds.PirtIssued, "pirt", "issued"),
    (office_feeds.PirtExpired, "pirt", "expired"),
    (office_feeds.PirtRevoked, "pirt", "revoked"),
    (office_feeds.HalalIssued, "halal", "issued"),
    (office_feeds.HalalExpired, "halal", "expired"),
)
_PAPER_FEEDS = (office_feeds.MEREK, office_feeds.NIB, office_feeds.PIRT, office_feeds.HALAL)
_TRAINING_FEEDS = (office_feeds.TRAINING_PERINDAG, office_feeds.TRAINING_PENDIDIKAN)
MOST_REPORTS = 100
"""So many of a paper's reports are told, the newest ones. All are kept."""
P = TypeVar("P", Licence, Training)


async def hear_licences(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
    """Keep each report about a paper. At most six round trips, whatever the number of events."""
    said, endings = judged(received, lambda event: _possible(tx, event))
    if not said:
        return endings
    references = sorted({(event.source, event.subject) for event, _ in said})
    known = await outside.known_licences(tx.conn, references)
    found, unmet = await meant(tx, (event for event, _ in said), known)
    papers = [(about.event, _paper(about)) for about in found]
    if papers:
        newest = _newest(papers)
        versions = await outside.save_licences(tx, [paper for _, paper in papers])
        reports = await outside.reports(tx.conn, list(versions), MOST_REPORTS)
        for id_, version in versions.items():
            event, paper = newest[id_]
            fact = events.licence_reported(paper, reports[id_])
            tx.because(event).emit(fact, key=id_, version=version)
    return [*endings, *unmet]


async def hear_trainings(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
    """Keep what other offices taught our people. At most four round trips."""
    said, endings = judged(received, lambda event: _possible(tx, event))
    facts = {event.id: cast("office_feeds.TrainingDelivered", event.fact) for event, _ in said}
    holders = await people.held_by(tx.conn, (fact.nik for fact in facts.values()))
    told: list[tuple[Received, Training]] = []
    for event, _ in said:
        fact = facts[event.id]
        if fact.nik not in holders:
            endings.append(Waiting(event, people.registered(fact.nik)))
            continue
        try:
            told.append((event, _training(event, fact, holders[fact.nik])))
        except Refusal as refusal:
            endings.append(parked(event, refusal))
    newest = _newest(told)
    if newest:
        versions = await outside.save_trainings(tx, [training for _, training in newest.values()])
        for id_, version in versions.items():
            event, training = newest[id_]
            fact_ = events.outside_training_reported(training)
            tx.because(event).emit(fact_, key=id_, version=version)
    return endings


async def hear_deciles(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
    """Add the deciles of our people's households: nothing is overwritten. Three round trips."""
    said, endings = judged(received, lambda event: _possible(tx, event))
    facts = {event.id: cast("office_feeds.DecileUpdated", event.fact) for event, _ in said}
    holders = await people.held_by(tx.conn, (fact.nik for fact in facts.values()))
    rows = []
    for event, _ in said:
        fact = facts[event.id]
        if fact.nik not in holders:
            endings.append(Waiting(event, people.registered(fact.nik)))
            continue
        person_id = holders[fact.nik]
        rows.append(
            (event.source, event.subject, event.sequence, person_id, fact.decile, fact.as_of)
        )
    if rows:
        await outside.add_deciles(tx, rows)
    return endings


def _possible(tx: Tx, event: Received) -> None:
    """Raises the refusals of numbers and days."""
    possible(event.sequence, event.fact.occurred_on, tx.today)
    fact = event.fact
    if isinstance(
        fact,
        office_feeds.AboutBusiness | office_feeds.TrainingDelivered | office_feeds.DecileUpdated,
    ):
        number(fact.nik)


def _newest(told: Sequence[tuple[Received, P]]) -> Mapping[UUID, tuple[Received, P]]:
    """Of several reports of a batch about the same the one with the highest sequence."""
    newest: dict[UUID, tuple[Received, P]] = {}
    for event, report in told:
        known = newest.get(report.id)
        if known is None or known[1].heard < report.heard:
            newest[report.id] = (event, report)
    return newest


def _paper(about: Meant) -> Licence:
    event, business_id = about
    fact = cast("office_feeds.Licence", event.fact)
    kind, status = next((kind, status) for form, kind, status in _PAPERS if isinstance(fact, form))
    product = fact.product if isinstance(fact, office_feeds.Pirt | office_feeds.Halal) else None
    return Licence(
        id=licence_id(event.source, event.subject),
        source=event.source,
        licence_ref=event.subject,
        business_id=business_id,
        by_office=office_of(event),
        kind=kind,
        status=status,
        number=_number_of(fact),
        product=product,
        since=fact.occurred_on,
        valid_until=fact.valid_until,
        heard=event.sequence,
    )


def _number_of(fact: Fact) -> str:
    if isinstance(fact, office_feeds.MerekRecommended):
        return fact.letter
    if isinstance(fact, office_feeds.Nib | office_feeds.Pirt | office_feeds.Halal):
        return fact.number
    raise TypeError(fact.TYPE)


def _training(event: Received, fact: office_feeds.TrainingDelivered, person_id: UUID) -> Training:
    """Raises EndsBeforeItBegan and the refusals of places."""
    place = where(fact.area) if fact.area is not None else None
    return Training(
        id=training_id(event.source, event.subject),
        source=event.source,
        participation_ref=event.subject,
        person_id=person_id,
        by_office=office_of(event),
        title=fact.title,
        topics=fact.topics,
        began_on=fact.began_on,
        ended_on=fact.occurred_on,
        hours=Decimal(fact.hours),
        kelurahan=place.code if isinstance(place, Area) else None,
        heard=event.sequence,
    )


LICENCES = Reaction(
    name="registry.licences",
    topics=tuple(feed.topic for feed in _PAPER_FEEDS),
    facts=tuple(fact for feed in _PAPER_FEEDS for fact in feed.facts),
    react=hear_licences,
)
TRAININGS = Reaction(
    name="registry.outside-trainings",
    topics=tuple(feed.topic for feed in _TRAINING_FEEDS),
    facts=tuple(fact for feed in _TRAINING_FEEDS for fact in feed.facts),
    react=hear_trainings,
)
DECILES = Reaction(
    name="registry.deciles",
    topics=(office_feeds.DECILE.topic,),
    facts=office_feeds.DECILE.facts,
    react=hear_deciles,
)
