"""docs/publish-events.md, run as it stands: every block, in a shell, against the demo."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass

import pytest

from deploy.local.places import CLONE
from deploy.local.stack import LocalStack

PAGE = CLONE / "docs" / "publish-events.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_MARK = "@@ block "


@dataclass(frozen=True)
class Block:
    """One fenced block: what to run, and what the page says that it prints."""

    commands: str
    printed: str

    def is_told_by(self, output: str) -> bool:
        """Whether the output is the printed one; "…" stands for anything within a line."""
        wanted, lines = self.printed.splitlines(), output.splitlines()
        return len(wanted) == len(lines) and all(
            re.fullmatch(".*?".join(map(re.escape, pattern.split("…"))), line)
            for pattern, line in zip(wanted, lines, strict=True)
        )


def sections() -> dict[str, list[Block]]:
    """The page's blocks by their heading. An output belongs to the commands above it."""
    found: dict[str, list[Block]] = {}
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        blocks: list[Block] = []
        for language, body in _BLOCK.findall(text):
            if language == "sh":
                blocks.append(Block(body, ""))
            else:
                assert (language, blocks[-1].printed) == ("text", ""), "an output of no commands"
                blocks[-1] = Block(blocks[-1].commands, body)
        found[heading] = blocks
    return found


WAYS = {name: blocks for name, blocks in sections().items() if name.startswith("With ")}
FIRST = [b for name, blocks in sections().items() if name not in WAYS for b in blocks]
NEEDS = {"With kcat": "kcat", "With Python": "bash", "With HTTP": "curl"}


def test_there_are_three_ways_and_each_needs_one_program() -> None:
    assert WAYS.keys() == NEEDS.keys()
    assert all(WAYS.values())
    assert len(FIRST) == 3


def run(blocks: list[Block], instance: str) -> list[str]:
    """What each block prints, all in one shell that stops at the first failure."""
    lines = ["set -eo pipefail"]
    for number, block in enumerate(blocks):
        lines += [f"echo '{_MARK}{number}'", block.commands]
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("MAKE", "MFLAGS", "KAFKA_"))}
    ran = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=CLONE,
        env={**kept, "BINAAN_INSTANCE": instance},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return re.split(rf"^{_MARK}\d+\n", ran.stdout, flags=re.MULTILINE)[1:]


@pytest.mark.servers
@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=pytest.mark.program(NEEDS[way])) for way in WAYS]
)
def test_every_block_runs_as_it_stands_and_prints_what_the_page_says(
    way: str, played_system: LocalStack
) -> None:
    blocks = FIRST + WAYS[way]
    outputs = run(blocks, played_system.instance.name)
    for block, output in zip(blocks, outputs, strict=True):
        assert block.is_told_by(output), f"{block.commands}\nprints\n{output}"
    assert "".join(outputs).count('"outcome":"accepted"') >= 2 or "training accepted" in outputs[-1]


def test_another_output_is_found() -> None:
    block = Block("", "a … c\n")
    assert block.is_told_by("a b c\n")
    assert not block.is_told_by("a b d\n")
    assert not block.is_told_by("a b c\nmore\n")
