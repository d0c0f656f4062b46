"""What events wait for, by a name that says nothing: whoever brings it lets them go on at once.

An event that waits under such a name is tried rarely by itself, since it needn't be: a civil
registry tells about everybody, and few of them are registered here.
"""

from collections.abc import Sequence
from datetime import timedelta

from shared.db import Connection

_UNTIL = "until "
LONGEST = timedelta(days=1)


def until(kind: str, name: str) -> str:
    """What to wait for: `kind` is a word, `name` an id or a keyed digest, never a person's data."""
    return f"{_UNTIL}{kind} {name}"


def pause(waits_for: str, tries: int) -> timedelta | None:
    """How long until the next try: minutes, then a day; None for what nobody will announce.

    It would be never, but who looked while the other committed doesn't hear of it.
    """
    if not waits_for.startswith(_UNTIL):
        return None
    return min(timedelta(minutes=4 ** min(tries, 6)), LONGEST)


async def arrived(conn: Connection, names: Sequence[str]) -> None:
    """Let go what waits for these, in this transaction's COMMIT: before all else that is due."""
    await conn.execute(
        """
        update parked set due_at = now() - interval '1 day'
        where ended_at is null and state = 'waiting' and detail = any($1::text[])
        """,
        names,
    )
