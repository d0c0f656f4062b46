"""PostgreSQL and Kafka for a test session: from the environment, from Docker, or our own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from deploy.local import jars
from deploy.local.kafka import Kafka
from deploy.local.places import Instance, home
from deploy.local.postgres import Postgres
from deploy.local.processes import Processes


@dataclass(frozen=True)
class KafkaLogin:
    """An address of Kafka and who we are there."""

    bootstrap: str
    username: str
    password: str
    security: str = "SASL_PLAINTEXT"

    def aiokafka(self) -> dict[str, Any]:
        """Settings for any aiokafka client."""
        settings: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security,
        }
        if self.security.startswith("SASL"):
            settings["sasl_mechanism"] = "SCRAM-SHA-512"
            settings["sasl_plain_username"] = self.username
            settings["sasl_plain_password"] = self.password
        return settings

    def confluent(self) -> dict[str, Any]:
        """Settings for any confluent-kafka client."""
        settings: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security,
        }
        if self.security.startswith("SASL"):
            settings["sasl.mechanism"] = "SCRAM-SHA-512"
            settings["sasl.username"] = self.username
            settings["sasl.password"] = self.password
        return settings


@dataclass(frozen=True)
class Stack:
    """Both servers of a session."""

    postgres: str
    kafka: KafkaLogin


@pytest.fixture(scope="session")
def local() -> Iterator[Processes]:
    """The session's own instance: its processes end and its data go with the session."""
    instance = session_instance("servers")
    processes = Processes(instance)
    try:
        yield processes
    finally:
        processes.stop_all([["kafka"], ["postgres"]])
        instance.forget()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """The superuser's URL of a PostgreSQL server."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
    elif os.environ.get("STACK") == "containers":
        from tests.stack.containers import postgres_container

        request.getfixturevalue("product_images")
        with postgres_container() as url:
            yield url
    else:
        server = Postgres(request.getfixturevalue("local"), forgetful=True)
        server.start()
        yield server.url


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[KafkaLogin]:
    """The administrator's login of an Apache Kafka cluster."""
    if bootstrap := os.environ.get("KAFKA_BOOTSTRAP"):
        user, password = os.environ.get("KAFKA_USERNAME", ""), os.environ.get("KAFKA_PASSWORD", "")
        security = os.environ.get("KAFKA_SECURITY", "SASL_PLAINTEXT" if user else "PLAINTEXT")
        yield KafkaLogin(bootstrap, user, password, security)
    elif os.environ.get("STACK") == "containers":
        from tests.stack.containers import kafka_container

        request.getfixturevalue("product_images")
        with kafka_container() as (address, password):
            yield KafkaLogin(address, "admin", password)
    else:
        jars.fetch(lambda *_: None)
        server = Kafka(request.getfixturevalue("local"))
        server.start()
        yield KafkaLogin(server.bootstrap, "admin", server.password)


@pytest.fixture(scope="session")
def stack(postgres: str, kafka: KafkaLogin) -> Stack:
    """Both servers."""
    return Stack(postgres, kafka)


def session_instance(name: str) -> Instance:
    """An instance of this test session, found and ended by a later one if we are killed."""
    sweep()
    instance = Instance(f"test-{os.getpid()}-{name}")
    instance.remember("session", {"pid": os.getpid(), "born": psutil.Process().create_time()})
    return instance


def sweep() -> None:
    """Ends what a session that was itself killed has left behind."""
    for folder in home().glob("test-*"):
        instance = Instance(folder.name)
        owner = instance.remembered("session")
        if owner and not _lives(owner["pid"], owner["born"]):
            Processes(instance).stop_all([["kafka"], ["postgres"]], grace=5)
            instance.forget()


def _lives(pid: int, born: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - born) < 1.5
    except psutil.NoSuchProcess:
        return False
