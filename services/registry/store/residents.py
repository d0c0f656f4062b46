"""People as the civil registry's news leaves them. Persons are locked in the order of their ids."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from services.registry import seals
from services.registry.domain.resident import Civil, Heard, Told
from shared import arrays
from shared.db import Connection, Tx
from shared.ids import uuid7

Reference = tuple[str, str]
"""A civil registry's source, and its own reference of a resident."""


class Known(NamedTuple):
    """Whom a reference stands for, and what was heard under it."""

    person_id: UUID
    heard: Heard


class Change(NamedTuple):
    """A report that changed a person: she as it leaves her, and where it came from."""

    person: Civil
    told: Told
    reference: Reference


async def known(conn: Connection, references: Iterable[Reference]) -> dict[Reference, Known]:
    """What these references stand for, where anything was heard under them."""
    asked = sorted(set(references))
    rows = await conn.fetch(
        """
        select source, resident_ref, person_id, home, away, card, identity from resident
        where (source, resident_ref) in (
            select * from unnest($1::text::text[], $2::text::text[]))
        """,
        arrays.texts([source for source, _ in asked]),
        arrays.texts([ref for _, ref in asked]),
    )
    return {
        (row["source"], row["resident_ref"]): Known(
            row["person_id"], Heard(row["home"], row["away"], row["card"], row["identity"])
        )
        for row in rows
    }


async def lock(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, Civil]:
    """These persons, their rows locked until the transaction ends."""
    rows = await conn.fetch(
        """
        select person_id as id, household_id, role, kelurahan, verified_on, moved_away_on,
               moved_to, died_on, version
        from person where person_id = any($1::uuid[]) order by person_id for update
        """,
        sorted(ids),
    )
    return {row["id"]: Civil(**row) for row in rows}


async def households(tx: Tx, cards: Iterable[str]) -> dict[str, UUID]:
    """The household of each family card; those that nobody knew are new."""
    wanted = sorted(set(cards))
    if not wanted:
        return {}
    card_of = {index: card for card in wanted for index in seals.household_indexes(card)}
    found = await _households(tx.conn, card_of)
    missing = [card for card in wanted if card not in found]
    if not missing:
        return found
    ids = [uuid7() for _ in missing]
    await tx.conn.execute(
        """
        insert into household (household_id, number_index, number, recorded_at)
        select h.*, $4 from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as h
        on conflict (number_index) do nothing
        """,
        ids,
        [seals.household_indexes(card)[0] for card in missing],
        [seals.seal_household(card, i) for card, i in zip(missing, ids, strict=True)],
        tx.now,
    )
    return await _households(tx.conn, card_of)


async def _households(conn: Connection, card_of: dict[bytes, str]) -> dict[str, UUID]:
    rows = await conn.fetch(
        "select household_id, number_index from household where number_index = any($1::bytea[])",
        list(card_of),
    )
    return {card_of[row["number_index"]]: row["household_id"] for row in rows}


async def save(
    tx: Tx, changes: Sequence[Change], heard: dict[Reference, Known], numbers: dict[UUID, str]
) -> None:
    """Persons, what was heard and the history, each in one statement. The caller has the locks.

    `numbers`: the right numbers of those whose number was corrected.
    """
    last = {change.person.id: change.person for change in changes}
    await _save_persons(tx.conn, list(last.values()))
    if numbers:
        await _save_numbers(tx.conn, numbers)
    await tx.conn.execute(
        """
        insert into resident (source, resident_ref, person_id, home, away, card, identity)
        select * from unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[],
                             $6::bigint[], $7::bigint[])
        on conflict (source, resident_ref) do update
        set home = excluded.home, away = excluded.away, card = excluded.card,
            identity = excluded.identity
        """,
        [source for source, _ in heard],
        [ref for _, ref in heard],
        [k.person_id for k in heard.values()],
        [k.heard.home for k in heard.values()],
        [k.heard.away for k in heard.values()],
        [k.heard.card for k in heard.values()],
        [k.heard.identity for k in heard.values()],
    )
    await _save_history(tx, changes)


async def _save_persons(conn: Connection, persons: Sequence[Civil]) -> None:
    await conn.execute(
        """
        update person p
        set household_id = n.household_id, kelurahan = n.kelurahan, verified_on = n.verified_on,
            moved_away_on = n.moved_away_on, moved_to = n.moved_to, died_on = n.died_on,
            version = n.version
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::text[],
                    $7::date[], $8::bigint[])
            as n (person_id, household_id, kelurahan, verified_on, moved_away_on, moved_to,
                  died_on, version)
        where p.person_id = n.person_id
        """,
        [p.id for p in persons],
        [p.household_id for p in persons],
        [p.kelurahan for p in persons],
        [p.verified_on for p in persons],
        [p.moved_away_on for p in persons],
        [p.moved_to for p in persons],
        [p.died_on for p in persons],
        [p.version for p in persons],
    )


async def _save_numbers(conn: Connection, numbers: dict[UUID, str]) -> None:
    """A number that somebody else has got meanwhile fails on the unique index, and all with it."""
    await conn.execute(
        """
        update person p set identity = n.identity, identity_index = n.identity_index,
                            identity_kind = n.kind
        from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[])
            as n (person_id, identity, identity_index, kind)
        where p.person_id = n.person_id
        """,
        list(numbers),
        [seals.seal_identity(digits, person_id) for person_id, digits in numbers.items()],
        [seals.identity_indexes(digits)[0] for digits in numbers.values()],
        ["local" if digits.startswith("0") else "nik" for digits in numbers.values()],
    )


async def _save_history(tx: Tx, changes: Sequence[Change]) -> None:
    await tx.conn.execute(
        """
        insert into person_history (person_id, version, kind, occurred_on, kelurahan,
                                    household_id, moved_to, source, resident_ref, sequence,
                                    recorded_at)
        select h.*, $11 from unnest($1::uuid[], $2::bigint[], $3::text[], $4::date[], $5::text[],
                                    $6::uuid[], $7::text[], $8::text[], $9::text[],
                                    $10::bigint[]) as h
        """,
        [c.person.id for c in changes],
        [c.person.version for c in changes],
        [c.told.news.value for c in changes],
        [c.told.on for c in changes],
        [c.person.kelurahan for c in changes],
        [c.person.household_id for c in changes],
        [c.person.moved_to for c in changes],
        [c.reference[0] for c in changes],
        [c.reference[1] for c in changes],
        [c.told.sequence for c in changes],
        tx.now,
    )
