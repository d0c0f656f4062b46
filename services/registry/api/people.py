"""Routes of persons. A NIK comes in by the body of a POST only and is never shown in full."""

from services.registry.api.allow import OFFICERS, READERS
from services.registry.commands import people
from services.registry.commands.people import RegisterPerson
from services.registry.domain import refusals as no
from services.registry.queries import people as queries
from shared.db import Tx
from shared.http import Answer, Call, Example, Route, reach_by_answer, reach_by_body


async def post_person(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        saved = await people.register_person(tx, call.body)
        location = f"/v1/people/{saved.person_id}"
        return Answer(body=saved, version=saved.version, location=location)

    return await call.write(work)


async def get_person(call: Call) -> Answer:
    person_id = call.path["person_id"]
    view = await call.read(lambda conn: queries.person(conn, person_id))
    if view is None:
        raise no.PersonNotFound
    return Answer(body=view, version=view.version)


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
        reach=reach_by_answer("kelurahan"),
        answer=queries.PersonView,
        refusals=(no.PersonNotFound,),
        example=Example(
            role="petugas",
            sample="""
            select person_id from person where kelurahan like '36.74.06.%'
            order by person_id desc limit 1
            """,
        ),
    ),
)
