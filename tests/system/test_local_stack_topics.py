"""The catalogue's job on a real broker."""

import json
import os
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from confluent_kafka.admin import AdminClient, ConfigResource

from deploy.local.places import CLONE
from shared import topics
from shared.contracts.topics import Topic
from tests.stack.servers import KafkaLogin


@pytest.fixture
def declared() -> Topic:
    """A topic that nobody else has, with a writer and a reader of its own."""
    name = f"t-{uuid.uuid4().hex[:8]}"
    return Topic(
        f"{name}.facts", f"{name}-writer", "id", 2, 30, (f"{name}-writer",), (f"{name}-reader",),
        f"urn:{name}",
    )  # fmt: skip


def _users(topic: Topic) -> dict[str, str]:
    return {who: f"secret of {who}" for who in topics.principals([topic])}


def _login(kafka: KafkaLogin, who: str) -> KafkaLogin:
    return KafkaLogin(kafka.bootstrap, who, f"secret of {who}")


def test_applying_twice_changes_nothing(kafka_admin: AdminClient, declared: Topic) -> None:
    first = topics.apply(kafka_admin, _users(declared), [declared])
    assert f"topic {declared.name}" in first
    assert topics.apply(kafka_admin, _users(declared), [declared]) == []


def test_another_number_of_partitions_is_refused(kafka_admin: AdminClient, declared: Topic) -> None:
    topics.apply(kafka_admin, _users(declared), [declared])
    with pytest.raises(topics.TopicsError, match="has 2 partitions, the catalogue says 3"):
        topics.apply(kafka_admin, _users(declared), [replace(declared, partitions=3)])


def test_a_changed_setting_is_put_right(kafka_admin: AdminClient, declared: Topic) -> None:
    topics.apply(kafka_admin, _users(declared), [declared])
    longer = replace(declared, retention_days=60)
    assert topics.apply(kafka_admin, _users(declared), [longer]) == [
        f"{declared.name}: retention.ms={60 * 86_400_000}"
    ]
    resource = ConfigResource(ConfigResource.Type.TOPIC, declared.name)
    found = kafka_admin.describe_configs([resource])[resource].result()
    assert found["retention.ms"].value == str(60 * 86_400_000)


async def test_a_writer_writes_and_a_reader_reads(
    kafka: KafkaLogin, kafka_admin: AdminClient, declared: Topic
) -> None:
    topics.apply(kafka_admin, _users(declared), [declared])
    writer, reader = _login(kafka, declared.writers[0]), _login(kafka, declared.readers[0])
    async with AIOKafkaProducer(**writer.aiokafka(), enable_idempotence=True) as producer:
        await producer.send_and_wait(declared.name, b"isi")
    consumer = AIOKafkaConsumer(
        declared.name, **reader.aiokafka(), group_id=f"{reader.username}.any",
        auto_offset_reset="earliest",
    )  # fmt: skip
    async with consumer:
        assert (await consumer.getone()).value == b"isi"


async def test_a_permission_that_left_the_catalogue_is_taken_away(
    kafka: KafkaLogin, kafka_admin: AdminClient, declared: Topic
) -> None:
    both = replace(declared, writers=(*declared.writers, *declared.readers))
    topics.apply(kafka_admin, _users(both), [both])
    reader = _login(kafka, declared.readers[0])
    async with AIOKafkaProducer(**reader.aiokafka()) as producer:
        await producer.send_and_wait(declared.name, b"isi")
    changes = topics.apply(kafka_admin, _users(declared), [declared])
    assert changes == [f"forbid {reader.username} WRITE topic {declared.name}"]
    async with AIOKafkaProducer(**reader.aiokafka()) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(declared.name, b"isi")


def test_a_login_without_a_password_is_named(kafka_admin: AdminClient, declared: Topic) -> None:
    with pytest.raises(topics.TopicsError, match=f"no password for {declared.readers[0]}, "):
        topics.apply(kafka_admin, {}, [declared])


def test_a_wrong_password_is_one_clear_sentence(kafka: KafkaLogin, tmp_path: Path) -> None:
    users = tmp_path / "users.json"
    users.write_text(json.dumps(dict.fromkeys(topics.principals(), "rahasia")))
    settings = {
        "BINAAN_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "BINAAN_KAFKA_USERNAME": "admin",
        "BINAAN_KAFKA_PASSWORD": "wrong",
        "BINAAN_KAFKA_SECURITY": "SASL_PLAINTEXT",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "shared.topics", "apply", "--users", str(users)],
        cwd=CLONE,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr == "topics: the Kafka cluster refuses this login and password\n"
