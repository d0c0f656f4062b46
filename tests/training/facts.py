"""Facts of the others, as training and marketing hear them."""

from datetime import date
from uuid import UUID

from shared.contracts.offices import (
    MarketEventAnnounced,
    MarketEventCancelled,
    MarketEventChanged,
)
from shared.contracts.registry import BusinessRegistered, Capacity
from shared.contracts.training import (
    AttendanceCorrected,
    EnrolmentAttended,
    EnrolmentMade,
    EnrolmentMissed,
    EnrolmentState,
)
from shared.ids import uuid7
from tests.training.doors import PAMULANG_BARAT

Business = type[BusinessRegistered]
Enrolment = (
    type[EnrolmentMade]
    | type[EnrolmentAttended]
    | type[EnrolmentMissed]
    | type[AttendanceCorrected]
)
MarketEvent = type[MarketEventAnnounced] | type[MarketEventChanged] | type[MarketEventCancelled]
FAR = date(2099, 1, 9)


def old_id(n: int = 0) -> UUID:
    """A UUIDv7 of 2017: known everywhere by now, if it is an id at all."""
    return UUID(int=(1501459200000 + n << 80) | (0x7 << 76) | (0x8 << 60) | n)


def business(
    business_id: UUID | None = None,
    kelurahan: str = PAMULANG_BARAT,
    owner_id: UUID | None = None,
) -> BusinessRegistered:
    return BusinessRegistered(
        occurred_on=date(2017, 7, 1),
        business_id=business_id or uuid7(),
        owner_id=owner_id or uuid7(),
        kelurahan=kelurahan,
        sector="food",
        sub_sector="snacks",
        kbli=None,
        started_on=date(2017, 5, 1),
        production_mode="batch",
        capacity=Capacity(quantity="20", unit="jar", period="day"),
        channels=("online",),
        constraints=(),
    )


def enrolment(
    fact: Enrolment, business_id: UUID, enrolment_id: UUID | None = None
) -> EnrolmentMade | EnrolmentAttended | EnrolmentMissed | AttendanceCorrected:
    state: EnrolmentState = "absent"
    if fact in (EnrolmentMade, EnrolmentAttended):
        state = "enrolled" if fact is EnrolmentMade else "present"
    return fact(
        occurred_on=date(2017, 7, 31),
        enrolment_id=enrolment_id or uuid7(),
        session_id=old_id(),
        session_title="Keterampilan industri rumahan",
        person_id=old_id(1),
        business_id=business_id,
        state=state,
        hours="6" if state == "present" else None,
    )


def market_event(
    fact: MarketEvent = MarketEventAnnounced,
    event_ref: str = "2099/pasar-1",
    *,
    stands: int = 20,
    starts_on: date = FAR,
    ends_on: date | None = None,
    name: str = "Pasar Kreatif Bogor",
    time_zone: str = "Asia/Jakarta",
) -> MarketEventAnnounced | MarketEventChanged | MarketEventCancelled:
    return fact(
        occurred_on=date(2026, 11, 1),
        event_ref=event_ref,
        name=name,
        host_city="32.71",
        place="Alun-Alun Kota Bogor",
        starts_on=starts_on,
        ends_on=ends_on or starts_on,
        stands=stands,
        time_zone=time_zone,
    )
