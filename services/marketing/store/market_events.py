"""Market events: locked one by one for a stand, or many at once for an office's feed."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.marketing.domain.market_event import Details, MarketEvent, Status
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


async def lock_or_insert(conn: Connection, events: Iterable[MarketEvent]) -> list[MarketEvent]:
    """Each event as it is in the table, locked in the order of ids; unknown ones are put there.

    One statement also when two workers hear of the same event: an office's client may partition
    in its own way, so that one event's facts reach both. The update changes nothing; it locks.
    """
    rows = await conn.fetch(
        """
        insert into market_event
        select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
                             $6::text[], $7::date[], $8::date[], $9::text[], $10::int[],
                             $11::text[], $12::bigint[], $13::bigint[]) as t (id)
        order by id
        on conflict (market_event_id) do update set heard = market_event.heard
        returning *
        """,
        *_columns(events),
    )
    return [read(row) for row in rows]


async def save(conn: Connection, events: Iterable[MarketEvent]) -> None:
    """The locked events as they are now."""
    await conn.execute(
        """
        update market_event m set
            host_city = t.host_city, name = t.name, place = t.place, starts_on = t.starts_on,
            ends_on = t.ends_on, time_zone = t.time_zone, stands = t.stands, status = t.status,
            heard = t.heard, version = t.version
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                    $7::date[], $8::date[], $9::text[], $10::int[], $11::text[], $12::bigint[],
                    $13::bigint[])
            as t (id, source, event_ref, host_city, name, place, starts_on, ends_on, time_zone,
                  stands, status, heard, version)
        where m.market_event_id = t.id
        """,
        *_columns(events),
    )


async def find_for_release(tx: Tx, market_event_id: UUID) -> MarketEvent:
    """The event of a stand that exists. It needs no lock: a release takes nothing from it."""
    return read(
        await tx.conn.fetchrow(
            "select * from market_event where market_event_id = $1", market_event_id
        )
    )


def _columns(events: Iterable[MarketEvent]) -> Iterable[tuple[Any, ...]]:
    """The events as one array a column, in the order of the table's columns."""
    return zip(
        *(
            (
                event.id,
                event.source,
                event.event_ref,
                event.details.host_city,
                event.details.name,
                event.details.place,
                event.details.starts_on,
                event.details.ends_on,
                event.details.time_zone,
                event.details.stands,
                event.status.value,
                event.heard,
                event.version,
            )
            for event in events
        ),
        strict=True,
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
