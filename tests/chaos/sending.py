"""An office's way to its topic: under its own principal, each record until the broker has it."""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.chaos.ledger import Ledger, Sent
from tests.chaos.observe import tls

TWICE = 0.01
"""Share of records that are sent twice under the same id."""
CHUNK = 500
"""Records that are sent at once at most."""
PACE = 0.25
"""Seconds between looks at what is due."""


@dataclass(frozen=True)
class Door:
    """Where an office comes in. `login` is also how its name and password are called."""

    login: str  # `office-32.71-perdagangan`
    topic: str
    source: str
    types: str
    """Of its events, with `{}` for what has happened."""


@dataclass
class Sender:
    """Sends until it is acked, the same id again after a broken connection."""

    door: Door
    env: Mapping[str, str]
    ledger: Ledger
    random: random.Random
    closing: bool = False
    """Whether what the broker doesn't take now is left."""
    _producer: AIOKafkaProducer | None = None
    _leaving: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self, records: list[tuple[Sent, bytes]]) -> None:
        """Until all are acked; in order, since whatever follows waits here."""
        left = records
        while left:
            try:
                producer = await self._connected()
                answers = [await self._give(producer, sent, body) for sent, body in left]
                extra = [
                    await self._give(producer, sent, body)
                    for sent, body in left
                    if self.random.random() < TWICE
                ]
                done = await asyncio.wait_for(
                    asyncio.gather(*answers, *extra, return_exceptions=True), 30
                )
            except (KafkaError, OSError, TimeoutError):
                await self.drop()
                if self.closing:
                    return
                await asyncio.sleep(0.5)
                continue
            failed = []
            for (sent, body), answer in zip(left, done, strict=False):
                if isinstance(answer, BaseException):
                    failed.append((sent, body))
                else:
                    self.ledger.acked(sent)
            if failed:
                await self.drop()
                await asyncio.sleep(0.5)
            left = failed

    async def drop(self) -> None:
        """Leave the connection; the next record makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            leaving = asyncio.create_task(self._stop(producer))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            await asyncio.wait((leaving,), timeout=5)

    async def gone(self) -> None:
        """Until each connection that was left is closed: once the broker is back for good."""
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _stop(self, producer: AIOKafkaProducer) -> None:
        """To its end, which waits for answers: cut short, it would stay connected for ever."""
        with contextlib.suppress(KafkaError, OSError):
            await producer.stop()

    async def _give(
        self, producer: AIOKafkaProducer, sent: Sent, body: bytes
    ) -> "asyncio.Future[object]":
        headers = {
            "ce_specversion": "1.0",
            "ce_id": sent.id,
            "ce_source": self.door.source,
            "ce_type": self.door.types.format(sent.kind),
            "ce_subject": sent.ref,
            "ce_time": datetime.now(UTC).isoformat(),
            "ce_partitionkey": sent.ref,
            "ce_sequence": f"{sent.sequence:020}",
            "content-type": "application/json",
        }
        sent.copies += 1
        future: asyncio.Future[object] = await producer.send(
            self.door.topic,
            body,
            key=sent.ref.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
        return future

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            name = self.door.login.upper().replace(".", "_").replace("-", "_")
            producer = AIOKafkaProducer(
                bootstrap_servers=self.env["KAFKA_BOOTSTRAP"],
                security_protocol=self.env["KAFKA_SECURITY"],
                ssl_context=tls(self.env),
                sasl_mechanism="SCRAM-SHA-512",
                sasl_plain_username=self.env[f"{name}_USERNAME"],
                sasl_plain_password=self.env[f"{name}_PASSWORD"],
                acks="all",
                enable_idempotence=True,
                request_timeout_ms=15_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer
