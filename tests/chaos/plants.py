"""Faults planted in the running product, each of which the checks have to find."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.chaos.check import Kind
from tests.chaos.hitting import Scene
from tests.chaos.ledger import Request
from tests.chaos.load import World
from tests.chaos.spoils import SPOILS, UNGUARD
from tests.chaos.stack import do

RELAYS = ("registry-worker", "registry-worker-2")
Plant = Callable[[Scene, World], Awaitable[str]]


async def loss(scene: Scene, world: World) -> str:
    """Delete an outbox row before its event is published; returns the event's id."""
    async with _frozen(scene):
        made = await _business(world)
        rows = await scene.outside.sql(
            """delete from registry.outbox where event_id in
               (select event_id from registry.journal where key = $1)
               returning event_id::text as id""",
            made.id,
        )
    return str(rows[0]["id"])


async def double(scene: Scene, world: World) -> str:
    """Make the product forget an answer, then ask again under the same key; returns the key."""
    made = await _business(world)
    await scene.outside.sql(
        "delete from registry.idempotency where convert_from(body, 'utf8') like '%' || $1 || '%'",
        made.id,
    )
    await world.caller.send(
        Request(made.op, made.mark, made.key, made.service, made.path, made.body)
    )
    return made.key


async def inversion(scene: Scene, world: World) -> str:
    """Publish a newer version before the older one, as the service itself; returns the key."""
    async with _frozen(scene):
        made = await _business(world)
        await _accepted(lambda: world.change(made.id, 1))
        rows = await scene.outside.sql(
            "select * from registry.journal where key = $1 and sequence = 2", made.id
        )
        await _publish(scene, dict(rows[0]))
    return made.id


async def spoil(name: str, scene: Scene, _: World) -> str:
    """Break a rule in the tables; returns the id of what breaks it."""
    for guard in UNGUARD:
        await scene.outside.sql(guard)
    rows = await scene.outside.sql(SPOILS[name].sql)
    if not rows:
        raise RuntimeError(f"the load left nothing that {name} could be planted in")
    return str(rows[0]["id"])


PLANTS: Mapping[str, tuple[Plant, Kind]] = {
    "loss": (loss, "lost"),
    "double": (double, "twice"),
    "inversion": (inversion, "order"),
    **{name: (partial(spoil, name), wrong.kind) for name, wrong in SPOILS.items()},
}


@asynccontextmanager
async def _frozen(scene: Scene) -> AsyncIterator[None]:
    """Both relays of the registry stand still, so that nothing is published meanwhile."""
    for name in RELAYS:
        await do(scene.stack.freeze, name)
    try:
        yield
    finally:
        for name in RELAYS:
            scene.stack.thaw(name)


async def _business(world: World) -> Request:
    owner = await _accepted(world.person)
    return await _accepted(lambda: world.business(owner.id))


async def _accepted(act: Callable[[], Awaitable[Request]]) -> Request:
    """Act until it is accepted: our callers hang up now and then."""
    for _ in range(20):
        request = await act()
        if request.outcome == "accepted":
            return request
    raise RuntimeError("the product accepts nothing, so nothing could be planted")


async def _publish(scene: Scene, row: dict[str, Any]) -> None:
    """One event of the journal, as the relay would publish it."""
    env = scene.stack.env
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(row["event_id"]),
        "ce_source": "urn:binaan:36.74:registry",
        "ce_type": row["type"],
        "ce_subject": row["key"],
        "ce_time": row["time"].isoformat(),
        "ce_partitionkey": row["key"],
        "ce_sequence": f"{row['sequence']:020}",
        "ce_correlationid": row["correlation_id"],
        "content-type": "application/json",
    }
    async with AIOKafkaProducer(
        bootstrap_servers=env["KAFKA_BOOTSTRAP"],
        security_protocol=env["KAFKA_SECURITY"],
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username="registry",
        sasl_plain_password=scene.stack.kafka_password("registry"),
        acks="all",
    ) as producer:
        await producer.send_and_wait(
            row["topic"],
            row["body"],
            key=row["key"].encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
