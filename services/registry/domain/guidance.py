"""Which offices guide a business, as they say so themselves, and what that answers.

For each of its references an office's newest report counts. The business is guided while any office
guides it; the answer names the one that began first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.registry.domain.observations import Coverage, CoverageSource, Guided


@dataclass(frozen=True, slots=True)
class Guidance:
    """One office's word about one business. `heard`: its highest sequence; 0: nothing yet."""

    source: str
    guidance_ref: str
    business_id: UUID
    by_office: str
    guided: bool = False
    since: date = date.min
    heard: int = 0


def hear(guidance: Guidance, sequence: int, guided: bool, since: date) -> Guidance:
    """The office's word after one more report; the same object when that is older news."""
    if sequence <= guidance.heard:
        return guidance
    return replace(guidance, heard=sequence, guided=guided, since=since)


def answer(known: Iterable[Guidance], last: Coverage | None, told_on: date) -> Coverage | None:
    """The coverage that follows from all offices' words; None when it says nothing new.

    What somebody answered on a later day than the offices' word stands.
    """
    guiding = sorted(
        (word for word in known if word.guided), key=lambda word: (word.since, word.by_office)
    )
    guided = Guided.YES if guiding else Guided.NO
    by_office = guiding[0].by_office if guiding else None
    if last is not None:
        if last.answered_on > told_on:
            return None
        if (last.guided, last.by_office) == (guided, by_office):
            return None
    return Coverage(guided, by_office, told_on, CoverageSource.OFFICE_EVENT)


def business_meant(
    owned: Iterable[tuple[UUID, str | None]], business_id: UUID | None, kbli: str | None
) -> tuple[UUID, ...]:
    """Which of a person's businesses an office may mean; one: that it is. `owned`: id and KBLI.

    Her only one, unless the office says more; what it says is never stretched to fit.
    """
    hers = tuple(owned)
    if business_id is not None:
        return tuple(own for own, _ in hers if own == business_id)
    if len(hers) > 1 and kbli is not None:
        fits = tuple(own for own, code in hers if code == kbli)
        return fits or tuple(own for own, _ in hers)
    return tuple(own for own, _ in hers)
