"""Fresh topics and logins for each test, and the catalogue's for those that need the real ones."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from deploy.local.places import derived
from shared import topics
from tests.stack.servers import KafkaLogin

NewLogin = Callable[..., KafkaLogin]
MakeTopic = Callable[..., str]


@pytest.fixture(scope="session")
def kafka_admin(kafka: KafkaLogin) -> AdminClient:
    """A client that may do everything."""
    return topics.administrator(kafka.bootstrap, kafka.username, kafka.password, kafka.security)


@pytest.fixture(scope="session")
def catalogue(kafka: KafkaLogin, kafka_admin: AdminClient) -> dict[str, KafkaLogin]:
    """The catalogue applied to the session's cluster: everybody's login by name."""
    users = {who: derived(kafka.password, who) for who in topics.principals()}
    topics.apply(kafka_admin, users)
    return {
        who: KafkaLogin(kafka.bootstrap, who, password, kafka.security)
        for who, password in users.items()
    }


@pytest.fixture
def new_topic(kafka_admin: AdminClient) -> Iterator[MakeTopic]:
    """Makes topics with names of their own; they are deleted after the test."""
    made: list[str] = []

    def make(name: str = "t", partitions: int = 4, **config: Any) -> str:
        """`retention_ms=1000` is Kafka's `retention.ms`."""
        settings = {key.replace("_", "."): str(value) for key, value in config.items()}
        full = f"{name}.{uuid.uuid4().hex}"
        wanted = NewTopic(full, num_partitions=partitions, config=settings)
        kafka_admin.create_topics([wanted])[full].result()
        made.append(full)
        return full

    yield make
    if made:
        for answer in kafka_admin.delete_topics(made).values():
            try:
                answer.result()
            except KafkaException:  # the test deleted it, or took the broker down
                continue


@pytest.fixture
def topic(new_topic: MakeTopic) -> str:
    """A fresh topic of four partitions."""
    return new_topic()


@pytest.fixture
def new_login(kafka: KafkaLogin, kafka_admin: AdminClient) -> NewLogin:
    """Makes logins that may do just what is listed."""

    def make(
        read: Iterable[str] = (), write: Iterable[str] = (), groups: Iterable[str] = ()
    ) -> KafkaLogin:
        login = KafkaLogin(
            kafka.bootstrap, f"u-{uuid.uuid4().hex}", uuid.uuid4().hex, kafka.security
        )
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        wanted = UserScramCredentialUpsertion(login.username, info, login.password.encode())
        for answer in kafka_admin.alter_user_scram_credentials([wanted]).values():
            answer.result()
        both = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED
        allowed = [(ResourceType.TOPIC, name, both[0], AclOperation.READ) for name in read]
        allowed += [(ResourceType.TOPIC, name, both[0], AclOperation.WRITE) for name in write]
        allowed += [(ResourceType.GROUP, name, both[1], AclOperation.READ) for name in groups]
        bindings = [
            AclBinding(kind, name, pattern, f"User:{login.username}", "*", operation,
                       AclPermissionType.ALLOW)
            for kind, name, pattern, operation in allowed
        ]  # fmt: skip
        if bindings:
            for answer in kafka_admin.create_acls(bindings).values():
                answer.result()
        _wait_until_known(kafka_admin, login.username, len(bindings))
        return login

    return make


def _wait_until_known(admin: AdminClient, username: str, count: int) -> None:
    """The broker takes over what the controller has accepted a moment later."""
    mine = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{username}", None,
        AclOperation.ANY, AclPermissionType.ANY,
    )  # fmt: skip
    while True:
        known = admin.describe_user_scram_credentials().result()
        if username in known and len(admin.describe_acls(mine).result()) == count:
            return
        time.sleep(0.02)
