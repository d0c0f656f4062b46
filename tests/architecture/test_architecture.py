"""The house rules of design, checked on the tree as it is and on trees with a planted violation."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.rules import RULES, SERVICES, Sources, imports, sources, violations

ROOT = Path(__file__).parents[2]

PLANTED = [
    # domain: errors and the pure part of the standard library
    ("services/registry/domain/business.py", "import asyncpg", "may not use asyncpg"),
    ("services/registry/domain/business.py", "import pydantic", "may not use pydantic"),
    ("services/registry/domain/business.py", "import os", "no I/O and no clock"),
    ("services/registry/domain/business.py", "import random", "no I/O and no clock"),
    ("services/training/domain/session.py", "import time", "no I/O and no clock"),
    ("services/training/domain/session.py", "import zoneinfo", "no I/O and no clock"),
    ("services/marketing/domain/stand.py", "from shared import db", "use shared.db"),
    ("services/marketing/domain/stand.py", "from shared.ids import uuid7", "use shared.ids"),
    ("services/marketing/domain/stand.py", "from services.marketing import store", "use store"),
    ("services/registry/domain/person.py", "def f(d):\n    return d.today()", "call today()"),
    ("services/registry/domain/person.py", "def f(d):\n    return d.now(None)", "call now()"),
    ("services/registry/domain/person.py", "def f(p):\n    return open(p)", "call open()"),
    ("services/registry/domain/person.py", "def f():\n    print(1)", "call print()"),
    ("services/registry/domain/person.py", "async def f():\n    pass", "does not wait"),
    ("services/registry/domain/person.py", "def f():\n    global X\n    X = 1", "keeps no state"),
    # a name imported inside a function, for types only, dynamically or relatively is an import too
    ("services/registry/domain/person.py", "def f():\n    import socket", "no I/O and no clock"),
    (
        "services/registry/events.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import asyncpg",
        "may not use asyncpg",
    ),
    (
        "services/registry/commands/people.py",
        "m = __import__('os')",
        "touches the operating system",
    ),
    ("services/registry/queries.py", "from .commands import people", "relative"),
    # each module of a service
    ("services/registry/events.py", "from services.registry import store", "use store"),
    ("services/registry/events.py", "from shared import db", "use shared.db"),
    ("services/registry/store.py", "from services.registry import commands", "use commands"),
    ("services/registry/store.py", "from shared.contracts import registry", "use shared.contr"),
    ("services/registry/store.py", "import asyncpg", "may not use asyncpg"),
    ("services/registry/commands/people.py", "from services.registry import api", "use api"),
    (
        "services/registry/commands/people.py",
        "from services.registry import queries",
        "use queries",
    ),
    (
        "services/registry/commands/people.py",
        "from shared.contracts import registry",
        "use shared.contr",
    ),
    ("services/registry/commands/people.py", "import aiohttp", "may not use aiohttp"),
    ("services/registry/commands/people.py", "import subprocess", "touches the operating system"),
    ("services/training/reactions.py", "from services.training import api", "use api"),
    ("services/training/reactions.py", "import faust", "may not use faust"),
    ("services/training/reactions.py", "from shared import relay", "use shared.relay"),
    ("services/registry/queries.py", "from services.registry import commands", "use commands"),
    ("services/registry/queries.py", "from shared import privacy", "use shared.privacy"),
    ("services/registry/api/people.py", "from services.registry import store", "use store"),
    (
        "services/registry/api/people.py",
        "from services.registry.domain.identity import masked",
        "use domain.identity",
    ),
    ("services/registry/api/people.py", "import asyncpg", "may not use asyncpg"),
    ("services/training/api/sessions.py", "from shared import outbox", "use shared.outbox"),
    ("services/registry/helpers.py", "import json", "no module that services have"),
    # services apart
    (
        "services/training/commands.py",
        "from services.registry.domain import business",
        "no service imports another",
    ),
    ("services/marketing/__main__.py", "import services.training.events", "imports another"),
    # shared
    ("shared/db.py", "from services.registry import store", "never knows a service"),
    ("shared/errors.py", "def f():\n    import services.registry.events", "never knows a service"),
    ("shared/contracts/values.py", "from shared.errors import Refusal", "but contracts"),
    ("shared/relay.py", "import faust", "faust lives in stream"),
    ("shared/relay.py", "from mode import Service", "mode lives in stream"),
    ("shared/db.py", "from aiohttp import web", "aiohttp lives in http"),
    ("shared/privacy.py", "from aiokafka import AIOKafkaProducer", "does not talk to servers"),
    ("shared/contracts/areas.py", "import asyncpg", "does not talk to servers"),
    ("shared/ids.py", "from shared.outbox import Told", "goes in a circle"),
    ("shared/errors.py", "def f():\n    from shared.http import problems", "goes in a circle"),
]


@pytest.fixture(scope="module")
def tree() -> Sources:
    """The tree as it is, read once."""
    return sources(ROOT)


def test_the_tree_keeps_the_rules(tree: Sources) -> None:
    assert violations(tree) == []


@pytest.mark.parametrize(("place", "line", "complaint"), PLANTED)
def test_a_planted_violation_is_found(tree: Sources, place: str, line: str, complaint: str) -> None:
    found = violations({**tree, place: f"{tree.get(place, '')}\n{line}\n"})
    assert found, "nothing was found"
    assert all(complaint in each for each in found), found
    assert all(Path(place).stem in each for each in found)


def test_every_module_of_every_service_has_a_rule() -> None:
    for service in SERVICES:
        names = {
            path.stem
            for path in (ROOT / "services" / service).iterdir()
            if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
        }
        assert names <= RULES.keys()
        assert names >= {"__main__", "domain", "commands", "reactions", "queries", "events", "api"}


@pytest.mark.parametrize("package", ["shared", "shared/parked"])
def test_every_module_stands_once_in_the_map_of_its_package(package: str) -> None:
    folder = ROOT / package
    there = [
        path.stem
        for path in folder.iterdir()
        if not path.name.startswith("__") and (path.suffix == ".py" or path.is_dir())
    ]
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert sorted(re.findall(r"`(\w+)`", text)) == sorted(there)


def test_the_reader_sees_what_is_there(tree: Sources) -> None:
    found = {(each.by, each.of) for each in imports(tree)}
    assert ("services.registry.commands.people", "services.registry.store.people") in found
    assert ("services.registry.commands.people", "shared.db") in found
    assert ("shared.stream", "faust") in found
    assert len(found) > 300
