"""What two offices tell that nobody can take as it is: it lies in the work list afterwards.

They have no Kafka and send by HTTP. Each tells two things about one matter: the first waits for
staff, the second queues behind it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from deploy.local.demo import invented
from deploy.local.demo.client import Json, Refused
from deploy.local.demo.steps import INVENTED, Steps, done, until

MOVES = 7
"""Who moves, by her number: to a place whose name is that of a kelurahan and of a kecamatan."""


async def play(steps: Steps, env: Mapping[str, str]) -> None:
    """Sends them, one after the other. Without the offices' tokens nothing is sent."""
    offices = (
        ("registry", env.get("OFFICE_36_74_DUKCAPIL_TOKEN"), list(_moves())),
        ("marketing", env.get("OFFICE_32_71_PERDAGANGAN_TOKEN"), list(_fairs())),
    )
    known = [(service, token, told) for service, token, told in offices if token]
    if not known:
        return
    with steps.act("What nobody can take as it is"):
        await asyncio.gather(*(_tell(steps, *each) for each in known))
        done(INVENTED, "somebody moved to “Ciputat”, kelurahan or kecamatan? Staff will say")


async def _tell(steps: Steps, service: str, token: str, told: list[Json]) -> None:
    for event in told:

        async def publish(event: Json = event) -> str:
            await steps.client.publish(service, event, token)
            return str(event["id"])

        name = await steps.ledger.once(f"unclear {event['id']}", publish)

        async def answered(name: str = name) -> bool | None:
            try:
                await steps.client.get(service, f"/v1/receipts/{quote(name, safe='')}")
            except Refused as refused:
                if refused.code != "tanda-terima-tidak-ada":
                    raise
                return None
            return True

        await until(answered)


def _moves() -> Iterator[Json]:
    her = next(woman.person for woman in invented.women() if woman.number == MOVES)
    for sequence, name in enumerate(("Ciputat", "Serpong"), start=1):
        yield _event(
            "urn:binaan:36.74:dukcapil",
            "id.go.tangerangselatankota.dukcapil.resident.moved.v1",
            sequence,
            "DKC-CONTOH-1",
            {
                "occurred_on": f"2017-11-{2 * sequence:02}",
                "resident_ref": "DKC-CONTOH-1",
                "nik": her["nik"],
                "area": {"kelurahan": name},
            },
        )


def _fairs() -> Iterator[Json]:
    for sequence, kind in enumerate(("announced", "changed"), start=1):
        yield _event(
            "urn:binaan:32.71:perdagangan",
            f"id.go.kotabogor.perdagangan.market-event.{kind}.v1",
            sequence,
            "BGR-CONTOH-ZONA",
            {
                "occurred_on": "2017-11-06",
                "event_ref": "BGR-CONTOH-ZONA",
                "name": "Pasar Akhir Tahun Bogor (contoh)",
                "host_city": "32.71",
                "place": "Alun-alun Kota Bogor",
                "starts_on": "2017-12-28",
                "ends_on": "2017-12-29",
                "stands": 3 + sequence,
                "time_zone": "Asia/Bogor",  # there is none
            },
        )


def _event(source: str, kind: str, sequence: int, subject: str, told: Json) -> Json:
    return {
        "specversion": "1.0",
        "id": f"{subject}-{sequence}",
        "source": source,
        "type": kind,
        "subject": subject,
        "time": f"2017-11-06T10:0{sequence}:00+07:00",
        "sequence": f"{sequence:020}",
        "data": told,
    }
