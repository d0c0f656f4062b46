"""Events for the registry's work list, and staff who look at it."""

from typing import Any
from uuid import UUID

from aiokafka.structs import ConsumerRecord

from shared.actor import Actor
from shared.contracts.office_feeds import ResidentMoved
from tests.registry.people import nik, registered_woman
from tests.registry.reports import RESIDENTS, resident
from tests.training.doors import Doors, Reply, person, record

SERPONG = {"kelurahan": "Serpong"}
"""A kelurahan and a kecamatan are called so; all that it can mean lies in 36.74.01."""
IN_SERPONG = "36.74.01"
VERIFIKATOR = person("verifikator")
OF_SERPONG, OF_PAMULANG = person("verifikator", IN_SERPONG), person("verifikator", "36.74.06")
REASON = "Sudah dipastikan lewat telepon"
FEED = "office.36.74-dukcapil.resident"


def moved(sequence: int, ref: str = "DKC-1", **said: Any) -> ConsumerRecord:
    """She moved to a place that the office names."""
    return record(resident(ResidentMoved, ref, **({"area": SERPONG} | said)), sequence)


async def ambiguous(registry: Doors, *more: ConsumerRecord) -> UUID:
    """An event of a registered woman that is parked, and what came after it."""
    await registered_woman(registry)
    assert await registry.hear(RESIDENTS, moved(1)) == ["parked"]
    assert await registry.hear(RESIDENTS, *more) == ["behind"] * len(more)
    return (await open_ids(registry))[0]


async def strangers(registry: Doors, number: int, **said: Any) -> None:
    """Events about people who weren't registered before the deadline."""
    records = [
        moved(1, f"S-{n}", nik=nik(n), area={"code": "36.74.06.1005"}, **said)
        for n in range(1, number + 1)
    ]
    assert set(await registry.hear(RESIDENTS, *records)) == {"waiting"}
    await registry.db.pool.execute(
        "update parked set state = 'parked', code = 'waited_too_long', deadline = now()"
    )


async def open_ids(registry: Doors) -> list[UUID]:
    """Oldest first."""
    rows = await registry.rows("select parked_id from parked where ended_at is null order by 1")
    return [UUID(str(row["parked_id"])) for row in rows]


async def items(registry: Doors, query: str = "", actor: Actor = VERIFIKATOR) -> list[Any]:
    """The work list as somebody sees it."""
    answer = await registry.get(f"/v1/parked{query}", actor)
    assert answer.status == 200, answer.body
    found: list[Any] = answer.body["items"]
    return found


async def replayed(
    registry: Doors, parked_id: object, *changes: dict[str, Any], **rest: Any
) -> Reply:
    """Tried once more, with changes and a reason, or as it is."""
    body = {"changes": list(changes), "reason": REASON} if changes else {}
    actor = rest.pop("actor", VERIFIKATOR)
    return await registry.post(f"/v1/parked/{parked_id}/replay", body, actor, **rest)


async def discarded(
    registry: Doors, parked_id: object, code: str = "outdated", reason: str = REASON, **rest: Any
) -> Reply:
    body = {"code": code, "reason": reason}
    actor = rest.pop("actor", VERIFIKATOR)
    return await registry.post(f"/v1/parked/{parked_id}/discard", body, actor, **rest)


async def receipts(registry: Doors) -> list[tuple[str, str]]:
    """What the civil registry was told so far: outcome and code."""
    rows = await registry.rows("select outcome, code from receipt order by receipt_no")
    return [(row["outcome"], row["code"]) for row in rows]
