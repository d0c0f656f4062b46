"""Which fault comes next: three at a time, one a service, or one that hits them all."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.chaos.faults import EVERYBODYS, FAULTS, Unseen, heal
from tests.chaos.hitting import Scene
from tests.chaos.observe import AWAY
from tests.chaos.options import SIX, Options
from tests.chaos.stack import SERVICES

FIRST = 0.8
"""Share of tries that go to the six faults that have to be seen often enough."""
OVERTIME = 0.25
"""Share of the time that these six get on top if they need it."""


@dataclass
class Breaking:
    """Breaks until each fault was observed often enough, or the time is over."""

    options: Options
    scene: Scene
    until: float
    say: Callable[[str], None]
    observed: Counter[str] = field(default_factory=Counter)
    _under_way: Counter[str] = field(default_factory=Counter)
    _whose: dict[str, asyncio.Lock] = field(
        default_factory=lambda: {service: asyncio.Lock() for service in SERVICES}
    )

    async def run(self) -> Counter[str]:
        """How often each fault was seen to hit work in flight."""
        await asyncio.gather(*(self._lane() for _ in SERVICES))
        return self.observed

    async def _lane(self) -> None:
        end = self.until + self.options.seconds * OVERTIME
        while time.monotonic() < end:
            name = self._next()
            if name is not None:
                self._under_way[name] += 1
                await self._on_its_services(name)
                self._under_way[name] -= 1
            elif not self._under_way.total():
                return
            await asyncio.sleep(self.scene.random.uniform(0, 1))

    def _next(self) -> str | None:
        """One of those that lag behind most; None while the last ones are under way."""
        done = self.observed + self._under_way
        due = [name for name in self.options.faults if done[name] < self.options.times]
        asked, chance = [name for name in due if name in SIX], self.scene.random
        late = time.monotonic() > self.until
        among = asked if late or (asked and chance.random() < FIRST) else due
        weights = [self.options.times - self.observed[name] for name in among]
        return chance.choices(among, weights)[0] if among else None

    async def _on_its_services(self, name: str) -> None:
        alone = [self.scene.random.choice(SERVICES)]
        hit = list(SERVICES) if name in EVERYBODYS else alone
        async with AsyncExitStack() as held:
            for service in hit:
                await held.enter_async_context(self._whose[service])
            await self._once(name, hit)

    async def _once(self, name: str, hit: list[str]) -> None:
        seen, why = None, "no work in flight was met"
        try:
            seen = await FAULTS[name][0](self.scene, hit[0] if len(hit) == 1 else "")
        except (LookupError, Unseen, *AWAY) as error:
            why = f"{type(error).__name__} {error}"
        await heal(self.scene, hit)
        self.scene.ledger.note(fault=name, seen=seen or why, at=time.time())
        self.observed[name] += seen is not None
        times = f"{name} {self.observed[name]}/{self.options.times}: "
        self.say(times + seen if seen else f"{name}: not counted, {why}")
