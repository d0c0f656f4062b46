"""Both servers from a Docker engine (STACK=containers), with the same promises as our own."""

import contextlib
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from testcontainers.core.container import DockerContainer

from deploy.local.kafka import logs_in, properties
from deploy.local.places import derived
from deploy.local.postgres import answers

READY_SECONDS = 120
POSTGRES_IMAGE, KAFKA_IMAGE = "postgres:18", "apache/kafka:4.3.1"

# By class name, not by a script of one image: `java` and /opt/kafka/libs are all that it needs.
_START = """\
set -e
CLASSPATH=/opt/kafka/libs/*; export CLASSPATH
java kafka.tools.StorageTool format --ignore-formatted --cluster-id {cluster} \\
  --config /secrets/server.properties @/secrets/logins > /dev/null
exec java -Xmx384m -XX:+UseSerialGC kafka.Kafka /secrets/server.properties
"""


@contextlib.contextmanager
def postgres_container() -> Iterator[str]:
    """The superuser's URL."""
    password = secrets.token_urlsafe(24)
    container = (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_PASSWORD", password)
        .with_command("postgres -c max_connections=300")
        .with_exposed_ports(5432)
    )
    with container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
        url = f"postgresql://postgres:{password}@{host}:{port}/postgres"
        _wait(lambda: answers(url))  # its log says "ready" once too early, while it initialises
        yield url


@contextlib.contextmanager
def kafka_container() -> Iterator[tuple[str, str]]:
    """The address and the administrator's password."""
    password, port = secrets.token_urlsafe(24), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        _write_secrets(Path(folder), password, port)
        cluster = secrets.token_urlsafe(16).replace("-", "A").replace("_", "B")
        container = (
            DockerContainer(KAFKA_IMAGE)
            .with_volume_mapping(folder, "/secrets", "ro")
            .with_kwargs(entrypoint=["sh", "-c", _START.format(cluster=cluster)])
            .with_bind_ports(port, port)
        )
        address = f"127.0.0.1:{port}"
        with container:
            _wait(lambda: logs_in(address, "admin", password))
            yield address, password


def _write_secrets(folder: Path, password: str, port: int) -> None:
    filled = properties(
        password=password,
        port=port,
        controller_port=9093,
        data="/var/lib/kafka-test",
        host="0.0.0.0",  # noqa: S104 - inside the container
    )
    (folder / "server.properties").write_text(filled)
    logins = {"admin": password, "broker": derived(password, "broker")}
    lines = [
        line
        for login, secret in logins.items()
        for line in ("--add-scram", f"SCRAM-SHA-512=[name={login},password={secret}]")
    ]
    (folder / "logins").write_text("\n".join(lines))


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError("the container's server doesn't answer")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
