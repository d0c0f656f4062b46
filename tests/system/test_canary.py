"""A NIK sent through every path that fails, then looked for everywhere it must never lie."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.places import CLONE
from deploy.local.stack import LocalStack
from shared.contracts.generate import example
from shared.contracts.topics import TRIAL

NIK = "3674065505857391"
FAMILY_CARD = "3674060905857392"
OFFICE = "office-32.71-perdagangan"
OFFICE_TOPIC = "office.32.71-perdagangan.market-event"
SERVICES = ("registry", "training", "marketing")
OTHERS = ("training", "marketing")


def woman(**other: Any) -> dict[str, Any]:
    return {
        "name": "Kenari Contoh",
        "nik": NIK,
        "birth_date": "1985-05-15",
        "household_number": FAMILY_CARD,
        "role_in_household": "wife",
        "kelurahan": "36.74.06.1005",
        "phone": "081200000000",
    } | other


def ask(
    stack: LocalStack,
    service: str,
    method: str,
    path: str,
    body: object = None,
    **headers: str,
) -> int:
    """One request; its status. What the answer says is the sender's own affair."""
    content = (
        body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    )
    sent = {
        "Authorization": f"Bearer {stack.services.token('kasi')}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(  # noqa: S310 - http, ours
        stack.services.url(service) + path, content, sent, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def send_through_http(stack: LocalStack) -> None:
    assert ask(stack, "registry", "POST", "/v1/people", woman()) == 201
    assert ask(stack, "registry", "POST", "/v1/people", woman(name="Lain")) == 409  # the same NIK
    wrong: list[object] = [
        woman(birth_date=NIK),
        woman(kelurahan=NIK),
        woman(role_in_household=NIK),
        woman(nik=NIK + "1"),
        woman(nik=int(NIK)),
        woman(household_number=NIK + "x"),
        woman() | {NIK: NIK},
        woman(name={"nik": NIK}),
        [NIK],
        json.dumps(woman()).encode()[:-1],  # cut off
        NIK.encode() + b"\x00",
        b'{"nik": "' + NIK.encode() + b'", "nik": "' + NIK.encode() + b'"}',
    ]
    for body in wrong:
        assert 400 <= ask(stack, "registry", "POST", "/v1/people", body) < 500, body
    for path in (
        f"/v1/people/{NIK}",
        f"/v1/businesses?cursor={NIK}",
        f"/v1/{NIK}",
        f"/{NIK}?a={NIK}",
    ):
        assert 400 <= ask(stack, "registry", "GET", path) < 500, path
    for headers in (
        {"X_Correlation_ID": NIK},
        {"traceparent": NIK},
        {"Idempotency_Key": NIK},
        {"If_Match": NIK},
        {"Authorization": f"Bearer {NIK}"},
        {"Accept_Language": NIK},
        {"Content_Type": NIK},
        {"User_Agent": NIK},
    ):
        ask(stack, "registry", "POST", "/v1/people", woman(birth_date=NIK), **headers)
    for service in OTHERS:
        for path in ("/v1/sessions", "/v1/products", f"/v1/sessions/{NIK}/enrolments"):
            ask(stack, service, "POST", path, {"business_id": NIK, "unit": NIK})


def send_events_through_http(stack: LocalStack) -> None:
    """As the civil registry, which may name people in its events' data and nowhere else."""
    token = stack.services.token("dinas", office="36.74-dukcapil")
    good = example("id.go.tangerangselatankota.dukcapil.resident.died.v1")
    wrong: list[object] = [
        good | {"id": NIK},
        good | {"subject": NIK, "partitionkey": NIK},
        good | {"source": f"urn:{NIK}"},
        good | {"type": f"id.{NIK}"},
        good | {"time": NIK, "data": good["data"] | {"nik": NIK}},
        good | {"data": good["data"] | {"nik": f"{NIK}0"}},
        good | {"data": {NIK: NIK}},
        NIK.encode(),
        b'{"nik": "' + NIK.encode(),
    ]
    for path in ("/v1/events", "/v1/events?trial=true", f"/v1/events?trial={NIK}"):
        for body in wrong:
            status = ask(
                stack, "registry", "POST", path, body, Authorization=f"Bearer {token}",
                Content_Type="application/cloudevents+json",
            )  # fmt: skip
            assert 400 <= status < 500, (path, body)
        attributes = {
            f"ce_{name}": NIK for name in ("id", "source", "type", "subject", "time", "x")
        }
        binary = attributes | {"ce_specversion": "1.0", "Authorization": f"Bearer {token}"}
        assert 400 <= ask(stack, "registry", "POST", path, good["data"], **binary) < 500


async def send_through_kafka(stack: LocalStack) -> None:
    """As the office: a NIK in every field and header that is of another kind."""
    good = {
        "occurred_on": "2026-05-01", "event_ref": "KENARI-1", "name": "Pasar", "host_city": "32.71",
        "place": "Alun-alun", "starts_on": "2099-01-01", "ends_on": "2099-01-02", "stands": 5,
        "time_zone": "Asia/Jakarta",
    }  # fmt: skip
    wrong: list[tuple[dict[str, Any], dict[str, str]]] = [
        (good | {"name": f"Pasar {NIK}", "ends_on": "2098-01-01"}, {}),  # for staff to settle
        (good | {"stands": NIK}, {}),
        (good | {"starts_on": NIK}, {}),
        (good | {"time_zone": NIK}, {}),
        (good | {"host_city": NIK}, {}),
        (good | {NIK: NIK, "occurred_on": NIK}, {}),
        (good, {"ce_time": NIK}),
        (good, {"ce_type": f"id.{NIK}"}),
        (good, {"ce_source": f"urn:{NIK}"}),
        (good, {"ce_subject": NIK}),
        (good, {"content-type": NIK}),
        (good, {"ce_specversion": NIK}),
        (good, {"ce_sequence": f"n{NIK}"}),
    ]
    producer = AIOKafkaProducer(
        bootstrap_servers=stack.kafka.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=OFFICE,
        sasl_plain_password=stack.services.kafka_password(OFFICE),
    )
    await producer.start()
    for number, (body, changed) in enumerate(wrong):
        ref = f"KENARI-{number}"
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(uuid.uuid4()),
            "ce_source": "urn:binaan:32.71:perdagangan",
            "ce_type": "id.go.kotabogor.perdagangan.market-event.announced.v1",
            "ce_subject": ref,
            "ce_partitionkey": ref,
            "ce_time": "2026-05-01T10:00:00+07:00",
            "ce_sequence": f"{1:020}",
            "content-type": "application/json",
        } | changed
        for topic in (OFFICE_TOPIC, OFFICE_TOPIC + TRIAL):
            await producer.send_and_wait(
                topic,
                json.dumps(body | {"event_ref": ref}).encode(),
                key=ref.encode(),
                headers=[(name, value.encode()) for name, value in headers.items()],
            )
    for raw in (NIK.encode(), b'{"nik": "' + NIK.encode(), b"\xff" + NIK.encode()):
        for topic in (OFFICE_TOPIC, OFFICE_TOPIC + TRIAL):
            await producer.send_and_wait(topic, raw, key=None)
    await producer.stop()
    conn = await asyncpg.connect(stack.database_url())
    parked = 0
    try:
        for _ in range(300):
            parked = await conn.fetchval("select count(*) from marketing.parked")
            if parked >= 2 * (len(wrong) + 3):
                break
            await asyncio.sleep(0.1)
        assert parked >= 2 * (len(wrong) + 3)
    finally:
        await conn.close()


def staff_look(stack: LocalStack) -> str:
    """What the list of parked events shows: everything but content."""
    listed = subprocess.run(
        [sys.executable, "-m", "services.marketing", "parked", "list"],
        cwd=CLONE,
        env=stack.services.environment("marketing"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "KENARI-0" in listed.stdout
    return listed.stdout + listed.stderr


def break_the_database(stack: LocalStack) -> None:
    """The database goes away under the requests, and comes back."""
    stack.stop("postgres")
    for _ in range(3):
        assert ask(stack, "registry", "POST", "/v1/people", woman(nik="3674065505857393")) >= 500
    stack.start("postgres")


def metrics(stack: LocalStack) -> str:
    """What all six processes tell."""
    urls = [stack.services.url(s) for s in SERVICES] + [
        stack.services.worker_url(s) for s in SERVICES
    ]
    pages = []
    for url in urls:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:  # noqa: S310
            pages.append(answer.read().decode())
    return "\n".join(pages)


async def dump(stack: LocalStack) -> dict[str, str]:
    """Every row of every table of the product, as text."""
    conn = await asyncpg.connect(stack.database_url())
    try:
        await conn.execute("checkpoint")
        tables = await conn.fetch(
            "select schemaname, tablename from pg_tables where schemaname = any($1)", SERVICES
        )
        found = {}
        for schema, table in (tuple(row) for row in tables):
            rows = await conn.fetch(f'select t::text as row from "{schema}"."{table}" t')
            found[f"{schema}.{table}"] = "\n".join(row["row"] for row in rows)
        return found
    finally:
        await conn.close()


def files_with(folder: Path, needle: bytes) -> list[str]:
    """The files of a folder in which these bytes stand."""
    return [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*"))
        if file.is_file() and needle in file.read_bytes()
    ]


def forms(number: str) -> list[str]:
    """As it is, and as Postgres writes bytes."""
    return [number, number.encode().hex()]


@pytest.fixture(scope="module")
def sent(system: LocalStack) -> LocalStack:
    """The stack, after the canary went through everything that fails."""
    send_through_http(system)
    send_events_through_http(system)
    asyncio.run(send_through_kafka(system))
    break_the_database(system)
    send_through_http_again(system)
    return system


def send_through_http_again(stack: LocalStack) -> None:
    """After the outage: the processes write their metrics and logs of it."""
    status = 0
    for _ in range(60):
        status = ask(stack, "registry", "POST", "/v1/people", woman(name="Lagi"))
        if status == 409:
            return
    raise AssertionError(status)


@pytest.mark.parametrize("number", [NIK, FAMILY_CARD])
def test_no_log_of_any_process_has_it(sent: LocalStack, number: str) -> None:
    logs = {file.name: file.read_text(errors="replace") for file in sent.instance.logs.iterdir()}
    assert len(logs) >= 8  # six of ours, PostgreSQL's and Kafka's
    assert all("request" in logs[f"{service}-api.log"] for service in SERVICES)
    assert [name for name, text in logs.items() if number in text] == []


@pytest.mark.parametrize("number", [NIK, FAMILY_CARD])
def test_no_metric_has_it(sent: LocalStack, number: str) -> None:
    told = metrics(sent)
    assert 'outcome="parked"' in told
    assert 'outcome="rejected"' in told
    assert number not in told


@pytest.mark.parametrize("number", [NIK, FAMILY_CARD])
def test_no_row_of_any_table_has_it(sent: LocalStack, number: str) -> None:
    rows = asyncio.run(dump(sent))
    assert rows["registry.person"]
    assert rows["registry.idempotency"]
    assert rows["registry.journal"]
    assert rows["marketing.parked"]
    found = [table for table, text in rows.items() if any(f in text for f in forms(number))]
    assert found == []


@pytest.mark.parametrize("number", [NIK, FAMILY_CARD])
def test_no_file_of_the_database_has_it(sent: LocalStack, number: str) -> None:
    data = sent.instance.folder / "postgres" / "data"
    assert files_with(data, b"KENARI-")  # what may lie there is found
    assert files_with(data, number.encode()) == []


@pytest.mark.parametrize("number", [NIK, FAMILY_CARD])
def test_no_topic_of_ours_has_it(sent: LocalStack, number: str) -> None:
    data = sent.instance.folder / "kafka" / "data"
    found = files_with(data, number.encode())
    # what the office itself sent lies in its own topic, and nowhere else
    assert [file for file in found if not file.startswith(OFFICE_TOPIC)] == []
    assert number != NIK or found


def test_the_list_of_parked_events_shows_no_value(sent: LocalStack) -> None:
    assert NIK not in staff_look(sent)


def _patiently(request: urllib.request.Request) -> str:
    """The answer, however many connections the pool still has to a database that was broken."""
    for _ in range(50):
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - http, ours
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(0.1)
    raise AssertionError("it never became ready")


def test_the_work_list_by_http_shows_no_value(sent: LocalStack) -> None:
    headers = {"Authorization": f"Bearer {sent.services.token('operator')}"}
    for path in ("/v1/parked?limit=200", "/v1/parked/groups"):
        url = sent.services.url("marketing") + path
        told = _patiently(urllib.request.Request(url, headers=headers))  # noqa: S310 - http, ours
        assert "office.32.71-perdagangan.market-event" in told
        assert NIK not in told
