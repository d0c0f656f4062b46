"""The programs in an image need nothing that isn't in it: found here, and not by an operator."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from deploy.roles import SERVICES

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "deploy/requirements.lock").read_text()
INSTALLED = {name.lower() for name in re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)}
AT_HOME = {"shared.contracts.asyncapi"}
"""Writes documents in the clone, in no image."""
IMPORTING = """
import importlib, sys
missing, wanted = (names.split() for names in sys.argv[1:])
sys.modules |= dict.fromkeys(missing)  # an import of them fails, as where they aren't installed
for name in wanted:
    importlib.import_module(name)
"""


def _missing() -> list[str]:
    """Names that can be imported here, and from nothing that the images install."""
    return [
        name
        for name, distributions in packages_distributions().items()
        if not {re.sub(r"[-_.]+", "-", one).lower() for one in distributions} & INSTALLED
    ]


def _modules(folder: str) -> Iterator[str]:
    for path in (ROOT / folder).rglob("*.py"):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_imported_with_what_its_image_installs(service: str) -> None:
    wanted = set(_modules("shared")) | set(_modules(f"services/{service}"))
    missing = _missing()
    assert {"yaml", "pytest"} <= set(missing)
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTING, " ".join(missing), " ".join(sorted(wanted - AT_HOME))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
