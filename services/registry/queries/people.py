"""Persons. Of a NIK the last four digits are shown; that a person was shown is written down."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from services.registry import seals
from services.registry.domain.identity import masked
from services.registry.queries.views import View
from shared.actor import Actor
from shared.db import Connection


class Purpose(StrEnum):
    """What somebody needs to see people for."""

    RECORD = "record"
    """Her own page, by whoever keeps her entries."""
    VISIT = "visit"
    TRAINING = "training"
    CERTIFICATE = "certificate"
    MARKET = "market"
    REPORT = "report"
    OBJECTION = "objection"
    """Somebody says that something is wrong, or asks who has read."""


class PersonView(View):
    """A person. Of her NIK the last four digits; `identity_kind` local: a temporary number."""

    person_id: UUID
    household_id: UUID
    role_in_household: str
    name: str
    nik: str
    identity_kind: Literal["nik", "local"]
    birth_date: date
    kelurahan: str
    phone: str | None
    recorded_at: datetime
    version: int


class People(View):
    """Those of the asked for who live in the caller's areas, in the order of their ids."""

    items: tuple[PersonView, ...]


class ReadingView(View):
    """Somebody was shown a person's data. `read_by`: the login."""

    reading_id: int
    read_by: str
    purpose: Purpose
    read_at: datetime


class Readings(View):
    """One page of who was shown a person's data, oldest first."""

    items: tuple[ReadingView, ...]


async def people(
    conn: Connection, actor: Actor, ids: Sequence[UUID], purpose: Purpose
) -> list[PersonView]:
    """Those of `ids` within the caller's areas, and no word about the others.

    One row is written for each who is shown, in the statement that reads her: no data without it.
    """
    rows = await conn.fetch(
        """
        with read as (
            insert into person_reading (person_id, read_by, purpose, read_at)
            select person_id, $2, $3, now() from person
            where person_id = any ($1::uuid[]) and kelurahan like any ($4::text[])
            order by person_id
            returning person_id
        )
        select person_id, household_id, role as role_in_household, private, name, birth_date, phone,
               identity, identity_kind, kelurahan, recorded_at, version
        from read join person using (person_id) order by person_id
        """,
        ids,
        actor.subject,
        purpose.value,
        actor.patterns(),
    )
    return [_person(dict(row)) for row in rows]


async def readings(
    conn: Connection, person_id: UUID, after: int | None, limit: int
) -> list[ReadingView] | None:
    """Who was shown a person's data; None when the registry doesn't have her."""
    if not await conn.fetchval("select true from person where person_id = $1", person_id):
        return None
    rows = await conn.fetch(
        """
        select reading_id, read_by, purpose, read_at from person_reading
        where person_id = $1 and ($2::bigint is null or reading_id > $2)
        order by reading_id limit $3
        """,
        person_id,
        after,
        limit,
    )
    return [ReadingView(**row) for row in rows]


def _person(row: dict[str, Any]) -> PersonView:
    sealed, person_id = row.pop("private"), row["person_id"]
    if sealed is not None:  # else `registry reseal` hasn't come to her row yet
        row |= seals.open_private(sealed, person_id)._asdict()
    return PersonView(**row, nik=masked(seals.open_identity(row.pop("identity"), person_id)))
