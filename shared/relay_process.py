"""The relay in a process of its own, beside the worker that starts it and ends with it.

A bulk intake keeps a Python core busy; a relay on the same core would wait for it with every event
that it publishes (docs/decisions/0016). One socket joins the two: a byte says that something was
committed, lines say how the relay is, its end means that the other side is gone.
"""

import asyncio
import contextlib
import gc
import os
import select
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvloop

from shared import logs, metrics
from shared.logs import log
from shared.relay import Relay
from shared.settings import load_settings

REPORT_SECONDS = 0.25
START_SECONDS = 60.0
SILENT_SECONDS = 30.0
"""A relay that says nothing for so long is blocked."""
END_SECONDS = 8.0
"""It ends by itself once told to; what it has not marked is published again."""
BACKGROUND = 5
"""How much lower than its relay and the API a worker's priority is: its backlog can wait."""


class RelayEnded(Exception):
    """The relay's process is gone, and nobody had told it to end."""


@dataclass
class RelayProcess:
    """The worker's side: wakes the relay, hears how it is, and ends it."""

    service: str
    source: str
    waiting_for: str = "start"
    """What it waits for ("start", or what Relay says), or empty."""
    waiting_since: float = field(default_factory=time.monotonic)
    heard_at: float = field(default_factory=lambda: time.monotonic() + START_SECONDS)
    """When it said last how it is; until it has, when it should have at the latest."""
    metrics: bytes = b""
    """Its own metrics, as Prometheus reads them."""
    _child: asyncio.subprocess.Process | None = None
    _writer: asyncio.StreamWriter | None = None
    _hearing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it with our environment, before our own priority is lowered."""
        ours, its = socket.socketpair()
        with its:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, self.service, self.source,
                stdin=its.fileno(), env={**os.environ, "PYTHONPATH": _python_path()},
            )  # fmt: skip
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._hearing = asyncio.create_task(self._hear(reader), name="hear the relay")
        os.nice(BACKGROUND)

    def wake(self) -> None:
        """Something was committed. One byte that it has not read yet is enough."""
        writer = self._writer
        if writer and not writer.is_closing() and not writer.transport.get_write_buffer_size():
            writer.write(b"!")

    async def run(self, stop: asyncio.Event) -> None:
        """Return once it was told to stop and has ended. Raises RelayEnded when it goes unasked."""
        ended = asyncio.create_task(self._started.wait())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not stop.is_set():
                # Who ends a group of processes tells it before us, or at the same time.
                await asyncio.wait((stopping,), timeout=1)
                if not stop.is_set():
                    raise RelayEnded(f"exit code {ended.result()}")
            await self.end()
        finally:
            ended.cancel()
            stopping.cancel()

    async def end(self) -> None:
        """Tell it to end; kill it when it doesn't."""
        if self._child is None:
            return
        if self._writer is not None:
            self._writer.close()
        try:
            await asyncio.wait_for(self._child.wait(), END_SECONDS + 1)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            await self._child.wait()
        if self._hearing is not None:
            await asyncio.wait((self._hearing,), timeout=1)

    def ready(self) -> bool:
        """It publishes, or stands by; answers of the broker that it waits for are not late."""
        on_their_way = time.monotonic() - self.waiting_since < 2
        return self.waiting_for in ("", "slots") or (self.waiting_for == "answers" and on_their_way)

    def stuck(self, now: float) -> str:
        """For the watchdog: why it is stuck, or an empty string."""
        return "the relay is blocked" if now - self.heard_at > SILENT_SECONDS else ""

    @property
    def _started(self) -> asyncio.subprocess.Process:
        if self._child is None:
            raise RelayEnded("it was never started")
        return self._child

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                told: dict[str, Any] = orjson.loads(line)
                now = time.monotonic()
                self.heard_at = now
                self.waiting_for = told["waiting_for"]
                self.waiting_since = now - told["for_seconds"]
                self.metrics = told["metrics"].encode()


def _python_path() -> str:
    """Where this very package lies, and what was said before."""
    return os.pathsep.join(
        filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")))
    )


# -- the relay's side -----------------------------------------------------------------------------


async def _relay(service: str, source: str, joined: socket.socket) -> None:
    settings = load_settings("worker")
    relay = Relay(settings.database.url, service, source, settings.kafka)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    reader, writer = await asyncio.open_connection(sock=joined)
    work = [
        asyncio.create_task(_listen(reader, relay, stop)),
        asyncio.create_task(_report(writer, relay)),
    ]
    try:
        await relay.run(stop)
    finally:
        for task in work:
            task.cancel()


async def _listen(reader: asyncio.StreamReader, relay: Relay, stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(4096):
            relay.wake.set()
    stop.set()


async def _report(writer: asyncio.StreamWriter, relay: Relay) -> None:
    with contextlib.suppress(OSError):
        while True:
            told = {
                "waiting_for": relay.waiting_for,
                "for_seconds": time.monotonic() - relay.waiting_since,
                "metrics": metrics.of_relay().decode(),
            }
            writer.write(orjson.dumps(told) + b"\n")
            await writer.drain()
            await asyncio.sleep(REPORT_SECONDS)


def _leave_with(joined: int) -> None:
    """A thread's work: end this process some time after the worker is gone, even if blocked."""
    hung_up = select.poll()
    hung_up.register(joined, 0)
    hung_up.poll()
    time.sleep(END_SECONDS)
    os._exit(1)


def main(service: str, source: str) -> None:
    """Publish until the worker is gone or says so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the worker, and that tells us
    joined = socket.socket(fileno=os.dup(0))
    threading.Thread(target=_leave_with, args=(joined.fileno(),), daemon=True).start()
    logs.configure(service, load_settings("worker").log_level)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        uvloop.run(_relay(service, source, joined))
    except Exception as error:  # noqa: BLE001 - told, and the worker ends with us
        log.critical("relay_failed", exc_info=error)
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:3])
