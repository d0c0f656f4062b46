"""SIGTERM, whatever the worker is at: it ends soon, and nothing unfinished has counted."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.shared.mechanism.ground import Ground, Program, all_done, until
from tests.shared.mechanism.things import event
from tests.shared.wire import wire_to

GRACE = 30


async def _ends_after_a_signal(program: Program) -> float:
    began = time.monotonic()
    program.send(signal.SIGTERM)
    assert await program.exit_code(GRACE) == 0, program.text[-2000:]
    return time.monotonic() - began


async def _at_gate(ground: Ground) -> bool:
    return await ground.at_the_gate() > 0


async def test_a_worker_told_to_end_mid_batch_ends_and_the_batch_counts_as_nothing(
    ground: Ground,
) -> None:
    topic, name = ground.topic(), f"{ground.service}.counts"
    await ground.publish(topic, *(event(ground.service, f"k{n}", n) for n in range(1, 11)))
    gated = {"kind": "gated", "topics": [topic]}
    async with ground.gate():
        running = ground.program(consumers=[gated])
        await until(lambda: _at_gate(ground), 30)
        await _ends_after_a_signal(running)
        assert await ground.value("select next_offset from position") == 0
        assert await ground.effects() == []
    idle = ground.program(consumers=[gated])
    await until(lambda: all_done(ground, name, [10]), 30)
    assert [v for _, v in await ground.effects()] == list(range(1, 11))
    assert await _ends_after_a_signal(idle) < 15


async def test_a_worker_told_to_end_while_it_retries_a_dead_database_ends(ground: Ground) -> None:
    topic = ground.topic()
    async with wire_to(ground.dsn) as wire:
        told = {"kind": "counting", "topics": [topic]}
        running = ground.program(consumers=[told], dsn=wire.dsn)
        await running.says("worker_started")
        await until(lambda: all_done(ground, f"{ground.service}.counts", [0]), 30)
        await wire.cut()
        await ground.publish(topic, event(ground.service, "a", 1))
        await running.says("intake_lost_postgres")
        await _ends_after_a_signal(running)
    assert await ground.value("select next_offset from position") == 0


async def test_a_worker_told_to_end_while_the_database_does_not_answer_ends(
    ground: Ground,
) -> None:
    async with _silent() as (port, called):
        dsn = f"postgresql://nobody:x@127.0.0.1:{port}/x"
        running = ground.program(consumers=[], dsn=dsn)
        await asyncio.wait_for(called.wait(), 30)
        await _ends_after_a_signal(running)


async def test_a_worker_told_to_end_during_a_start_without_a_broker_ends(ground: Ground) -> None:
    told = {"kind": "counting", "topics": [ground.topic()]}
    nobody = replace(ground.kafka, bootstrap=f"127.0.0.1:{_closed_port()}")
    async with _silent() as (port, called):
        silent = replace(ground.kafka, bootstrap=f"127.0.0.1:{port}")
        programs = [ground.program(consumers=[told], kafka=kafka) for kafka in (nobody, silent)]
        await programs[0].says("waiting_for_kafka")
        await asyncio.wait_for(called.wait(), 30)
        for program in programs:
            await _ends_after_a_signal(program)


@asynccontextmanager
async def _silent() -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A port that accepts everything and answers nothing, and whether somebody has called."""
    called = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        try:
            while await reader.read(65536):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], called
    finally:
        server.close()


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
