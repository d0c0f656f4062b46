"""Configuration from the environment: prefix BINAAN_, `BINAAN_X_FILE` gives a secret by file.

Everything that is wrong is said in one message, by name and never by value. A BINAAN_ variable
that we don't know is an error, since it is a typo whose default would be used in silence.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.contracts.areas import CITY

PREFIX = "BINAAN_"
_FOR_OTHERS = frozenset({"BINAAN_HOME"})  # deploy/local reads it; a service does not
_SECRETS = frozenset({"database_url", "owner_database_url", "kafka_password", "secret_keys"})

Process = Literal["api", "worker", "migrate", "topics", "staff", "token"]
NEEDS: Mapping[Process, tuple[str, ...]] = {
    "api": ("database_url", "jwks", "jwt_issuer", "jwt_audience", "secret_keys"),
    "worker": ("database_url", "kafka_bootstrap", "secret_keys"),
    "migrate": ("owner_database_url",),
    "topics": ("kafka_bootstrap",),
    "staff": ("database_url", "secret_keys"),
    "token": ("issuer_key_file", "jwt_issuer", "jwt_audience"),
}
"""What a process can't start without. `jwks` is a file or a URL."""


class SettingsError(Exception):
    """All that is wrong with the environment, one line each; names only, never values."""


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DatabaseSettings(_Group):
    url: str = Field(default="", repr=False)
    owner_url: str = Field(default="", repr=False)
    pool: int = Field(default=16, ge=1, le=200)


class KafkaSettings(_Group):
    bootstrap: str = ""
    username: str = ""
    password: str = Field(default="", repr=False)
    security: Literal["SASL_PLAINTEXT", "SASL_SSL", "PLAINTEXT"] = "SASL_SSL"
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _has_a_login(self) -> KafkaSettings:
        if (
            self.bootstrap
            and self.security != "PLAINTEXT"
            and not (self.username and self.password)
        ):
            raise ValueError("needs BINAAN_KAFKA_USERNAME and BINAAN_KAFKA_PASSWORD")
        return self


class AuthSettings(_Group):
    jwks_file: Path | None = None
    jwks_url: str = ""
    issuer: str = ""
    audience: str = ""
    local_issuer: bool = False
    issuer_key_file: Path | None = None

    @field_validator("jwks_url")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("must be https (http only on this machine)")
        return value

    @model_validator(mode="after")
    def _has_one_source_of_keys(self) -> AuthSettings:
        if self.jwks_file and self.jwks_url:
            raise ValueError("set BINAAN_JWKS_FILE or BINAAN_JWKS_URL, not both")
        return self


class HttpSettings(_Group):
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    metrics_port: int = Field(default=9090, ge=0, le=65535)
    concurrency: int = Field(default=256, ge=1)
    max_body: int = Field(default=65_536, ge=1024)
    grace_seconds: float = Field(default=20, ge=0, le=300)
    links: dict[str, str] = Field(default_factory=dict)  # service → its address, for the start page

    @field_validator("links", mode="before")
    @classmethod
    def _are_links(cls, text: object) -> object:
        return _links(text) if isinstance(text, str) else text


class Settings(_Group):
    """All of it, frozen. `secret_keys`: id to 32 bytes, the first is current."""

    database: DatabaseSettings
    kafka: KafkaSettings
    auth: AuthSettings
    http: HttpSettings
    secret_keys: dict[str, bytes] = Field(default_factory=dict, repr=False)
    city: str = CITY
    timezone: str = "Asia/Jakarta"
    waiting_days: int = Field(default=30, ge=1, le=365)
    passed_hours: int = Field(default=24, ge=1, le=720)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _are_keys(cls, text: object) -> object:
        return _keys(text) if isinstance(text, str) else text

    @field_validator("city")
    @classmethod
    def _has_its_areas_here(cls, code: str) -> str:
        if code != CITY:
            raise ValueError(
                f"this build has the areas of {CITY} only; "
                "another city needs its own shared/contracts/areas.csv and areas.CITY"
            )
        return code

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is no time zone, for example Asia/Jakarta")
        return name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


_PLACES: Mapping[str, tuple[str, ...]] = {
    "database_url": ("database", "url"),
    "owner_database_url": ("database", "owner_url"),
    "database_pool": ("database", "pool"),
    "kafka_bootstrap": ("kafka", "bootstrap"),
    "kafka_username": ("kafka", "username"),
    "kafka_password": ("kafka", "password"),
    "kafka_security": ("kafka", "security"),
    "kafka_ca_file": ("kafka", "ca_file"),
    "jwks_file": ("auth", "jwks_file"),
    "jwks_url": ("auth", "jwks_url"),
    "jwt_issuer": ("auth", "issuer"),
    "jwt_audience": ("auth", "audience"),
    "local_issuer": ("auth", "local_issuer"),
    "issuer_key_file": ("auth", "issuer_key_file"),
    "http_host": ("http", "host"),
    "http_port": ("http", "port"),
    "metrics_port": ("http", "metrics_port"),
    "http_concurrency": ("http", "concurrency"),
    "http_max_body": ("http", "max_body"),
    "http_grace_seconds": ("http", "grace_seconds"),
    "links": ("http", "links"),
    "secret_keys": ("secret_keys",),
    "city": ("city",),
    "timezone": ("timezone",),
    "waiting_days": ("waiting_days",),
    "passed_hours": ("passed_hours",),
    "log_level": ("log_level",),
}
_GROUPS = ("database", "kafka", "auth", "http")


def load_settings(process: Process, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings that `process` needs. Raises SettingsError with everything at once."""
    texts, wrong = _texts(os.environ if environ is None else environ)
    nested: dict[str, Any] = {group: {} for group in _GROUPS}
    for name, text in texts.items():
        place = _PLACES[name]
        (nested[place[0]] if len(place) == 2 else nested)[place[-1]] = text
    wrong += [f"{name} is missing" for name in _missing(process, texts)]
    settings = None
    try:
        settings = Settings.model_validate(nested)
    except ValidationError as error:
        wrong += _sentences(error)
    if wrong or settings is None:
        raise SettingsError("\n".join(["The configuration is wrong:", *sorted(wrong)]))
    return settings


def _texts(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    wrong: list[str] = []
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable in _FOR_OTHERS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        by_file = name.removesuffix("_file")
        if name in _PLACES:
            if text:  # empty is as good as not there: compose files can't leave a variable out
                texts[name] = text
        elif name.endswith("_file") and by_file in _SECRETS:
            try:
                texts[by_file] = Path(text).read_text().strip()
            except (OSError, UnicodeDecodeError):
                wrong.append(f"{variable} names a file that cannot be read")
        else:
            wrong.append(f"{variable} is unknown")
    wrong += [
        f"{variable} and {variable}_FILE are both set"
        for variable in (PREFIX + name.upper() for name in _SECRETS)
        if {variable, f"{variable}_FILE"} <= environ.keys()
    ]
    return texts, wrong


def _missing(process: Process, texts: Mapping[str, str]) -> Iterable[str]:
    for name in NEEDS[process]:
        if name == "jwks":
            if not (texts.get("jwks_file") or texts.get("jwks_url")):
                yield "BINAAN_JWKS_FILE or BINAAN_JWKS_URL"
        elif not texts.get(name):
            yield PREFIX + name.upper()


def _sentences(error: ValidationError) -> list[str]:
    variables = {place: PREFIX + name.upper() for name, place in _PLACES.items()}
    sentences = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        place = tuple(str(part) for part in problem["loc"])
        name = variables.get(place) or PREFIX + "_".join(place).upper() + "_…"
        sentences.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
    return sentences


def _links(text: str) -> dict[str, str]:
    """`service=address[,service=address]`; an address is a web address or a path. ValueError."""
    links: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        service, _, address = part.partition("=")
        if not service or not address.startswith(("https://", "http://", "/", ".")):
            raise ValueError(
                "must be service=address[,service=address], each a web address or path"
            )
        links[service] = address.rstrip("/")
    return links


def _keys(text: str) -> dict[str, bytes]:
    """`id:key[,id:key]`, keys in base64, 32 bytes each. Raises ValueError without the value."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        key_id, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not key_id.isalnum() or len(key_id) > 32 or len(key) != 32 or key_id in keys:
            raise ValueError("must be id:key[,id:key], each key 32 bytes in base64, ids different")
        keys[key_id] = key
    return keys
