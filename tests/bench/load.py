"""HTTP load: as many requests as a few connections can have answered, or so many a second."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Answers:
    """What came back: seconds of each answer, and how many of each status.

    An open loop counts from the moment that a request was due, and keeps it (seconds since 1970)
    with the body of its answer.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    took: float = 0.0
    bodies: list[tuple[float, bytes]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took

    def at(self, percent: float) -> float:
        """The percentile, in milliseconds."""
        return percentile(self.seconds, percent) * 1000


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


class Caller(asyncio.Protocol):
    """One kept-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(self._received) >= end + 4 + length:
            body = bytes(self._received[end + 4 : end + 4 + length])
            self._received.clear()
            if not self._answer.done():
                self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; the status and the body of its answer."""
        if self._transport is None:
            raise ConnectionResetError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def opened(port: int, count: int) -> list[Caller]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Caller, "127.0.0.1", port))[1] for _ in range(count)]


async def closed_loop(
    port: int, requests: Iterator[bytes], seconds: float, callers: int = 32
) -> Answers:
    """Each of `callers` asks again as soon as it is answered."""
    answers = Answers()
    began = time.perf_counter()

    async def keep_asking(caller: Caller) -> None:
        while (sent := time.perf_counter()) < began + seconds:
            status, _ = await caller.ask(next(requests))
            answers.seconds.append(time.perf_counter() - sent)
            answers.statuses[status] += 1

    found = await opened(port, callers)
    try:
        await asyncio.gather(*map(keep_asking, found))
    finally:
        for caller in found:
            caller.close()
    answers.took = time.perf_counter() - began
    return answers


async def open_loop(
    port: int, requests: Iterator[bytes], rate: float, seconds: float, callers: int = 64
) -> Answers:
    """So many requests a second, whether the earlier ones are answered or not."""
    answers = Answers()
    free: asyncio.Queue[Caller] = asyncio.Queue()
    found = await opened(port, callers)
    for caller in found:
        free.put_nowait(caller)
    started, wall = time.perf_counter(), time.time()
    running: set[asyncio.Task[None]] = set()

    async def ask(due: float, what: bytes) -> None:
        caller = await free.get()
        status, body = await caller.ask(what)
        free.put_nowait(caller)
        answers.seconds.append(time.perf_counter() - due)
        answers.statuses[status] += 1
        answers.bodies.append((wall + due - started, body))

    try:
        for n in range(int(rate * seconds)):
            due = started + n / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            task = asyncio.create_task(ask(due, next(requests)))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
    finally:
        for caller in found:
            caller.close()
    answers.took = time.perf_counter() - started
    return answers


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request's bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
