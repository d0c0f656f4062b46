"""The worker of a service: its relay, an intake for each consumer, and the clock's work.

Started and stopped here, by our own signals: the probes first, so that `/livez` answers while a
broker is away; a hard exit at the end of the grace period, since nothing counts before COMMIT.
"""

import asyncio
import contextlib
import gc
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import asyncpg
from aiokafka.errors import KafkaError

from shared import feeds, forgetting, housekeeping, kafka, trial
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Consumer
from shared.contracts import topics
from shared.contracts.topics import source_of
from shared.db import Database, make_pool
from shared.http.operations import Checks, operations_app
from shared.http.serving import serving, stop_signal
from shared.intake import Intake
from shared.logs import log
from shared.lost import patiently
from shared.migrate import missing
from shared.outbox import Wake
from shared.privacy import Keys
from shared.relay_process import RelayProcess
from shared.settings import Settings
from shared.stream import Frame, Part, frame
from shared.watchdog import JOIN_SECONDS, STUCK_SECONDS, Suspect, Watchdog

GRACE_SECONDS = 20.0
POOL = 4


@dataclass
class Work:
    """All that runs in a worker."""

    db: Database
    relay: RelayProcess
    intakes: list[Intake]
    folder: Path

    def parts(self) -> dict[str, Part]:
        found: dict[str, Part] = {"relay": self.relay.run}
        for intake in self.intakes:
            found[intake.writer.consumer.name] = intake.run
        return found

    def suspects(self) -> list[Suspect]:
        intakes: list[Suspect] = [partial(stuck_intake, intake) for intake in self.intakes]
        return [self.relay.stuck, *intakes]

    def checks(self) -> Checks:
        """What must be true for the worker to be ready, by name."""

        async def migrated() -> bool:
            async with self.db.pool.acquire(timeout=3) as conn:
                return not await missing(conn, self.folder)

        async def relaying() -> bool:
            return self.relay.ready()

        def consuming(intake: Intake) -> Callable[[], Awaitable[bool]]:
            async def moving() -> bool:
                progress = intake.progress
                waits = progress.waiting_for and time.monotonic() - progress.waiting_since > 5
                return not waits and not progress.stopped

            return moving

        found: dict[str, Callable[[], Awaitable[bool]]] = {
            "migrations": migrated,
            "relay": relaying,
        }
        return found | {i.writer.consumer.name: consuming(i) for i in self.intakes if for_real(i)}


def for_real(intake: Intake) -> bool:
    """Whether what it does counts: what an office tries is no reason to call somebody."""
    return not trial.is_trial(intake.writer.consumer)


def stuck_intake(intake: Intake, now: float) -> str:
    """Whether a consumer is alive and doesn't consume, though the world is there."""
    progress = intake.progress
    if progress.broker_away or progress.waiting_for in ("kafka", "postgres"):
        return ""
    if progress.waiting_for == "partitions":
        late = now - progress.waiting_since > JOIN_SECONDS
        return f"{intake.writer.consumer.name} waits for partitions" if late else ""
    moved_at = max(progress.moved_at, intake.writer.moved_at)
    late = progress.lag > 0 and now - moved_at > STUCK_SECONDS
    return f"{intake.writer.consumer.name} has lag and does not move" if late else ""


async def run_worker(
    service: str, consumers: tuple[Consumer, ...], folder: Path, settings: Settings
) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code. A crash of a part is a 1."""
    gc.collect()
    gc.freeze()  # what was loaded stays; it need not be walked again
    gc.set_threshold(200_000, 20, 100)  # decoding makes no cycles; measured 1.3x
    stop = stop_signal()
    relay = RelayProcess(service, source_of(service))
    await relay.start()
    try:
        return await _with_database(service, consumers, folder, settings, relay, stop)
    finally:
        await relay.end()


async def _with_database(
    service: str,
    consumers: tuple[Consumer, ...],
    folder: Path,
    settings: Settings,
    relay: RelayProcess,
    stop: asyncio.Event,
) -> int:
    pool = await patiently(
        lambda: make_pool(settings.database.url, f"{service} worker", POOL), stop, "database"
    )
    if pool is None:
        return 0
    work = make_work(service, consumers, folder, settings, pool, relay)
    probes = operations_app(work.checks(), stop, lambda: relay.metrics)
    watchdog = Watchdog(work.suspects())
    watchdog.start(asyncio.get_running_loop())
    try:
        async with serving(probes, settings.http.host, settings.http.metrics_port, settings):
            return await _run(service, settings, work, stop, watchdog)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 3)


def make_work(
    service: str,
    consumers: tuple[Consumer, ...],
    folder: Path,
    settings: Settings,
    pool: asyncpg.Pool,
    relay: RelayProcess,
) -> Work:
    """Build the parts of a worker; none of them runs yet."""
    keys = Keys(settings.secret_keys)
    others = Wake(pool, service)

    def committed() -> None:
        """Wake our own relay; where it is on standby, the one that has the slots."""
        relay.wake()
        if relay.waiting_for == "slots":
            others()

    db = Database(pool, service, relay.source, settings.zone, committed)
    waits = timedelta(days=settings.waiting_days)
    intakes = [
        Intake(
            Writer(db, consumer, consumer.name, keys, waits=waits),
            Reader(consumer.facts, keys),
            settings.database.url,
            settings.kafka,
            most=trial.EVENTS if trial.is_trial(consumer) else None,
        )
        for consumer in consumers
    ]
    return Work(db, relay, intakes, folder)


async def _run(
    service: str, settings: Settings, work: Work, stop: asyncio.Event, watchdog: Watchdog
) -> int:
    """Frame after frame: one that the broker went away from is made anew once it answers."""
    while await patiently(lambda: kafka.answers(settings.kafka), stop, "kafka", KafkaError):
        with tempfile.TemporaryDirectory(prefix=f"binaan-{service}-") as scratch:
            app = frame(
                service,
                settings.kafka,
                work.parts(),
                _timers(service, work, settings),
                lambda report: feeds.fold(work.db.pool, report),
                stop,
                Path(scratch),
            )
            code = await _framed(app, stop, watchdog)
        if code is not None:
            return code
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1)
    return 0


async def _framed(app: Frame, stop: asyncio.Event, watchdog: Watchdog) -> int | None:
    """Run until told to stop. Returns the exit code; None when only the broker was lost."""
    starting = asyncio.create_task(app.start(), name="start")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    failed = starting.exception() if starting.done() and not starting.cancelled() else None
    if failed is None:
        log.info("worker_started")
        while not stop.is_set() and not app.crashed:
            await asyncio.wait((stopping,), timeout=0.5)
    stopping.cancel()
    reason = failed or (app.crash_reason if app.crashed else None)
    if reason is not None and not stop.is_set():
        if isinstance(reason, KafkaError) or (failed and isinstance(reason, OSError)):
            log.warning("frame_lost_kafka", exc_info=reason)
            return None if await _stopped(app, starting) else 1
        log.critical("part_failed" if failed is None else "start_failed", exc_info=reason)
    code = 0 if reason is None or stop.is_set() else 1
    watchdog.stop()
    stop.set()
    asyncio.get_running_loop().call_later(GRACE_SECONDS, _leave, code)
    await _stopped(app, starting)
    log.info("worker_stopped")
    return code


async def _stopped(app: Frame, starting: asyncio.Task[None]) -> bool:
    """Stop it and its parts; False when they go on: they must not run twice in one process."""
    await asyncio.wait((starting,), timeout=1)
    try:
        await asyncio.wait_for(app.stop(), GRACE_SECONDS + 1)
    except TimeoutError:
        return False
    return True


def _leave(code: int) -> None:
    """The grace period is over. Safe: what isn't committed will be read again."""
    log.warning("grace_period_over")
    os._exit(code)


def _timers(
    service: str, work: Work, settings: Settings
) -> dict[str, tuple[float, Callable[[], Awaitable[None]]]]:
    real = [i for i in work.intakes if for_real(i)]
    names = [i.writer.consumer.name for i in real]
    reporter = feeds.Reporter(service, settings.kafka, [i.progress for i in real])
    trials = [(i.writer, i.reader) for i in work.intakes if i not in real]

    async def drain() -> None:
        await housekeeping.drain(work.db, [(i.writer, i.reader) for i in work.intakes])

    async def gauges() -> None:
        await housekeeping.gauges(work.db, names)

    async def purge() -> None:
        await housekeeping.purge(work.db.pool)

    async def forgotten() -> None:
        keep, consumers = timedelta(hours=settings.passed_hours), [i.writer.consumer for i in real]
        async with work.db.pool.acquire() as conn:
            await forgetting.forget(conn, consumers, settings.kafka, keep, topics.topic)

    async def tidy() -> None:
        await trial.tidy(work.db, trials)

    return {
        "drain": (1.0, _tolerant(drain)),
        "gauges": (5.0, _tolerant(sparing(gauges))),
        "report": (1.0, _tolerant(reporter.report)),
        "purge": (60.0, _tolerant(purge)),
        "forget": (600.0, _tolerant(forgotten)),
        "trials": (60.0, _tolerant(tidy)),
    }


def sparing(
    work: Callable[[], Awaitable[None]], clock: Callable[[], float] = time.monotonic
) -> Callable[[], Awaitable[None]]:
    """A timer that takes a fiftieth of the time at most: counting a million rows takes a second."""
    rests_until = clock()

    async def timer() -> None:
        nonlocal rests_until
        began = clock()
        if began >= rests_until:
            await work()
            rests_until = clock() + 50 * (clock() - began)

    timer.__name__ = work.__name__
    return timer


def _tolerant(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A timer that fails has failed this time; the next time comes."""

    async def timer() -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the next tick tries again
            log.warning("timer_failed", timer=work.__name__, exc_info=error)

    return timer
