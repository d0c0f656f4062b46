"""Where everything that runs lies: one ignored folder, a sub-folder per instance."""

import base64
import hashlib
import hmac
import importlib.util
import json
import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any

from deploy.local import bootstrap
from deploy.local.bootstrap import Stop

CLONE = Path(bootstrap.CLONE)
NOBODY = bootstrap.SERVER_UID if bootstrap.is_root() else None
_LOW, _HIGH = 20_000, 32_000  # below the range that outgoing connections take theirs from


def home() -> Path:
    """The real path of `.binaan` (or BINAAN_HOME). Raises Stop where the servers can't read it."""
    return Path(bootstrap.home())


def packages_loaded() -> int:
    """Bytes of Python packages that the bootstrap of this very command has downloaded."""
    told = home() / "venv" / "bytes-downloaded"
    return int(told.read_text()) if told.exists() else 0


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise Stop(f"The package {name} is missing: run `make demo`, which installs it.")
    return Path(next(iter(spec.submodule_search_locations)))


@dataclass(frozen=True)
class Instance:
    """One copy of the stack: its data, logs, secrets, ports and the list of its processes."""

    name: str

    @property
    def folder(self) -> Path:
        return _folder(home() / self.name, 0o711)

    @property
    def logs(self) -> Path:
        return _folder(self.folder / "log", 0o700)

    def log(self, process: str) -> Path:
        return self.logs / f"{process}.log"

    @property
    def exists(self) -> bool:
        return (home() / self.name).is_dir()

    def secret(self, name: str) -> str:
        """A random password, made on first use and kept readable for its owner only."""
        return self.kept(name, lambda: secrets.token_urlsafe(24))

    def kept(self, name: str, make: Any) -> str:
        path = self.secret_file(name)
        if not path.exists():
            write_private(path, make())
        return path.read_text()

    def secret_file(self, name: str) -> Path:
        return _folder(self.folder / "secrets", 0o700) / name

    def port(self, name: str) -> int:
        """A free port, chosen once and remembered; `<NAME>_PORT` in the environment pins it."""
        pinned = os.environ.get(f"{name.upper()}_PORT")
        ports = self.remembered("ports")
        if pinned:
            ports[name] = int(pinned)
        elif name not in ports:
            ports[name] = _free_port(set(ports.values()))
        self.remember("ports", ports)
        return int(ports[name])

    def port_to_open(self, name: str) -> int:
        """The port for a server about to start: another one where it was taken in the meantime.

        Raises Stop when a pinned port is in use.
        """
        port = self.port(name)
        if _is_free(port):
            return port
        if os.environ.get(f"{name.upper()}_PORT"):
            raise Stop(
                f"Port {port} is in use by another program: stop that one, or choose another "
                f"with {name.upper()}_PORT=…, or leave {name.upper()}_PORT out for a free one."
            )
        ports = self.remembered("ports")
        ports.pop(name)
        self.remember("ports", ports)
        return self.port(name)

    def remembered(self, topic: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads((self.folder / f"{topic}.json").read_text())
        except FileNotFoundError:
            return {}
        return kept

    def remember(self, topic: str, what: dict[str, Any]) -> None:
        path = self.folder / f"{topic}.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(what, indent=1))
        fresh.replace(path)

    def forget(self) -> None:
        """Deletes data, logs and secrets."""
        shutil.rmtree(home() / self.name, ignore_errors=True)


def derived(secret: str, login: str) -> str:
    """The password of a login, from the administrator's: the same wherever it is asked for."""
    digest = hmac.digest(secret.encode(), login.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, from the first moment on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)


def _folder(path: Path, mode: int) -> Path:
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
    return path


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port(taken: set[int]) -> int:
    choice = SystemRandom()
    for _ in range(1000):
        port = choice.randrange(_LOW, _HIGH)
        if port not in taken and _is_free(port):
            return port
    raise Stop(f"No free port between {_LOW} and {_HIGH} on 127.0.0.1.")
