"""The sections of the benchmark: who takes turns with whom, and which targets there are."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import uvloop

from deploy.local.services import NAMES
from services.marketing.reactions import MARKET_EVENTS
from tests.bench import answering, chain, consuming, crowding, memory, relaying, rival, workload
from tests.bench import resync as resync_
from tests.bench.consuming import BUSINESSES, Case
from tests.bench.ground import Ground
from tests.bench.load import percentile
from tests.bench.profiling import profiled, profiled_api
from tests.bench.report import Found, Result

CORES = "Who had the cores, who was ready and had none, and for how long each time"
OFFICE = "office-32.71-perdagangan"
CITY = 1_500_000
"""Residents."""
COPY, ALONE, ONE, RIVAL = "COPY", "Postgres alone", "batches of one", "FastStream"


@dataclass(frozen=True)
class Size:
    """How much of everything a run does."""

    rounds: int = 5
    events: int = 60_000
    singles: int = 1_500
    request_seconds: float = 3
    load_seconds: float = 60
    crowd_seconds: float = 20
    memory_seconds: float = 600
    residents: int = CITY


QUICK = Size(3, 20_000, 600, 2, 15, 8, 60, 100_000)
TINY = Size(1, 2_500, 20, 0.5, 2, 1, 3, 5_000)


async def projection(ground: Ground, size: Size) -> Found:
    found = Found(
        "Projection",
        "The real intake, reader and writer, from Apache Kafka into PostgreSQL, keeping a copy of "
        "the registry's businesses. *Postgres alone* is sent the very statements that a first "
        "round of the intake recorded, arguments at hand, one after the other. *FastStream* is its "
        "batch subscriber with the same model, inbox, upsert and size of batch, without position, "
        "digest and parking.",
    )
    case = Case(ground, "training", BUSINESSES, ("bench_business", "projection"))
    rows = await _prepare(case, "registry", workload.business, size)

    async def turn(name: str) -> float:
        return await rival.through_faststream(case)

    await _take_turns(found, "the projection", case, rows, size, {RIVAL: turn})
    found.check("the projection", ALONE, 0.85)
    found.check(ALONE, COPY, 0.1)
    found.check("the projection", ONE, 8)
    found.check("the projection", RIVAL, 1.5)
    await _explain(found, case)
    return found


async def reaction(ground: Ground, size: Size) -> Found:
    found = Found(
        "Reaction",
        "marketing hears of another city's market events: rows locked, rules run, rows saved, and "
        "one event told for each, in one transaction per batch; without the receipt that the "
        "office gets for each event besides. Contestants as above.",
    )
    case = Case(ground, "marketing", MARKET_EVENTS, ("market_event",), consuming.without_receipts)
    rows = await _prepare(case, OFFICE, workload.market_event, size)
    await _take_turns(found, "the reaction", case, rows, size, {})
    found.check("the reaction", ALONE, 0.7)
    found.check(ALONE, COPY, 0.1)
    found.check("the reaction", ONE, 8)
    await _explain(found, case)
    return found


async def _prepare(case: Case, principal: str, make: Any, size: Size) -> Sequence[tuple[Any, ...]]:
    made = list(workload.records(size.events, make))
    login = case.ground.producer(principal)
    case.ends = await asyncio.to_thread(workload.produce, login, iter(made))
    await consuming.record(case)
    return [_plain(record) for record in made]


def _plain(record: workload.Record) -> tuple[Any, ...]:
    named = {name: content.decode() for name, content in record.headers}
    wanted = ("ce_id", "ce_source", "ce_type", "ce_sequence", "ce_time")
    return (record.topic, record.key.decode(), *(named[n] for n in wanted), record.value)


async def _take_turns(
    found: Found,
    ours: str,
    case: Case,
    rows: Sequence[tuple[Any, ...]],
    size: Size,
    others: dict[str, Callable[[str], Awaitable[float]]],
) -> None:
    contestants: dict[str, Callable[[str], Awaitable[float]]] = {
        ALONE: lambda _: consuming.alone(case),
        ours: lambda _: consuming.through_kafka(case),
        **others,
        ONE: lambda _: consuming.through_kafka(case, only=size.singles, batch=1),
    }
    for _ in range(size.rounds):
        turn = {COPY: await consuming.copied(case, rows)}
        for name, contestant in contestants.items():
            turn[name] = await contestant(name)
            found.spent.setdefault(name, []).append(case.spent)
        found.note(turn)


async def _explain(found: Found, case: Case) -> None:
    if found.missed:
        found.profiles["Where the intake's process spends its CPU time"] = await profiled(
            lambda: consuming.through_kafka(case)
        )


async def relay(ground: Ground, size: Size) -> Found:
    found = Found(
        "Relay",
        "From the outbox to the topic, marked as published, against aiokafka's `send` 500 times "
        "and `gather`: the same bytes, headers, keys and acknowledgements.",
    )
    made = list(workload.records(size.events // 2, workload.business))
    events = relaying.told(made)
    for _ in range(size.rounds):
        found.note(
            {
                "send × 500 and gather": await relaying.sent(ground, events),
                "the relay": await relaying.relayed(ground, events),
            }
        )
    found.check("the relay", "send × 500 and gather", 0.5)
    if found.missed:
        found.profiles["Where the relay's process spends its CPU time"] = await profiled(
            lambda: relaying.relayed(ground, events)
        )
    return found


async def http(ground: Ground, size: Size) -> Found:
    found = Found(
        "HTTP",
        "`GET /v1/businesses/{id}` and `POST /v1/businesses` of the registry with auth, logs and "
        "metrics, against the least that does the same: aiohttp, asyncpg, uvloop and the same "
        "pool, the same read, the same writes in one transaction. 32 connections.",
    )
    await asyncio.to_thread(answering.start, ground)
    owner, ids = await answering.fill(ground)
    try:
        await answering.round_of(ground, owner, ids, size.request_seconds / 2)
        for _ in range(size.rounds):
            found.note(await answering.round_of(ground, owner, ids, size.request_seconds))
        found.check("GET", "GET bare", 0.65)
        found.check("POST", "POST bare", 0.45)
        if found.missed:
            await _explain_http(found, ground, size)
    finally:
        answering.stop(ground)
    return found


async def _explain_http(found: Found, ground: Ground, size: Size) -> None:
    owner, ids = await answering.fill(ground)
    token, port = ground.stack.services.token("petugas"), ground.stack.instance.port("registry")
    get, post = found.results
    seconds = size.request_seconds
    if not get.met:
        found.profiles["Where the API spends its time, GET"] = await profiled_api(
            ground, lambda: answering.answered(port, answering.reads(ids, token), seconds, 200)
        )
    if not post.met:
        found.profiles["Where the API spends its time, POST"] = await profiled_api(
            ground, lambda: answering.answered(port, answering.writes(owner, token), seconds, 201)
        )


async def latency(ground: Ground, size: Size) -> Found:
    found = Found(
        "From a POST to another service",
        "Requests arrive at half of the rate that saturates the API, whether or not the earlier "
        "ones are answered. Postgres notes the time of each COMMIT, the broker when a record was "
        "appended (in whole milliseconds); a POST counts from when it was due.",
        unit="milliseconds",
        columns=("p50", "p90", "p99", "most"),
    )
    await asyncio.to_thread(chain.stamp_by_broker, ground)
    await asyncio.to_thread(ground.stack.services.start, *chain.PROCESSES)
    most, times, shares = await chain.measured(ground, size.load_seconds)
    relayed = [seconds * 1000 for seconds in times.commit_to_topic]
    seen = [seconds * 1000 for seconds in times.post_to_visible]
    found.about += f" Saturation: {most:.0f} POSTs per second; {len(seen)} were sent."
    found.results = [
        Result("COMMIT → on the topic, p99", percentile(relayed, 99), 50, " ms", "less"),
        Result("POST → visible in training, p50", percentile(seen, 50), 50, " ms", "less"),
        Result("POST → visible in training, p99", percentile(seen, 99), 250, " ms", "less"),
    ]
    for name, values in (
        ("COMMIT → on the topic", relayed),
        ("POST → answer", [seconds * 1000 for seconds in times.answers.seconds]),
        ("POST → visible in training", seen),
    ):
        found.rounds[name] = [
            *(percentile(values, p) for p in (50, 90, 99)),
            max(values),
        ]
    if found.missed:
        found.profiles[CORES] = shares
    return found


async def crowd(ground: Ground, size: Size) -> Found:
    found = Found(
        "Staff and relay during a bulk intake",
        f"{crowding.READS_PER_SECOND:.0f} GET and {crowding.WRITES_PER_SECOND:.0f} POST a second, "
        f"first idle, then while registry, training and marketing take in {size.events:,} events; "
        "how many times the idle p99 the p99 is.",
        unit="milliseconds, p99",
        columns=("idle", "during the bulk"),
    )
    await asyncio.to_thread(ground.stack.services.start, *crowding.PROCESSES)
    idle, busy, shares = await crowding.measured(ground, size.crowd_seconds, size.events)
    for name, quiet, loud in (
        ("GET", idle.read, busy.read),
        ("POST", idle.write, busy.write),
        ("COMMIT → on the topic", idle.relay, busy.relay),
    ):
        found.results.append(Result(f"{name}, p99 to idle p99", loud / quiet, 2, " ×", "less"))
        found.rounds[name] = [quiet, loud]
    if found.missed:
        found.profiles[CORES] = shares
    return found


async def resident(ground: Ground, size: Size) -> Found:
    found = Found(
        "Memory",
        f"{size.memory_seconds / 60:.1f} minutes of {memory.EVENTS_PER_SECOND} events a second on "
        f"two topics, one in {memory.ONE_LARGE_IN} of 1 MiB and a tenth of those bad, and "
        f"{memory.POSTS_PER_SECOND:.0f} GET and POST a second; the peak that Linux counted.",
    )
    await asyncio.to_thread(ground.stack.stop, "registry-api")
    for name in NAMES:
        await asyncio.to_thread(ground.stack.stop, name)
    await asyncio.to_thread(ground.stack.services.start)
    for name, peak in (await memory.peaks(ground, size.memory_seconds)).items():
        found.results.append(Result(name, peak, 150, " MiB", "less"))
    return found


async def resync(ground: Ground, size: Size) -> Found:
    found = Found(
        "Resync of a civil registry",
        f"An office tells about {size.residents:,} residents, of whom one in "
        f"{resync_.REGISTERED_ONE_IN} is registered: all others wait, each with a receipt. First "
        "the intake against *Postgres alone*, as above; then all of it, with the registry's worker "
        "as it is deployed, from its start until the last receipt is on the office's topic. "
        f"Meanwhile another office sends an event every {resync_.OTHER_SECONDS} s.",
    )
    for name in NAMES:  # a worker would share the partitions with the intake that is measured
        await asyncio.to_thread(ground.stack.stop, name)
    await ground.empty("registry", ("person", "household"))
    await resync_.register(ground, size.residents)
    case = resync_.case(ground)
    made = resync_.records(size.events)
    login = ground.producer(resync_.CIVIL_REGISTRY)
    case.ends = await asyncio.to_thread(workload.produce, login, made)
    await consuming.record(case)
    for _ in range(size.rounds):
        turn = {}
        for name, contestant in ((ALONE, consuming.alone), ("the intake", consuming.through_kafka)):
            turn[name] = await contestant(case)
            found.spent.setdefault(name, []).append(case.spent)
        found.note(turn)
    found.check("the intake", ALONE, 0.6)
    whole = await resync_.resynced(ground, size.residents, case.ends)
    rate = whole.events / whole.seconds
    found.about += (
        f" {whole.events:,} took {whole.seconds:.0f} s, {rate:,.0f} per second; the other office "
        f"was given {len(whole.receipts)} receipts."
    )
    found.results += [
        Result("minutes for 1,500,000 residents", CITY / rate / 60, 10, " min", "less"),
        Result(
            "another office's receipt, p99", percentile(whole.receipts, 99) * 1000, 1000, " ms",
            "less",
        ),
        *(Result(name, peak, 150, " MiB", "less") for name, peak in whole.peaks.items()),
    ]  # fmt: skip
    if found.missed:
        found.profiles[CORES] = whole.shares
        await _explain(found, case)
    return found


SECTIONS: dict[str, Callable[[Ground, Size], Coroutine[Any, Any, Found]]] = {
    "projection": projection,
    "reaction": reaction,
    "relay": relay,
    "http": http,
    "latency": latency,
    "crowd": crowd,
    "memory": resident,
    "resync": resync,
}
FASTER = frozenset({"http", "latency", "crowd"})
"""Sections whose load is made on uvloop: ours must not wait for the one who asks."""


def run(name: str, ground: Ground, size: Size) -> Found:
    """Run one section to its end."""
    runner = uvloop.run if name in FASTER else asyncio.run
    found: Found = runner(SECTIONS[name](ground, size))
    return found
