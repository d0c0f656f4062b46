"""What Faust does with an event when the code around it goes wrong, and what a Faust agent costs.

`python -m tests.bench.faust_facts` starts PostgreSQL and Apache Kafka of its own, makes a topic for
each case and prints the tables that docs/decisions/ 0002 and 0005 quote. In a case, a program takes
ten events and has trouble with number 3; then the repaired program runs under the same group. An
event that neither has done, and that the broker's committed offset has passed, is lost.
"""

import argparse
import asyncio
import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID, uuid4

from shared import logs
from shared.actor import service_actor
from shared.batch import Writer
from shared.consumers import Ending, Reaction, Received
from shared.contracts import registry
from shared.db import Tx
from shared.intake import Intake
from shared.parked import replays, work_list
from tests.bench import faust_speed
from tests.bench.faust_child import BAD, Task
from tests.bench.faust_ground import KEYS, Ground, businesses, opened, reader

EVENTS = 10
PATIENCE_SECONDS = 9.0
"""Joining the group takes some of them; after that a child has nothing left to do."""

CASES = {
    "raise": "the agent's body raises",
    "take": "`take_events(10)`, the body raises",
    "noack": "`noack()`, one event is not acknowledged",
    "concurrency": "`concurrency=2`, one event takes long, SIGKILL",
    "codec": '`value_serializer="json"`, one event is no JSON',
    "sigterm": "`stream_wait_empty=False`, SIGTERM with an event in hand",
}


@dataclass(frozen=True)
class Lost:
    """How a case ended."""

    committed: int
    missing: Sequence[int]


def lose(ground: Ground, case: str) -> Lost:
    """Play one case: the broken program, its end, the repaired program."""
    place, group = ground.new_topic(), f"faust-facts.{case}.{uuid4().hex[:8]}"
    ground.produce(place, businesses(EVENTS), bad=BAD if case == "codec" else -1)
    with tempfile.TemporaryDirectory(prefix="faust-facts-") as scratch:
        kafka = ground.kafka
        task = Task(case, True, place, group, kafka.bootstrap, kafka.password, scratch)
        first = run(task, signal.SIGKILL if case == "concurrency" else signal.SIGTERM)
        committed = ground.committed(group, place)
        second = run(replace(task, broken=False), signal.SIGTERM)
    return Lost(committed, sorted(set(range(EVENTS)) - first - second))


def run(task: Task, end: signal.Signals) -> set[int]:
    """Run a child for a while, then end it; what it has done."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.faust_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert program.stdin is not None
    program.stdin.write(json.dumps(asdict(task)))
    program.stdin.close()
    program.stdin = None
    time.sleep(PATIENCE_SECONDS)
    program.send_signal(end)
    try:
        said, _ = program.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        program.kill()
        said, _ = program.communicate()
    return {int(line) for line in said.split()}


async def ours(ground: Ground) -> tuple[int, int, int]:
    """The intake with a reaction that raises at 3: done, parked, done after a replay."""
    place = ground.new_topic()
    ground.produce(place, businesses(EVENTS))
    broken, reacted = True, set[str]()

    async def react(_: Tx, events: Sequence[Received]) -> Iterable[Ending]:
        if broken and any(event.subject == str(UUID(int=BAD + 1)) for event in events):
            raise ValueError("trouble")
        reacted.update(event.subject for event in events)
        return ()

    facts = (registry.BusinessRegistered,)
    reaction = Reaction("training.faust-facts", (registry.BUSINESS,), facts, react)
    read = reader(reaction, place)
    async with ground.database("training") as db:
        writer = Writer(db, replace(reaction, topics=(place,)), reaction.name, KEYS)
        intake = Intake(writer, read, ground.dsn("training"), ground.kafka)
        await faust_speed.consumed(intake, place, EVENTS)
        first, broken = len(reacted), False
        async with db.pool.acquire() as conn:
            aside = await work_list.listed(conn, consumer=reaction.name)
            for row in aside:
                await replays.replay(
                    writer, read, conn, row["parked_id"], service_actor("training")
                )
    return first, len(aside), len(reacted)


def tell_of_losses(ground: Ground) -> None:
    """Print what is lost, case by case."""
    print("| what the program does | committed offset | never done |\n|---|---|---|")
    for case, text in CASES.items():
        lost = lose(ground, case)
        missing = ", ".join(map(str, lost.missing)) or "none"
        print(f"| Faust: {text} | {lost.committed} of {EVENTS} | {missing} |", flush=True)
    first, aside, second = asyncio.run(ours(ground))
    missing = "none" if second == EVENTS else str(EVENTS - second)
    print(
        f"| our intake: the reaction raises | {first} done, {aside} parked; "
        f"{second} done after a replay | {missing} |"
    )


def main() -> None:
    """Print the tables, in Markdown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=20_000, help="for the comparisons")
    options.add_argument("--speed-only", action="store_true", help="leave the losses out")
    chosen = options.parse_args()
    logs.configure("faust-facts", "ERROR")
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # tasks that Faust leaves behind
    with opened() as ground:
        if not chosen.speed_only:
            tell_of_losses(ground)
        asyncio.run(faust_speed.tell(ground, chosen.events))


if __name__ == "__main__":
    main()
