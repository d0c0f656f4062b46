"""The faults. Each tries to hit work in flight, and says what it has seen, or nothing."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from tests.chaos.hitting import Scene
from tests.chaos.observe import AWAY, CONSUMERS
from tests.chaos.stack import do

Fault = Callable[[Scene, str], Awaitable[str | None]]
SESSION_SECONDS = 10
JOIN_SECONDS = 30
TAKEN_OVER_SECONDS = 30
"""Session timeout, the server's patience with an idle transaction, and some for a slow machine."""


class Unseen(Exception):
    """The fault was made, but not all of what it stands for was seen."""


async def after_commit(scene: Scene, service: str) -> str | None:
    """SIGKILL a worker between COMMIT and the next poll."""
    hit = await scene.caught(scene.just_committed, service)
    if hit is None:
        return None
    await do(scene.stack.kill, hit[0])
    await _back(scene, hit[0])
    return f"{hit[0]}: {hit[1]}"


async def before_mark(scene: Scene, service: str) -> str | None:
    """SIGKILL a worker whose relay has published rows that it hasn't marked."""
    hit = await scene.caught(scene.between_publish_and_mark, service)
    if hit is None:
        return None
    await do(scene.stack.kill, hit[0])
    scene.ledger.unmarked |= hit[1]
    await _back(scene, hit[0])
    return f"{hit[0]}: {len(hit[1])} records on the topic, not marked"


async def zombie(scene: Scene, service: str) -> str | None:
    """SIGSTOP before COMMIT, past the session; another takes over; SIGCONT."""
    two = await _two_workers(scene, service)
    hit = await scene.caught(scene.before_commit, service) if two else None
    if hit is None:
        return None
    victim, (session, places) = hit
    since, begun = scene.log_size(victim), time.monotonic()

    async def taken_over() -> bool:
        """The group knows the other one only, and that one reads on where ours stood still."""
        lag = await scene.outside.lag(session.consumer)
        moved = any(lag.get(place, (at + 1, 0))[0] > at for place, at in places.items())
        return moved and await _has_members(scene, session.consumer, 1)

    taken = await _until(taken_over, TAKEN_OVER_SECONDS)
    slept = time.monotonic() - begun
    await asyncio.sleep(scene.random.uniform(0, 1))
    scene.stack.thaw(victim)
    await asyncio.sleep(2)
    fenced = scene.logged(victim, since, "fenced", session.consumer)
    if not taken or slept < SESSION_SECONDS / 2:
        raise Unseen(f"{victim} {session.consumer}: taken over {taken} after {slept:.0f} s")
    had = "an open transaction" if session.in_transaction else "a batch in hand"
    told = ", fenced by the position" if fenced else ""
    return f"{victim} {session.consumer}: {had}, taken over after {slept:.0f} s{told}"


async def database(scene: Scene, service: str) -> str | None:
    """Postgres ends in the middle of a batch, by SIGKILL or by an orderly fast stop."""
    hit = await scene.caught(scene.in_transaction, service)
    if hit is None:
        return None
    killed = scene.random.random() < 0.6
    ending = asyncio.create_task(do(scene.stack.kill if killed else scene.stack.stop, "postgres"))
    await asyncio.sleep(scene.random.uniform(0, 0.2))
    scene.stack.thaw(hit[0])
    await ending
    await asyncio.sleep(scene.random.uniform(0, 3))
    await _back(scene, "postgres")
    return f"{hit[0]}: {hit[1]}, {'SIGKILL' if killed else 'fast stop'}"


async def broker(scene: Scene, service: str) -> str | None:
    """The broker ends while records are on their way, by SIGKILL or by an orderly stop."""
    hit = await scene.caught(scene.sending, service)
    if hit is None:
        return None
    killed = scene.random.random() < 0.6
    ending = asyncio.create_task(do(scene.stack.kill if killed else scene.stack.stop, "kafka"))
    await asyncio.sleep(scene.random.uniform(0, 0.1))
    scene.stack.thaw(hit[0])
    await ending
    await asyncio.sleep(scene.random.uniform(0, 2))
    await _back(scene, "kafka")
    return f"{hit[0]}: {hit[1]}, {'SIGKILL' if killed else 'orderly stop'}"


async def rebalance(scene: Scene, service: str) -> str | None:
    """Partitions move while a worker tries a batch again and again: its database lets nobody in."""
    two = await _two_workers(scene, service)
    hit = await scene.caught(scene.before_commit, service) if two else None
    if hit is None:
        return None
    victim, (session, _) = hit
    other = f"{service}-worker" if victim.endswith("-2") else f"{service}-worker-2"
    since, login = scene.log_size(victim), f"{service}_app"
    try:
        await scene.outside.sql(f"alter role {login} connection limit 0")
        await scene.outside.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", login
        )
        scene.stack.thaw(victim)
        before = await _until(
            lambda: _value(scene.logged(victim, since, "intake_lost_postgres", session.consumer)),
            10,
        )
        orderly = scene.random.random() < 0.5
        await do(scene.stack.stop if orderly else scene.stack.kill, other)
        alone = await _until(lambda: _has_members(scene, session.consumer, 1), 25)
        since_alone = scene.logged(victim, since, "intake_lost_postgres")
        still = await _until(
            lambda: _value(scene.logged(victim, since, "intake_lost_postgres") - since_alone),
            15,
        )
    finally:
        await scene.outside.sql(f"alter role {login} connection limit -1")
    await _back(scene, other)
    if not (before and alone and still):
        raise Unseen(f"{victim}: retries {before}, alone in its group {alone}, still {still}")
    how = "SIGTERM" if orderly else "SIGKILL"
    return f"{victim} {session.consumer}: tried on while {other} left by {how}"


async def api(scene: Scene, service: str) -> str | None:
    """SIGKILL an API with requests that have no answer yet."""
    name = f"{service}-api"
    for _ in range(20):
        await do(scene.stack.freeze, name)
        open_ones = scene.ledger.under_way(service)
        if open_ones:
            await do(scene.stack.kill, name)
            await asyncio.sleep(scene.random.uniform(0, 1))
            await _back(scene, name)
            return f"{name}: {open_ones} requests without an answer"
        scene.stack.thaw(name)
        await asyncio.sleep(scene.random.uniform(0.05, 0.3))
    return None


async def relay_zombie(scene: Scene, service: str) -> str | None:
    """A frozen relay loses its locks, another publishes on, then the frozen one awakes."""
    hit = await scene.caught(scene.between_publish_and_mark, service)
    if hit is None:
        return None
    victim, ids = hit
    relays = [s for s in await scene.outside.sessions(scene.stack.pid(victim)) if s.part == "relay"]
    for session in relays:
        await scene.outside.sql("select pg_terminate_backend($1)", session.backend)

    async def marked() -> bool:
        return not ids & (await scene.outside.outbox(service)).keys()

    done = await _until(marked, 10)
    await asyncio.sleep(scene.random.uniform(0, 1))
    scene.stack.thaw(victim)
    return f"{victim}: {len(ids)} rows marked by the other meanwhile" if done else None


async def _back(scene: Scene, name: str) -> None:
    """Start it again; servers are waited for, services are not."""
    await do(scene.stack.start, name)


async def _value(number: int) -> int:
    return number


async def _until(ask: Callable[[], Awaitable[object]], seconds: float) -> bool:
    """Ask until it is so; False when it isn't in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(*AWAY):
            if await ask():
                return True
        await asyncio.sleep(0.3)
    return False


async def _two_workers(scene: Scene, service: str) -> bool:
    """Wait until both workers of a service share its consumers' partitions."""
    groups = [consumer for consumer in CONSUMERS if consumer.startswith(service)]
    return all([await _until(partial(_has_members, scene, g, 2), JOIN_SECONDS) for g in groups])


async def _has_members(scene: Scene, group: str, number: int) -> bool:
    return await scene.outside.members(group) == number


FAULTS: Mapping[str, tuple[Fault, str]] = {
    "after-commit": (after_commit, "kill between COMMIT and the next poll"),
    "before-mark": (before_mark, "kill between publish and mark"),
    "zombie": (zombie, "zombie past its session"),
    "database": (database, "Postgres restart mid-batch"),
    "broker": (broker, "broker restart with records on their way"),
    "rebalance": (rebalance, "rebalance while a retry runs"),
    "relay-zombie": (relay_zombie, "frozen relay, another publishes on"),
    "api": (api, "kill of an API with open requests"),
}


EVERYBODYS = ("database", "broker")
"""Faults that hit all services at once: nothing else is broken meanwhile."""


async def heal(scene: Scene, services: Sequence[str]) -> None:
    """Everything of these services goes on and runs again, whatever a fault has left."""
    for service in services:
        with contextlib.suppress(*AWAY):
            await scene.outside.sql(f"alter role {service}_app connection limit -1")
    await do(scene.stack.heal, services)
