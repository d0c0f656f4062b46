"""The demo: the whole report through public HTTP routes and Kafka, as an outsider would use them.

What was reported lies in `reported`, what is made up in `invented`. Nothing here imports shared/ or
services/.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.bootstrap import Stop
from deploy.local.demo import chain, summary
from deploy.local.demo.client import Client, Json, Refused, tokens_of
from deploy.local.demo.ledger import Ledger
from deploy.local.demo.steps import INVENTED, REPORTED, Steps
from deploy.local.progress import console


def play(
    env: Mapping[str, str], kept: Path, draw: Callable[[Json], Path] | None = None
) -> dict[str, float]:
    """Plays against what `make env` prints; `kept` remembers, `draw` makes the figures' picture.

    The seconds of each act. Raises Stop when a service refuses what the demo wishes.
    """
    seconds: dict[str, float] = {}
    try:
        asyncio.run(_play(env, kept, draw, seconds))
    except* Refused as group:
        raise Stop(f"A service refused what the demo asked for: {group.exceptions[0]}") from group
    return seconds


async def _play(
    env: Mapping[str, str],
    kept: Path,
    draw: Callable[[Json], Path] | None,
    seconds: dict[str, float],
) -> None:
    addresses = {s: env[f"{s.upper()}_URL"] for s in ("registry", "training", "marketing")}
    tokens = tokens_of(env)
    ledger = Ledger(kept)
    console.rule("[bold]The report, played[/]")
    if not ledger.fresh:
        console.print("Played before; nothing is doubled.")
    console.print(
        f"{REPORTED} told by the newspaper report of 2017\n{INVENTED} made up for this demo: all "
        "names and numbers of persons, prices, days, and what came after. No real person is in it."
    )
    async with Client(addresses, tokens) as client:
        steps = Steps(client, ledger, seconds)
        try:
            ids = await chain.play(steps, env)
        finally:
            ledger.save()
        began = time.monotonic()
        await summary.show(client, ids, env, draw)
        seconds["The summary"] = time.monotonic() - began
