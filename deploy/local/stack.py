"""The whole stack of one instance: servers, topics, schemas, services; up, down, and broken apart.

Tests use it as a program interface:
    with LocalStack(Instance("test-x"), Progress(quiet=True)) as stack:
        stack.up()
        stack.kill("registry-worker"); stack.start("registry-worker"); stack.restart("kafka")
"""

import asyncio
import hashlib
import signal
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy import roles
from deploy.local import jars
from deploy.local.bootstrap import check_room
from deploy.local.kafka import Kafka
from deploy.local.places import CLONE, Instance, derived
from deploy.local.postgres import Postgres
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.services import NAMES, Services
from deploy.roles import DATABASE

ROOM = 512 * 1024**2  # bytes that have to be free for a start
ORDER = (NAMES, ("kafka",), ("postgres",))


class LocalStack:
    """Postgres, Kafka and the services of one instance."""

    def __init__(self, instance: Instance, progress: Progress | None = None) -> None:
        self.instance = instance
        self.progress = progress or Progress()
        self.processes = Processes(instance)
        self.postgres = Postgres(self.processes)
        self.kafka = Kafka(self.processes)
        self.services = Services(self.processes, self.postgres, self.kafka)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    def up(self) -> None:
        """Everything, from whatever is there; on any failure nothing of it stays running."""
        try:
            self.up_servers()
            self._end_old_code()
            with self.progress.phase("three services, an api and a worker each"):
                self.services.start()
        except BaseException:
            self.down()
            raise

    def up_servers(self) -> None:
        """PostgreSQL and Kafka with schemas, logins, topics and tables; no service yet."""
        check_room(str(self.instance.folder), ROOM)
        if missing := jars.missing():
            with self.progress.phase(f"Apache Kafka: {len(missing)} jars downloaded"):
                jars.fetch(self._loaded)
        with self.progress.phase("PostgreSQL"):
            self.postgres.start()
        with self.progress.phase("Apache Kafka (KRaft, SCRAM, ACLs)"):
            self.kafka.start()
        with self.progress.phase("topics, logins and permissions of the catalogue"):
            self.apply_catalogue()
        with self.progress.phase("a schema and two logins per service, migrations"):
            asyncio.run(roles.apply(self.postgres.url, self._sql_password, DATABASE))
            self.services.migrate()

    def apply_catalogue(self) -> list[str]:
        """The job of shared/topics.py; what it changed."""
        from shared import topics

        admin = topics.administrator(self.kafka.bootstrap, "admin", self.kafka.password)
        users = {who: self.services.kafka_password(who) for who in topics.principals()}
        return topics.apply(admin, users)

    def start(self, *names: str) -> None:
        """Starts parts by name, servers first, and waits until they are ready."""
        if "postgres" in names:
            self.postgres.start()
        if "kafka" in names:
            self.kafka.start()
        services = [name for name in names if name in NAMES]
        if services:
            self.services.start(*services)

    def kill(self, name: str) -> None:
        """SIGKILL; returns when the process and its children are gone."""
        self.processes.kill(name)

    def stop(self, name: str) -> float:
        """Asks politely (SIGKILL after 30 s); the seconds that it took."""
        return self.processes.stop(name)

    def restart(self, name: str) -> None:
        """Stops and starts one part."""
        self.stop(name)
        self.start(name)

    def freeze(self, name: str) -> None:
        """SIGSTOP: alive and deaf."""
        self.processes.send(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        self.processes.send(name, signal.SIGCONT)

    def down(self) -> None:
        """Ends every process of this instance and no other; the data stays."""
        self.processes.stop_all(ORDER)

    def database_url(self) -> str:
        """The superuser's address of the product's database."""
        return self.postgres.url.removesuffix("/postgres") + f"/{DATABASE}"

    def _sql_password(self, login: str) -> str:
        return derived(self.instance.secret("postgres"), login)

    def _end_old_code(self) -> None:
        """Services that were started from another state of the code are started anew."""
        code = _code()
        before = self.instance.remembered("code")
        if before != code:
            old = [name for name in NAMES if self.processes.find(name)]
            if old:
                self.progress.say("  the code has changed since: the services start anew")
            self.processes.stop_together(old)
            self.instance.remember("code", code)

    def _loaded(self, _count: int, size: int) -> None:
        self.progress.downloaded = size


def _code() -> dict[str, str]:
    """A digest of what the services are made of, by the times of the files."""
    files = [file for folder in ("shared", "services") for file in (CLONE / folder).rglob("*.*")]
    stamps = [(str(file), file.stat().st_mtime_ns) for file in sorted(files) if _is_source(file)]
    return {"digest": hashlib.sha256(repr(stamps).encode()).hexdigest()}


def _is_source(file: Path) -> bool:
    return file.is_file() and file.suffix != ".pyc"
