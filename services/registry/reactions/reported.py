"""What the reactions to offices' feeds share: places, who is meant, how a "no" ends an event."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.registry.domain import feed_refusals as no
from services.registry.domain.guidance import business_meant
from services.registry.domain.identity import identity_number
from services.registry.store import businesses, people
from shared.consumers import Ending, ForStaff, Parked, Received, Suggestion, Waiting
from shared.contracts import office_feeds
from shared.contracts.areas import AREAS, Area, Elsewhere, Unclear, around, place
from shared.db import Tx
from shared.errors import Refusal

T = TypeVar("T")
_AREA = "/data/area"
_UNCLEAR = {
    "unknown": no.AreaUnknown,
    "ambiguous": no.AreaAmbiguous,
    "too_coarse": no.AreaTooCoarse,
}


def office_of(event: Received) -> str:
    """The code of the office that sent it: `dukcapil`."""
    return event.source.rpartition(":")[2]


class Choices(tuple[str, ...]):
    """What staff may choose from, as a fact of a refusal: its message lists them."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        return ", ".join(map(self._named, self)) or "-"

    def _named(self, choice: str) -> str:
        return choice


class Places(Choices):
    """The same of kelurahan: each code with its name, by which staff know it."""

    __slots__ = ()

    def _named(self, choice: str) -> str:
        return f"{choice} {AREAS[choice].kelurahan}"


def parked(event: Received, refusal: Refusal, area: str = "") -> Parked:
    """For the work list: the reason, what staff may choose from, and where it lies if known."""
    choices = refusal.facts.get("suggestions")
    suggestions: tuple[Suggestion, ...] = ()
    if isinstance(choices, Choices):
        of_areas = refusal.pointer == _AREA
        area = area or (around(choices) if of_areas else "")
        suggestions = tuple(
            Suggestion(refusal.pointer, {"code": choice} if of_areas else choice)
            for choice in choices
        )
    staff = ForStaff(refusal.message("en"), suggestions, area)
    return Parked(event, refusal.code, refusal.message(), refusal.pointer, staff)


def judged(
    received: Sequence[Received], judge: Callable[[Received], T]
) -> tuple[list[tuple[Received, T]], list[Ending]]:
    """Each event with what it says, and those that can't be true parked."""
    said: list[tuple[Received, T]] = []
    endings: list[Ending] = []
    for event in received:
        try:
            said.append((event, judge(event)))
        except Refusal as refusal:
            endings.append(parked(event, refusal))
    return said, endings


def number(digits: str, pointer: str = "/data/nik") -> str:
    """A number that somebody can have. Raises the refusals of `identity_number`."""
    try:
        return identity_number(digits).digits
    except Refusal as refusal:
        refusal.pointer = pointer
        raise


def where(reference: office_feeds.AreaReference) -> Area | Elsewhere:
    """The place that an office names. Raises AreaUnknown, AreaAmbiguous or AreaTooCoarse."""
    found = place(reference.code, reference.kelurahan, reference.kecamatan)
    if isinstance(found, Unclear):
        raise _UNCLEAR[found.why](pointer=_AREA, suggestions=Places(found.suggestions))
    return found


class Meant(NamedTuple):
    """Which business an office's event is about."""

    event: Received
    business_id: UUID


async def meant(
    tx: Tx, events: Iterable[Received], known: dict[tuple[str, str], UUID]
) -> tuple[list[Meant], list[Ending]]:
    """The business of each event; who isn't registered, or has no business yet, is waited for.

    `known`: by (source, subject) what the office's reference stands for already.
    """
    asked = list(events)
    facts = {event.id: _about(event) for event in asked}
    new = [event for event in asked if (event.source, event.subject) not in known]
    holders = await people.held_by(tx.conn, (facts[event.id].nik for event in new))
    owned = await businesses.owned_by(tx.conn, holders.values()) if holders else {}
    found: list[Meant] = []
    endings: list[Ending] = []
    for event in asked:
        business_id = known.get((event.source, event.subject))
        if business_id is None:
            ended = _meant_by(event, facts[event.id], holders, owned)
            if not isinstance(ended, UUID):
                endings.append(ended)
                continue
            business_id = ended
        found.append(Meant(event, business_id))
    return found, endings


def _meant_by(
    event: Received,
    fact: office_feeds.AboutBusiness,
    holders: dict[str, UUID],
    owned: dict[UUID, list[businesses.Owned]],
) -> UUID | Ending:
    owner = holders.get(fact.nik)
    if owner is None:
        return Waiting(event, people.registered(fact.nik))
    hers = owned.get(owner, [])
    fits = business_meant(((b.business_id, b.kbli) for b in hers), fact.business_id, fact.kbli)
    if len(fits) == 1:
        return fits[0]
    if not hers:
        return Waiting(event, businesses.registered_for(owner))
    suggestions = Choices(str(business.business_id) for business in hers)
    if fact.business_id is not None:
        refusal: Refusal = no.BusinessOfAnother(
            pointer="/data/business_id", business_id=fact.business_id, suggestions=suggestions
        )
    else:
        refusal = no.BusinessAmbiguous(pointer="/data/business_id", suggestions=suggestions)
    return parked(event, refusal, around(business.kelurahan for business in hers))


def _about(event: Received) -> office_feeds.AboutBusiness:
    fact = event.fact
    if not isinstance(fact, office_feeds.AboutBusiness):
        raise TypeError(event.type)
    return fact
