"""The officers' work over HTTP, the whole chain: programme, registry, training, market, sales."""

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from typing import Any

from tests.chaos import market, programme, registering, training
from tests.chaos.http import Caller, find
from tests.chaos.ledger import Request

REMEMBERED = 300


@dataclass
class World:
    """What the officers know of: what others have entered and is open to all."""

    caller: Caller
    random: random.Random
    cohorts: list[training.Cohort] = field(default_factory=list)
    fairs: list[str] = field(default_factory=list)
    past_fairs: list[str] = field(default_factory=list)
    businesses: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    places: "itertools.count[int]" = field(default_factory=itertools.count)

    def number(self) -> int:
        """One that nobody else enters: an effect tells by it which wish it came from."""
        return next(self.numbers)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    async def find_fairs(self, wanted: int) -> None:
        """Learn marketing's ids of the contested market events. Raises TimeoutError.

        Each has a budget that isn't enough for everybody. Events of the past are taken as found.
        """
        self.fairs = await find(self.caller, wanted, "2099-01-01")
        self.past_fairs = await find(self.caller, 0, "2020-01-01", "2020-12-31")
        for fair in (*self.fairs, *self.past_fairs):
            await market.set_budget(self, fair)

    async def officer(self) -> None:
        """Work until the office closes."""
        while not self.caller.closing:
            if not self.cohorts or self.chance(0.12):
                await training.open_cohort(self)
            if self.chance(0.25):
                await programme.administer(self)
            await self._woman()
            if self.chance(0.5):
                await registering.correct_a_strangers(self)

    async def enough(self) -> None:
        """Some of everything, after the load: so each break has something to be made in."""
        self.caller.closing = False
        for act in programme.ACTS:
            await act(self)
        for _ in range(3):
            await training.open_cohort(self)
        await asyncio.gather(*(self._woman() for _ in range(12)))
        self.caller.closing = True

    async def _woman(self) -> None:
        """One woman's way through the programme, as far as she gets."""
        person = await registering.person(self)
        if person.outcome != "accepted":
            return
        business = await registering.business(self, person.id)
        if business.outcome != "accepted":
            return
        version = 1
        for _ in range(self.random.randrange(3)):
            changed = await registering.change(self, business.id, version)
            if changed.outcome != "accepted":
                break
            version = changed.version
        self.businesses = [*self.businesses[-REMEMBERED:], business.id]
        if not await registering.observe(self, business.id):
            return
        if self.cohorts and await training.trained(self, business.id):
            await market.to_market(self, business.id)

    async def person(self) -> Request:
        """Register somebody."""
        return await registering.person(self)

    async def business(self, owner: str) -> Request:
        """Register the only business of an owner."""
        return await registering.business(self, owner)

    async def change(self, business: str, version: int) -> Request:
        """A change or a correction."""
        return await registering.change(self, business, version)

    async def post(
        self,
        op: str,
        mark: str,
        path: str,
        body: dict[str, Any],
        service: str,
        if_match: int | None = None,
        role: str = "kasi",
    ) -> Request:
        """A wish, known by `mark` wherever its effect is looked for."""
        return await self.caller.post(
            op, mark, path, body, service=service, if_match=if_match, role=role
        )
