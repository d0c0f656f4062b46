"""A Faust program as one would write it, with trouble at one event; faust_facts.py runs it."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BAD = 3
COMMIT_SECONDS = 0.5


@dataclass(frozen=True)
class Task:
    """What a child process is told."""

    case: str
    broken: bool
    topic: str
    group: str
    bootstrap: str
    password: str
    scratch: str


def done(event: Any) -> None:
    """The effect: the parent reads it."""
    sys.stdout.write(f"{event.message.offset}\n")
    sys.stdout.flush()


async def work(event: Any, task: Task) -> None:
    """Do one event; the broken program has trouble with number 3."""
    if task.broken and event.message.offset == BAD:
        if task.case in ("concurrency", "sigterm"):
            await asyncio.sleep(3600)  # still at it when the process ends
        raise ValueError("trouble")
    done(event)


def agent_of(task: Task) -> Callable[[Any], Any]:
    """The body of the case's agent."""

    async def plain(stream: Any) -> None:
        async for event in stream.events():
            await work(event, task)

    async def by_batch(stream: Any) -> None:
        async for batch in stream.take_events(BAD + 7, within=1):
            if task.broken and any(event.message.offset == BAD for event in batch):
                raise ValueError("trouble")
            for event in batch:
                done(event)

    async def acknowledging(stream: Any) -> None:
        async for event in stream.noack().events():
            if not (task.broken and event.message.offset == BAD):
                done(event)
                event.ack()

    return {"take": by_batch, "noack": acknowledging}.get(task.case, plain)


def app_of(task: Task, *, with_agent: bool = True) -> Any:
    """The Faust app of a child."""
    import faust

    app = faust.App(
        task.group,
        broker=f"aiokafka://{task.bootstrap}",
        broker_credentials=faust.SASLCredentials(
            username="admin", password=task.password, mechanism="SCRAM-SHA-512"
        ),
        broker_commit_interval=COMMIT_SECONDS,
        consumer_auto_offset_reset="earliest",
        datadir=task.scratch,
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        stream_wait_empty=task.case != "sigterm",
    )
    codec = {"value_serializer": "json"} if task.case == "codec" and task.broken else {
        "value_type": bytes,
        "value_serializer": "raw",
    }  # fmt: skip
    source = app.topic(task.topic, key_type=bytes, **codec)
    if with_agent:
        app.agent(source, concurrency=2 if task.case == "concurrency" else 1)(agent_of(task))
    return app


async def child(task: Task) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    app = app_of(task)
    starting = asyncio.create_task(app.start())
    await stop.wait()
    await app.stop()
    await starting


if __name__ == "__main__":
    asyncio.run(child(Task(**json.loads(sys.stdin.read()))))
