"""What the registry does when an office says that it guides a business, or no longer does."""

from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from services.registry import events
from services.registry.domain import business as businesses
from services.registry.domain import guidance as rules
from services.registry.domain.business import Business
from services.registry.domain.guidance import Guidance
from services.registry.domain.observations import answer_coverage
from services.registry.domain.resident import possible
from services.registry.reactions.reported import Meant, judged, meant, number, office_of
from services.registry.store import businesses as store
from services.registry.store import guidance
from services.registry.store.guidance import Answered
from shared.consumers import Ending, Reaction, Received
from shared.contracts import office_feeds
from shared.db import Tx


async def hear_guidance(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
    """Keep each office's word, and answer the coverage question of the business with it.

    At most nine round trips, whatever the number of events.
    """
    said, endings = judged(received, lambda event: _possible(tx, event))
    if not said:
        return endings
    known = await guidance.known(tx.conn, ((e.source, e.subject) for e, _ in said))
    found, unmet = await meant(tx, (event for event, _ in said), known)
    endings += unmet
    if not found:
        return endings
    ids = {about.business_id for about in found}
    locked = await store.lock_all(tx.conn, ids)
    words = await guidance.of_businesses(tx.conn, ids)
    await guidance.add_reports(tx, [_report(about) for about in found])
    changed: dict[tuple[str, str], Guidance] = {}
    answers: list[Answered] = []
    for about in found:
        word = _hear(words[about.business_id], about)
        if word is None:
            continue
        changed[word.source, word.guidance_ref] = word
        answered = _answer(tx, locked[about.business_id], words[about.business_id], about.event)
        if answered is not None:
            locked[about.business_id] = answered.business
            answers.append(answered)
    if changed:
        await guidance.save(tx.conn, list(changed.values()))
    if answers:
        await guidance.save_answers(tx, answers)
    return endings


def _report(about: Meant) -> Guidance:
    event, business_id = about
    guided = isinstance(event.fact, office_feeds.BusinessGuided)
    since, office = event.fact.occurred_on, office_of(event)
    return Guidance(event.source, event.subject, business_id, office, guided, since, event.sequence)


def _hear(words: list[Guidance], about: Meant) -> Guidance | None:
    """The office's word after the event, in its place among `words`; None for older news."""
    event, business_id = about
    before = next(
        (w for w in words if (w.source, w.guidance_ref) == (event.source, event.subject)), None
    )
    if before is None:
        before = Guidance(event.source, event.subject, business_id, office_of(event))
        words.append(before)
    guided = isinstance(event.fact, office_feeds.BusinessGuided)
    after = rules.hear(before, event.sequence, guided, event.fact.occurred_on)
    if after is before:
        return None
    words[words.index(before)] = after
    return after


def _answer(
    tx: Tx, business: Business, words: Iterable[Guidance], event: Received
) -> Answered | None:
    """What the offices' words answer on the day that the event was told."""
    told_on = min(event.time.astimezone(tx.zone).date(), tx.today)
    coverage = rules.answer(words, business.observed.coverage, told_on)
    if coverage is None:
        return None
    observed = answer_coverage(business.observed, coverage, tx.today)
    after = businesses.observe(business, observed)
    fact = events.coverage_answered(after, told_on)
    tx.because(event).emit(fact, key=after.id, version=after.version)
    return Answered(after, coverage)


def _possible(tx: Tx, event: Received) -> UUID | None:
    """Raises the refusals of numbers and days."""
    fact = cast("office_feeds.Guidance", event.fact)
    possible(event.sequence, fact.occurred_on, tx.today)
    number(fact.nik)
    return fact.business_id


GUIDANCE = Reaction(
    name="registry.guidance",
    topics=(office_feeds.GUIDANCE.topic,),
    facts=office_feeds.GUIDANCE.facts,
    react=hear_guidance,
)
