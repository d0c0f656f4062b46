"""The local stack: what tests and the demo stand on."""

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from tests.stack.databases import Database
from tests.stack.servers import KafkaLogin
from tests.stack.topics import NewLogin


async def test_each_login_is_at_home_in_its_own_schema(database: Database) -> None:
    conn = await asyncpg.connect(database.app("training"))
    assert await conn.fetchval("select current_schema()") == "training"
    await conn.close()


async def test_a_service_can_not_read_the_tables_of_another(database: Database) -> None:
    conn = await asyncpg.connect(database.app("training"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.fetch("select * from registry.journal")
    await conn.close()


async def test_an_app_can_not_change_tables(database: Database) -> None:
    conn = await asyncpg.connect(database.app("training"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await conn.execute("alter table journal add extra text")
    await conn.close()


async def test_each_test_has_a_database_of_its_own(new_database: object) -> None:
    assert callable(new_database)
    one, other = new_database(), new_database()
    conn = await asyncpg.connect(one.url)
    await conn.execute("create table registry.only_here ()")
    await conn.close()
    conn = await asyncpg.connect(other.url)
    assert await conn.fetchval("select to_regclass('registry.only_here')") is None
    await conn.close()


async def test_a_record_comes_back_from_a_real_broker(kafka: KafkaLogin, topic: str) -> None:
    async with AIOKafkaProducer(**kafka.aiokafka(), enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"isi", key=b"kunci")
    reader = AIOKafkaConsumer(topic, **kafka.aiokafka(), auto_offset_reset="earliest")
    async with reader:
        record = await reader.getone()
    assert (record.key, record.value) == (b"kunci", b"isi")


async def test_a_login_writes_only_where_it_may(new_login: NewLogin, topic: str) -> None:
    reader_only = new_login(read=[topic])
    async with AIOKafkaProducer(**reader_only.aiokafka()) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"isi")
