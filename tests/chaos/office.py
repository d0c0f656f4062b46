"""Bogor's trade office: announces, changes and cancels market events under its own principal."""

import asyncio
import json
import random
from collections.abc import Mapping
from typing import Any

from tests.chaos.ledger import Ledger, Sent, content_of
from tests.chaos.observe import OFFICE
from tests.chaos.sending import CHUNK, PACE, Door, Sender

TRADE = Door(
    login="office-32.71-perdagangan",
    topic=OFFICE,
    source="urn:binaan:32.71:perdagangan",
    types="id.go.kotabogor.perdagangan.market-event.{}.v1",
)
STALE, CANCELLED = 0.01, 0.03
"""Shares of older versions sent late, of events that are called off."""
STANDS = 4


class Office:
    """Sends what the officers leave of the facts that are to be caused.

    `wanted`: records to be sent at once, asked for by a fault that needs work in flight.
    """

    def __init__(
        self, env: Mapping[str, str], ledger: Ledger, chance: random.Random, refs: int
    ) -> None:
        self.sender = Sender(TRADE, env, ledger, chance)
        self.ledger, self.random, self.refs = ledger, chance, refs
        self.versions: dict[str, int] = {}
        self.off: set[str] = set()
        self.wanted = 0

    async def open_contested(self, names: list[str]) -> None:
        """Announce the market events whose few stands everybody asks for.

        Far in the future; those whose name begins with LALU were in 2020.
        """
        await self.sender.send([self._next(name, contested=True) for name in names])

    async def run(self, total: int, seconds: float) -> None:
        """Send what the officers leave of `total` facts, spread over the time.

        More at once whenever a fault asks for it.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self.sender.closing:
            burst, self.wanted = self.wanted, 0
            left = max(total - self.ledger.events, 0)
            share = min(1.0, PACE / max(end - loop.time(), PACE))
            number = max(burst, min(round(left * share), CHUNK))
            if number:
                await self.sender.send([self._any() for _ in range(number)])
            await asyncio.sleep(PACE)
        await self.sender.drop()

    def close(self) -> None:
        """No more is sent, and what the broker doesn't take now is left."""
        self.sender.closing = True

    def _any(self) -> tuple[Sent, bytes]:
        ref = f"UJI-{self.random.randrange(self.refs):06}"
        if ref in self.off:
            ref = f"UJI-{self.random.randrange(self.refs):06}"
        if ref in self.versions and self.random.random() < STALE:
            return self._told(ref, max(1, self.versions[ref] - 1), "changed")  # overtaken: late
        return self._next(ref)

    def _next(self, ref: str, *, contested: bool = False) -> tuple[Sent, bytes]:
        sequence = self.versions[ref] = self.versions.get(ref, 0) + 1
        kind = "announced" if sequence == 1 else "changed"
        if not contested and sequence > 1 and self.random.random() < CANCELLED:
            kind = "cancelled"
            self.off.add(ref)
        return self._told(ref, sequence, kind, contested)

    def _told(
        self, ref: str, sequence: int, kind: str, contested: bool = False
    ) -> tuple[Sent, bytes]:
        number = len(self.ledger.sent)
        year = 2030 + number % 60
        if contested:
            year = 2020 if ref.startswith("LALU") else 2099
        fact: dict[str, Any] = {
            "occurred_on": "2026-01-01",
            "event_ref": ref,
            "name": f"Pameran {ref} versi {sequence} (o-{number})",
            "host_city": "32.71",
            "place": "Lapangan Sempur, Kota Bogor",
            "starts_on": f"{year}-05-01",
            "ends_on": f"{year}-05-02",
            "stands": STANDS if year != 2020 else 10 * STANDS,
            "time_zone": "Asia/Jakarta",
        }
        body = json.dumps(fact).encode()
        sent = Sent(f"o-{number}", OFFICE, ref, sequence, kind, content_of(body))
        return self.ledger.tells(sent), body
