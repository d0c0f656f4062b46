"""What asyncpg raises when the server is gone, and how a starting process waits for a server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from shared.logs import log

T = TypeVar("T")

LOST: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # One time in three, the first statement after the server ended an idle connection: asyncpg has
    # read the farewell, and not yet the end of the stream.
    asyncpg.InternalClientError,
)
"""To be tried again, whatever was asked."""
LONGEST_PAUSE = 5.0


async def patiently(
    ask: Callable[[], Awaitable[T]],
    stop: asyncio.Event,
    what: str,
    *away: type[Exception],
) -> T | None:
    """Ask `what` until it answers, or until told to stop (then None).

    `away`: what else than LOST means that it isn't there yet.
    """
    pause = 0.2
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            asked = asyncio.ensure_future(ask())
            # Raced, because a server that accepts and then says nothing answers after a minute.
            await asyncio.wait((asked, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                asked.cancel()
                await asyncio.wait((asked,), timeout=3)
                break
            try:
                return asked.result()
            except (*LOST, *away) as error:
                log.warning(f"waiting_for_{what}", exc_info=error)
                await asyncio.wait((stopping,), timeout=pause)
                pause = min(pause * 2, LONGEST_PAUSE)
    finally:
        stopping.cancel()
    return None
