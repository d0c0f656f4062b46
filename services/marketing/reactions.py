"""What marketing does when others report something."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.marketing import events
from services.marketing.domain.market_event import (
    Details,
    MarketEvent,
    Told,
    hear,
    market_event_id,
)
from services.marketing.domain.refusals import TimeZoneUnknown
from services.marketing.domain.stand import release
from services.marketing.store import market_events, stands
from shared.consumers import Consumer, Ending, ForStaff, Parked, Projection, Reaction, Received
from shared.contracts import offices, registry, training
from shared.db import Tx
from shared.errors import Refusal


def _state(event: Received) -> registry.BusinessState:
    return cast("registry.BusinessState", event.fact)


BUSINESSES = Projection(
    name="marketing.businesses",
    topics=(registry.BUSINESS,),
    facts=(
        registry.BusinessRegistered,
        registry.BusinessProductionChanged,
        registry.BusinessCorrected,
    ),
    table="known_business",
    key="business_id",
    columns={
        "business_id": attrgetter("fact.business_id"),
        "kelurahan": attrgetter("fact.kelurahan"),
        "production_mode": attrgetter("fact.production_mode"),
        "capacity_quantity": lambda event: Decimal(_state(event).capacity.quantity),
        "capacity_unit": attrgetter("fact.capacity.unit"),
        "capacity_period": attrgetter("fact.capacity.period"),
    },
)

ENROLMENTS = Projection(
    name="marketing.enrolments",
    topics=(training.ENROLMENT,),
    facts=(
        training.EnrolmentMade,
        training.EnrolmentAttended,
        training.EnrolmentMissed,
        training.AttendanceCorrected,
        training.EnrolmentAssessed,
    ),
    table="known_enrolment",
    key="enrolment_id",
    columns={
        "enrolment_id": attrgetter("fact.enrolment_id"),
        "session_id": attrgetter("fact.session_id"),
        "business_id": attrgetter("fact.business_id"),
        "state": attrgetter("fact.state"),
    },
)


CERTIFICATES = Projection(
    name="marketing.certificates",
    topics=(training.CERTIFICATE,),
    facts=(training.CertificateIssued, training.CertificateRevoked),
    table="known_certificate",
    key="certificate_id",
    columns={
        "certificate_id": attrgetter("fact.certificate_id"),
        "business_id": attrgetter("fact.business_id"),
        "issued_on": attrgetter("fact.issued_on"),
        "status": attrgetter("fact.status"),
    },
)


def _reports(event: Received) -> str:
    """All that is told of the paper, as JSON. Version 1 tells the newest report only."""
    fact = event.fact
    if isinstance(fact, registry.LicenceReportedV2):
        told = fact.reports
    else:
        one = cast("registry.LicenceReported", fact)
        told = (
            registry.LicenceTold.model_construct(
                status=one.status, since=one.occurred_on, valid_until=one.valid_until
            ),
        )
    return "[" + ",".join(report.model_dump_json() for report in told) + "]"


LICENCES = Projection(
    name="marketing.licences",
    topics=(registry.LICENCE,),
    # Both versions: what was told before version 2 lies on the topic in version 1 alone.
    facts=(registry.LicenceReportedV2, registry.LicenceReported),
    table="known_licence",
    key="licence_id",
    columns={
        "licence_id": attrgetter("fact.licence_id"),
        "business_id": attrgetter("fact.business_id"),
        "kind": attrgetter("fact.kind"),
        "by_office": attrgetter("fact.by_office"),
        "reports": _reports,
    },
)


class _Heard(NamedTuple):
    event: Received
    id: UUID
    told: Told


async def hear_offices(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
    """Keep each office's market events under our own ids and tell what became of them.

    A fact whose dates, time zone or sequence can't be true is parked. Seven round trips at most,
    whatever the number of events.
    """
    heard, endings = _readable(received)
    if not heard:
        return endings
    known = await _locked(tx, heard)
    changed: dict[UUID, MarketEvent] = {}
    cancelled_by: dict[UUID, Received] = {}
    for event, event_id, told in heard:
        before = known[event_id]
        after = hear(before, told)
        if after is before:
            continue
        known[event_id] = changed[event_id] = after
        if after.status is not before.status:
            cancelled_by[event_id] = event
        fact = events.market_event_listed(after, event.fact.occurred_on)
        tx.because(event).emit(fact, key=event_id, version=after.version)
    if changed:
        await market_events.save(tx.conn, list(changed.values()))
    if cancelled_by:
        await _give_back(tx, cancelled_by, known)
    return endings


async def _locked(tx: Tx, heard: Sequence[_Heard]) -> dict[UUID, MarketEvent]:
    """The events concerned, locked. One that nobody heard of begins in version 0.

    Two workers may hear of the same event: an office's client may partition in its own way, so
    that one event's facts reach both.
    """
    ids = {each.id for each in heard}
    if new := await market_events.unknown(tx.conn, ids):
        first = {h.id: h for h in reversed(heard) if h.id in new}
        await market_events.insert_new(
            tx.conn,
            [
                MarketEvent(h.id, h.event.source, h.event.subject, h.told.details)
                for h in first.values()
            ],
        )
    return await market_events.lock_many(tx.conn, ids)


async def _give_back(
    tx: Tx, cancelled_by: dict[UUID, Received], known: dict[UUID, MarketEvent]
) -> None:
    """Release the stands of cancelled events, each because of the fact that cancelled it."""
    released = [release(s) for s in await stands.lock_confirmed(tx.conn, sorted(cancelled_by))]
    if not released:
        return
    await stands.save_released(tx, released, "acara-dibatalkan")
    for stand in released:
        cause = cancelled_by[stand.market_event_id]
        fact = events.stand_released(stand, known[stand.market_event_id], cause.fact.occurred_on)
        tx.because(cause).emit(fact, key=stand.id, version=stand.version)


def _readable(received: Sequence[Received]) -> tuple[list[_Heard], list[Ending]]:
    heard: list[_Heard] = []
    endings: list[Ending] = []
    for event in received:
        try:
            told = _told(event)
        except Refusal as refusal:
            staff = ForStaff(refusal.message("en"))
            endings.append(Parked(event, refusal.code, refusal.message(), refusal.pointer, staff))
            continue
        heard.append(_Heard(event, market_event_id(event.source, event.subject), told))
    return heard, endings


def _pointer(refusal: Refusal) -> str:
    """Where in the event it is wrong: the rules name a field of the body, or an attribute."""
    if refusal.pointer.startswith("/ce_"):
        return refusal.pointer.replace("ce_", "")
    return f"/data{refusal.pointer}"


def _told(event: Received) -> Told:
    """What an office's fact says. Raises EndsBeforeItStarts, TimeZoneUnknown, SequenceMissing."""
    fact = cast("offices.MarketEvent", event.fact)
    try:
        ZoneInfo(fact.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimeZoneUnknown(pointer="/data/time_zone") from None
    details = Details(
        host_city=fact.host_city,
        name=fact.name,
        place=fact.place,
        starts_on=fact.starts_on,
        ends_on=fact.ends_on,
        time_zone=fact.time_zone,
        stands=fact.stands,
    )
    return Told(event.sequence, details, isinstance(fact, offices.MarketEventCancelled))


MARKET_EVENTS = Reaction(
    name="marketing.office-market-events",
    topics=(offices.BOGOR_MARKET_EVENT,),
    facts=(
        offices.MarketEventAnnounced,
        offices.MarketEventChanged,
        offices.MarketEventCancelled,
    ),
    react=hear_offices,
)

CONSUMERS: tuple[Consumer, ...] = (
    BUSINESSES,
    ENROLMENTS,
    CERTIFICATES,
    LICENCES,
    MARKET_EVENTS,
)
