"""People and their households. A NIK and a family card are found by their blind index."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.registry import seals
from services.registry.domain.person import Person
from shared import arrays
from shared.db import Connection, Tx
from shared.parked import waiting


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a NIK already, and where she lives."""

    person_id: UUID
    kelurahan: str


async def insert(
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
            select household_id from household where number_index = any($15::bytea[])
        ), made as (
            insert into household (household_id, number_index, number, recorded_at)
            select $2, $13, $14, $11::timestamptz where not exists (select from known)
            on conflict (number_index) do update set number_index = excluded.number_index
            returning household_id
        ), home as (
            select household_id from known union all select household_id from made
        )
        insert into person (person_id, household_id, role, private, identity_kind, identity,
                            identity_index, date_accepted_why, kelurahan,
                            version, recorded_at, recorded_by)
        select $1, household_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 from home
        where not exists (select from person where identity_index = any($16::bytea[]))
        on conflict (identity_index) do nothing
        returning household_id
        """,
        person.id,
        person.household_id,
        person.role.value,
        seals.seal_private(seals.Private(person.name, person.birth_date, person.phone), person.id),
        person.identity.kind.value,
        seals.seal_identity(person.identity.digits, person.id),
        identity[0],
        date_accepted_why,
        person.kelurahan,
        person.version,
        tx.now,
        tx.actor.subject,
        card[0],
        seals.seal_household(family_card, person.household_id),
        card,
        identity,
    )
    if written is None:
        return None
    await waiting.arrived(tx.conn, _waited_for(person.identity.digits))
    return UUID(str(written))


async def holder(conn: Connection, digits: str) -> Holder:
    """Whose number this is."""
    row = await conn.fetchrow(
        "select person_id, kelurahan from person where identity_index = any($1::bytea[])",
        seals.identity_indexes(digits),
    )
    return Holder(**row)


async def held_by(conn: Connection, numbers: Iterable[str]) -> dict[str, UUID]:
    """Who holds each of these numbers, where somebody does."""
    number_of = {index: n for n in set(numbers) for index in seals.identity_indexes(n)}
    rows = await conn.fetch(
        """
        select person_id, identity_index from person where identity_index = any(
            array(select decode(digits, 'hex') from unnest($1::text::text[]) as digits))
        """,
        arrays.texts([index.hex() for index in number_of]),
    )
    return {number_of[row["identity_index"]]: row["person_id"] for row in rows}


def registered(number: str) -> str:
    """What an event about somebody who isn't registered waits for. It doesn't tell the number."""
    return _waited_for(number)[0]


def _waited_for(number: str) -> list[str]:
    """Under the current key first, then under older ones: as events may still wait for it."""
    return [waiting.until("person", index.hex()) for index in seals.waiting_indexes(number)]
