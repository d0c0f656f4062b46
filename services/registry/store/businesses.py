"""Home businesses and what they were before. A business's row is locked before it is changed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.registry.domain.business import (
    Business,
    Changed,
    Channel,
    ChannelKind,
    Constraint,
    ConstraintKind,
    Kbli,
    ProductionMode,
)
from services.registry.domain.capacity import Capacity, Period
from services.registry.store.observations import observed
from services.registry.store.plain import to_json
from shared.db import Connection, Tx
from shared.parked import waiting


async def insert(tx: Tx, business: Business) -> bool:
    """A new business; False when the registry has no such owner."""
    written = await tx.conn.fetchval(
        """
        insert into business (business_id, owner_id, kelurahan, sector, sub_sector, kbli_code,
                              kbli_version, started_on, production_mode, capacity_quantity,
                              capacity_unit, capacity_period, channels, constraints,
                              production_since, version, registered_on, recorded_at, recorded_by)
        select $1, person_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
               $18, $19
        from person where person_id = $2
        returning true
        """,
        *_row(business),
        business.registered_on,
        tx.now,
        tx.actor.subject,
    )
    if written is None:
        return False
    await waiting.arrived(tx.conn, [registered_for(business.owner_id)])
    return True


async def lock(conn: Connection, business_id: UUID) -> Business | None:
    """The business, its row locked until the transaction ends."""
    return (await lock_all(conn, [business_id])).get(business_id)


async def lock_all(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, Business]:
    """These businesses, their rows locked in the order of their ids.

    They are read in a statement of its own, after the lock: what was observed meanwhile must be
    seen, and a statement keeps the snapshot it began with.
    """
    wanted = sorted(ids)
    await conn.execute(
        """
        select from business where business_id = any($1::uuid[]) order by business_id for update
        """,
        wanted,
    )
    rows = await conn.fetch(_READ + "where business_id = any($1::uuid[])", wanted)
    return {row["business_id"]: _business(row) for row in rows}


class Owned(NamedTuple):
    """One of a person's businesses."""

    business_id: UUID
    kbli: str | None
    kelurahan: str


async def owned_by(conn: Connection, owners: Iterable[UUID]) -> dict[UUID, list[Owned]]:
    """Each owner's businesses, in the order of their ids."""
    rows = await conn.fetch(
        """
        select owner_id, business_id, kbli_code, kelurahan from business
        where owner_id = any($1::uuid[]) order by business_id
        """,
        list(set(owners)),
    )
    found: dict[UUID, list[Owned]] = defaultdict(list)
    for row in rows:
        owned = Owned(row["business_id"], row["kbli_code"], row["kelurahan"])
        found[row["owner_id"]].append(owned)
    return found


def registered_for(owner_id: UUID) -> str:
    """What an event about the business of somebody who has none yet waits for."""
    return waiting.until("business", str(owner_id))


_READ = """
select b.*,
       (select to_jsonb(a) from assessment a where a.business_id = b.business_id
        order by a.version desc limit 1) as newest_assessment,
       (select to_jsonb(c) from coverage c where c.business_id = b.business_id
        order by c.version desc limit 1) as newest_coverage,
       (select q.asked_on from constraints_asked q where q.business_id = b.business_id
        order by q.version desc limit 1) as constraints_asked_on,
       (select to_jsonb(f) from follow_up f where f.business_id = b.business_id
        order by f.version desc limit 1) as newest_follow_up
from business b
"""


async def save_changed(tx: Tx, business: Business, changed: Sequence[Changed]) -> None:
    """The business after a change in the world, and its history since `production_since`."""
    await _save(tx, business, changed, ("change", business.production_since, None, None))


async def save_corrected(
    tx: Tx, business: Business, changed: Sequence[Changed], reason_code: str, reason: str
) -> None:
    """The business after wrong entries were put right, and why they were."""
    await _save(tx, business, changed, ("correction", None, reason_code, reason))


async def save_asked(
    tx: Tx, business: Business, changed: Sequence[Changed], asked_on: date
) -> None:
    """The business after she was asked again what holds her back, and what differs since."""
    await _save(tx, business, changed, ("change", asked_on, None, None))


async def _save(
    tx: Tx, business: Business, changed: Sequence[Changed], why: tuple[object, ...]
) -> None:
    """Row and history in one statement. The caller has locked the row."""
    await tx.conn.execute(
        """
        with saved as (
            update business set
                owner_id = $2, kelurahan = $3, sector = $4, sub_sector = $5, kbli_code = $6,
                kbli_version = $7, started_on = $8, production_mode = $9,
                capacity_quantity = $10, capacity_unit = $11, capacity_period = $12,
                channels = $13, constraints = $14, production_since = $15, version = $16
            where business_id = $1
        )
        insert into business_history (business_id, version, field, old, new, kind, effective_on,
                                      reason_code, reason, recorded_at, recorded_by)
        select $1, $16, f.*, $20, $21, $22, $23, $24, $25
        from unnest($17::text[], $18::jsonb[], $19::jsonb[]) as f
        """,
        *_row(business),
        [entry.field for entry in changed],
        [to_json(entry.old) for entry in changed],
        [to_json(entry.new) for entry in changed],
        *why,
        tx.now,
        tx.actor.subject,
    )


def _row(business: Business) -> tuple[object, ...]:
    kbli, capacity = business.kbli, business.capacity
    return (
        business.id,
        business.owner_id,
        business.kelurahan,
        business.sector,
        business.sub_sector,
        kbli.code if kbli else None,
        kbli.version if kbli else None,
        business.started_on,
        business.production_mode.value,
        capacity.quantity,
        capacity.unit,
        capacity.period.value,
        to_json(business.channels),
        to_json(business.constraints),
        business.production_since,
        business.version,
    )


def _business(row: Mapping[str, Any]) -> Business:
    return Business(
        id=row["business_id"],
        owner_id=row["owner_id"],
        kelurahan=row["kelurahan"],
        sector=row["sector"],
        sub_sector=row["sub_sector"],
        kbli=Kbli(row["kbli_code"], row["kbli_version"]) if row["kbli_code"] else None,
        started_on=row["started_on"],
        production_mode=ProductionMode(row["production_mode"]),
        capacity=Capacity(
            row["capacity_quantity"], row["capacity_unit"], Period(row["capacity_period"])
        ),
        channels=tuple(
            Channel(ChannelKind(entry["kind"]), entry["link"])
            for entry in json.loads(row["channels"])
        ),
        constraints=tuple(
            Constraint(ConstraintKind(entry["kind"]), entry["severity"])
            for entry in json.loads(row["constraints"])
        ),
        production_since=row["production_since"],
        registered_on=row["registered_on"] or row["recorded_at"].date(),
        observed=observed(row),
        version=row["version"],
    )
