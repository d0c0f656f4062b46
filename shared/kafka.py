"""Kafka: how we log in, and the few settings that keep an event safe. All clients are made here."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any, ClassVar
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.partitioner import murmur2
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from shared.odd_batches import read_them
from shared.settings import KafkaSettings

read_them()
MAX_RECORD_BYTES = 1_100_000
"""A value of 1 MiB and its headers."""
FETCH_BYTES = 4 << 20
SESSION_MS = 10_000
MAX_POLL_MS = 60_000


def login(kafka: KafkaSettings) -> dict[str, Any]:
    """Where the brokers are and who we are there, as aiokafka names it."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap,
        "security_protocol": kafka.security,
    }
    if kafka.security.startswith("SASL"):
        arguments |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": kafka.username,
            "sasl_plain_password": kafka.password,
        }
    if kafka.security.endswith("SSL"):
        arguments["ssl_context"] = ssl.create_default_context(cafile=kafka.ca_file)
    return arguments


def consumer(kafka: KafkaSettings, group: str | None, client: str) -> AIOKafkaConsumer:
    """A consumer that never decides by itself where to read.

    No automatic commit, no automatic reset (a gap must not be skipped in silence), nothing of an
    aborted transaction, and a cap on what it holds in memory.
    """
    return AIOKafkaConsumer(
        group_id=group,
        client_id=client,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        fetch_max_bytes=FETCH_BYTES,
        max_partition_fetch_bytes=FETCH_BYTES // 2,
        fetch_max_wait_ms=100,
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=SESSION_MS // 4,
        max_poll_interval_ms=MAX_POLL_MS,
        rebalance_timeout_ms=MAX_POLL_MS,
        metadata_max_age_ms=30_000,
        **login(kafka),
    )


def producer(kafka: KafkaSettings, client: str) -> AIOKafkaProducer:
    """A producer that keeps the order of a partition and is answered by all replicas."""
    return AIOKafkaProducer(
        client_id=client,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=256 * 1024,
        max_request_size=MAX_RECORD_BYTES,
        partitioner=partition_of,
        metadata_max_age_ms=30_000,
        **login(kafka),
    )


def partition_of(key: bytes | None, partitions: list[int], _available: list[int]) -> int:
    """The partition of a key, as Java's and aiokafka's producers choose it (murmur2).

    Remembered, since aiokafka computes it in Python: a third of what sending an event costs.
    """
    if key is None:
        raise ValueError("an event without a key has no order")
    return partitions[_murmur2(key) % len(partitions)]


@lru_cache(maxsize=65_536)
def _murmur2(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


async def let_go(client: AIOKafkaProducer | AIOKafkaConsumer, seconds: float) -> None:
    """End a client within seconds, wherever its broker is; what it couldn't send by then is left.

    Its own stop() waits for answers that may never come. Only cut short, it would leave a task that
    sends those records when the broker is back, behind what its successor has sent by then.
    """
    try:
        await asyncio.wait_for(client.stop(), seconds)
    except (KafkaError, OSError, TimeoutError):
        await _cut(client)
    except BaseException:
        await _cut(client)
        raise


async def _cut(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """There is no public way: end what works in the background, then close each connection."""
    network: AIOKafkaClient = client._client if _reads(client) else client.client  # noqa: SLF001
    if _reads(client):
        part = client._fetcher  # noqa: SLF001
        at_work = part and part._fetch_task  # noqa: SLF001
    else:
        part = client._sender  # noqa: SLF001
        at_work = part and part.sender_task
    for _ in range(3):  # asked once, it waits for what is on its way; asked again, it doesn't
        for connection in network._conns.values():  # noqa: SLF001
            connection.close()
        if at_work is None or at_work.done():
            break
        at_work.cancel()
        await asyncio.wait((at_work,), timeout=0.3)
    if not _reads(client):
        client._message_accumulator.fail_all(KafkaConnectionError("let go"))  # noqa: SLF001
    with contextlib.suppress(KafkaError, OSError, TimeoutError):
        await asyncio.wait_for(network.close(), 2)  # a TLS connection waits for the other side


def _reads(client: AIOKafkaProducer | AIOKafkaConsumer) -> bool:
    return isinstance(client, AIOKafkaConsumer)


async def answers(kafka: KafkaSettings) -> bool:
    """True once a broker has let us in. Raises aiokafka's errors and OSError until then."""
    client = AIOKafkaClient(client_id="binaan-probe", **login(kafka))
    try:
        await client.bootstrap()
        return True
    finally:
        await client.close()


async def end_offsets(
    kafka: KafkaSettings, places: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """Where each partition ends, open transactions included. Raises aiokafka's errors."""
    async with _asking(kafka) as client:
        ends: dict[TopicPartition, int] = await client.end_offsets(places)
        return ends


async def first_offsets(
    kafka: KafkaSettings, places: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """Where each partition begins; above 0 once records were deleted. Raises aiokafka's errors."""
    async with _asking(kafka) as client:
        firsts: dict[TopicPartition, int] = await client.beginning_offsets(places)
        return firsts


async def offsets_at(
    kafka: KafkaSettings, places: list[TopicPartition], moment: datetime
) -> dict[TopicPartition, int]:
    """The first offset of each partition that isn't older than a moment, else its end.

    Raises aiokafka's errors.
    """
    async with _asking(kafka) as client:
        milliseconds = int(moment.timestamp() * 1000)
        found = await client.offsets_for_times(dict.fromkeys(places, milliseconds))
        ends = await client.end_offsets(places)
        return {place: ends[place] if at is None else at.offset for place, at in found.items()}


async def delete_before(kafka: KafkaSettings, offsets: dict[TopicPartition, int]) -> None:
    """Delete the records before these offsets. Raises aiokafka's errors."""
    admin = AIOKafkaAdminClient(client_id="binaan-forgets", **login(kafka))
    await admin.start()
    try:
        await admin.delete_records(
            {place: RecordsToDelete(before_offset=offset) for place, offset in offsets.items()}
        )
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def _asking(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    client = AIOKafkaConsumer(client_id="binaan-asks", **login(kafka))
    await client.start()
    try:
        yield client
    finally:
        with contextlib.suppress(asyncio.CancelledError, KafkaError):
            await client.stop()


async def topic_ids(client: AIOKafkaClient, topics: Iterable[str]) -> dict[str, UUID]:
    """The broker's id of each topic: a topic that was deleted and made again has another one.

    A topic that doesn't exist is left out. Raises aiokafka's errors when no broker answers.
    """
    node = client.get_random_node()
    if node is None:
        raise KafkaConnectionError("no broker is known yet")
    answer = await client.send(node, _TopicIds(sorted(set(topics))))
    return {
        name: topic_id
        for error, name, topic_id, *_ in answer.topics
        if error == 0 and name is not None
    }


# aiokafka speaks Metadata up to v5; topic ids came with v10 (KIP-516). Only what we read is named.
class _Uuid(AbstractType[UUID]):  # type: ignore[misc]
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))

    @classmethod
    def repr(cls, value: UUID) -> str:
        return str(value)


_NAME = CompactString("utf-8")
_NUMBERS = CompactArray(Int32)


class _TopicIdsResponse(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", _NAME),
                ("port", Int32),
                ("rack", _NAME),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", _NAME),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", _NAME),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", _NUMBERS),
                        ("isr", _NUMBERS),
                        ("offline_replicas", _NUMBERS),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class _TopicIdsRequest(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = _TopicIdsResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _NAME), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicIds(Request[_TopicIdsRequest]):  # type: ignore[misc]
    API_KEY: ClassVar[int] = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_TopicIdsRequest]) -> _TopicIdsRequest:
        asked: list[tuple[UUID, str, dict[int, bytes]]] = [
            (UUID(int=0), name, {}) for name in self._topics
        ]
        return request_struct_class(asked, False, False, False, {})
