"""`make demo`, twice, and what it leaves behind."""

import ast
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local.demo.office import STANDS
from deploy.local.places import CLONE, Instance
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack
from deploy.local.trace import walk
from tests.stack.servers import session_instance

pytestmark = pytest.mark.servers
Played = tuple[LocalStack, str]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    """A demo that was played to its end, and its output."""
    stack = LocalStack(session_instance("demo"), Progress(quiet=True))
    try:
        yield stack, _words(_run(stack.instance, "demo"))
    finally:
        stack.down()
        stack.instance.forget()


def test_the_summary_tells_what_the_services_hold(played: Played) -> None:
    _, output = played
    assert "84 home businesses" in output
    assert "80 of 80 seats taken (79 present, 1 excused); 4 more asked and were refused" in output
    assert f"1 of {STANDS} stands confirmed" in output
    assert "Rempoa, in another kecamatan" in output


def test_the_journey_has_steps_of_all_three_services(played: Played) -> None:
    _, output = played
    journey = output.partition("The journey of")[2].partition("What to try next")[0]
    tellers = Counter(re.findall(r":\d\d\.\d{3} (registry|training|marketing) ", journey))
    assert tellers == {"registry": 3, "training": 2, "marketing": 2}
    order = ["chocolate and sweets", "corrected", "Enrolled", "Attended", "in batches", "Got stand"]
    assert sorted(order, key=journey.index) == order


async def test_a_second_run_doubles_nothing(played: Played) -> None:
    stack, first = played
    before = await _rows(stack)
    second = _run(stack.instance, "demo")
    assert await _rows(stack) == before
    assert _section(second) == _section(first)


async def test_playing_again_without_a_memory_finds_the_same_rows(played: Played) -> None:
    stack, _ = played
    before = await _rows(stack)
    (stack.instance.folder / "played.json").unlink()
    _run(stack.instance, "demo")
    assert await _rows(stack) == before


async def test_the_walk_of_an_event_goes_through_the_services_in_time(played: Played) -> None:
    stack, _ = played
    conn = await asyncpg.connect(stack.database_url())
    event = await conn.fetchval("select event_id::text from marketing.journal where topic = $1",
                                "marketing.stand")  # fmt: skip
    await conn.close()
    steps = await walk(stack.database_url(), event)
    # registry has two consumers of it: the journey and the figures
    assert [step.where for step in steps] == ["marketing", "Kafka", "registry", "registry"]
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_a_fair_announced_by_hand_is_listed_and_can_be_read_on_its_topic(played: Played) -> None:
    stack, _ = played
    told = _run(stack.instance, "announce", "Pasar Uji", "--stands", "7")
    event = re.search(r"Sent as (\S+) to (\S+)\.", told)
    assert event is not None
    lying = _run(stack.instance, "read", event[2], "--count", "1")
    assert f"ce_id: {event[1]}" in lying
    assert '"stands": 7' in lying
    deadline = time.monotonic() + 30
    while "caused id.binaan.marketing.market-event.listed.v1" not in _trace(stack, event[1]):
        assert time.monotonic() < deadline, _trace(stack, event[1])
        time.sleep(0.1)


def test_what_env_prints_is_understood_by_a_shell(played: Played) -> None:
    stack, _ = played
    lines = _run(stack.instance, "env")
    script = f'{lines}\n{sys.executable} -c "import os, json; print(json.dumps(dict(os.environ)))"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    told = json.loads(shell.stdout)
    assert told["REGISTRY_URL"] == stack.services.url("registry")
    assert told["DATABASE_URL"] == stack.database_url()
    assert told["TOKEN_AUDITOR"].count(".") == 2


def test_no_secret_stands_on_a_command_line(played: Played) -> None:
    stack, _ = played
    secrets = {stack.kafka.password, stack.instance.secret("postgres")}
    for name in stack.processes.running():
        process = stack.processes.find(name)
        assert process is not None
        assert not [word for word in process.cmdline() for secret in secrets if secret in word]


def test_services_of_older_code_start_anew_and_the_servers_go_on(played: Played) -> None:
    stack, _ = played

    def pid(name: str) -> int:
        process = stack.processes.find(name)
        assert process is not None
        return process.pid

    names = stack.processes.running()
    before = {name: pid(name) for name in names}
    _run(stack.instance, "up")
    assert {name: pid(name) for name in names} == before
    stack.instance.remember("code", {"digest": "of yesterday"})
    _run(stack.instance, "up")
    assert {name for name in names if pid(name) == before[name]} == {"postgres", "kafka"}


def test_down_leaves_no_process_and_up_finds_the_old_rows(played: Played) -> None:
    stack, first = played
    pids = [
        found.pid for name in stack.processes.running() if (found := stack.processes.find(name))
    ]
    assert len(pids) == 8
    _run(stack.instance, "down")
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert _section(_run(stack.instance, "demo")) == _section(first)


def test_ctrl_c_in_the_middle_of_starting_leaves_no_process() -> None:
    instance = session_instance("ctrl-c")
    starting = subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "up"],
        cwd=CLONE,
        env={**os.environ, "BINAAN_INSTANCE": instance.name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    processes = Processes(instance)
    while "kafka" not in instance.remembered("processes"):
        time.sleep(0.05)
    pids = [entry["pid"] for entry in instance.remembered("processes").values()]
    starting.send_signal(signal.SIGINT)
    _, told = starting.communicate(timeout=60)
    assert "nothing was left running" in told
    assert processes.running() == []
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    instance.forget()


def test_the_demo_imports_nothing_of_the_product() -> None:
    for file in sorted((CLONE / "deploy/local/demo").glob("*.py")):
        assert not _imported(file) & {"shared", "services"}, file


def _imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def _trace(stack: LocalStack, event: str) -> str:
    steps = asyncio.run(walk(stack.database_url(), event))
    return "\n".join(step.what for step in steps)


def _run(instance: Instance, *command: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "deploy.local", *command],
        cwd=CLONE,
        env={**os.environ, "BINAAN_INSTANCE": instance.name},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout


def _words(output: str) -> str:
    """Without the line breaks of a table's columns."""
    return " ".join(output.split())


def _section(output: str) -> str:
    return _words(output).partition("What the services say now")[2].partition("What to try next")[0]


async def _rows(stack: LocalStack) -> dict[str, int]:
    conn = await asyncpg.connect(stack.database_url())
    tables = ["registry.person", "registry.business", "registry.journal", "training.session",
              "training.enrolment", "training.journal", "marketing.product", "marketing.stand",
              "marketing.market_event", "marketing.journal"]  # fmt: skip
    rows = {table: await conn.fetchval(f"select count(*) from {table}") for table in tables}
    await conn.close()
    return rows
