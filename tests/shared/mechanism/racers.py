"""The four processes that race for one key: the intake, the worker, and two members of staff.

Each is a fork of a small process without threads, has one connection of its own, and does what it
is told, a line at a time, until it is killed. Staff go through the routes' own actions, in the HTTP
layer's transaction with its Idempotency-Key; nothing is left out but HTTP itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from aiokafka.structs import ConsumerRecord

from shared import inbox, placing
from shared.actor import Actor, service_actor
from shared.auth import PublicKeys, TokenCheck
from shared.batch import Fenced, Writer
from shared.cloudevents import Reader
from shared.consumers import Ending, Parked, Reaction, Received, Waiting
from shared.contracts import topics
from shared.contracts.receipts import BOGOR_TRADE
from shared.contracts.topics import Topic
from shared.db import Connections, Database, Tx, make_pool
from shared.errors import Refusal
from shared.http.idempotency import Claim, Replayed
from shared.http.parked_bodies import DiscardMany, DiscardParked, ReplayParked
from shared.http.transacting import Ground, no_writing, reading, writing
from shared.http.types import Call
from shared.http.work_list import work_list_routes
from shared.parked import desks
from shared.parked.desks import Desks
from shared.parked.due import drain_due
from tests.shared.mechanism.things import KEYS, Thing, event, leave_effects, source, told_on
from tests.shared.tokens import AUDIENCE, ISSUER, jwks

SERVICE, TOPIC = "race", "office.race.thing"
TOPIC_ID = UUID(int=1)
SILENT, TELLS, BAD = 0, 1, -1
"""Numbers of a thing: it is counted, it is told of as well, no rule allows it."""
FORBIDDEN = "bad-number"
STAFF = ("verifikator", "kasi")
ROLES = ("intake", "worker", *STAFF)


async def judge(tx: Tx, events: Sequence[Received]) -> Iterable[Ending]:
    """Numbers below BAD are waited for."""
    known = {row["n"] for row in await tx.conn.fetch("select n from known")}
    endings: list[Ending] = []
    good = []
    for each in events:
        number = cast("Thing", each.fact).n
        if number == BAD:
            endings.append(Parked(each, FORBIDDEN, pointer="/data/n"))
        elif number < BAD and number not in known:
            endings.append(Waiting(each, f"number {number}"))
        else:
            good.append(each)
    await leave_effects(tx, good)
    for each in good:
        if cast("Thing", each.fact).n == TELLS:
            thing = cast("Thing", each.fact)
            fact = told_on("race.told")(
                occurred_on=thing.occurred_on, thing_id=thing.thing_id, n=thing.n
            )
            tx.because(each).emit(fact, key=UUID(each.id), version=1)
    return endings


CONSUMER = Reaction(f"{SERVICE}.things", (TOPIC,), (told_on(TOPIC),), judge)
topics._BY_NAME[TOPIC] = Topic(
    TOPIC, "office-race", "thing_id", 1, None, ("office-race",), (SERVICE,), source(SERVICE),
    from_outside=True, receipts=BOGOR_TRADE,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One event as it lies on the topic."""

    offset: int
    key: str
    version: int
    n: int
    event_id: str

    def record(self) -> ConsumerRecord:
        made = event(SERVICE, self.key, self.version, n=self.n, event_id=UUID(self.event_id))
        return ConsumerRecord(
            TOPIC, 0, self.offset, 0, 0, made.key, made.value, None, 0, 0, made.headers
        )


class Racer:
    """What one process does."""

    def __init__(self, role: str, pool: asyncpg.Pool) -> None:
        db = Database(pool, SERVICE, source(SERVICE), ZoneInfo("Asia/Jakarta"))
        self._pool, self._reader = pool, Reader(CONSUMER.facts, KEYS)
        self._writer = Writer(db, CONSUMER, CONSUMER.name, KEYS)
        self._actor = Actor(role, frozenset({role}), ("*",))
        tokens = TokenCheck(PublicKeys(jwks), ISSUER, AUDIENCE)
        self._ground = Ground(db=db, tokens=tokens, keys=KEYS, connections=Connections(pool))
        routes = work_list_routes(Desks((CONSUMER,), KEYS))
        self._routes = {route.path: route for route in routes}

    async def take(self, log: list[list[Any]], cuts: list[int]) -> str:
        """Read on from the position, as the intake does; `cuts`: where its batches end."""
        for end in [*cuts, len(log)]:
            while True:
                async with self._pool.acquire() as conn:
                    await placing.begin(conn, CONSUMER.name, {(TOPIC, 0): (TOPIC_ID, 0)})
                    found = await inbox.positions(conn, CONSUMER.name)
                    self._writer.positions[TOPIC, 0] = found[TOPIC, 0][0]
                    lines = [Line(*line) for line in log[:end]]
                    items = self._writer.left([self._reader.read(x.record()) for x in lines])
                    try:
                        if items:
                            await self._writer.end(conn, items)
                        break
                    except Fenced:  # who was killed has committed after all
                        continue
        return "taken"

    async def drain(self, times: int) -> str:
        """What the worker's timer does."""
        for _ in range(times):
            async with self._pool.acquire() as conn:
                await drain_due(self._writer, self._reader, conn, service_actor(SERVICE))
        return "drained"

    async def replay(self, parked_id: str, n: int | None, key: str) -> str:
        changes = [] if n is None else [{"pointer": "/data/n", "value": n}]
        body = ReplayParked.model_validate({"changes": changes, "reason": "told by telephone"})
        return await self._post("/{parked_id}/replay", body, key, parked_id)

    async def discard(self, parked_id: str, key: str) -> str:
        body = DiscardParked(code="outdated", reason="sent by mistake")
        return await self._post("/{parked_id}/discard", body, key, parked_id)

    async def discard_many(self, key: str) -> str:
        """All that no rule allows: of the one key that has any."""
        body = DiscardMany(topic=TOPIC, of_code=FORBIDDEN, code="outdated", reason="a resync")
        return await self._post("/discard", body, key)

    async def _post(self, path: str, body: Any, key: str, parked_id: str = "") -> str:
        """The route's action, and what it answered: ok, again, or the code of a refusal."""
        route = self._routes[f"/v1/parked{path}"]
        named = {"parked_id": UUID(parked_id)} if parked_id else {}
        call = Call(
            actor=self._actor, body=body, query=None, path=named,
            if_match=None, language="id", zone=ZoneInfo("UTC"), correlation_id=key,
            traceparent=None, writer=no_writing, reader=reading(self._ground),
        )  # fmt: skip
        asked = f"{path} {parked_id}".encode()
        claim = Claim(
            f"{self._actor.subject} {key}".encode(), asked, KEYS.digest(asked, "idempotency")
        )
        call.writer = writing(route, self._ground, claim)
        try:
            await route.action(call)
        except Replayed:
            return "again"
        except Refusal as refusal:
            return refusal.code
        return "ok"


class Child:
    """One of the four, seen from the process that forked it."""

    _lines: ClassVar[set[socket.socket]] = set()
    """Our ends of all lines. A fork closes them: when we are gone, every line ends."""

    def __init__(self, role: str, dsn: str) -> None:
        self.role, self._dsn = role, dsn
        self._line, theirs = socket.socketpair()
        self._line.settimeout(30)
        self._lines.add(self._line)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for line in self._lines:
                    line.close()
                _serve(role, dsn, theirs)
            finally:
                os._exit(1)
        theirs.close()

    def tell(self, **what: Any) -> None:
        self._line.sendall(json.dumps(what).encode() + b"\n")

    def answer(self) -> str:
        """What it answered; empty when it died."""
        got = b""
        while not got.endswith(b"\n"):
            try:
                part = self._line.recv(4096)
            except ConnectionResetError:  # it died before it had read what it was told
                return ""
            if not part:
                return ""
            got += part
        return got.decode().strip()

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def again(self) -> Child:
        """Another one in its place."""
        self._lines.discard(self._line)
        self._line.close()
        return Child(self.role, self._dsn)


def without_the_key_s_lock() -> None:
    """The mistake that the race must find: staff read the key's row and don't lock it."""
    desks.HOLD_KEY = desks.HOLD_KEY.removesuffix(" for update")


def _serve(role: str, dsn: str, line: socket.socket) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pool = loop.run_until_complete(make_pool(dsn, f"race {role}", 1))
    racer = Racer(role, pool)
    with line.makefile("rb") as lines:
        for told in lines:
            what = json.loads(told)
            act = what.pop("act")
            try:
                answer = loop.run_until_complete(getattr(racer, act)(**what))
            except Exception as error:  # noqa: BLE001 - told to who asked
                answer = f"{type(error).__name__}: {error}".replace("\n", " ")
            line.sendall(answer.encode() + b"\n")
