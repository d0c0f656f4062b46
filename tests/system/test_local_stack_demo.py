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
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from deploy.local.demo import invented, reported
from deploy.local.demo.office import STANDS
from deploy.local.funnel import FILE, STAGES
from deploy.local.places import CLONE, Instance
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack
from deploy.local.trace import walk
from deploy.roles import SERVICES
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


def test_the_numbers_on_the_screen_are_those_of_the_figures(played: Played) -> None:
    stack, output = played
    answer = _indicators(stack, "en")
    assert len(answer["figures"]) == 10
    for figure in answer["figures"]:
        assert f" {figure['value']} {figure['title']} {figure['definition']}" in output
    shown = output.partition("by kelurahan")[2].partition("helped before")[0]
    for row in answer["items"]:
        numbers = " ".join(str(row[stage]) for stage in STAGES)
        assert f"{reported.KELURAHAN[row['kelurahan']]} {numbers} " in shown
    assert {row["kelurahan"] for row in answer["items"]} == set(reported.KELURAHAN)


def test_the_report_is_played_and_the_old_list_is_in_no_figure(played: Played) -> None:
    stack, output = played
    values = {f["figure"]: f["value"] for f in _indicators(stack, "en")["figures"]}
    assert values["registered"] < reported.HELPED_BEFORE
    assert f"{reported.HELPED_BEFORE} more were helped before, in 5 kecamatan" in output
    assert "about 80 in the room; 80 names: 78 present, 1 excused, 1 absent" in output
    assert "10 came from another kecamatan" in output
    assert "20 jars a day, no helper" in output
    assert f"4 of {STANDS} stands confirmed" in output
    assert all(0 < value <= values["registered"] for value in values.values())


def test_every_no_on_the_screen_says_what_would_turn_it(played: Played) -> None:
    acts = played[1].partition("Before the training")[2].partition("ten figures")[0]
    refused = acts.split("✗")[1:]
    asked = [one.partition(":")[0] for one in refused]
    assert len(asked) == 6
    without = [one for one in refused if "it would need:" not in one]
    assert len(without) == 1, without
    assert "The session is full" in without[0]


def test_reported_and_invented_are_marked_apart_on_every_line(played: Played) -> None:
    acts = played[1].partition("Before the training")[2].partition("ten figures")[0]
    lines = re.split(r"[✓✗] ", acts)[1:]
    assert len(lines) > 20
    assert not [line for line in lines if line[0] not in "●○"]


def test_the_checked_in_picture_is_the_one_of_these_figures(played: Played) -> None:
    stack, output = played
    drawn = stack.instance.folder / FILE
    assert f"{stack.instance.name}/{FILE}" in output
    assert drawn.read_text() == (CLONE / "docs" / FILE).read_text()
    titles = {f["figure"]: f for f in _indicators(stack, "id")["figures"]}
    for stage in STAGES:
        assert f">{titles[stage]['title']}</text>" in drawn.read_text()


def test_the_page_for_a_head_of_section_tells_these_figures(played: Played) -> None:
    stack, output = played
    page = (CLONE / "docs/untuk-kepala-seksi.md").read_text()
    figures = _indicators(stack, "id")["figures"]
    rows = re.findall(r"^\| ([A-Z][\w -]+) \| (\d+) \|", page, re.MULTILINE)
    assert rows == [(figure["title"], str(figure["value"])) for figure in figures]
    value = {figure["figure"]: str(figure["value"]) for figure in figures}
    confidence = re.search(r"1 to 5: ([\d.]+) before, ([\d.]+) after", output)
    paid = re.search(r"Rp ([\d,]+) paid of a budget of Rp ([\d,]+)", output)
    assert confidence is not None
    assert paid is not None
    story = page.partition("## Ceritanya")[2].partition("\n## ")[0]
    assert re.findall(r"\*\*((?:Rp )?[\d.,]+)\*\*", story) == [
        value["registered"],
        value["covered_elsewhere"],
        str(reported.HELPED_BEFORE),
        str(reported.HEADCOUNT),
        str(invented.SEATS),
        value["trained"],
        str(invented.SHARES[reported.REMPOA]),
        value["certified"],
        *(number.replace(".", ",") for number in confidence.groups()),
        *(value[name] for name in ("branded", "ready", "at_a_market")),
        *(f"Rp {amount.replace(',', '.')}" for amount in paid.groups()),
        *(value[name] for name in ("sold", "earning_more", "producing_continuously")),
    ]


def test_the_start_page_leads_to_the_three_apis_and_the_figures(played: Played) -> None:
    stack, output = played
    address = re.search(r"start here (http://\S+/)", output)
    assert address is not None
    found = re.findall(r'<li><a href="([^"]+)"', _fetched(address[1]))
    assert found == [*(f"{stack.services.url(s)}/docs" for s in SERVICES), "#angka"]
    for link in found[:-1]:
        assert "page.js" in _fetched(link)


def test_the_journey_has_steps_of_all_three_services(played: Played) -> None:
    _, output = played
    journey = output.partition("The journey of")[2].partition("What to try next")[0]
    tellers = Counter(re.findall(r":\d\d\.\d{3} (registry|training|marketing) ", journey))
    assert set(tellers) == {"registry", "training", "marketing"}
    assert min(tellers.values()) >= 4
    order = ["chocolate and sweets", "corrected", "Enrolled", "Attended", "Got certificate",
             "brand applied for", "continuously", "Got stand", "lodging was paid",
             "through a market event", "month 3"]  # fmt: skip
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
        # whoever runs the tests in the background hands SIGINT down as ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
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
    return _words(output).partition("in ten figures")[2].partition("What to try next")[0]


def _indicators(stack: LocalStack, language: str) -> dict[str, Any]:
    """The demo's year, as anybody may ask for it."""
    told = _fetched(
        f"{stack.services.url('registry')}/v1/indicators?year=2017&as_of=2017-12-31",
        **{"Authorization": f"Bearer {stack.services.token('kasi')}", "Accept-Language": language},
    )
    found: dict[str, Any] = json.loads(told)
    return found


async def _rows(stack: LocalStack) -> dict[str, int]:
    """How many rows each table of the three services has, but for those that count requests.

    An office that sends its event again gets another receipt, which says "duplicate"; a worker that
    was started anew tells of its feeds under another name.
    """
    conn = await asyncpg.connect(stack.database_url())
    tables = await conn.fetch(
        """
        select table_schema || '.' || table_name as name from information_schema.tables
        where table_type = 'BASE TABLE' and table_schema = any ($1::text[])
          and table_name not in ('outbox', 'idempotency', 'position', 'receipt', 'feed_health',
                                 'feed_activity')
        """,
        list(SERVICES),
    )
    rows = {}
    for name in (row["name"] for row in tables):
        said = "where topic not like '%receipt%'" if name.endswith(".journal") else ""
        rows[name] = await conn.fetchval(f"select count(*) from {name} {said}")
    await conn.close()
    return rows


def _fetched(url: str, **headers: str) -> str:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
        page: str = answer.read().decode()
    return page
