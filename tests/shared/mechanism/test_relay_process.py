"""The relay has a process of its own: seen by the worker, and never there without it."""

from __future__ import annotations

import signal
import time
import urllib.request
from typing import Any

import psutil

from shared.relay_process import BACKGROUND, RelayProcess
from shared.watchdog import EXIT_CODE
from tests.shared.mechanism.ground import Ground, Program, until
from tests.shared.mechanism.test_relay import first_occurrences, nothing_to_publish, tell
from tests.shared.mechanism.things import thing_id


def _relay_of(program: Program) -> psutil.Process:
    (relay,) = psutil.Process(program.process.pid).children()
    return relay


async def _with_a_relay_that_publishes(ground: Ground, **what: Any) -> tuple[str, Program]:
    topic = ground.topic()
    running = ground.program(consumers=[], **what)
    await running.says("worker_started")
    await tell(ground, topic, "a", range(1, 3))
    await until(lambda: nothing_to_publish(ground))
    return topic, running


async def test_a_worker_whose_relay_dies_ends_and_the_next_one_publishes(ground: Ground) -> None:
    topic, running = await _with_a_relay_that_publishes(ground)
    _relay_of(running).kill()
    assert await running.exit_code(30) == 1
    assert "RelayEnded" in running.text
    await tell(ground, topic, "a", range(3, 5))
    ground.program(consumers=[])
    await until(lambda: nothing_to_publish(ground), 30)
    assert first_occurrences(await ground.on_topic(topic)) == {str(thing_id("a")): [1, 2, 3, 4]}


async def test_a_relay_ends_with_a_worker_that_is_killed(ground: Ground) -> None:
    _, running = await _with_a_relay_that_publishes(ground)
    relay = _relay_of(running)
    running.kill()
    await until(lambda: not _alive(relay), 15)
    assert await ground.value("select count(*) from pg_locks where locktype = 'advisory'") == 0


async def test_a_relay_that_stood_still_when_its_worker_was_killed_ends_once_it_goes_on(
    ground: Ground,
) -> None:
    _, running = await _with_a_relay_that_publishes(ground)
    relay = _relay_of(running)
    relay.suspend()
    running.kill()
    relay.resume()
    await until(lambda: not _alive(relay), 15)


async def test_a_worker_told_to_end_ends_its_relay_first(ground: Ground) -> None:
    _, running = await _with_a_relay_that_publishes(ground)
    relay = _relay_of(running)
    running.send(signal.SIGTERM)
    assert await running.exit_code(30) == 0, running.text[-2000:]
    assert not _alive(relay)


async def test_a_signal_to_both_is_an_orderly_end(ground: Ground) -> None:
    _, running = await _with_a_relay_that_publishes(ground)
    relay = _relay_of(running)
    relay.terminate()
    time.sleep(0.2)  # noqa: ASYNC251 - nothing else is to happen meanwhile
    running.send(signal.SIGTERM)
    assert await running.exit_code(30) == 0, running.text[-2000:]


async def test_a_relay_that_is_blocked_ends_the_worker(ground: Ground) -> None:
    _, running = await _with_a_relay_that_publishes(ground, silent_seconds=2, check_seconds=0.5)
    relay = _relay_of(running)
    relay.suspend()
    assert await running.exit_code(30) == EXIT_CODE
    assert "the relay is blocked" in running.text
    relay.resume()
    await until(lambda: not _alive(relay), 15)


async def test_the_worker_shows_what_its_relay_counted_and_whether_it_is_ready(
    ground: Ground,
) -> None:
    _, running = await _with_a_relay_that_publishes(ground)
    port = running.port
    await until(lambda: "binaan_relay_published_events_total 2.0" in _page(port, "metrics"))
    page = _page(port, "metrics")
    assert "binaan_relay_process_resident_memory_bytes" in page
    assert "binaan_relay_commit_to_topic_seconds_count 2.0" in page
    assert page.count("# HELP binaan_relay_published_events_total") == 1
    assert '"relay":true' in _page(port, "readyz")


async def test_a_backlog_has_a_lower_priority_than_the_relay(ground: Ground) -> None:
    _, running = await _with_a_relay_that_publishes(ground)
    ours = psutil.Process().nice()
    assert _relay_of(running).nice() == ours
    assert psutil.Process(running.process.pid).nice() == min(ours + BACKGROUND, 19)


def test_answers_that_are_late_make_it_not_ready_and_those_on_their_way_do_not() -> None:
    relay = RelayProcess("training", "urn:x")
    assert not relay.ready()  # it has not started
    for what, seconds, ready in (
        ("", 60, True),
        ("slots", 60, True),
        ("answers", 0, True),
        ("answers", 5, False),
        ("kafka", 0, False),
        ("postgres", 0, False),
    ):
        relay.waiting_for, relay.waiting_since = what, time.monotonic() - seconds
        assert relay.ready() is ready, what


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _page(port: int, name: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
        return str(answer.read().decode())
