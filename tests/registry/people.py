"""Invented people and businesses for the registry's tests."""

from typing import Any
from uuid import UUID

from shared.actor import Actor
from tests.training.doors import KASI, Doors, Reply

PONDOK_CABE_ILIR, REMPOA = "36.74.06.1005", "36.74.05.1005"


def nik(serial: int = 1, *, day: int = 55, month: int = 5, year: int = 85) -> str:
    """An invented NIK of a woman of the city born on 15 May 1985, unless said otherwise."""
    return f"367406{day:02}{month:02}{year:02}{serial:04}"


def woman(**other: Any) -> dict[str, Any]:
    """The body that registers her."""
    return {
        "name": "Rahayu Contoh",
        "nik": nik(),
        "birth_date": "1985-05-15",
        "household_number": "3674061234567890",
        "role_in_household": "wife",
        "kelurahan": PONDOK_CABE_ILIR,
        "phone": "081200000000",
    } | other


def chocolate(owner_id: object, **other: Any) -> dict[str, Any]:
    """The body that registers her business."""
    return {
        "owner_id": str(owner_id),
        "kelurahan": PONDOK_CABE_ILIR,
        "sector": "food",
        "sub_sector": "confectionery",
        "kbli": {"code": "10732", "version": "2020"},
        "started_on": "2017-05-01",
        "production_mode": "to_order",
        "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
        "channels": [{"kind": "online", "link": "https://example.test/cokelat"}],
        "constraints": [{"kind": "brand", "severity": 3}, {"kind": "marketing", "severity": 2}],
    } | other


async def registered_woman(registry: Doors, actor: Actor = KASI, **other: Any) -> UUID:
    """A person who is in the registry."""
    reply = await registry.post("/v1/people", woman(**other), actor)
    assert reply.status == 201, reply.body
    return UUID(reply.body["person_id"])


async def registered_business(registry: Doors, actor: Actor = KASI, **other: Any) -> Reply:
    """A business that is in the registry, and its owner."""
    serial = await registry.db.pool.fetchval("select count(*) + 1 from person")
    owner = await registered_woman(registry, nik=nik(serial))
    reply = await registry.post("/v1/businesses", chocolate(owner, **other), actor)
    assert reply.status == 201, reply.body
    return reply


async def told(registry: Doors, topic: str) -> list[dict[str, Any]]:
    """What the journal says was told on a topic, in order: type, key, sequence, body."""
    return await registry.rows(
        """
        select type, key, sequence, convert_from(body, 'UTF8')::jsonb::text as body
        from journal where topic = $1 order by time, key, sequence
        """,
        topic,
    )
