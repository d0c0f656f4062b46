"""Peak resident memory of each of our processes, with events of 1 MiB among the others."""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.local.services import NAMES
from tests.bench import answering, workload
from tests.bench.ground import Ground
from tests.bench.load import open_loop
from tests.bench.workload import Record

LARGEST = (1 << 20) - 1
EVENTS_PER_SECOND = 200
ONE_LARGE_IN = 50
POSTS_PER_SECOND = 20.0


async def peaks(ground: Ground, seconds: float) -> dict[str, float]:
    """The peak of each process since its start, in MiB."""
    owner, ids = await answering.fill(ground)
    token = ground.stack.services.token("petugas")
    port = ground.stack.instance.port("registry")
    feeding = [
        asyncio.to_thread(workload.produce, ground.producer(who), _paced(make, seconds))
        for who, make in (
            ("registry", workload.business),
            ("office-32.71-perdagangan", workload.market_event),
        )
    ]
    reading = open_loop(port, answering.reads(ids, token), POSTS_PER_SECOND, seconds, 8)
    writing = open_loop(port, answering.writes(owner, token), POSTS_PER_SECOND, seconds, 8)
    await asyncio.gather(*feeding, reading, writing)
    await asyncio.sleep(2)
    return {name: peak for of in NAMES for name, peak in peaks_of(ground, of).items()}


def _paced(make: workload.Make, seconds: float) -> Iterator[Record]:
    """Half of the events a second, some as large as one may be, some of these bad."""
    began, luck = time.monotonic(), random.Random(1)
    made = workload.records(10**9, make, seed=luck.getrandbits(32))
    for n, record in enumerate(made):
        due = began + n / (EVENTS_PER_SECOND / 2)
        if due > began + seconds:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        if luck.random() < 1 / ONE_LARGE_IN:
            blown = record.value[:-2] + b"x" * (LARGEST - len(record.value)) + b'"}'
            if luck.random() < 0.1:
                blown = blown[:-1] + b"]"  # no JSON: it is parked, sealed as it is
            yield workload.with_value(record, blown)
        else:
            yield record


def peaks_of(ground: Ground, name: str) -> dict[str, float]:
    """Of a process, and of a worker's relay, which is a process of its own below it."""
    process = ground.stack.processes.find(name)
    if process is None:
        raise LookupError(f"{name} has ended")
    found = {name: _peak(process.pid)}
    return found | {
        name.replace("worker", "relay"): _peak(child.pid) for child in process.children()
    }


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
