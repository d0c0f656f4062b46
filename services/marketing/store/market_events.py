"""Market events: locked one by one for a stand, or many at once for an office's feed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.marketing.domain.market_event import Details, MarketEvent, Status
from shared import arrays
from shared.db import Connection, Tx


async def lock(conn: Connection, market_event_id: UUID) -> MarketEvent | None:
    """The event, its row locked: whoever allots or cancels next waits."""
    row = await conn.fetchrow(
        "select * from market_event where market_event_id = $1 for update", market_event_id
    )
    return read(row) if row else None


async def find(conn: Connection, market_event_id: UUID) -> MarketEvent | None:
    """The event as it is."""
    row = await conn.fetchrow(
        "select * from market_event where market_event_id = $1", market_event_id
    )
    return read(row) if row else None


async def exists(conn: Connection, market_event_id: UUID) -> bool:
    """Whether there is such an event."""
    return await find(conn, market_event_id) is not None


async def lock_many(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, MarketEvent]:
    """These events by id as they are, their rows locked in the order of ids."""
    rows = await conn.fetch(
        """
        select * from market_event where market_event_id = any ($1::text::uuid[])
        order by market_event_id for update
        """,
        arrays.uuids(ids),
    )
    return {row["market_event_id"]: read(row) for row in rows}


async def unknown(conn: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these ids of which there is no event."""
    rows = await conn.fetch(
        """
        select id from unnest($1::text::uuid[]) as t (id)
        where not exists (select from market_event where market_event_id = id)
        """,
        arrays.uuids(ids),
    )
    return {row["id"] for row in rows}


async def insert_new(conn: Connection, events: Sequence[MarketEvent]) -> None:
    """Put events there, in the order of ids; one that another worker put there meanwhile stays.

    Call it before `lock_many`: who has locked rows must not wait for another's new ones.
    """
    await conn.execute(
        """
        insert into market_event (market_event_id, source, event_ref, host_city, name, place,
                                  starts_on, ends_on, time_zone, stands, status, heard, version)
        select * from unnest($1::text::uuid[], $2::text::text[], $3::text::text[],
                             $4::text::text[], $5::text::text[], $6::text::text[],
                             $7::text::date[], $8::text::date[], $9::text::text[],
                             $10::text::int[], $11::text::text[], $12::text::bigint[],
                             $13::text::bigint[]) as t (id)
        order by id
        on conflict do nothing
        """,
        arrays.uuids([e.id for e in events]),
        arrays.texts([e.source for e in events]),
        arrays.texts([e.event_ref for e in events]),
        *_told(events),
    )


async def save(conn: Connection, events: Sequence[MarketEvent]) -> None:
    """The locked events as they are now. Who told of them under which name never changes."""
    await conn.execute(
        """
        update market_event m set
            host_city = t.host_city, name = t.name, place = t.place, starts_on = t.starts_on,
            ends_on = t.ends_on, time_zone = t.time_zone, stands = t.stands, status = t.status,
            heard = t.heard, version = t.version
        from unnest($1::text::uuid[], $2::text::text[], $3::text::text[], $4::text::text[],
                    $5::text::date[], $6::text::date[], $7::text::text[], $8::text::int[],
                    $9::text::text[], $10::text::bigint[], $11::text::bigint[])
            as t (id, host_city, name, place, starts_on, ends_on, time_zone, stands, status,
                  heard, version)
        where m.market_event_id = t.id
        """,
        arrays.uuids([e.id for e in events]),
        *_told(events),
    )


def _told(events: Sequence[MarketEvent]) -> tuple[str, ...]:
    """What may change of events: an array a column, in the order of the table's columns."""
    details = [e.details for e in events]
    return (
        arrays.texts([d.host_city for d in details]),
        arrays.texts([d.name for d in details]),
        arrays.texts([d.place for d in details]),
        arrays.plain([d.starts_on for d in details]),
        arrays.plain([d.ends_on for d in details]),
        arrays.texts([d.time_zone for d in details]),
        arrays.plain([d.stands for d in details]),
        arrays.texts([e.status.value for e in events]),
        arrays.plain([e.heard for e in events]),
        arrays.plain([e.version for e in events]),
    )


async def find_for_release(tx: Tx, market_event_id: UUID) -> MarketEvent:
    """The event of a stand that exists. It needs no lock: a release takes nothing from it."""
    return read(
        await tx.conn.fetchrow(
            "select * from market_event where market_event_id = $1", market_event_id
        )
    )


def read(row: Mapping[str, Any]) -> MarketEvent:
    """A row of the table as the rules see it."""
    return MarketEvent(
        id=row["market_event_id"],
        source=row["source"],
        event_ref=row["event_ref"],
        details=Details(
            host_city=row["host_city"],
            name=row["name"],
            place=row["place"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            time_zone=row["time_zone"],
            stands=row["stands"],
        ),
        status=Status(row["status"]),
        heard=row["heard"],
        version=row["version"],
    )
