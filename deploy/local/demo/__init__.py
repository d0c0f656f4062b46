"""The demo: the whole chain through public HTTP routes and Kafka, as an outsider would use them.

Nothing here imports shared/ or services/.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local.bootstrap import Stop
from deploy.local.demo import summary
from deploy.local.demo.chain import Chain
from deploy.local.demo.client import Client, Refused
from deploy.local.demo.ledger import Ledger
from deploy.local.progress import console

ROLES = ("kasi", "petugas", "fasilitator", "verifikator", "auditor", "operator")


def play(env: Mapping[str, str], kept: Path) -> float:
    """Plays against what `make env` prints; `kept` remembers. Seconds that it took.

    Raises Stop when a service refuses what the demo wishes.
    """
    began = time.monotonic()
    try:
        asyncio.run(_play(env, kept))
    except* Refused as group:
        raise Stop(f"A service refused what the demo asked for: {group.exceptions[0]}") from group
    return time.monotonic() - began


async def _play(env: Mapping[str, str], kept: Path) -> None:
    addresses = {s: env[f"{s.upper()}_URL"] for s in ("registry", "training", "marketing")}
    tokens = {role: env[f"TOKEN_{role.upper()}"] for role in ROLES}
    ledger = Ledger(kept)
    console.print("the chain:" if ledger.fresh else "the chain, played before; nothing is doubled:")
    async with Client(addresses, tokens) as client:
        try:
            ids = await Chain(client, ledger, env).play()
        finally:
            ledger.save()
        await summary.show(client, ids, env)
