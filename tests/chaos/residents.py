"""The city's civil registry tells about everybody: a resync, under its own principal.

Each resident has a number of the officers' own, and the NIK that they give to the woman whom they
register under it; about most numbers they never register anybody.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from math import ceil
from typing import Any

from tests.chaos.ledger import Fate, Ledger, Sent, content_of
from tests.chaos.observe import RESIDENTS
from tests.chaos.registering import KELURAHAN, family_card, nik
from tests.chaos.sending import CHUNK, PACE, Door, Sender

CIVIL = Door(
    login="office-36.74-dukcapil",
    topic=RESIDENTS,
    source="urn:binaan:36.74:dukcapil",
    types="id.go.tangerangselatankota.dukcapil.resident.{}.v1",
)
MOVED, STALE, REUSED, BROKEN = 0.1, 0.01, 0.005, 0.005
"""Shares of residents who move, whose first news comes again late under another id, whose first id
comes again with other content, and about whom something is told that breaks the contract."""
WAVES = (0.15, 0.5, 0.85)
"""When a sixth of all is sent as fast as the broker takes it, as shares of the time."""
_PREFIX = "W-"
Planned = tuple[float, int, Fate, int]
"""When it is sent, about whom, what has to become of it, and the news' sequence."""


def ref_of(number: int) -> str:
    """The civil registry's own reference of a resident."""
    return f"{_PREFIX}{number:06}"


def number_of(ref: str) -> int:
    """Whom a reference stands for."""
    return int(ref.removeprefix(_PREFIX))


def kelurahan_of(number: int, sequence: int) -> str:
    """Where she lives by her news of that sequence: somewhere else each time."""
    return KELURAHAN[(number + sequence) % len(KELURAHAN)]


class CivilRegistry:
    """Tells about residents 0 to `number` in random order: verified, and of a tenth that she moved.

    What follows about a resident is sent when what was told before is acked.
    """

    def __init__(
        self, env: Mapping[str, str], ledger: Ledger, chance: random.Random, number: int
    ) -> None:
        self.sender = Sender(CIVIL, env, ledger, chance)
        self.ledger, self.random = ledger, chance
        self._plan = self._planned(number)
        self._all = len(self._plan)
        self._verified: dict[int, str] = {}

    @property
    def left(self) -> int:
        """Records that are still to be sent."""
        return len(self._plan)

    async def run(self, seconds: float) -> None:
        """Half of it is spread over the time, half comes in waves."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self._plan and not self.sender.closing:
            due = self._due((loop.time() - began) / seconds)
            while self._all - self.left < due and not self.sender.closing:
                chunk = self._next(due - (self._all - self.left))
                await self.sender.send([self._told(*planned) for planned in chunk])
            await asyncio.sleep(PACE)
        await self.sender.drop()

    def close(self) -> None:
        """No more is sent, and what the broker doesn't take now is left."""
        self.sender.closing = True

    def _due(self, passed: float) -> int:
        """How many are to be sent when this share of the time has passed."""
        waves = sum(passed >= at for at in WAVES) / len(WAVES)
        return ceil(self._all * (min(passed, 1.0) + waves) / 2)

    def _planned(self, number: int) -> list[Planned]:
        """All that is to be told, the last first. What follows something comes later."""
        plan: list[Planned] = []
        for n in range(number):
            at = self.random.random()
            plan.append((at, n, "good", 1))
            later = at
            if self.random.random() < MOVED:
                later = self.random.uniform(at, 1.0)
                plan.append((later, n, "good", 2))
            for share, fate in ((STALE, "good"), (REUSED, "reused"), (BROKEN, "broken")):
                if self.random.random() < share:
                    plan.append((self.random.uniform(later, 1.0), n, fate, 1))  # type: ignore[arg-type]
        return sorted(plan, reverse=True)

    def _next(self, due: int) -> list[Planned]:
        """The next records, one a resident at most: what follows comes when it is acked."""
        chunk: list[Planned] = []
        about: set[int] = set()
        wanted = min(due, CHUNK)
        while self._plan and len(chunk) < wanted and self._plan[-1][1] not in about:
            chunk.append(self._plan.pop())
            about.add(chunk[-1][1])
        return chunk

    def _told(self, _: float, number: int, fate: Fate, sequence: int) -> tuple[Sent, bytes]:
        kind = "verified" if sequence == 1 else "moved"
        fact: dict[str, Any] = {
            "occurred_on": f"2026-01-{sequence:02}",
            "resident_ref": ref_of(number),
            "nik": nik(number),
            "area": {"code": kelurahan_of(number, sequence)},
        }
        event_id = f"r-{len(self.ledger.sent)}"
        if kind == "moved":
            fact["family_card"] = family_card(number)
        if fate == "reused":
            event_id = self._verified[number]
            fact["area"] = {"code": kelurahan_of(number, sequence + 1)}
        elif fate == "broken":
            del fact["area"]
        elif kind == "verified":
            self._verified.setdefault(number, event_id)
        body = json.dumps(fact).encode()
        content = content_of(body)
        sent = Sent(event_id, RESIDENTS, ref_of(number), sequence, kind, content, fate)
        return self.ledger.tells(sent), body
