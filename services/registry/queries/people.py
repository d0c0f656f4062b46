"""Persons. Of a NIK the last four digits are shown."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.registry import seals
from services.registry.domain.identity import masked
from services.registry.queries.views import View
from shared.db import Connection


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


async def person(conn: Connection, person_id: UUID) -> PersonView | None:
    """One person; None when the registry doesn't have her."""
    row = await conn.fetchrow(
        """
        select person_id, household_id, role as role_in_household, name, identity, identity_kind,
               birth_date, kelurahan, phone, recorded_at, version
        from person where person_id = $1
        """,
        person_id,
    )
    if row is None:
        return None
    return PersonView(**row, nik=masked(seals.open_identity(row["identity"], person_id)))
