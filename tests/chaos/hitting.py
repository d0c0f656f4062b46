"""Catching a worker with work in its hands: freeze it, look, and let it go on if there is none."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiokafka import TopicPartition

from tests.chaos.ledger import Ledger
from tests.chaos.observe import AWAY, Outside, Session
from tests.chaos.office import Office
from tests.chaos.stack import WORKERS, Stack, do

Seen = TypeVar("Seen")
TRIES = 60
BURST = 150
"""Records of the office before each look."""
JUST_NOW = 0.15
"""Seconds before our look within which a COMMIT counts as the last thing that happened."""
STILL = 0.25
"""Seconds in which a partition that somebody else reads would have moved."""


@dataclass
class Scene:
    """What a fault needs: the product, our eyes, our chance, and more work on demand."""

    stack: Stack
    outside: Outside
    ledger: Ledger
    office: Office
    random: random.Random

    async def caught(
        self, look: Callable[[str, int], Awaitable[Seen | None]], service: str = ""
    ) -> tuple[str, Seen] | None:
        """Freeze a worker (of the service) again and again until `look` sees what it wants.

        The worker is left frozen then; otherwise it goes on. Work is let pile up for a moment
        before each look, so that there is some.
        """
        for attempt in range(TRIES):
            victim = self.random.choice(self._workers(service))
            if not self.stack.alive(victim):  # it has ended by itself
                await do(self.stack.spawn, victim)
                await asyncio.sleep(1)
                continue
            self.office.wanted = BURST
            await do(self.stack.freeze, victim)
            await asyncio.sleep(self.random.uniform(0.2, 0.6))
            self.stack.thaw(victim)
            await asyncio.sleep(self.random.uniform(0.0, 0.06))
            pid = await do(self.stack.freeze, victim)
            try:
                seen = await look(victim, pid)
            except AWAY as error:
                self.ledger.note(look=repr(error), attempt=attempt)
                seen = None
            if seen is not None:
                return victim, seen
            self.stack.thaw(victim)
            await asyncio.sleep(self.random.uniform(0.05, 0.3))
        return None

    def _workers(self, service: str) -> list[str]:
        """Of that service; of any, marketing more often: its reaction's batches take longer."""
        often = not service and self.random.random() < 0.6
        return [w for w in WORKERS if w.startswith("marketing" if often else service)]

    async def standing_still(self, consumer: str) -> dict[TopicPartition, int]:
        """Positions of partitions with unread records that nobody moves: the frozen one's."""
        before = await self.outside.lag(consumer)
        if not before:
            return {}
        await asyncio.sleep(STILL)
        after = await self.outside.lag(consumer)
        return {p: at for p, (at, _) in before.items() if after.get(p, (-1, 0))[0] == at}

    async def sessions(self, pid: int) -> list[Session]:
        """A stopped process's connections."""
        return await self.outside.sessions(pid, self.stack.stopped_at[pid])

    async def intakes(self, pid: int) -> list[Session]:
        return [s for s in await self.sessions(pid) if s.part == "intake"]

    async def just_committed(self, _: str, pid: int) -> str | None:
        """Between COMMIT and the next poll, with unread records in its partitions."""
        for session in await self.intakes(pid):
            if session.just_committed and session.age < JUST_NOW:
                places = await self.standing_still(session.consumer)
                if places:
                    return f"{session.consumer}, {len(places)} partitions with unread records"
        return None

    async def between_publish_and_mark(self, victim: str, pid: int) -> set[str] | None:
        """Records on the topic whose outbox rows are still there, the relay's statement over."""
        for session in await self.sessions(pid):
            if session.part == "relay" and session.state == "idle":
                service = victim.partition("-")[0]
                return await self.outside.published_unmarked(service, session.backend) or None
        return None

    async def in_transaction(self, _: str, pid: int) -> str | None:
        """A batch that is begun and not committed."""
        for session in await self.intakes(pid):
            if session.in_transaction:
                return f"{session.consumer} {session.state}"
        return None

    async def before_commit(
        self, victim: str, pid: int
    ) -> tuple[Session, dict[TopicPartition, int]] | None:
        """A batch in hand, not committed: an open transaction, or read and not yet written."""
        has_reaction = victim.startswith(
            "marketing"
        )  # most of the others' batches are one statement
        only_open = has_reaction and self.random.random() < 0.8
        for session in sorted(await self.intakes(pid), key=lambda s: not s.in_transaction):
            if session.state == "active":
                continue  # the server may well end that statement, and with it commit
            if session.in_transaction or (session.age < JUST_NOW and not only_open):
                places = await self.standing_still(session.consumer)
                if places:
                    return session, places
        return None

    async def sending(self, victim: str, pid: int) -> str | None:
        """Rows in the outbox while their relay is under way, or a batch being written."""
        for session in await self.sessions(pid):
            if session.part == "relay":
                waiting = await self.outside.outbox(victim.partition("-")[0], session.backend)
                if waiting:
                    return f"{len(waiting)} rows in the outbox"
        return await self.in_transaction(victim, pid)

    def log_size(self, worker: str) -> int:
        return self.stack.log(worker).stat().st_size

    def logged(self, worker: str, since: int, event: str, consumer: str = "") -> int:
        """How often a worker's log names an event since a size."""
        with self.stack.log(worker).open("rb") as log:
            log.seek(since)
            lines = log.read().decode(errors="replace").splitlines()
        found = 0
        for line in lines:
            if f'"{event}"' in line:
                entry = json.loads(line)
                found += consumer in ("", str(entry.get("consumer", "")).partition("@")[0])
        return found
