"""The worker's frame: a Faust app with our long-running parts, its timers, and one agent.

Faust supervises; it does not touch facts that change tables (docs/decisions/0002). Its agent folds
what each intake reports about itself into feed health: one small record a second and source, for
which a lost or repeated one does no harm, since each carries totals.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import faust
from faust.types.auth import CredentialsT
from mode import Service

from shared import kafka
from shared.settings import KafkaSettings

Part = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set."""
Fold = Callable[[bytes], Awaitable[None]]
Timer = Callable[[], Awaitable[None]]


class Frame(faust.App):
    """Faust's app, without its wait for a group of its own.

    Parts and timers would start only when the agent's group is joined, and a worker that died or
    hangs delays that by a session or a minute. There are no tables that could need recovery.
    """

    async def _wait_for_table_recovery_completed(self) -> bool:
        return False


def frame(
    service: str,
    settings: KafkaSettings,
    parts: Mapping[str, Part],
    timers: Mapping[str, tuple[float, Timer]],
    fold: Fold,
    stop: asyncio.Event,
    scratch: Path,
) -> Frame:
    """Build the app once; a second `start` of the same app would consume nothing.

    `timers`: name to (seconds, what to do). `fold` gets each record of the service's feed topic.
    """
    app = Frame(
        f"{service}.worker",
        broker=f"aiokafka://{settings.bootstrap}",
        broker_credentials=_credentials(settings),
        datadir=scratch,
        store="memory://",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="latest",
        broker_session_timeout=kafka.SESSION_MS / 1000,
        broker_heartbeat_interval=kafka.SESSION_MS / 4000,
        broker_max_poll_interval=kafka.MAX_POLL_MS / 1000,
        stream_wait_empty=False,
        agent_supervisor="mode.SupervisorStrategy",
    )
    topic = app.topic(f"{service}.feed", value_type=bytes, value_serializer="raw", key_type=bytes)

    async def feed_health(records: faust.StreamT[bytes]) -> None:
        async for record in records:
            await fold(record)

    app.agent(topic, name=f"{service}.feed-health")(feed_health)
    for name, (seconds, work) in timers.items():
        app.timer(seconds, name=name, max_drift_correction=0.1)(work)
    for name, part in parts.items():
        app.service(_service(name, part, stop))
    return app


def _service(name: str, part: Part, stop: asyncio.Event) -> type[Service]:
    """A part under supervision: if it fails, the app has crashed, and says so."""

    class Running(Service):
        label = name
        shortlabel = name

        @Service.task
        async def _run(self) -> None:
            await part(stop)

    return Running


def _credentials(settings: KafkaSettings) -> CredentialsT | None:
    given = kafka.login(settings)
    context = given.get("ssl_context")
    if "sasl_mechanism" not in given:
        return faust.SSLCredentials(context=context) if context else None
    return faust.SASLCredentials(
        username=settings.username,
        password=settings.password,
        mechanism="SCRAM-SHA-512",
        ssl_context=context,
    )
