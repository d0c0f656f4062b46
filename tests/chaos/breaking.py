"""Which fault comes next: three at a time, one a service, or one that hits them all."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.chaos.faults import EVERYBODYS, FAULTS, Unseen, heal
from tests.chaos.hitting import Scene
from tests.chaos.observe import AWAY
from tests.chaos.options import SIX, Options
from tests.chaos.stack import SERVICES

FIRST = 0.8
"""Share of tries that go to the six faults that have to be seen often enough."""


async def break_at_random(
    options: Options, scene: Scene, until: float, say: Callable[[str], None]
) -> Counter[str]:
    """Break until each fault was observed often enough, or the time is over."""
    observed: Counter[str] = Counter()
    under_way: Counter[str] = Counter()
    whose = {service: asyncio.Lock() for service in SERVICES}

    def next_one() -> str | None:
        due = [n for n in options.faults if observed[n] + under_way[n] < options.times]
        asked = [n for n in due if n in SIX]
        first = asked if asked and scene.random.random() < FIRST else due
        weights = [options.times - observed[n] for n in first]  # who lags behind comes first
        return scene.random.choices(first, weights)[0] if first else None

    async def once(name: str, hit: list[str]) -> None:
        seen, why = None, "no work in flight was met"
        try:
            seen = await FAULTS[name][0](scene, hit[0] if len(hit) == 1 else "")
        except (LookupError, Unseen, *AWAY) as error:
            why = f"{type(error).__name__} {error}"
        await heal(scene, hit)
        scene.ledger.note(fault=name, seen=seen or why, at=time.time())
        observed[name] += seen is not None
        times = f"{name} {observed[name]}/{options.times}: "
        say(times + seen if seen else f"{name}: not counted, {why}")

    async def lane() -> None:
        while time.monotonic() < until:
            name = next_one()
            if name is None:
                if sum(observed[n] < options.times for n in options.faults) == 0:
                    return
                await asyncio.sleep(1)  # the last ones are under way elsewhere
                continue
            under_way[name] += 1
            everybodys = name in EVERYBODYS
            hit = list(SERVICES) if everybodys else [scene.random.choice(SERVICES)]
            async with AsyncExitStack() as held:
                for service in hit:
                    await held.enter_async_context(whose[service])
                if time.monotonic() < until:
                    await once(name, hit)
            under_way[name] -= 1
            await asyncio.sleep(scene.random.uniform(0, 1))

    await asyncio.gather(*(lane() for _ in SERVICES))
    return observed
