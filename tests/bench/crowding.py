"""Staff at work and the relay, while a bulk of events is taken in by all three services."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench import answering, chain, workload
from tests.bench.ground import Ground
from tests.bench.load import open_loop, percentile
from tests.bench.sharing import shared_out

PROCESSES = ("registry-api", "registry-worker", "training-worker", "marketing-worker")
READS_PER_SECOND, WRITES_PER_SECOND = 40.0, 10.0


@dataclass(frozen=True)
class Felt:
    """What staff and the relay felt: p99 in milliseconds."""

    read: float
    write: float
    relay: float


async def measured(ground: Ground, seconds: float, count: int) -> tuple[Felt, Felt, str]:
    """Idle, and then while `count` events are taken in by each of three workers.

    With it, who had the cores meanwhile.
    """
    owner, ids = await answering.fill(ground)
    token = ground.stack.services.token("petugas")
    reads, writes = answering.reads(ids, token), answering.writes(owner, token)
    await felt(ground, reads, writes, 3)  # warms up
    idle = await felt(ground, reads, writes, seconds)
    made = list(workload.records(count, workload.business, seed=7))
    await asyncio.to_thread(workload.produce, ground.producer("registry"), iter(made))
    with shared_out(ground, PROCESSES) as shares:
        busy = await felt(ground, reads, writes, seconds)
    return idle, busy, shares.table()


async def felt(
    ground: Ground, reads: Iterator[bytes], writes: Iterator[bytes], seconds: float
) -> Felt:
    """Some reading and some writing, as in a busy office."""
    port = ground.stack.instance.port("registry")
    reading = asyncio.create_task(open_loop(port, reads, READS_PER_SECOND, seconds, 16))
    times = await chain.under_load(ground, writes, WRITES_PER_SECOND, seconds)
    relay = percentile(times.commit_to_topic, 99) * 1000
    return Felt((await reading).at(99), times.answers.at(99), relay)
