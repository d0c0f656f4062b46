"""The benchmark's programs run and write their page. No number of it is asserted."""

import re
from pathlib import Path

import pytest

from tests.stack.programs import run
from tests.stack.servers import session_instance

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SECONDS = 300
ROW = re.compile(r"^\| .+ \| [0-9,.]+( ms| ×| MiB)? \| [≥≤] [0-9,.]+.* \| (met|\*\*missed\*\*) \|$")


def test_every_section_measures_something_against_its_target(tmp_path: Path) -> None:
    instance = session_instance("bench")
    page = tmp_path / "benchmarks.md"
    output, code = run(
        "tests.bench", "--tiny", "--output", str(page), "--instance", instance.name, seconds=SECONDS
    )
    assert code == 0, output[-3000:]
    sections = page.read_text().split("\n## ")[1:]
    assert [section.partition("\n")[0] for section in sections] == [
        "Projection",
        "Reaction",
        "Relay",
        "HTTP",
        "From a POST to another service",
        "Staff and relay during a bulk intake",
        "Memory",
        "Resync of a civil registry",
    ]
    for section in sections:
        rows = [line for line in section.splitlines() if ROW.match(line)]
        assert rows, section
        assert "| 0 |" not in section, "nothing was measured"
