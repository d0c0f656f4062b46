"""A thread that ends the process when the loop is blocked or a consumer no longer consumes.

A timer can't fire on a blocked loop, and compose restarts processes that exit, not unhealthy ones.
Waiting for a broker or a database that is away is no reason: that is told, and waited out.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

BLOCKED_SECONDS = 30.0
STUCK_SECONDS = 60.0
JOIN_SECONDS = 75.0
"""A group waits a minute (`kafka.MAX_POLL_MS`) for a member that hangs."""
CHECK_SECONDS = 5.0
EXIT_CODE = 70
"""EX_SOFTWARE of sysexits(3)."""

Suspect = Callable[[float], str]
"""Given the monotonic time now: why a part is stuck, or an empty string."""


@dataclass
class Watchdog:
    """Watches the loop it is started on, and the parts that `suspects` speak for."""

    suspects: Sequence[Suspect]
    blocked_after: float = BLOCKED_SECONDS
    every: float = CHECK_SECONDS
    leave: Callable[[int], None] = os._exit
    _ticked: float = field(default_factory=time.monotonic)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start watching `loop`."""
        thread = threading.Thread(target=self._watch, args=(loop,), name="watchdog", daemon=True)
        thread.start()

    def stop(self) -> None:
        """Stop watching: an orderly end has begun, and has a limit of its own."""
        self._stopped.set()

    def _tick(self) -> None:
        self._ticked = time.monotonic()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stopped.wait(self.every):
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(self._tick)
            reason = self._reason(time.monotonic())
            if reason:
                # Not through the log's machinery: the thread that is stuck may hold its lock.
                sys.stdout.write(f'{{"event":"watchdog","level":"critical","reason":"{reason}"}}\n')
                sys.stdout.flush()
                self.leave(EXIT_CODE)
                return

    def _reason(self, now: float) -> str:
        if now - self._ticked > self.blocked_after + self.every:
            return "the event loop is blocked"
        return next(filter(None, (suspect(now) for suspect in self.suspects)), "")
