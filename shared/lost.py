"""What asyncpg raises when the server is gone: to be tried again, whatever was asked."""

import asyncpg

LOST: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # One time in three, the first statement after the server ended an idle connection: asyncpg has
    # read the farewell, and not yet the end of the stream.
    asyncpg.InternalClientError,
)
