"""The product as operators run it: a copy of the clone, `make secrets`, `docker compose up`."""

import datetime as dt
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.environment import ROLES
from deploy.local.places import CLONE
from deploy.roles import SERVICES

OFFICE = "office-32.71-perdagangan"
READY_SECONDS = 300
TWICE = [f"--scale={service}-{kind}=2" for service in SERVICES for kind in ("api", "worker")]


@dataclass
class Composed:
    """A running copy. `certificate` is its own authority, for 127.0.0.1."""

    folder: Path
    project: str
    gateway: str
    kafka: str
    seconds_up: float = 0

    @property
    def certificate(self) -> Path:
        return self.folder / "test.crt"

    def run(self, *command: str) -> str:
        """A command in the copy's folder. Raises RuntimeError with its last words."""
        plain = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            env=plain,
        )
        if done.returncode:
            told = f"{done.stdout[-1000:]}\n{done.stderr[-2000:]}"
            raise RuntimeError(f"{' '.join(command[:4])} failed:\n{told}")
        return done.stdout

    def compose(self, *arguments: str) -> str:
        return self.run("docker", "compose", *arguments)

    def up(self) -> None:
        """The operators' command. Raises RuntimeError with what the containers logged."""
        try:
            self.compose("up", "--build", "-d")
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.compose('logs', '--tail', '5')}") from None

    def containers(self, *services: str) -> list[str]:
        """Ids of the containers that run (of these services)."""
        return self.compose("ps", "-q", *services).split()

    def seen(self, container: str) -> dict[str, Any]:
        """What the engine tells of a container."""
        found: dict[str, Any] = json.loads(self.run("docker", "inspect", container))[0]
        return found

    def service_of(self, container: str) -> str:
        return str(self.seen(container)["Config"]["Labels"]["com.docker.compose.service"])

    def restart(self, *containers: str) -> dict[str, int]:
        """Asks all of them to stop, waits as long as the compose file grants, starts them again.

        The exit code of each.
        """
        self.run("docker", "stop", *containers)
        codes = {c: int(self.seen(c)["State"]["ExitCode"]) for c in containers}
        self.run("docker", "start", *containers)
        self.wait_answering(*containers)
        return codes

    def crash(self, container: str) -> None:
        """SIGKILL for everything in it; the engine starts it again by the compose file's policy."""
        began = self.seen(container)["State"]["StartedAt"]
        subprocess.run(["docker", "exec", container, "sh", "-c", "kill -9 -1"], capture_output=True)
        deadline = time.monotonic() + READY_SECONDS
        while self.seen(container)["State"]["StartedAt"] == began:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.service_of(container)} was not started again")
            time.sleep(0.2)
        self.wait_answering(container)

    def wait_healthy(self) -> None:
        """Until the engine says so of each. Raises TimeoutError."""
        self._wait(self._healthy, *self.containers())

    def wait_answering(self, *containers: str) -> None:
        """Until each passes its own health check, asked now and not at the engine's next turn."""
        self._wait(self._answers, *containers)

    def _wait(self, well: Callable[[str], bool], *containers: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        for container in containers:
            while not well(container):
                if time.monotonic() > deadline:
                    told = self.run("docker", "logs", "--tail", "20", container)
                    raise TimeoutError(f"{self.service_of(container)} is not healthy:\n{told}")
                time.sleep(0.3)

    def _healthy(self, container: str) -> bool:
        return bool(self.seen(container)["State"].get("Health", {}).get("Status") == "healthy")

    def _answers(self, container: str) -> bool:
        kind, *check = self.seen(container)["Config"]["Healthcheck"]["Test"]
        command = check if kind == "CMD" else ["sh", "-c", *check]
        asked = subprocess.run(["docker", "exec", container, *command], capture_output=True)
        return asked.returncode == 0

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def database_url(self) -> str:
        """The superuser's: its port isn't published, so by the address that the engine gave it."""
        networks = self.seen(self.containers("postgres")[0])["NetworkSettings"]["Networks"]
        address = next(iter(networks.values()))["IPAddress"]
        return f"postgresql://postgres:{self.secret('postgres_password')}@{address}:5432/binaan"

    def variables(self) -> dict[str, str]:
        """What `make env` prints of the local stack, as an outsider has it of this one."""
        users = json.loads(self.secret("kafka_users.json"))
        found = {
            f"{service.upper()}_URL": f"http://{self.gateway}/{service}" for service in SERVICES
        }
        tokens = self.tokens()
        return {
            **found,
            "START_URL": f"http://{self.gateway}/",
            "DATABASE_URL": self.database_url(),
            "KAFKA_BOOTSTRAP": self.kafka,
            "KAFKA_SECURITY": "SASL_SSL",
            "KAFKA_CA_FILE": str(self.certificate),
            "KAFKA_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_USERNAME": "admin",
            "KAFKA_PASSWORD": self.secret("kafka_admin"),
            "OFFICE_32_71_PERDAGANGAN_USERNAME": OFFICE,
            "OFFICE_32_71_PERDAGANGAN_PASSWORD": users[OFFICE],
            **tokens,
        }

    def tokens(self) -> dict[str, str]:
        ask = "; ".join(f"python -m shared.auth token --role {role}" for role in ROLES)
        told = self.compose("run", "--rm", "-T", "--no-deps", "issuer", "sh", "-c", ask).split()
        return {f"TOKEN_{role.upper()}": token for role, token in zip(ROLES, told, strict=True)}


@pytest.fixture(scope="module")
def composed(product_images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """Started by the operators' commands; taken down with its data and images."""
    folder = tmp_path_factory.mktemp("operator")
    gateway, kafka = (f"127.0.0.1:{port}" for port in _free_ports(2))
    copy = Composed(folder, f"binaan-test-{os.getpid()}", gateway, kafka)
    _copy_clone(folder)
    _make_certificate(folder)
    _configure(copy)
    try:
        copy.run("make", "secrets")
        copy.up()  # from nothing: images of ours are built
        copy.compose("down")
        began = time.monotonic()
        copy.up()
        copy.wait_healthy()
        copy.seconds_up = time.monotonic() - began
        copy.run("make", "office", "NAME=32.71-perdagangan")
        yield copy
    finally:
        subprocess.run(
            ["docker", "compose", "down", "--volumes", "--rmi", "local", "--timeout", "20"],
            cwd=folder,
            capture_output=True,
        )


def _copy_clone(folder: Path) -> None:
    """The work tree without what git ignores: what a clean clone holds."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"],
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        source, target = CLONE / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _configure(copy: Composed) -> None:
    """The operator's `.env`: the switch for offices is on, and nothing is open to the world."""
    key, certificate = copy.folder / "test.key", copy.certificate
    (copy.folder / ".env").write_text(
        f"BINAAN_PROJECT={copy.project}\n"
        f"BINAAN_IMAGES={copy.project}\n"
        f"GATEWAY_ADDRESS={copy.gateway}\n"
        "COMPOSE_FILE=docker-compose.yml:docker-compose.offices.yml\n"
        f"KAFKA_EXTERNAL_ADDRESS={copy.kafka}\n"
        f"KAFKA_EXTERNAL_LISTEN={copy.kafka}\n"
        f"KAFKA_EXTERNAL_CERTIFICATE={certificate}\n"
        f"KAFKA_EXTERNAL_KEY={key}\n"
    )


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Binaan test")])
    now = dt.datetime.now(dt.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    (folder / "test.crt").write_bytes(made.public_bytes(pem))
    (folder / "test.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )
    for file in ("test.crt", "test.key"):
        (folder / file).chmod(0o644)  # read by the containers' users


def _free_ports(number: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports
