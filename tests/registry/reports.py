"""What other offices report, as the registry hears it."""

from datetime import date
from typing import Any

from shared.contracts import office_feeds
from shared.contracts.fact import Fact
from tests.registry.people import nik
from tests.training.doors import Doors

RESIDENTS = "registry.residents"
GUIDANCE = "registry.guidance"
HERE = {"code": "36.74.06.1005"}
DAY = date(2026, 5, 4)


def of(feed: office_feeds.OfficeFeed, form: type[Fact]) -> type[Fact]:
    """The form under the office's own type."""
    return next(fact for fact in feed.facts if issubclass(fact, form))


def report(feed: office_feeds.OfficeFeed, form: type[Fact], ref: str, **said: Any) -> Fact:
    """A report about the woman of `nik()`, unless said otherwise."""
    body: dict[str, Any] = {"occurred_on": DAY, feed.key: ref, "nik": nik()} | said
    if isinstance(body.get("area"), dict):
        body["area"] = office_feeds.AreaReference(**body["area"])
    return of(feed, form)(**body)


def resident(form: type[Fact], ref: str = "DKC-1", **said: Any) -> Fact:
    """What the civil registry says about her."""
    if form in (office_feeds.ResidentVerified, office_feeds.ResidentMoved):
        said.setdefault("area", HERE)
    return report(office_feeds.RESIDENTS, form, ref, **said)


async def waiting(doors: Doors) -> list[dict[str, Any]]:
    """What is open, oldest first."""
    return await doors.rows(
        "select * from parked where ended_at is null order by partition, record_offset"
    )
