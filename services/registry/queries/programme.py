"""The programme itself: sites of a year, offices on a day, what was counted before."""

from datetime import date
from uuid import UUID

from services.registry.queries.views import View
from shared.actor import Actor
from shared.db import Connection


class SiteView(View):
    """A kelurahan in the programme of a year. `since`: its status holds since then."""

    site_id: UUID
    kelurahan: str
    year: int
    status: str
    since: date
    version: int


class Sites(View):
    """Sites of the programme, by year and kelurahan."""

    items: tuple[SiteView, ...]


class OfficeView(View):
    """An office under the title that it bears from `valid_from` to `valid_until`."""

    office_id: UUID
    code: str
    title: str
    valid_from: date
    valid_until: date | None
    follows: str | None


class Offices(View):
    """Offices, by code and time."""

    items: tuple[OfficeView, ...]


class BalanceView(View):
    """What an old list counts. Never part of what is registered."""

    balance_id: UUID
    kecamatan: str
    businesses: int
    as_of: date
    source: str


class Balances(View):
    """Counts of old lists, which are never added to what is registered."""

    items: tuple[BalanceView, ...]


async def sites(conn: Connection, actor: Actor, year: int | None) -> Sites:
    """The sites within the caller's areas."""
    rows = await conn.fetch(
        """
        select s.site_id, s.kelurahan, s.year, t.status, t.since, s.version
        from site s join site_status t on t.site_id = s.site_id and t.version = s.version
        where s.kelurahan like any ($1::text[]) and ($2::int is null or s.year = $2)
        order by s.year, s.kelurahan
        """,
        actor.patterns(),
        year,
    )
    return Sites(items=tuple(SiteView(**row) for row in rows))


async def offices(conn: Connection, on: date | None) -> Offices:
    """All titles, or those that held on a day."""
    rows = await conn.fetch(
        """
        select office_id, code, title, valid_from, valid_until, follows from office
        where $1::date is null
           or (valid_from <= $1 and (valid_until is null or valid_until >= $1))
        order by code, valid_from
        """,
        on,
    )
    return Offices(items=tuple(OfficeView(**row) for row in rows))


async def balances(conn: Connection, actor: Actor) -> Balances:
    """The counts within the caller's areas: a kecamatan that she reaches as a whole."""
    rows = await conn.fetch(
        """
        select balance_id, kecamatan, businesses, as_of, source from opening_balance
        where kecamatan like any ($1::text[]) order by as_of, kecamatan, source
        """,
        actor.patterns(),
    )
    return Balances(items=tuple(BalanceView(**row) for row in rows))
