"""A civil registry tells anew about every resident of the city; few of them are registered.

Meanwhile another office sends a few events of its own, and waits for their receipts.
"""

import asyncio
import itertools
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import cast
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.registry import seals
from services.registry.reactions.residents import RESIDENTS
from shared import kafka
from shared.contracts import office_feeds, receipts
from shared.contracts.fact import Fact
from shared.contracts.office_feeds import PirtIssued, ResidentVerified
from shared.ids import uuid7
from tests.bench import workload
from tests.bench.consuming import MECHANISM, Case
from tests.bench.ground import Ground
from tests.bench.memory import peaks_of
from tests.bench.sharing import shared_out
from tests.bench.workload import Record

REGISTERED_ONE_IN = 300
"""Some five thousand women of a city of one and a half million."""
KELURAHAN = "36.74.06.1005"
CIVIL_REGISTRY = office_feeds.RESIDENTS.principal
TABLES = ("resident", "person_history", "receipt", "arrival", "parked_audit")
OTHER = office_feeds.PIRT
OTHER_SECONDS = 0.25
"""How often the other office sends something."""
PATIENCE_SECONDS = 3_600
TOLD_SECONDS = 15
_VERIFIED = cast("type[ResidentVerified]", office_feeds.RESIDENTS.facts[0])
_PERMITTED = cast("type[PirtIssued]", OTHER.facts[0])


def nik(n: int) -> str:
    """An invented number for each resident."""
    n, kecamatan = divmod(n, 7)
    n, day = divmod(n, 28)
    n, month = divmod(n, 12)
    serial, year = divmod(n, 50)
    return f"3674{kecamatan + 1:02}{day + 41:02}{month + 1:02}{year + 50:02}{serial + 1:04}"


def records(count: int) -> Iterator[Record]:
    """One event about each of them."""
    luck = random.Random(workload.SEED)
    for n in range(count):
        fact = _VERIFIED(
            occurred_on=date(2026, 11, 1),
            resident_ref=f"wni-{n:08}",
            nik=nik(n),
            area=office_feeds.AreaReference(code=KELURAHAN),
        )
        yield workload.record(fact, 1, n, luck, bad=False)


async def register(ground: Ground, count: int) -> None:
    """Those of them who are in the programme."""
    environment = ground.stack.services.environment("registry")
    os.environ |= {name: text for name, text in environment.items() if name[:7] == "BINAAN_"}
    people = [(uuid4(), uuid7(), nik(n)) for n in range(0, count, REGISTERED_ONE_IN)]
    conn = await asyncpg.connect(ground.dsn("registry"))
    try:
        await conn.executemany(
            "insert into household values ($1, $2, $3, now())",
            [(home, home.bytes, b"bench") for home, _, _ in people],
        )
        await conn.executemany(
            """insert into person (person_id, household_id, role, private, identity_kind, identity,
                                   identity_index, kelurahan, version, recorded_at, recorded_by)
               values ($1, $2, 'wife', 'x', 'nik', $3, $4, $5, 1, now(), 'bench')""",
            [
                (
                    person,
                    home,
                    seals.seal_identity(number, person),
                    seals.identity_indexes(number)[0],
                    KELURAHAN,
                )
                for home, person, number in people
            ],
        )
    finally:
        await conn.close()


def case(ground: Ground) -> Case:
    """The registry's own intake, in this process."""
    return Case(ground, "registry", RESIDENTS, TABLES)


@dataclass
class Resync:
    """What a whole resync took, with the registry's worker as it is deployed."""

    events: int
    seconds: float = 0.0
    """Until the last event had ended and its receipt was on the office's topic."""
    receipts: list[float] = field(default_factory=list)
    """Seconds from sending to the receipt, of each event of the other office meanwhile."""
    peaks: dict[str, float] = field(default_factory=dict)
    shares: str = ""


async def resynced(ground: Ground, count: int, already: int) -> Resync:
    """Send all that isn't on the topic yet, and then let the worker take all of it in."""
    await ground.empty("registry", (*MECHANISM, *TABLES))
    found = Resync(count)
    rest = itertools.islice(records(count), already, None)
    await asyncio.to_thread(workload.produce, ground.producer(CIVIL_REGISTRY), rest)
    with shared_out(ground, ("registry-worker",)) as shares:
        began = time.perf_counter()
        await asyncio.to_thread(ground.stack.services.start, "registry-worker")
        async with another_office(ground, found.receipts):
            await _all_told(ground, count)
        found.seconds = time.perf_counter() - began
    found.shares = shares.table()
    found.peaks = peaks_of(ground, "registry-worker")
    await asyncio.to_thread(ground.stack.stop, "registry-worker")
    return found


async def _all_told(ground: Ground, count: int) -> None:
    """Wait until all have ended and all receipts are published; says how far it is."""
    conn = await asyncpg.connect(ground.dsn("registry"))
    deadline, told_at = time.monotonic() + PATIENCE_SECONDS, time.monotonic()
    try:
        while True:
            done, left = await conn.fetchrow(
                """select (select coalesce(sum(next_offset), 0) from position where consumer = $1),
                          (select count(*) from (select from outbox limit 100000) as o)""",
                RESIDENTS.name,
            )
            if done >= count and not left:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{done} of {count} residents, {left} receipts to tell")
            if time.monotonic() - told_at > TOLD_SECONDS:
                told_at = time.monotonic()
                print(
                    f"    {int(done):,} of {count:,} residents, {left:,} receipts to tell",
                    flush=True,
                )
            await asyncio.sleep(0.2)
    finally:
        await conn.close()


@asynccontextmanager
async def another_office(ground: Ground, seconds: list[float]) -> AsyncIterator[None]:
    """Sends an event now and then, and notes how long each waits for its first receipt."""
    sent: dict[str, float] = {}
    login = ground.kafka(OTHER.principal)
    topic = receipts.topic_of(OTHER.owner, OTHER.office)
    hearing = AIOKafkaConsumer(topic, auto_offset_reset="latest", **kafka.login(login))
    sending = AIOKafkaProducer(acks="all", **kafka.login(login))
    await hearing.start()
    await sending.start()

    async def send() -> None:
        for n in itertools.count():
            record = workload.record(_permit(n), 1, n, random.Random(uuid4().int), bad=False)
            event_id = dict(record.headers)["ce_id"].decode()
            sent[event_id] = time.perf_counter()
            await sending.send_and_wait(
                record.topic, record.value, key=record.key, headers=record.headers
            )
            await asyncio.sleep(OTHER_SECONDS)

    async def hear() -> None:
        async for receipt in hearing:
            event_id = dict(receipt.headers)["ce_causationid"].decode()
            if event_id in sent:
                seconds.append(time.perf_counter() - sent.pop(event_id))

    tasks = [asyncio.create_task(send()), asyncio.create_task(hear())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Who is still waiting has waited so long already.
        seconds.extend(time.perf_counter() - at for at in sent.values())
        await hearing.stop()
        await sending.stop()


def _permit(n: int) -> Fact:
    return _PERMITTED(
        occurred_on=date(2026, 11, 1),
        licence_ref=f"pirt-{uuid4()}",
        nik=nik(n + 1),
        number=f"{n:015}",
        product="Cokelat praline",
    )
