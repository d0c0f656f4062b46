"""Bogor's trade office: announces, changes and cancels market events under its own principal."""

import asyncio
import contextlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.chaos.ledger import Ledger, Sent
from tests.chaos.observe import tls

TOPIC = "office.32.71-perdagangan.market-event"
SOURCE = "urn:binaan:32.71:perdagangan"
TYPE = "id.go.kotabogor.perdagangan.market-event.{}.v1"
TWICE, STALE, CANCELLED = 0.01, 0.01, 0.03
"""Shares of records sent twice, of older versions sent late, of events that are called off."""
STANDS = 4
CHUNK = 500
PACE = 0.25


@dataclass
class Office:
    """Sends until it is acked, the same id again after a broken connection."""

    env: Mapping[str, str]
    ledger: Ledger
    random: random.Random
    refs: int
    versions: dict[str, int] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    wanted: int = 0
    """Records still to be sent at once, asked for by a fault that needs work in flight."""
    closing: bool = False
    _producer: AIOKafkaProducer | None = None

    async def open_contested(self, names: list[str]) -> None:
        """Announce the market events whose few stands everybody asks for.

        Far in the future; those whose name begins with LALU were in 2020.
        """
        await self._send([self._next(name, contested=True) for name in names])

    async def run(self, total: int, seconds: float) -> None:
        """Send what the officers leave of `total` facts, spread over the time.

        More at once whenever a fault asks for it.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self.closing:
            burst, self.wanted = self.wanted, 0
            left = max(total - self.ledger.events, 0)
            share = min(1.0, PACE / max(end - loop.time(), PACE))
            number = max(burst, min(round(left * share), CHUNK))
            if number:
                await self._send([self._any() for _ in range(number)])
            await asyncio.sleep(PACE)
        await self._drop()

    def _any(self) -> tuple[Sent, bytes]:
        ref = f"UJI-{self.random.randrange(self.refs):06}"
        if ref in self.off:
            ref = f"UJI-{self.random.randrange(self.refs):06}"
        if ref in self.versions and self.random.random() < STALE:
            return self._told(ref, max(1, self.versions[ref] - 1), "changed")  # overtaken: late
        return self._next(ref)

    def _next(self, ref: str, *, contested: bool = False) -> tuple[Sent, bytes]:
        sequence = self.versions[ref] = self.versions.get(ref, 0) + 1
        kind = "announced" if sequence == 1 else "changed"
        if not contested and sequence > 1 and self.random.random() < CANCELLED:
            kind = "cancelled"
            self.off.add(ref)
        return self._told(ref, sequence, kind, contested)

    def _told(
        self, ref: str, sequence: int, kind: str, contested: bool = False
    ) -> tuple[Sent, bytes]:
        number = len(self.ledger.sent)
        sent = self.ledger.sent[f"o-{number}"] = Sent(f"o-{number}", ref, sequence, kind)
        year = 2030 + number % 60
        if contested:
            year = 2020 if ref.startswith("LALU") else 2099
        fact: dict[str, Any] = {
            "occurred_on": "2026-01-01",
            "event_ref": ref,
            "name": f"Pameran {ref} versi {sequence} ({sent.id})",
            "host_city": "32.71",
            "place": "Lapangan Sempur, Kota Bogor",
            "starts_on": f"{year}-05-01",
            "ends_on": f"{year}-05-02",
            "stands": STANDS if year != 2020 else 10 * STANDS,
            "time_zone": "Asia/Jakarta",
        }
        return sent, json.dumps(fact).encode()

    async def _send(self, records: list[tuple[Sent, bytes]]) -> None:
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
                await self._drop()
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
                await self._drop()
                await asyncio.sleep(0.5)
            left = failed

    async def _give(
        self, producer: AIOKafkaProducer, sent: Sent, body: bytes
    ) -> "asyncio.Future[object]":
        headers = {
            "ce_specversion": "1.0",
            "ce_id": sent.id,
            "ce_source": SOURCE,
            "ce_type": TYPE.format(sent.kind),
            "ce_subject": sent.ref,
            "ce_time": datetime.now(UTC).isoformat(),
            "ce_partitionkey": sent.ref,
            "ce_sequence": f"{sent.sequence:020}",
            "content-type": "application/json",
        }
        sent.copies += 1
        future: asyncio.Future[object] = await producer.send(
            TOPIC,
            body,
            key=sent.ref.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
        return future

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.env["KAFKA_BOOTSTRAP"],
                security_protocol=self.env["KAFKA_SECURITY"],
                ssl_context=tls(self.env),
                sasl_mechanism="SCRAM-SHA-512",
                sasl_plain_username=self.env["OFFICE_32_71_PERDAGANGAN_USERNAME"],
                sasl_plain_password=self.env["OFFICE_32_71_PERDAGANGAN_PASSWORD"],
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

    async def _drop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(producer.stop(), 5)
