"""Tests that need a Docker engine: left out where none answers, and then said in one line.

With ENGINE=required (as in CI) leaving them out is an error. STAND_INS=build builds stand-ins for
the images that can't be pulled (tests/system/images/) and removes them afterwards.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache

import pytest

LEFT_OUT = pytest.StashKey[int]()


@cache
def why_not() -> str:
    """Why nothing can be run in containers here; empty where it can."""
    if shutil.which("docker") is None:
        return "Docker is not installed"
    if subprocess.run(["docker", "info"], capture_output=True).returncode:
        return "Docker is installed and its engine doesn't answer"
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return "`docker compose` (v2) is not installed"
    return ""


@pytest.hookimpl(trylast=True)  # after -m: what wasn't asked for isn't left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes out what can't be run; raises where it has to be run."""
    needing = [item for item in items if item.get_closest_marker("engine")]
    if not needing or not why_not():
        return
    if os.environ.get("ENGINE") == "required":
        raise pytest.UsageError(f"{len(needing)} tests need a Docker engine: {why_not()}")
    config.stash[LEFT_OUT] = len(needing)
    config.hook.pytest_deselected(items=needing)
    items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The one line."""
    if number := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"left out: {number} tests of the containers: {why_not()}")


@pytest.fixture(scope="session")
def product_images() -> Iterator[None]:
    """Images of others that the product's files name: pulled when used, or stood in for."""
    if os.environ.get("STAND_INS") != "build":
        yield
        return
    from tests.system.images import build as stand_ins

    built = stand_ins.build()
    try:
        yield
    finally:
        if built:  # by this session; others' stay
            stand_ins.remove()
