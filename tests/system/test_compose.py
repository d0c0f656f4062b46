"""What operators start: hardened, closed to the outside, secret where it has to be, one address.

Then the containers, twice each, are restarted and killed under load: nothing is lost or doubled.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPResponse
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local.demo import play as play_demo
from deploy.roles import SERVICES
from shared.contracts.generate import example
from tests.chaos.ledger import Ledger
from tests.stack.composed import OFFICE, TWICE, Composed
from tests.stack.judged import verdict, working

pytestmark = [pytest.mark.engine, pytest.mark.servers, pytest.mark.slow]
PERSON = {
    "name": "Rahayu Contoh",
    "nik": "3674065505850001",
    "birth_date": "1985-05-15",
    "household_number": "3674060101170001",
    "role_in_household": "wife",
    "kelurahan": "36.74.06.1005",
}
SERVERS = ("kafka", "postgres")
KILLED = 137  # what a container ends with that didn't stop within its grace period
OURS_AT_MOST = 160e6  # bytes that an image of ours adds to its base


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _ask(
    url: str, token: str = "", body: object = None, context: ssl.SSLContext | None = None
) -> tuple[int, Message, str]:
    headers = {"Accept-Language": "en", **({"Authorization": f"Bearer {token}"} if token else {})}
    sent = None
    if body is not None:
        sent = json.dumps(body).encode()
        headers |= {"Content-Type": "application/json", "Idempotency-Key": f"compose-{hash(url)}"}
    request = urllib.request.Request(url, sent, headers)  # noqa: S310 - http(s) of this machine
    opener = urllib.request.build_opener(_Unfollowed, urllib.request.HTTPSHandler(context=context))
    try:
        answer: HTTPResponse | urllib.error.HTTPError = opener.open(request, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    return int(answer.status or 0), answer.headers, answer.read().decode()


@pytest.fixture(scope="module")
def kasi(composed: Composed) -> str:
    return composed.tokens()["TOKEN_KASI"]


def test_all_are_healthy_within_two_minutes_once_images_are_there(composed: Composed) -> None:
    assert composed.seconds_up < 120
    assert {composed.service_of(c) for c in composed.containers()} == {
        "postgres", "kafka", "gateway",
        *(f"{service}-{kind}" for service in SERVICES for kind in ("api", "worker")),
    }  # fmt: skip


async def test_nothing_is_lost_while_all_run_twice_and_each_is_restarted_and_servers_are_killed(
    composed: Composed, tmp_path: Path
) -> None:
    composed.compose("up", "-d", "--no-recreate", *TWICE)
    composed.wait_healthy()
    ended: dict[str, int] = {}
    with contextlib.closing(Ledger(tmp_path / "ledger.jsonl")) as ledger:
        async with working(composed.variables(), ledger):
            for server in SERVERS:
                await asyncio.to_thread(composed.crash, *composed.containers(server))
            for together in _side_by_side(composed):
                ended |= await asyncio.to_thread(composed.restart, *together)
            assert ended.keys() == set(composed.containers()), "each was restarted, and is there"
            await asyncio.to_thread(composed.wait_healthy)
        found = await verdict(composed.variables(), ledger)
    assert [str(finding) for finding in found] == []
    assert len(ended) == 15, "two of each service's api and worker, the servers, the gateway"
    late = [composed.service_of(c) for c, code in ended.items() if code == KILLED]
    assert late == [], "not within its grace period"
    assert ledger.events > 300, "too little was done to prove anything"


def _side_by_side(composed: Composed) -> Iterator[tuple[str, ...]]:
    """What is restarted at once: one of each service, while the others go on; servers alone."""
    for kind in ("api", "worker"):
        both = (composed.containers(f"{service}-{kind}") for service in SERVICES)
        yield from zip(*both, strict=True)
    for server in ("gateway", *SERVERS):
        yield tuple(composed.containers(server))


def test_the_demo_plays_against_the_gateway_and_kafkas_external_listener(
    composed: Composed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play_demo(composed.variables(), tmp_path / "played.json")
    assert "journey" in capsys.readouterr().out


def test_each_container_is_closed_in(composed: Composed) -> None:
    for container in composed.compose("ps", "-aq").split():
        told = composed.seen(container)
        name, host = told["Name"], told["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert host["Init"], name
        assert 0 < host["Memory"] <= 1 << 30, name
        assert host["LogConfig"]["Config"].keys() >= {"max-size", "max-file"}, name
        assert told["Config"]["User"].partition(":")[0] not in ("", "0", "root"), name


def test_no_process_runs_as_root(composed: Composed) -> None:
    for container in composed.containers():
        lines = composed.run("docker", "top", container, "-eo", "pid,uid,args").splitlines()[1:]
        roots = [line for line in lines if line.split()[1] == "0"]
        assert lines
        assert not roots, composed.service_of(container)


def test_only_the_gateway_and_the_offices_listener_are_published(composed: Composed) -> None:
    published = {
        composed.service_of(container): sorted(
            port
            for port, there in composed.seen(container)["NetworkSettings"]["Ports"].items()
            if there
        )
        for container in composed.containers()
    }
    assert {name: ports for name, ports in published.items() if ports} == {
        "gateway": ["8080/tcp"],
        "kafka": ["9094/tcp"],
    }
    without = composed.compose("-f", "docker-compose.yml", "config", "--format", "json")
    services = json.loads(without)["services"]
    assert [name for name, service in services.items() if service.get("ports")] == ["gateway"]


def _secrets(composed: Composed) -> Iterator[str]:
    for file in (composed.folder / "secrets").iterdir():
        text = file.read_text().strip()
        if file.suffix == ".json":
            yield from json.loads(text).values()
        elif text:
            yield text


def test_no_secret_lies_in_an_image_or_in_what_the_engine_tells(composed: Composed) -> None:
    told = composed.compose("config")
    for service in (*SERVICES, "jobs"):
        image = f"{composed.project}/{service}:local"
        told += composed.run("docker", "image", "history", "--no-trunc", image)
        told += composed.run("docker", "image", "inspect", image)
    for container in composed.compose("ps", "-aq").split():
        told += json.dumps(composed.seen(container))
    found = list(_secrets(composed))
    assert len(found) > 20
    assert not [secret for secret in found if secret in told]


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_shared_and_its_own_service_only(composed: Composed, service: str) -> None:
    image = f"{composed.project}/{service}:local"
    listed = ("docker", "run", "--rm", "--entrypoint", "sh", image, "-c")
    assert composed.run(*listed, "ls /app").split() == ["services", "shared"]
    there = composed.run(*listed, "ls /app/services").split()
    assert sorted(there) == sorted(["__init__.py", "__pycache__", service])
    sizes = composed.run(
        "docker", "image", "history", "--format", "{{.Size}}", "--human=false", image
    )
    base = composed.run(
        "docker", "image", "history", "--format", "{{.Size}}", "--human=false",
        "python:3.11.14-slim-bookworm",
    )  # fmt: skip
    ours = sum(map(int, sizes.split())) - sum(map(int, base.split()))
    print(f"{service}: {ours / 1e6:.0f} MB on top of the base image")
    assert ours < OURS_AT_MOST


def test_the_start_page_leads_to_all_services(composed: Composed) -> None:
    here = f"http://{composed.gateway}"
    status, headers, _ = _ask(f"{here}/")
    assert (status, headers["Location"]) == (302, "/registry/")
    status, _, page = _ask(f"{here}/registry/")
    assert status == 200
    for link in re.findall(r'(?:src|href)="([^"#:]+)"', page):
        assert _ask(urllib.parse.urljoin(f"{here}/registry/", link))[0] == 200, link
    for service in SERVICES:
        assert f'href="/{service}/docs"' in page
        description = _ask(f"{here}/{service}/openapi.json")[2]
        assert json.loads(description)["openapi"].startswith("3.1")


def test_what_a_service_names_leads_back_through_the_gateway(composed: Composed, kasi: str) -> None:
    here = f"http://{composed.gateway}"
    status, headers, _ = _ask(f"{here}/registry/v1/people", kasi, PERSON)
    assert status == 201
    assert headers["Location"].startswith("/registry/v1/people/")
    assert _ask(here + headers["Location"], kasi)[0] == 200
    _ask(f"{here}/registry/v1/people?second", kasi, {**PERSON, "nik": "3674065505850002"})
    refused = json.loads(_ask(f"{here}/registry/v1/businesses?limit=0", kasi)[2])
    assert refused["type"].startswith("/registry/docs#")
    asked = f"{here}/registry/v1/people?limit=1&name=Rahayu%20Contoh"
    status, headers, _ = _ask(asked, kasi)
    if status == 200 and "Link" in headers:
        assert headers["Link"].startswith("</registry/v1/people?")


@pytest.mark.parametrize("path", ["livez", "readyz", "metrics", "x/../metrics", "%6Detrics"])
def test_probes_and_figures_are_not_for_the_world(composed: Composed, path: str) -> None:
    assert _ask(f"http://{composed.gateway}/registry/{path}")[0] == 404


def test_with_a_certificate_the_gateway_speaks_tls_and_nothing_else(
    composed: Composed, kasi: str
) -> None:
    settings = composed.folder / ".env"
    before = settings.read_text()
    key = composed.folder / "test.key"
    settings.write_text(f"{before}GATEWAY_CERTIFICATE={composed.certificate}\nGATEWAY_KEY={key}\n")
    try:
        composed.compose("up", "-d", "--no-deps", "--force-recreate", "gateway")
        composed.wait_answering(*composed.containers("gateway"))
        trusting = ssl.create_default_context(cafile=str(composed.certificate))
        here = f"https://{composed.gateway}"
        assert _ask(f"{here}/registry/v1/businesses", kasi, context=trusting)[0] == 200
        status, headers, _ = _ask(f"http://{composed.gateway}/registry/docs")
        assert (status, headers["Location"]) == (308, f"{here}/registry/docs")
    finally:
        settings.write_text(before)
        composed.compose("up", "-d", "--no-deps", "--force-recreate", "gateway")
        composed.wait_answering(*composed.containers("gateway"))


def test_a_second_run_of_make_secrets_and_make_office_changes_nothing(composed: Composed) -> None:
    before = _digests(composed)
    composed.run("make", "secrets")
    told = composed.run("make", "office", "NAME=32.71-perdagangan")
    assert _digests(composed) == before
    assert "nothing was changed" in told
    assert f"bootstrap servers   {composed.kafka}" in told
    assert json.loads(composed.secret("kafka_users.json"))[OFFICE] in told
    assert "office.32.71-perdagangan.market-event" in told
    assert "to try first        office.32.71-perdagangan.market-event.trial" in told


def test_an_office_without_kafka_sends_through_the_gateway_and_is_told_what_became_of_it(
    composed: Composed,
) -> None:
    asked = ("python", "-m", "shared.auth", "token", "--role", "dinas", "--office")
    run = ("run", "--rm", "-T", "--no-deps", "issuer", *asked, "36.74-dukcapil")
    odd = f"dua/é 100%#{uuid4()}".replace(" ", "+")
    event = example("id.go.tangerangselatankota.dukcapil.resident.died.v1") | {"id": odd}
    token = composed.compose(*run).split()[-1]
    request = urllib.request.Request(
        f"http://{composed.gateway}/registry/v1/events?trial=true",
        json.dumps(event).encode(),
        {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/cloudevents+json",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
        assert answer.status == 202
        assert json.loads(answer.read())["topic"].endswith(".trial")
        place = answer.headers["Location"]
    assert place == f"/registry/v1/receipts/{urllib.parse.quote(odd, safe='')}"
    until = time.monotonic() + 30  # the worker has to read it first
    while (found := _ask(f"http://{composed.gateway}{place}", token))[0] != 200:
        assert (found[0], json.loads(found[2])["code"]) == (404, "tanda-terima-tidak-ada")
        assert time.monotonic() < until, found
        time.sleep(0.2)
    [receipt] = json.loads(found[2])["items"]
    assert (receipt["event_id"], receipt["topic"][-6:]) == (odd, ".trial")
    [gateway] = composed.containers("gateway")
    logged = composed.run("docker", "logs", gateway)
    assert "/registry/v1/receipts/*" in logged
    assert odd[-36:] not in logged


def test_an_office_that_the_catalogue_does_not_know_gets_no_login(composed: Composed) -> None:
    with pytest.raises(RuntimeError, match="the catalogue knows no office-99"):
        composed.run("make", "office", "NAME=99.99-contoh")


def _digests(composed: Composed) -> dict[str, str]:
    folder = composed.folder / "secrets"
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()}
