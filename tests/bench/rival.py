"""FastStream doing the same projection, written as its documentation would have it.

A batch subscriber, one transaction per batch, offsets committed after it. The same model validates,
the same inbox and table are written; no position, no digest of the content, no parked events.
"""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.security import SASLScram512
from pydantic import ValidationError

from shared.contracts.fact import read_model
from shared.intake import PROJECTION_EVENTS
from tests.bench.consuming import BUSINESSES, Case, first_to_last

_WRITE = """
with batch as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[],
                         $6::timestamptz[])
        as b (event_id, source, topic, partition, record_offset, recorded_at)
), seen as (
    insert into inbox (consumer, event_id, source, digest, topic, partition, record_offset,
                       recorded_at)
    select 'faststream', event_id, source, '', topic, partition, record_offset, recorded_at
    from batch
    on conflict do nothing
)
insert into bench_business as t (generation, business_id, owner_id, kelurahan, version)
select 1, * from unnest($7::uuid[], $8::uuid[], $9::text[], $10::bigint[])
on conflict (generation, business_id) do update
set owner_id = excluded.owner_id, kelurahan = excluded.kelurahan, version = excluded.version
where t.version < excluded.version
"""
_MODELS = {fact.TYPE.encode(): read_model(fact) for fact in BUSINESSES.facts}


async def through_faststream(case: Case) -> float:
    """Events per second, from its first COMMIT to its last."""
    await case.reset()
    kafka = case.ground.kafka(case.service)
    broker = KafkaBroker(
        kafka.bootstrap, security=SASLScram512(kafka.username, kafka.password), logger=None
    )
    pool = await asyncpg.create_pool(case.ground.dsn(case.service), min_size=1, max_size=4)
    done = 0

    async def as_it_is(message: KafkaMessage) -> Any:
        return message.body

    @broker.subscriber(
        *case.consumer.topics,
        group_id=f"{case.service}.faststream-{uuid.uuid4().hex[:8]}",
        batch=True,
        max_records=PROJECTION_EVENTS,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        decoder=as_it_is,
    )
    async def take(message: KafkaMessage) -> None:
        nonlocal done
        records: Sequence[Any] = message.raw_message
        await pool.execute(_WRITE, *_arguments(records))
        done += len(records)

    before = case.ground.spent()
    await broker.start()
    waiting = asyncio.create_task(asyncio.sleep(120))
    try:
        return await first_to_last(lambda: done, case.ends, waiting)
    finally:
        case.spent = case.ground.spent().each(before, case.ends)
        waiting.cancel()
        await broker.stop()
        await pool.close()


def _arguments(records: Sequence[Any]) -> tuple[Any, ...]:
    seen: list[tuple[Any, ...]] = []
    latest: dict[Any, tuple[Any, ...]] = {}
    for record in records:
        named = dict(record.headers)
        moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        identity = named["ce_id"].decode(), named["ce_source"].decode()
        seen.append((*identity, record.topic, record.partition, record.offset, moment))
        try:
            fact: Any = _MODELS[named["ce_type"]].model_validate_json(record.value)
        except ValidationError:
            continue
        version = int(named["ce_sequence"])
        known = latest.get(fact.business_id)
        if known is None or known[-1] < version:
            row = (fact.business_id, fact.owner_id, fact.kelurahan, version)
            latest[fact.business_id] = row
    return (*zip(*seen, strict=True), *(zip(*latest.values(), strict=True) if latest else [()] * 4))
