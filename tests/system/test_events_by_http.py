"""An office without Kafka: both modes, every refusal, and what lies on the topic afterwards."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from aiokafka.structs import ConsumerRecord
from multidict import CIMultiDict
from openapi_spec_validator import validate

from shared.actor import Actor
from shared.checking.judging import judged
from shared.cloudevents import Reader
from shared.contracts import generate
from shared.contracts.fact import FACTS
from shared.contracts.topics import TOPICS, TRIAL, topic
from shared.errors import Language
from shared.http.offices import office_routes
from shared.http.publishing import BINARY, STRUCTURED, event_routes
from shared.publisher import Publisher
from shared.receipts import receipt_for
from shared.settings import KafkaSettings
from shared.trial import with_trial
from tests.shared.mechanism.ground import CLONE, KEY_TEXT, records_of, settings_of
from tests.shared.tokens import token
from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin
from tests.training.doors import KEYS, Doors, Reply, opened

OWNERS = {"registry": "36.74-dukcapil", "marketing": "32.71-perdagangan"}
DIED = "id.go.tangerangselatankota.dukcapil.resident.died.v1"
RESIDENTS = FACTS[DIED].TOPIC
NOBODY = KafkaSettings(bootstrap="127.0.0.1:9", security="PLAINTEXT")
DINAS = frozenset({"dinas"})
OFFICES = sorted({t.owner.removeprefix("office-") for t in TOPICS if t.from_outside})

NONE: Mapping[str, str] = {}


@dataclass
class Service:
    """A service's doors, and how an office sends an event through them."""

    doors: Doors

    async def send(
        self,
        content: bytes | Mapping[str, Any],
        office: str | None = OWNERS["registry"],
        kind: str = STRUCTURED,
        path: str = "/v1/events",
        role: str = "dinas",
        twice: tuple[str, str] | None = None,
        headers: Mapping[str, str] = NONE,
    ) -> Reply:
        bearer = token(role, "36.74", f"{role}-{office}", office)
        said = CIMultiDict({**headers, "Authorization": f"Bearer {bearer}", "Content-Type": kind})
        if twice:
            said.add(*twice)
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        async with self.doors.client.request("POST", path, data=sent, headers=said) as answer:
            return Reply(answer.status, json.loads(await answer.read()), answer.headers)


def event(kind: str = DIED, **other: Any) -> dict[str, Any]:
    """The published example of an event, under an id of its own."""
    return generate.example(kind) | {"id": f"http-{uuid4()}"} | other


def binary(said: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Its body and headers in binary mode, as the HTTP binding of CloudEvents writes them."""
    attributes = {n: v for n, v in said.items() if n not in ("data", "datacontenttype")}
    headers = {f"ce-{name}": quote(str(text), safe=" /:+.") for name, text in attributes.items()}
    return json.dumps(said["data"]).encode(), headers


@asynccontextmanager
async def started(
    database: Database, kafka: Mapping[str, KafkaSettings]
) -> AsyncIterator[dict[str, Service]]:
    async with AsyncExitStack() as stack:
        found = {}
        for name, settings in kafka.items():
            own = importlib.import_module(f"services.{name}.reactions").CONSUMERS
            consumers, publisher = with_trial(name, own), Publisher(name, settings)
            stack.push_async_callback(publisher.close)
            routes = (*office_routes(consumers), *event_routes(consumers, KEYS, publisher))
            dsn = database.app(name)
            doors = await stack.enter_async_context(opened(dsn, name, routes, consumers))
            found[name] = Service(doors)
        yield found


@pytest.fixture
async def services(
    database: Database, catalogue: dict[str, KafkaLogin]
) -> AsyncIterator[dict[str, Service]]:
    """The two that read offices' topics, each with its own login at Kafka."""
    async with started(database, {n: settings_of(catalogue[n]) for n in OWNERS}) as both:
        yield both


@pytest.fixture
async def alone(database: Database) -> AsyncIterator[Service]:
    """The registry where no broker is: what it refuses, it refuses without one."""
    async with started(database, {"registry": NOBODY}) as found:
        yield found["registry"]


async def on_topic(kafka: KafkaLogin, name: str, event_id: str) -> ConsumerRecord:
    """The one record of the topic that holds this id."""
    [found] = [
        record
        for record in await records_of(kafka, name)
        if event_id.encode() in (record.value or b"") + b"".join(v for _, v in record.headers)
    ]
    return found


@pytest.mark.parametrize("mode", [STRUCTURED, BINARY])
@pytest.mark.parametrize("trial", [True, False])
async def test_what_lies_on_the_topic_is_what_the_office_would_have_written_itself(
    services: dict[str, Service], kafka: KafkaLogin, mode: str, *, trial: bool
) -> None:
    said = event()
    path = "/v1/events?trial=true" if trial else "/v1/events"
    if mode == BINARY:
        content, headers = binary(said)
    else:
        content, headers = json.dumps(said).encode(), {}
    answer = await services["registry"].send(content, kind=mode, path=path, headers=headers)
    name = RESIDENTS + TRIAL if trial else RESIDENTS
    place = (name, 0, 0)
    assert (answer.status, answer.body) == (
        202,
        {"receipt_for": str(receipt_for(said["source"], said["id"], place)), "topic": name},
    )
    assert answer.headers["Location"] == f"/v1/receipts/{said['id']}"
    record = await on_topic(kafka, name, said["id"])
    assert (record.key, record.value) == (said["subject"].encode(), content)
    kinds = [value for header, value in record.headers if header == "content-type"]
    assert kinds == [mode.encode()]
    item = Reader([FACTS[DIED]], KEYS).read(record)
    assert item.event is not None
    assert (item.event.id, item.event.source, item.event.type) == (
        said["id"], said["source"], DIED,
    )  # fmt: skip


async def test_where_its_receipts_will_be_is_told_for_any_id_and_they_are_there_in_time(
    services: dict[str, Service], kafka: KafkaLogin
) -> None:
    odd = f"dua/é&x=1#{uuid4()}"
    place = f"/v1/receipts/{quote(odd, safe='')}"
    content, headers = binary(event(id=odd))
    path = "/v1/events?trial=true"
    for sent, kind, more in (
        (json.dumps(event(id=odd)), STRUCTURED, {}),
        (content, BINARY, headers),
    ):
        raw = sent if isinstance(sent, bytes) else sent.encode()
        answer = await services["registry"].send(raw, kind=kind, path=path, headers=more)
        assert answer.status == 202, answer.body
        assert answer.headers["Location"] == place
    doors, sender = services["registry"].doors, Actor("a", DINAS, office=OWNERS["registry"])
    early = await doors.get(place, sender)
    assert (early.status, early.code) == (404, "tanda-terima-tidak-ada")
    for record in await records_of(kafka, RESIDENTS + TRIAL):
        if odd[-36:] in str(record):
            await doors.hear("registry.trial", record)
    given = (await doors.get(place, sender)).body["items"]
    assert [(r["event_id"], r["topic"]) for r in given] == [(odd, RESIDENTS + TRIAL)] * 2


async def test_a_quoted_header_is_taken_as_older_senders_write_it(
    services: dict[str, Service], kafka: KafkaLogin
) -> None:
    said = event()
    content, headers = binary(said)
    headers["ce-id"] = f'"\\h{said["id"][1:]}"'
    path = "/v1/events?trial=true"
    answer = await services["registry"].send(content, kind=BINARY, path=path, headers=headers)
    assert answer.status == 202, answer.body
    record = await on_topic(kafka, RESIDENTS + TRIAL, said["id"])
    assert dict(record.headers)["ce_id"] == said["id"].encode()


DATA = event()["data"]
HERS = "3674065505857404"
BAD: list[tuple[str, bytes | Mapping[str, Any], str, str]] = [
    ("not JSON", b"{", "not_json", "/data"),
    ("a list", b"[]", "not_an_object", ""),
    ("nothing", b"", "not_json", "/data"),
    ("twice", json.dumps(event()).encode().replace(b'"id"', b'"id": "x", "id"'),
     "duplicate_key", "/data"),
    ("no data", {k: v for k, v in event().items() if k != "data"}, "missing", "/data"),
    ("no id", {k: v for k, v in event().items() if k != "id"}, "missing", "/id"),
    ("no source", {k: v for k, v in event().items() if k != "source"}, "missing", "/source"),
    ("no type", {k: v for k, v in event().items() if k != "type"}, "missing", "/type"),
    ("no subject", {k: v for k, v in event().items() if k != "subject"}, "missing", "/subject"),
    ("old", event(specversion="0.3"), "specversion", "/specversion"),
    ("of a version that nobody knows", event(type=DIED + "9"), "unknown_type", "/type"),
    ("of ours", event(type="id.binaan.registry.person.died.v1"), "unknown_type", "/type"),
    ("of another key", event(subject="X-1", partitionkey="X-1"), "key_differs_from_subject",
     "/data/resident_ref"),
    ("of two keys", event(partitionkey="X-1"), "key_differs_from_subject", "/subject"),
    ("without a zone", event(time="2026-05-04T10:00:00"), "contract", "/time"),
    ("a word for a number", event(sequence="one"), "contract", "/sequence"),
    ("no NIK", event(data=DATA | {"nik": "12"}), "contract", "/data/nik"),
    ("a field missing", event(data={"resident_ref": DATA["resident_ref"]}), "missing",
     "/data/occurred_on"),
    ("a NIK for a key", event(subject=HERS, partitionkey=HERS),
     "names_a_person", "/subject"),
    ("a NIK for an id", event(id=HERS), "names_a_person", "/id"),
]  # fmt: skip


async def test_what_breaks_the_contract_is_told_at_once_as_the_offline_check_tells_it(
    alone: Service,
) -> None:
    for name, content, code, pointer in BAD:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        wrong = judged(raw, {"content-type": STRUCTURED}, topic=topic(RESIDENTS)).wrong
        languages: tuple[Language, ...] = ("id", "en")
        for language in languages:
            answer = await alone.send(content, headers={"Accept-Language": language})
            assert (answer.status, answer.code) == (422, "kejadian-ditolak"), (name, answer.body)
            errors = answer.body["errors"]
            assert (errors[0]["pointer"], errors[0]["code"]) == (pointer, code), name
            assert [each["detail"] for each in errors] == [one.text(language) for one in wrong]
            assert len(errors) > 1 or answer.body["detail"] == errors[0]["detail"]
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert HERS not in json.dumps(answer.body)


@pytest.mark.parametrize("mode", [STRUCTURED, BINARY])
async def test_all_that_is_wrong_is_told_in_one_answer(alone: Service, mode: str) -> None:
    said = event(specversion="0.3", time="2026-05-04", data=DATA | {"nik": "12", "area": {"a": 1}})
    del said["id"], said["data"]["occurred_on"]
    content, headers = (json.dumps(said).encode(), {}) if mode == STRUCTURED else binary(said)
    answer = await alone.send(content, kind=mode, headers=headers)
    wrong = {(each["pointer"], each["code"]) for each in answer.body["errors"]}
    assert wrong == {
        ("/id", "missing"),
        ("/specversion", "specversion"),
        ("/data/nik", "contract"),
        ("/data/occurred_on", "missing"),
        ("/time", "contract"),
    }
    assert answer.body["detail"] == answer.body["title"]


async def test_who_may_not_send_it_is_told_why_in_a_sentence(alone: Service) -> None:
    dpmptsp, bogor = OFFICES[OFFICES.index("36.74-dpmptsp")], OWNERS["marketing"]
    tries: list[tuple[str | None, str, dict[str, Any], str, str]] = [
        (OWNERS["registry"], "dinas", event(source="urn:binaan:36.74:sosial"), "/source",
         "source_not_allowed"),
        (dpmptsp, "dinas", event(), "/type", "type"),
        (bogor, "dinas", event(), "header:Authorization", "office"),
        (None, "dinas", event(), "header:Authorization", "office"),
    ]  # fmt: skip
    said = set()
    for office, role, sent, pointer, code in tries:
        answer = await alone.send(sent, office, role=role)
        assert (answer.status, answer.code) == (403, "bukan-dinas-anda"), answer.body
        [error] = answer.body["errors"]
        assert (error["pointer"], error["code"]) == (pointer, code)
        said.add(error["detail"])
    assert len(said) == len(tries)
    for role in ("kasi", "operator", "verifikator"):
        answer = await alone.send(event(), role=role)
        assert (answer.status, answer.code) == (403, "peran-tidak-cukup")


async def test_what_is_no_request_for_it_is_refused_by_the_edge(alone: Service) -> None:
    kinds = ("text/plain", "application/cloudevents-batch+json", "application/cloudevents",
             f"{STRUCTURED}; charset=latin-1")  # fmt: skip
    for kind in kinds:
        answer = await alone.send(event(), kind=kind)
        assert (answer.status, answer.headers["Accept-Post"]) == (415, f"{STRUCTURED}, {BINARY}")
        assert STRUCTURED in answer.body["detail"]
        assert f"{BINARY} untuk moda biner" in answer.body["detail"]
    large = event(data=DATA | {"padding": "x" * 70_000})
    assert (await alone.send(large)).status == 413
    assert (await alone.send(event(), path="/v1/events?trial=perhaps")).status == 400
    assert (await alone.send(event(), path="/v1/events?topic=x")).status == 400
    content, headers = binary(event())
    answer = await alone.send(content, kind=BINARY, twice=("ce-id", "other"), headers=headers)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (400, "header:ce-id")


async def test_a_whole_event_sent_as_plain_json_is_told_its_content_type_and_nothing_else(
    alone: Service,
) -> None:
    for language, detail in (("id", "Kirim dengan"), ("en", "Send it with")):
        answer = await alone.send(event(), kind=BINARY, headers={"Accept-Language": language})
        assert (answer.status, answer.code) == (422, "kejadian-ditolak")
        assert answer.body["errors"] == [
            {
                "pointer": "header:Content-Type",
                "code": "content_type",
                "detail": f"{detail} Content-Type: {STRUCTURED}.",
            }
        ]
    for content in (b"[]", b"{", b'{"data": {}}', b"[" * 9_000):  # no event: as before
        answer = await alone.send(content, kind=BINARY)
        assert {"/id", "/type"} & {each["pointer"] for each in answer.body["errors"]}
    content, headers = binary(event())
    answer = await alone.send(content, kind=BINARY, headers={"ce-id": headers["ce-id"]})
    assert "/type" in {each["pointer"] for each in answer.body["errors"]}


async def test_the_description_names_both_modes_and_no_key(alone: Service) -> None:
    async with alone.doors.client.get("/openapi.json") as answer:
        document = json.loads(await answer.read())
    validate(document)
    told = document["paths"]["/v1/events"]["post"]
    assert list(told["requestBody"]["content"]) == [STRUCTURED, BINARY]
    names = {parameter["name"] for parameter in told["parameters"]}
    assert {"trial", "ce-id", "ce-source", "ce-type", "ce-sequence"} <= names
    assert "Idempotency-Key" not in names
    assert told["x-example"]["office"] == OWNERS["registry"]
    codes = {name for r in told["responses"].values() for c in r["content"].values()
             for name in c.get("examples", ())}  # fmt: skip
    wanted = ("bukan-dinas-anda", "kejadian-ditolak", "belum-pasti-diterima", "terlalu-besar")
    assert {f"{code}.{language}" for code in wanted for language in ("id", "en")} <= codes
    assert not {code for code in codes if code.startswith(("kunci-", "sedang-diproses"))}
    assert "Idempotency-Key" in told["description"]


async def test_every_office_sends_its_own_types_to_its_own_topics_and_no_others(
    services: dict[str, Service],
) -> None:
    kinds = [fact for fact in FACTS.values() if topic(fact.TOPIC).from_outside]
    assert len(kinds) == 20
    for fact in kinds:
        home = topic(fact.TOPIC)
        for office in OFFICES:
            for name, service in services.items():
                for trial in ("", "?trial=true"):
                    answer = await service.send(event(fact.TYPE), office, path=f"/v1/events{trial}")
                    own = home.owner == f"office-{office}" and home.readers == (name,)
                    assert answer.status == (202 if own else 403), (office, fact.TYPE, answer.body)
                    if own:
                        wanted = home.name + TRIAL if trial else home.name
                        assert answer.body["topic"] == wanted


@pytest.mark.slow  # each starts a process
@pytest.mark.parametrize("service", OWNERS)
def test_an_api_that_takes_events_does_not_start_without_an_address_of_kafka(service: str) -> None:
    plain = {n: v for n, v in os.environ.items() if not n.startswith("BINAAN_")}
    settings = {
        "BINAAN_DATABASE_URL": "postgresql://127.0.0.1:9/none",
        "BINAAN_JWKS_FILE": "/nowhere",
        "BINAAN_JWT_ISSUER": "urn:test",
        "BINAAN_JWT_AUDIENCE": "binaan",
        "BINAAN_SECRET_KEYS": KEY_TEXT,
    }
    command = [sys.executable, "-m", f"services.{service}", "api"]
    ran = subprocess.run(
        command, env=plain | settings, cwd=CLONE, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1
    assert "BINAAN_KAFKA_BOOTSTRAP is missing" in ran.stderr


async def test_an_idempotency_key_is_neither_needed_nor_looked_at(
    services: dict[str, Service],
) -> None:
    for _ in range(2):
        sent = event()
        key = {"Idempotency-Key": "the-same"}
        answer = await services["registry"].send(sent, path="/v1/events?trial=true", headers=key)
        place = (RESIDENTS + TRIAL, 0, 0)
        assert answer.body["receipt_for"] == str(receipt_for(sent["source"], sent["id"], place))


async def test_without_a_broker_it_says_so_soon_and_everything_else_is_served(
    alone: Service,
) -> None:
    began = time.monotonic()
    many = await asyncio.gather(
        *(alone.send(event(), headers={"Accept-Language": "en"}) for _ in range(90))
    )
    assert time.monotonic() - began < 20
    assert {answer.status for answer in many} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in many)
    unsure = [answer for answer in many if answer.code == "belum-pasti-diterima"]
    assert len(unsure) >= 64
    assert {answer.code for answer in many if answer not in unsure} <= {"sedang-sibuk"}
    for answer in unsure:
        assert "Send the same event again under the same id" in answer.body["detail"]
    assert (await alone.doors.get("/v1/receipts")).status == 200
