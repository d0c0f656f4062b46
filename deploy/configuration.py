"""The table of settings in docs/operate.md, written from the settings themselves.

`python -m deploy.configuration` writes it anew; a test compares.
"""

import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic_core import PydanticUndefined

from shared import settings
from shared.settings import NEEDS, PREFIX, Settings

PAGE = Path(__file__).parent.parent / "docs" / "operate.md"
BEGIN, END = "<!-- generated: settings -->", "<!-- /generated -->"

MEANING = {
    "database_url": "the database, as the service's `…_app` login",
    "owner_database_url": "the database, as the service's `…_owner` login, which owns the tables",
    "database_pool": "connections of an api process",
    "kafka_bootstrap": "addresses of the brokers, with commas; an api needs Kafka where its "
    "service reads offices' topics (registry, marketing)",
    "kafka_username": "login at Kafka",
    "kafka_password": "its password (SCRAM-SHA-512)",
    "kafka_security": "how to log in",
    "kafka_ca_file": "who signed the brokers' certificates; without it, the system's authorities",
    "jwks_file": "public keys of who issues tokens, as a file",
    "jwks_url": "the same, fetched from your identity provider (https)",
    "jwt_issuer": "the `iss` that tokens must have",
    "jwt_audience": "the `aud` that tokens must have",
    "local_issuer": "lets `python -m shared.auth token` sign tokens, for trying out",
    "issuer_key_file": "the private key that it signs with",
    "http_host": "where the process listens",
    "http_port": "port of the api",
    "metrics_port": "port of a worker's probes and figures",
    "http_concurrency": "requests at a time; more are told to come again",
    "http_max_body": "bytes of a request's body",
    "http_grace_seconds": "for requests that run while the api is told to stop",
    "links": "`service=address[,…]`: where the start page's links lead",
    "secret_keys": "`id:key[,id:key]`, 32 bytes in base64 each: NIK and family card numbers are "
    "encrypted with the first, and read with all",
    "city": "code of the city whose areas are built in",
    "timezone": "whose days count",
    "waiting_days": "how long an event waits for what it is about, before it goes to staff",
    "passed_hours": "how long an office's record that names people stays in Kafka once all have "
    "passed it: as old as a backup of the database may be that is brought back",
    "log_level": "how much is logged",
}


def table() -> str:
    """All settings as a table in Markdown."""
    lines = ["| variable | what it is | default | needed by |", "|---|---|---|---|"]
    for name, place in settings._PLACES.items():  # noqa: SLF001 - the one list of all
        field = _field(place)
        needed = [p for p, names in NEEDS.items() if name in names or _one_of(name, names)]
        variable = f"`{PREFIX}{name.upper()}`"
        if name in settings._SECRETS:  # noqa: SLF001 - as above
            variable += " (or `…_FILE`)"
        told = MEANING[name] + _choices(field.annotation)
        lines.append(f"| {variable} | {told} | {_default(field.default)} | {', '.join(needed)} |")
    return "\n".join(lines)


def renewed(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _field(place: tuple[str, ...]) -> Any:
    fields = Settings.model_fields
    for part in place[:-1]:
        group: Any = fields[part].annotation
        fields = group.model_fields
    return fields[place[-1]]


def _one_of(name: str, names: tuple[str, ...]) -> bool:
    return "jwks" in names and name in ("jwks_file", "jwks_url")


def _choices(annotation: object) -> str:
    if get_origin(annotation) is not Literal:
        return ""
    return ": " + ", ".join(f"`{choice}`" for choice in get_args(annotation))


def _default(value: object) -> str:
    if value is PydanticUndefined or value in ("", None, {}):
        return ""
    return f"`{'on' if value is True else 'off' if value is False else value}`"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
    sys.stdout.write(f"{PAGE}\n")
