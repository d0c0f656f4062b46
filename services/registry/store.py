"""SQL on the registry's own tables. A business's row is locked before it is changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.registry import seals
from services.registry.domain.business import (
    Business,
    Capacity,
    Changed,
    Channel,
    ChannelKind,
    Constraint,
    ConstraintKind,
    Kbli,
    Period,
    ProductionMode,
)
from services.registry.domain.person import Person
from shared.db import Connection, Tx


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a NIK already, and where she lives."""

    person_id: UUID
    kelurahan: str


async def insert_person(
    tx: Tx, person: Person, family_card: str, date_accepted_why: str | None
) -> UUID | None:
    """A new person in the household of her family card; its id, which may be an older one.

    None when her NIK is taken: she isn't written then. Of two transactions with one NIK or one new
    family card the second waits here for the first one's COMMIT.
    """
    identity = seals.identity_indexes(person.identity.digits)
    card = seals.household_indexes(family_card)
    written = await tx.conn.fetchval(
        """
        with known as (
            select household_id from household where number_index = any($17::bytea[])
        ), made as (
            insert into household (household_id, number_index, number, recorded_at)
            select $2, $15, $16, $13::timestamptz where not exists (select from known)
            on conflict (number_index) do update set number_index = excluded.number_index
            returning household_id
        ), home as (
            select household_id from known union all select household_id from made
        )
        insert into person (person_id, household_id, role, name, identity_kind, identity,
                            identity_index, date_accepted_why, birth_date, phone, kelurahan,
                            version, recorded_at, recorded_by)
        select $1, household_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 from home
        where not exists (select from person where identity_index = any($18::bytea[]))
        on conflict (identity_index) do nothing
        returning household_id
        """,
        person.id,
        person.household_id,
        person.role.value,
        person.name,
        person.identity.kind.value,
        seals.seal_identity(person.identity.digits, person.id),
        identity[0],
        date_accepted_why,
        person.birth_date,
        person.phone,
        person.kelurahan,
        person.version,
        tx.now,
        tx.actor.subject,
        card[0],
        seals.seal_household(family_card, person.household_id),
        card,
        identity,
    )
    return None if written is None else UUID(str(written))


async def holder(conn: Connection, digits: str) -> Holder:
    """Whose number this is."""
    row = await conn.fetchrow(
        "select person_id, kelurahan from person where identity_index = any($1::bytea[])",
        seals.identity_indexes(digits),
    )
    return Holder(**row)


async def insert_business(tx: Tx, business: Business) -> bool:
    """A new business; False when the registry has no such owner."""
    written = await tx.conn.fetchval(
        """
        insert into business (business_id, owner_id, kelurahan, sector, sub_sector, kbli_code,
                              kbli_version, started_on, production_mode, capacity_quantity,
                              capacity_unit, capacity_period, channels, constraints,
                              production_since, version, recorded_at, recorded_by)
        select $1, person_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
               $18
        from person where person_id = $2
        returning true
        """,
        *_row(business),
        tx.now,
        tx.actor.subject,
    )
    return written is not None


async def lock_business(conn: Connection, business_id: UUID) -> Business | None:
    """The business, its row locked until the transaction ends."""
    row = await conn.fetchrow(
        "select * from business where business_id = $1 for update", business_id
    )
    return _business(row) if row else None


async def save_changed(tx: Tx, business: Business, changed: Sequence[Changed]) -> None:
    """The business after a change in the world, and its history since `production_since`."""
    await _save(tx, business, changed, ("change", business.production_since, None, None))


async def save_corrected(
    tx: Tx, business: Business, changed: Sequence[Changed], reason_code: str, reason: str
) -> None:
    """The business after wrong entries were put right, and why they were."""
    await _save(tx, business, changed, ("correction", None, reason_code, reason))


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
        [_json(entry.old) for entry in changed],
        [_json(entry.new) for entry in changed],
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
        _json(business.channels),
        _json(business.constraints),
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
        version=row["version"],
    )


def _json(value: object) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    """Values of the domain as JSON: parts by their fields, decimals and dates as text."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    return str(value)
