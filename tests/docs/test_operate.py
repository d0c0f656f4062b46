"""The operators' page says what is there: settings, variables, containers, memory."""

import re

import yaml

from deploy.configuration import MEANING, PAGE, renewed
from shared.settings import _PLACES
from tests.docs.pages import ROOT

COMPOSE = [ROOT / "docker-compose.yml", ROOT / "docker-compose.offices.yml"]


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert MEANING.keys() == _PLACES.keys()
    text = PAGE.read_text()
    assert text == renewed(text), "run: python -m deploy.configuration"


def test_every_variable_of_the_compose_files_is_explained() -> None:
    used = {name for file in COMPOSE for name in re.findall(r"\$\{([A-Z_]+)", file.read_text())}
    told = set(re.findall(r"`([A-Z_]+)=?", PAGE.read_text()))
    assert used - told == set()


def test_every_container_and_its_memory_are_told() -> None:
    services = yaml.safe_load(COMPOSE[0].read_text())["services"]
    table = PAGE.read_text().partition("## What runs")[2].partition("## Ports")[0]
    units = {"128m": "128 MB", "256m": "256 MB", "384m": "384 MB", "512m": "512 MB", "1g": "1 GB"}
    for name, service in services.items():
        told = "…-migrate" if name.endswith("-migrate") else name
        row = next((line for line in table.splitlines() if f"`{told}`" in line), "")
        assert units[service["mem_limit"]] in row, name


def test_readme_has_no_operators_command_that_the_test_of_the_containers_does_not_run() -> None:
    page = (ROOT / "README.md").read_text()
    part = page.partition("## For operators")[2].partition("\n## ")[0]
    lines = [
        line.partition("#")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
        for line in block.splitlines()
    ]
    composed = (ROOT / "tests/stack/composed.py").read_text()
    known = {
        "make secrets": '"make", "secrets"',
        "docker compose up --build -d": '"up", "--build", "-d"',
        "make office NAME=32.71-perdagangan": '"make", "office", "NAME=32.71-perdagangan"',
        "docker compose down": 'compose("down")',
    }
    assert lines
    for line in lines:
        assert known[line] in composed
