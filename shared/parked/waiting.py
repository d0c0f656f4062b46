"""What events wait for, by a name that says nothing: whoever brings it lets them go on at once.

An event that waits under such a name isn't tried before it has come: a civil registry tells about
everybody, and few of them are registered here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.db import Connection

UNTIL = "until "
TOO_LONG = "waited_too_long"
"""The code of an event that has waited until its deadline."""
FIRST_RETRY, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=15)
KEPT = timedelta(days=1)
"""How long it is known that something came. No transaction is nearly as long."""


def until(kind: str, name: str) -> str:
    """What to wait for: `kind` is a word, `name` an id or a keyed digest, never a person's data."""
    return f"{UNTIL}{kind} {name}"


def is_announced(waits_for: str) -> bool:
    """Whether somebody will say when it comes, so that nobody needs to ask."""
    return waits_for.startswith(UNTIL)


def next_try(waits_for: str, now: datetime, deadline: datetime, tries: int = 0) -> datetime:
    """When it is tried: in a moment, or not before its deadline where somebody lets it go."""
    if is_announced(waits_for):
        return deadline
    return min(now + min(FIRST_RETRY * (1 << min(tries, 10)), LONGEST_PAUSE), deadline)


async def arrived(conn: Connection, names: Sequence[str]) -> None:
    """Let go what waits for these, in this transaction's COMMIT: before all else that is due."""
    await conn.execute(
        """
        with noted as (
            insert into arrival (name, arrived_at)
            select distinct name, now() from unnest($1::text[]) as name
            on conflict (name) do update set arrived_at = excluded.arrived_at
        )
        update parked set due_at = now() - interval '1 day'
        where ended_at is null and state = 'waiting' and detail = any($1::text[])
        """,
        names,
    )


async def let_go_the_late(conn: Connection) -> None:
    """Let go what said that it waits while what it waits for was just being brought.

    Neither saw the other: the one had looked already, the other could not see it yet.
    """
    await conn.execute(
        """
        update parked set due_at = now() - interval '1 day'
        where ended_at is null and state = 'waiting' and due_at > now()
          and detail in (select name from arrival where arrived_at > now() - interval '10 minutes')
        """
    )
