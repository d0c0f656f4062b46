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
from shared.ids import uuid7


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a NIK already, and where she lives."""

    person_id: UUID
    kelurahan: str


async def household(tx: Tx, number: str) -> UUID:
    """The household of a family card, entered when it is new. Two at once give one."""
    indexes = seals.household_indexes(number)
    found = await tx.conn.fetchval(
        "select household_id from household where number_index = any($1::bytea[])", indexes
    )
    if found is not None:
        return UUID(str(found))
    fresh = uuid7()
    written = await tx.conn.fetchval(
        """
        insert into household (household_id, number_index, number, recorded_at)
        values ($1, $2, $3, $4)
        on conflict (number_index) do update set number_index = excluded.number_index
        returning household_id
        """,
        fresh,
        indexes[0],
        seals.seal_household(number, fresh),
        tx.now,
    )
    return UUID(str(written))


async def insert_person(tx: Tx, person: Person, date_accepted_why: str | None) -> Holder | None:
    """A new person; or, when her NIK is taken, nothing is written and its holder comes back.

    Of two transactions with one NIK the second waits here for the first one's COMMIT.
    """
    digits = person.identity.digits
    indexes = seals.identity_indexes(digits)
    holder = await _holder(tx.conn, indexes)
    if holder is not None:
        return holder
    written = await tx.conn.fetchval(
        """
        insert into person (person_id, household_id, role, name, identity_kind, identity,
                            identity_index, date_accepted_why, birth_date, phone, kelurahan,
                            version, recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict (identity_index) do nothing
        returning person_id
        """,
        person.id,
        person.household_id,
        person.role.value,
        person.name,
        person.identity.kind.value,
        seals.seal_identity(digits, person.id),
        indexes[0],
        date_accepted_why,
        person.birth_date,
        person.phone,
        person.kelurahan,
        person.version,
        tx.now,
        tx.actor.subject,
    )
    return None if written else await _holder(tx.conn, indexes)


async def _holder(conn: Connection, indexes: list[bytes]) -> Holder | None:
    row = await conn.fetchrow(
        "select person_id, kelurahan from person where identity_index = any($1::bytea[])", indexes
    )
    return Holder(**row) if row else None


async def person_exists(conn: Connection, person_id: UUID) -> bool:
    """Whether the registry has this person."""
    return bool(await conn.fetchval("select true from person where person_id = $1", person_id))


async def insert_business(tx: Tx, business: Business) -> None:
    """A new business."""
    await tx.conn.execute(
        """
        insert into business (business_id, owner_id, kelurahan, sector, sub_sector, kbli_code,
                              kbli_version, started_on, production_mode, capacity_quantity,
                              capacity_unit, capacity_period, channels, constraints,
                              production_since, version, recorded_at, recorded_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """,
        *_row(business),
        tx.now,
        tx.actor.subject,
    )


async def lock_business(conn: Connection, business_id: UUID) -> Business | None:
    """The business, its row locked until the transaction ends."""
    row = await conn.fetchrow(
        "select * from business where business_id = $1 for update", business_id
    )
    return _business(row) if row else None


async def save_business(tx: Tx, business: Business) -> None:
    """The business as it stands now. The caller has locked its row."""
    await tx.conn.execute(
        """
        update business set
            owner_id = $2, kelurahan = $3, sector = $4, sub_sector = $5, kbli_code = $6,
            kbli_version = $7, started_on = $8, production_mode = $9, capacity_quantity = $10,
            capacity_unit = $11, capacity_period = $12, channels = $13, constraints = $14,
            production_since = $15, version = $16
        where business_id = $1
        """,
        *_row(business),
    )


async def note_change(tx: Tx, business: Business, changed: Sequence[Changed]) -> None:
    """History of a change in the world, effective since `production_since`."""
    await _note(tx, business, changed, ("change", business.production_since, None, None))


async def note_correction(
    tx: Tx, business: Business, changed: Sequence[Changed], reason_code: str, reason: str
) -> None:
    """History of wrong entries put right."""
    await _note(tx, business, changed, ("correction", None, reason_code, reason))


async def _note(
    tx: Tx, business: Business, changed: Sequence[Changed], why: tuple[object, ...]
) -> None:
    await tx.conn.execute(
        """
        insert into business_history (field, old, new, kind, effective_on, reason_code, reason,
                                      business_id, version, recorded_at, recorded_by)
        select f.*, $4, $5, $6, $7, $8, $9, $10, $11
        from unnest($1::text[], $2::jsonb[], $3::jsonb[]) as f
        """,
        [entry.field for entry in changed],
        [_json(entry.old) for entry in changed],
        [_json(entry.new) for entry in changed],
        *why,
        business.id,
        business.version,
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
