"""Routes of persons. A NIK comes in by the body of a POST only and is never shown in full.

Whoever is shown a person leaves a line behind: who, when, what for.
"""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.registry.api.allow import OFFICERS, READERS
from services.registry.commands import people
from services.registry.commands.people import RegisterPerson
from services.registry.domain import refusals as no
from services.registry.queries import people as queries
from services.registry.queries.people import Purpose
from shared.db import Tx
from shared.http import (
    Answer,
    Call,
    Example,
    Page,
    Route,
    reach_by_body,
    reach_by_filter,
    reach_by_row,
)

BY_PERSON = reach_by_row("select kelurahan from person where person_id = $1", "person_id")
ANY_PERSON = """
select person_id from person where kelurahan like '36.74.06.%' order by person_id desc limit 1
"""


def _split(text: object) -> object:
    return tuple(dict.fromkeys(text.split(","))) if isinstance(text, str) else text


class PeopleQuery(BaseModel):
    """`ids`: up to a hundred, with commas between them. `purpose`: it is written down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[
        tuple[UUID, ...],
        BeforeValidator(_split, json_schema_input_type=str),
        Field(min_length=1, max_length=100),
    ]
    purpose: Purpose


class ReadingsQuery(Page[int]):
    """Who was shown her data, from the first on."""


async def post_person(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await people.register_person(tx, call.body)
        location = f"/v1/people/{saved.person_id}"
        return Answer(body=saved, version=saved.version, location=location)

    return await call.write(work)


async def get_person(call: Call) -> Answer:
    ids = (call.path["person_id"],)
    found = await call.read(lambda conn: queries.people(conn, call.actor, ids, Purpose.RECORD))
    if not found:
        raise no.PersonNotFound
    return Answer(body=found[0], version=found[0].version)


async def get_people(call: Call) -> Answer:
    query: PeopleQuery = call.query
    found = await call.read(lambda conn: queries.people(conn, call.actor, query.ids, query.purpose))
    return Answer(body=queries.People(items=tuple(found)))


async def get_readings(call: Call) -> Answer:
    person_id, query = call.path["person_id"], call.query
    found = await call.read(lambda conn: queries.readings(conn, person_id, query.after, query.most))
    if found is None:
        raise no.PersonNotFound
    shown, more = query.cut(found, lambda item: item.reading_id)
    return Answer(body=queries.Readings(items=shown), next_cursor=more)


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/people",
        action=post_person,
        summary="Mendata seseorang beserta keluarganya",
        english="Register a person and her household",
        allow=OFFICERS,
        reach=reach_by_body("kelurahan"),
        body=RegisterPerson,
        answer=people.PersonSaved,
        status=201,
        refusals=(
            no.NikMalformed,
            no.NikImpossible,
            no.NikDateImpossible,
            no.OnlyKasiAccepts,
            no.NikAlreadyRegistered,
            no.NikAlreadyRegisteredHere,
            no.HouseholdNumberMalformed,
            no.BirthDateImpossible,
            no.UnknownKelurahan,
        ),
        example=Example(
            role="petugas",
            body={
                "name": "Rahayu Contoh",
                "nik": "{nik}",
                "birth_date": "1985-05-15",
                "household_number": "{household_number}",
                "role_in_household": "wife",
                "kelurahan": "36.74.06.1005",
                "phone": "081200000000",
            },
            # invented numbers, new each time, so that the example can be tried again and again
            sample="""
            select '367406550585' || lpad((1 + floor(random() * 9998))::text, 4, '0') as nik,
                   '367406' || lpad(floor(random() * 1e10)::text, 10, '0') as household_number
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/people/{person_id}",
        action=get_person,
        summary="Data satu orang; NIK hanya empat angka terakhir",
        english="One person; of the NIK the last four digits only",
        allow=READERS,
        reach=BY_PERSON,
        answer=queries.PersonView,
        refusals=(no.PersonNotFound,),
        example=Example(role="petugas", sample=ANY_PERSON),
    ),
    Route(
        method="GET",
        path="/v1/people",
        action=get_people,
        summary="Nama dan kontak beberapa orang sekaligus, dengan tujuan yang dicatat",
        english="Names and contacts of several people at once, for a purpose that is written down",
        allow=READERS,
        reach=reach_by_filter("kelurahan"),
        query=PeopleQuery,
        answer=queries.People,
        example=Example(
            role="petugas",
            query={"ids": "{ids}", "purpose": "training"},
            sample="""
            select string_agg(person_id::text, ',') as ids from (
                select person_id from person where kelurahan like '36.74.06.%'
                order by person_id desc limit 3
            ) few
            """,
        ),
    ),
    Route(
        method="GET",
        path="/v1/people/{person_id}/readings",
        action=get_readings,
        summary="Siapa yang telah melihat data seseorang, kapan, dan untuk apa",
        english="Who was shown a person's data, when, and what for",
        allow=frozenset({"kasi", "auditor"}),
        reach=BY_PERSON,
        query=ReadingsQuery,
        answer=queries.Readings,
        refusals=(no.PersonNotFound,),
        example=Example(role="kasi", sample=ANY_PERSON),
    ),
)
