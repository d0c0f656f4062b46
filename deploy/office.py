"""`make office NAME=32.71-perdagangan`: another office may publish, and what to send to it.

The office has to be in the catalogue (shared/contracts/topics.py): that says which topic it writes.
A second run changes nothing and prints the same. Needs Python 3.9 and Docker, nothing else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from deploy.first_secrets import FOLDER, USERS, password

CLONE = FOLDER.parent
TRIAL = ".trial"  # receipts as in earnest, no effect
NAME = re.compile(r"[0-9.]+-[a-z][a-z-]*")

TOLD = """\
To send to the office, the password by another way than the rest:

  bootstrap servers   {address}
  security            SASL_SSL, mechanism SCRAM-SHA-512
  login               {login}
  password            {password}
  certificate         {certificate}
  may write           {writes}
  to try first        {trials}
  may read            {reads}

How to send a first event: docs/publish-events.md."""


class Stop(Exception):
    """One sentence for the person at the keyboard."""


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if not NAME.fullmatch(name):
        raise Stop(
            "Say which office: make office NAME=32.71-perdagangan (its city's code, its name)"
        )
    login = f"office-{name}"
    allowed = compose(
        "run", "--rm", "-T", "--no-deps", "topics", "python", "-m", "shared.topics", "show", login
    )
    fresh = _keep(login)
    compose("run", "--rm", "-T", "topics")  # the same job as at each start
    print(f"{login} {'can log in now' if fresh else 'was there already: nothing was changed'}.\n")
    print(_told(login, allowed))


def _keep(login: str) -> bool:
    """Whether a password was made: one that is there stays."""
    path = FOLDER / USERS
    users = json.loads(path.read_text())
    if login in users:
        return False
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps({**users, login: password()}, indent=1) + "\n")
    fresh.chmod(0o644)  # the folder is closed; see first_secrets.py
    fresh.replace(path)
    return True


def _told(login: str, allowed: str) -> str:
    project = json.loads(compose("config", "--format", "json"))
    environment = project["services"]["kafka"].get("environment") or {}
    secrets = project["secrets"]
    writes = re.findall(r" WRITE topic (\S+)", allowed)
    certificate = secrets.get("kafka_external_certificate", {}).get("file", "")
    return TOLD.format(
        address=environment.get("KAFKA_EXTERNAL_ADDRESS")
        or "none yet: switch the listener for offices on (docs/operate.md)",
        login=login,
        password=json.loads((FOLDER / USERS).read_text())[login],
        certificate=f"who signed {certificate}, where it is no public authority"
        if certificate
        else "none yet",
        writes=", ".join(w for w in writes if not w.endswith(TRIAL)) or "nothing",
        trials=", ".join(w for w in writes if w.endswith(TRIAL)) or "nothing",
        reads=", ".join(re.findall(r" READ topic (\S+)", allowed)) or "nothing",
    )


def compose(*arguments: str) -> str:
    """What `docker compose …` prints. Raises Stop with its last line."""
    try:
        done = subprocess.run(
            ["docker", "compose", *arguments], cwd=CLONE, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise Stop("Docker is missing: this is for the machine that runs the containers.") from None
    if done.returncode:
        lines = (done.stderr + done.stdout).strip().splitlines() or ["docker compose failed"]
        raise Stop(next((line for line in lines if line.startswith("topics:")), lines[-1]))
    return done.stdout


if __name__ == "__main__":
    try:
        main()
    except (Stop, OSError) as sentence:
        sys.exit(str(sentence))
