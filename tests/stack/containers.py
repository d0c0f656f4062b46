"""Both servers from a Docker engine (STACK=containers), with the same promises as our own."""

import contextlib
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# Set before the library is read: its own helper container, which we don't need (each container
# below is ended with the session), may not be had on a machine without a registry.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

import yaml
from testcontainers.core.container import DockerContainer

from deploy.broker import FOLDER
from deploy.local.kafka import logs_in
from deploy.local.places import CLONE, derived
from deploy.local.postgres import CONFIGURATION, answers

READY_SECONDS = 300
START = "/etc/binaan/kafka/start.sh"
COMPOSE = CLONE / "docker-compose.yml"


def image(service: str) -> str:
    """The image that the compose file names for a server: tests run on what operators run."""
    return str(yaml.safe_load(COMPOSE.read_text())["services"][service]["image"])


@contextlib.contextmanager
def postgres_container() -> Iterator[str]:
    """The superuser's URL."""
    password = secrets.token_urlsafe(24)
    container = (
        DockerContainer(image("postgres"))
        .with_env("POSTGRES_PASSWORD", password)
        .with_volume_mapping(str(CONFIGURATION), "/etc/binaan/postgresql.conf", "ro")
        .with_command(
            "postgres -c config_file=/etc/binaan/postgresql.conf -c listen_addresses=*"
            " -c fsync=off"  # a test's data is not kept
        )
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
        Path(folder).chmod(0o755)  # the container's user reads it
        _write_secrets(Path(folder), password)
        address = f"127.0.0.1:{port}"
        container = (
            DockerContainer(image("kafka"))
            .with_volume_mapping(str(FOLDER), str(Path(START).parent), "ro")
            .with_volume_mapping(folder, "/run/secrets", "ro")
            .with_env("KAFKA_PORT", str(port))
            .with_env("KAFKA_ADVERTISED", address)
            .with_kwargs(entrypoint=[START])
            .with_bind_ports(port, port)
        )
        with container:
            _wait(lambda: logs_in(address, "admin", password))
            yield address, password


def _write_secrets(folder: Path, password: str) -> None:
    logins = {
        "kafka_admin": password,
        "kafka_broker": derived(password, "broker"),
        "kafka_controller": derived(password, "controller"),
        "kafka_cluster": secrets.token_urlsafe(16).replace("-", "A").replace("_", "B"),
    }
    for name, text in logins.items():
        (folder / name).write_text(text)


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError("the container's server doesn't answer")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
