"""The environment: everything that is wrong at once, by name and never by value."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import SettingsError, load_settings

KEY = base64.b64encode(bytes(range(32))).decode()
API = {
    "BINAAN_DATABASE_URL": "postgresql://registry_app:secret@127.0.0.1/binaan",
    "BINAAN_JWKS_FILE": "/etc/jwks.json",
    "BINAAN_JWT_ISSUER": "https://issuer.test",
    "BINAAN_JWT_AUDIENCE": "binaan",
    "BINAAN_SECRET_KEYS": f"k2:{KEY},k1:{KEY}",
}


def complaints(process: str, environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings(process, environ)  # type: ignore[arg-type]
    return str(raised.value)


def test_what_an_api_needs_is_enough_and_the_rest_has_defaults() -> None:
    settings = load_settings("api", {**API, "PATH": "/bin", "BINAAN_HOME": "/x"})
    assert list(settings.secret_keys) == ["k2", "k1"]
    assert (settings.city, settings.zone.key) == ("36.74", "Asia/Jakarta")
    assert (settings.http.host, settings.kafka.security) == ("127.0.0.1", "SASL_SSL")
    assert not settings.auth.local_issuer


def test_everything_that_is_wrong_is_said_in_one_message() -> None:
    said = complaints(
        "api",
        {
            "BINAAN_DATABSE_URL": "x",
            "BINAAN_HTTP_PORT": "eighty",
            "BINAAN_TIMEZONE": "Jakarta",
            "BINAAN_SECRET_KEYS": "k1:short",
            "BINAAN_JWKS_URL": "http://issuer.test/keys",
        },
    )
    for name in (
        "BINAAN_DATABSE_URL is unknown",
        "BINAAN_DATABASE_URL is missing",
        "BINAAN_JWT_ISSUER is missing",
        "BINAAN_HTTP_PORT",
        "BINAAN_TIMEZONE",
        "BINAAN_SECRET_KEYS",
        "BINAAN_JWKS_URL",
    ):
        assert name in said


def test_no_value_is_ever_repeated() -> None:
    said = complaints("api", {"BINAAN_SECRET_KEYS": "k1:hunter2", "BINAAN_HTTP_PORT": "hunter2"})
    assert "hunter2" not in said
    shown = repr(load_settings("api", API))
    assert KEY not in shown
    assert "secret@" not in shown


def test_a_secret_comes_by_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://by-file\n")
    environ = {**API, "BINAAN_DATABASE_URL_FILE": str(file)}
    del environ["BINAAN_DATABASE_URL"]
    assert load_settings("api", environ).database.url == "postgresql://by-file"
    both = complaints("api", {**API, "BINAAN_DATABASE_URL_FILE": str(file)})
    assert "both set" in both
    gone = complaints("api", {**environ, "BINAAN_DATABASE_URL_FILE": "/nowhere"})
    assert "cannot be read" in gone


@pytest.mark.parametrize(
    ("process", "missing"),
    [
        ("api", "BINAAN_JWKS_FILE or BINAAN_JWKS_URL"),
        ("worker", "BINAAN_KAFKA_BOOTSTRAP"),
        ("migrate", "BINAAN_OWNER_DATABASE_URL"),
        ("topics", "BINAAN_KAFKA_BOOTSTRAP"),
        ("staff", "BINAAN_SECRET_KEYS"),
        ("token", "BINAAN_ISSUER_KEY_FILE"),
    ],
)
def test_each_process_says_what_it_cannot_do_without(process: str, missing: str) -> None:
    assert f"{missing} is missing" in complaints(process, {})


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"BINAAN_JWKS_URL": "https://issuer.test"}, "not both"),
        ({"BINAAN_KAFKA_BOOTSTRAP": "k:9092"}, "BINAAN_KAFKA_USERNAME"),
        ({"BINAAN_CITY": "3674"}, "BINAAN_CITY"),
        ({"BINAAN_LOG_LEVEL": "LOUD"}, "BINAAN_LOG_LEVEL"),
        ({"BINAAN_DATABASE_POOL": "0"}, "BINAAN_DATABASE_POOL"),
        ({"BINAAN_SECRET_KEYS": f"k1:{KEY},k1:{KEY}"}, "BINAAN_SECRET_KEYS"),
    ],
)
def test_what_does_not_fit_together_is_named(change: dict[str, str], name: str) -> None:
    assert name in complaints("api", {**API, **change})


def test_settings_are_frozen() -> None:
    settings = load_settings("api", API)
    with pytest.raises(ValidationError):
        settings.city = "32.71"  # type: ignore[misc]


def test_another_city_than_the_one_whose_areas_are_here_is_refused() -> None:
    said = complaints("api", {**API, "BINAAN_CITY": "32.71"})
    assert "BINAAN_CITY: this build has the areas of 36.74 only" in said
    assert load_settings("api", {**API, "BINAAN_CITY": "36.74"}).city == "36.74"


def test_an_empty_variable_is_as_good_as_none() -> None:
    address = "https://issuer.test/jwks"
    settings = load_settings("api", {**API, "BINAAN_JWKS_FILE": "", "BINAAN_JWKS_URL": address})
    assert settings.auth.jwks_file is None
    assert settings.auth.jwks_url == address
