"""The registry's API against the least that answers the same requests."""

import random
import sys
import urllib.request
from collections.abc import Iterator
from uuid import UUID, uuid4

import asyncpg
import orjson

from deploy.local.places import CLONE
from deploy.local.processes import plain_environment
from tests.bench.ground import Ground
from tests.bench.load import Answers, closed_loop, request

BARE = "bare"
ROWS = 5_000
TABLES = ("business_history", "business", "person", "household", "idempotency", "journal", "outbox")


def start(ground: Ground) -> None:
    """Both servers, on the same database."""
    instance = ground.stack.instance
    ground.stack.services.start("registry-api")
    if ground.stack.processes.find(BARE):
        return
    port = instance.port_to_open(BARE)
    ground.stack.processes.start(
        BARE,
        [sys.executable, "-m", "tests.bench.bare", str(port)],
        environment={**plain_environment(), "BARE_DATABASE_URL": ground.dsn("registry")},
        folder=CLONE,
    )

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    ground.stack.processes.wait_until(BARE, answers, 30)


def stop(ground: Ground) -> None:
    for name in (BARE, "registry-api"):
        ground.stack.processes.stop(name)


async def fill(ground: Ground) -> tuple[UUID, list[UUID]]:
    """One owner with many businesses; her id and theirs."""
    await ground.empty("registry", TABLES)
    conn = await asyncpg.connect(ground.dsn("registry"))
    try:
        owner, household = uuid4(), uuid4()
        await conn.execute(
            "insert into household values ($1, $2, $3, now())", household, b"bench", b"bench"
        )
        await conn.execute(
            """insert into person (person_id, household_id, role, name, identity_kind, identity,
                                   identity_index, birth_date, kelurahan, version, recorded_at,
                                   recorded_by)
               values ($1, $2, 'wife', 'Ibu Contoh', 'nik', 'x', 'x', '1980-01-01',
                       '36.74.06.1005', 1, now(), 'bench')""",
            owner,
            household,
        )
        ids = [
            row["business_id"]
            for row in await conn.fetch(
                """insert into business
                   select gen_random_uuid(), $1, '36.74.06.1005', 'food', 'confectionery', null,
                          null, '2017-05-01', 'to_order', 20, 'jar', 'day',
                          '[{"kind": "online", "link": null}]',
                          '[{"kind": "brand", "severity": 3}]',
                          '2017-05-01', 1, now(), 'bench' from generate_series(1, $2)
                   returning business_id""",
                owner,
                ROWS,
            )
        ]
        await conn.execute("analyze business")
        return owner, ids
    finally:
        await conn.close()


def reads(ids: list[UUID], token: str) -> Iterator[bytes]:
    head = {"Authorization": f"Bearer {token}"}
    luck = random.Random(1)
    while True:
        yield request("GET", f"/v1/businesses/{luck.choice(ids)}", head)


def body(owner: UUID) -> bytes:
    return orjson.dumps(
        {
            "owner_id": str(owner),
            "kelurahan": "36.74.06.1005",
            "sector": "food",
            "sub_sector": "confectionery",
            "started_on": "2017-05-01",
            "production_mode": "to_order",
            "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
            "channels": [{"kind": "online"}],
            "constraints": [{"kind": "brand", "severity": 3}, {"kind": "marketing", "severity": 2}],
        }
    )


def writes(owner: UUID, token: str) -> Iterator[bytes]:
    content = body(owner)
    while True:
        head = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        yield request("POST", "/v1/businesses", head, content)


async def answered(port: int, requests: Iterator[bytes], seconds: float, expected: int) -> float:
    """Requests per second; ValueError when an answer was another than expected."""
    found: Answers = await closed_loop(port, requests, seconds)
    if set(found.statuses) != {expected}:
        raise ValueError(f"answers were {dict(found.statuses)}")
    return found.rate


async def round_of(
    ground: Ground, owner: UUID, ids: list[UUID], seconds: float
) -> dict[str, float]:
    """One round of all four, by name."""
    token = ground.stack.services.token("petugas")
    ours, bare = ground.stack.instance.port("registry"), ground.stack.instance.port(BARE)
    return {
        "GET bare": await answered(bare, reads(ids, token), seconds, 200),
        "GET": await answered(ours, reads(ids, token), seconds, 200),
        "POST bare": await answered(bare, writes(owner, token), seconds, 201),
        "POST": await answered(ours, writes(owner, token), seconds, 201),
    }
