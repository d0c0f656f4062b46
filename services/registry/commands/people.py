"""What the registry can be told about people."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.registry import events
from services.registry.commands.forms import Command, Reason, in_the_city
from services.registry.domain.identity import Doubt, household_number, identity_number
from services.registry.domain.person import HouseholdRole, Person, possible_birth_date
from services.registry.domain.refusals import (
    NikAlreadyRegistered,
    NikAlreadyRegisteredHere,
    OnlyKasiAccepts,
)
from services.registry.store import people as store
from shared.contracts.areas import CITY
from shared.contracts.values import KelurahanCode
from shared.db import Tx
from shared.ids import uuid7

Name = Annotated[
    str,
    StringConstraints(
        pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$", max_length=120
    ),
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{8,15}$")]


class RegisterPerson(Command):
    """Enter a person and her household. `household_number`: the 16 digits of the family card."""

    name: Name = Field(repr=False)
    nik: str = Field(repr=False, max_length=40)
    birth_date: date = Field(repr=False)
    household_number: str = Field(repr=False, max_length=40)
    role_in_household: HouseholdRole
    kelurahan: KelurahanCode
    phone: Phone | None = Field(default=None, repr=False)
    impossible_date_accepted_because: Reason | None = Field(default=None, repr=False)


class PersonSaved(BaseModel):
    """She is in the registry. `doubts`: what her NIK says differently from what was entered."""

    person_id: UUID
    household_id: UUID
    version: int
    doubts: tuple[Doubt, ...]


async def register_person(tx: Tx, command: RegisterPerson) -> PersonSaved:
    """Raises the refusals of her entries, OnlyKasiAccepts or NikAlreadyRegistered."""
    in_the_city(command.kelurahan)
    accepted = command.impossible_date_accepted_because
    if accepted is not None and "kasi" not in tx.actor.roles:
        raise OnlyKasiAccepts(pointer="/impossible_date_accepted_because")
    identity = identity_number(command.nik, date_accepted=accepted is not None)
    birth_date = possible_birth_date(command.birth_date, tx.today)
    family_card = household_number(command.household_number)
    person = Person(
        id=uuid7(),
        household_id=uuid7(),  # unless her family card is known already
        role=command.role_in_household,
        name=command.name.strip(),
        identity=identity,
        birth_date=birth_date,
        kelurahan=command.kelurahan,
        phone=command.phone,
    )
    household = await store.insert(tx, person, family_card, accepted)
    if household is None:
        raise await _taken(tx, identity.digits)
    person = replace(person, household_id=household)
    tx.emit(events.person_registered(person, tx.today), key=person.id, version=person.version)
    doubts = identity.doubts(birth_date, person.role.female, CITY)
    return PersonSaved(
        person_id=person.id, household_id=household, version=person.version, doubts=doubts
    )


async def _taken(tx: Tx, digits: str) -> NikAlreadyRegistered:
    """Names nobody; gives the person's id only to whoever reaches her anyway."""
    holder = await store.holder(tx.conn, digits)
    if tx.actor.reaches(holder.kelurahan):
        return NikAlreadyRegisteredHere(pointer="/nik", person_id=holder.person_id)
    return NikAlreadyRegistered(pointer="/nik")
