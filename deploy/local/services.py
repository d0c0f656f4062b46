"""The three services of an instance: an api and a worker process each, and their settings."""

import base64
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from deploy.local.bootstrap import Stop
from deploy.local.kafka import Kafka
from deploy.local.places import CLONE, Instance, derived, write_private
from deploy.local.postgres import Postgres
from deploy.local.processes import Processes, plain_environment
from deploy.roles import SERVICES

ISSUER, AUDIENCE = "urn:binaan:local-issuer", "binaan"
KINDS: tuple[Literal["api", "worker"], ...] = ("api", "worker")
NAMES = tuple(f"{service}-{kind}" for service in SERVICES for kind in KINDS)
READY_SECONDS = 120


@dataclass(frozen=True)
class Services:
    """The processes of the three services, and everything that they are told."""

    processes: Processes
    postgres: Postgres
    kafka: Kafka

    @property
    def instance(self) -> Instance:
        return self.processes.instance

    def url(self, service: str) -> str:
        """Where the service's API answers."""
        return f"http://127.0.0.1:{self.instance.port(service)}"

    def worker_url(self, service: str) -> str:
        """Where the service's worker tells how it is."""
        return f"http://127.0.0.1:{self.instance.port(f'{service}_worker')}"

    def database_url(self, login: str) -> str:
        """The product's database for one of the services' logins."""
        password = derived(self.instance.secret("postgres"), login)
        return f"postgresql://{login}:{password}@127.0.0.1:{self.instance.port('postgres')}/binaan"

    def kafka_password(self, principal: str) -> str:
        return derived(self.kafka.password, principal)

    def environment(
        self, service: str, process: Literal["api", "worker", "migrate"] = "worker"
    ) -> dict[str, str]:
        """The whole environment of one process; its secrets lie in files that only we read."""
        settings = {
            "KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "KAFKA_USERNAME": service,
            "KAFKA_SECURITY": "SASL_PLAINTEXT",
            "KAFKA_PASSWORD_FILE": self._file(f"kafka-{service}", self.kafka_password(service)),
            "JWKS_FILE": str(self._issuer() / "jwks.json"),
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "HTTP_PORT": str(self.instance.port(service)),
            "METRICS_PORT": str(self.instance.port(f"{service}_worker")),
        }
        if process == "migrate":
            owner = f"{service}_owner"
            settings["OWNER_DATABASE_URL_FILE"] = self._file(owner, self.database_url(owner))
        else:
            app = f"{service}_app"
            settings["DATABASE_URL_FILE"] = self._file(app, self.database_url(app))
            self.instance.kept(f"{service}-keys", _new_key)
            keys = self.instance.secret_file(f"{service}-keys")
            settings["SECRET_KEYS_FILE"] = str(keys)
        if process == "api":
            settings["LOCAL_ISSUER"] = "on"  # the pages' examples may name rows that are there
            settings["LINKS"] = ",".join(f"{name}={self.url(name)}" for name in SERVICES)
        ours = {f"BINAAN_{name}": value for name, value in settings.items()}
        return {**plain_environment(), **ours, "PYTHONUNBUFFERED": "1"}

    def token(
        self, role: str, areas: str = "36.74", hours: float = 12, office: str | None = None
    ) -> str:
        """A bearer token of the local issuer. `office`: of a dinas, as in its login."""
        from shared.auth.issuer import read_key, sign

        return sign(
            read_key(self._issuer() / "issuer.key.json"),
            issuer=ISSUER,
            audience=AUDIENCE,
            subject=f"demo-{role}" if office is None else f"demo-{role}-{office}",
            roles=[role],
            areas=areas.split(","),
            office=office,
            seconds=round(hours * 3600),
        )

    def migrate(self) -> None:
        """Brings every service's schema up to date, all at once. Raises Stop."""
        running = {
            service: subprocess.Popen(
                [sys.executable, "-m", f"services.{service}", "migrate"],
                env=self.environment(service, "migrate"),
                cwd=CLONE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for service in SERVICES
        }
        failed = []
        for service, process in running.items():
            output, _ = process.communicate()
            if process.returncode != 0:
                failed.append(f"{service}:\n{output[-2000:]}")
        if failed:
            raise Stop("Migrating failed: " + "\n".join(failed))

    def start(self, *names: str) -> None:
        """Starts processes such as `registry-worker` (all without a name) and waits for them."""
        wanted = names or NAMES
        for name in wanted:
            if self.processes.find(name) is None:
                self._spawn(name)
        for name in wanted:
            self.processes.wait_until(name, partial(self.ready, name), READY_SECONDS)

    def ready(self, name: str) -> bool:
        """What the process itself says."""
        service, kind = name.split("-")
        url = self.url(service) if kind == "api" else self.worker_url(service)
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - http, ours
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _spawn(self, name: str) -> None:
        service, kind = name.split("-")
        self.instance.port_to_open(service if kind == "api" else f"{service}_worker")
        self.processes.start(
            name,
            [sys.executable, "-m", f"services.{service}", kind],
            environment=self.environment(service, "api" if kind == "api" else "worker"),
            folder=CLONE,
        )

    def _issuer(self) -> Path:
        folder = self.instance.secret_file("issuer")
        if not (folder / "jwks.json").exists():
            from shared.auth.issuer import make_keys

            make_keys(folder)
        return folder

    def _file(self, name: str, text: str) -> str:
        path = self.instance.secret_file(name)
        write_private(path, text)
        return str(path)


def _new_key() -> str:
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
