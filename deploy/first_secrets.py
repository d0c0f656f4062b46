"""`make secrets`: strong passwords and keys into `secrets/`, which git ignores.

What is there is never overwritten; what is missing is added. The folder is open to its owner only;
the files in it can be read by all, since each is put into just the containers that need it, which
run as users of their own. Needs Python 3.9 and its standard library, nothing else.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "secrets"
SERVICES = ("registry", "training", "marketing")
SQL_LOGINS = [f"{service}_{kind}" for service in SERVICES for kind in ("owner", "app")]
USERS, LOGINS = "kafka_users.json", "sql_logins.json"
EMPTY = ("gateway_certificate", "gateway_key")


def password() -> str:
    """32 letters, digits, - and _: 192 random bits, nothing to quote anywhere."""
    return secrets.token_urlsafe(24)


def sealing_key() -> str:
    """The first key for fields that are encrypted."""
    return "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()


def cluster_id() -> str:
    """The name of a Kafka cluster: 16 bytes in base64, without a sign that a shell could take."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode()[:22].replace("-", "A")


def make(folder: Path = FOLDER) -> list[str]:
    """Writes what is missing; returns the names of the files that were written."""
    folder.mkdir(mode=0o700, exist_ok=True)
    made: list[str] = []

    def once(name: str, text: Callable[[], str]) -> str:
        if write_once(folder / name, text):
            made.append(name)
        return (folder / name).read_text().strip()

    admin = once("postgres_password", password)
    once("postgres_admin_url", lambda: _url("postgres", admin, "postgres"))
    logins = json.loads(once(LOGINS, lambda: _passwords(SQL_LOGINS)))
    for login in SQL_LOGINS:
        once(f"{login}_url", lambda who=login: _url(who, logins[who], "binaan"))  # type: ignore[misc]
    once("kafka_cluster", cluster_id)
    for login in ("kafka_admin", "kafka_broker", "kafka_controller"):
        once(login, password)
    users = json.loads(once(USERS, lambda: _passwords(list(SERVICES))))
    for service in SERVICES:
        once(f"kafka_{service}", lambda who=service: users[who])  # type: ignore[misc]
        once(f"{service}_keys", sealing_key)
    for name in EMPTY:  # the operator's, if there are any: see docs/operate.md
        once(name, str)
    return made


def write_once(path: Path, text: Callable[[], str]) -> bool:
    """Whether the file was written: whole or not at all, and one that exists stays as it is."""
    if path.exists():
        return False
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text())
    fresh.chmod(0o644)  # whatever the umask says
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def _passwords(names: list[str]) -> str:
    kept: dict[str, str] = {name: password() for name in names}
    return json.dumps(kept, indent=1) + "\n"


def _url(login: str, secret: str, database: str) -> str:
    return f"postgresql://{login}:{secret}@postgres:5432/{database}"


if __name__ == "__main__":
    written = make()
    if written:
        print(
            f"{len(written)} secrets written to {FOLDER}: keep a copy where only you can read it."
        )
    else:
        print(f"Nothing to do: {FOLDER} has them all, and none was changed.")
    sys.exit(0)
