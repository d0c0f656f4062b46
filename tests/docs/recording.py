"""The outputs in README.md: recorded from a real run, and compared with another one.

`python -m tests.docs.recording` runs the commands that stand in README's recorded blocks, in their
order and in one shell, and writes what they print below them; the demo's picture becomes that of
the documents. Run it after `make clean`, so that it shows what a newcomer sees.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.__main__ import INSTANCE
from deploy.local.funnel import FILE
from deploy.local.places import Instance

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(
    r"<!-- recorded: (?P<name>\w+) -->\n```console\n(?P<body>.*?)```\n<!-- /recorded -->", re.DOTALL
)
_MARK = "@@ recorded "
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Block:
    """One recorded block: its commands, and what each of them printed."""

    name: str
    commands: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def text(self) -> str:
        said = zip(self.commands, self.outputs, strict=True)
        return "".join(f"$ {command}\n{output}" for command, output in said)


def blocks(text: str) -> Iterator[Block]:
    """The recorded blocks of a document."""
    for found in _BLOCK.finditer(text):
        commands: list[str] = []
        outputs: list[str] = []
        goes_on = False
        for line in found["body"].splitlines(keepends=True):
            if line.startswith("$ "):
                commands.append(line[2:].rstrip("\n"))
                outputs.append("")
            elif goes_on:
                commands[-1] += "\n" + line.rstrip("\n")
            else:
                outputs[-1] += line
            goes_on = (line.startswith("$ ") or goes_on) and _is_open("\n" + commands[-1])
        yield Block(found["name"], tuple(commands), tuple(outputs))


def _is_open(command: str) -> bool:
    """Whether the shell would ask for another line."""
    return command.endswith("\\") or command.replace("\\'", "").count("'") % 2 == 1


def play(told: list[Block], environment: Mapping[str, str] | None = None) -> list[Block]:
    """Run all commands in one shell. Raises CalledProcessError when one of them fails."""
    lines = ["set -e"]
    for number, command in enumerate(c for block in told for c in block.commands):
        lines += [f"echo '{_MARK}{number}'", command, "echo"]
    ran = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        cwd=ROOT,
        env={**_plain(), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    outputs = iter(re.split(rf"^{_MARK}\d+\n", ran.stdout, flags=re.MULTILINE)[1:])
    return [
        Block(block.name, block.commands, tuple(_tidy(next(outputs)) for _ in block.commands))
        for block in told
    ]


def _plain() -> dict[str, str]:
    """Without what a `make test` around us has set for its own commands."""
    ours = ("MAKE", "MFLAGS", "COLUMNS", "DATABASE_URL", "KAFKA_")
    return {name: text for name, text in os.environ.items() if not name.startswith(ours)}


def _tidy(output: str) -> str:
    """Without trailing blanks, with long tokens cut."""
    lines = [line.rstrip() for line in output.replace("\r", "").splitlines()]
    text = re.sub(r"\beyJ[\w.-]{40,}", "eyJ0eXAiOiJKV1QiL…", "\n".join(lines).strip("\n"))
    home = re.escape(str(ROOT))
    return re.sub(home, "…", text) + "\n" if text else ""


def shape(block: Block) -> list[str]:
    """What must be the same in every run: phases, headings, steps, names of headers and fields."""
    return sorted(
        {skeleton for line in "".join(block.outputs).splitlines() for skeleton in _of(line)}
    )


def steps(block: Block) -> int:
    """How many steps of the journey the demo showed."""
    return len(re.findall(r"^ +\d\d:\d\d:\d\d\.\d{3} ", "".join(block.outputs), re.MULTILINE))


def year(block: Block) -> list[str]:
    """The lines of the demo's year in figures, which are the same in every run."""
    told = "".join(block.outputs).partition("in ten figures")[2].partition("What the services")[0]
    return [line for line in told.splitlines()[1:] if ".svg" not in line and "──" not in line]


def _of(line: str) -> Iterator[str]:
    if "downloaded" in line or "Python environment" in line:
        return  # only where something was missing
    if heading := re.match(r"─+ (.*?) ─+$", line):
        yield f"heading {heading[1]}"
    elif done := re.match(r" *[✓✗] ([^“]*)", line):
        yield f"phase {_words(done[1])}"
    elif step := re.match(r" +\d\d:\d\d:\d\d\.\d{3} +(?:[+-][\d,]+ ms +)?(\w+)", line):
        yield f"step of {step[1]}"
    elif header := re.match(r" *([\w-]+): ", line):
        yield f"header {header[1]}"
    elif line.lstrip().startswith("{"):
        yield from (f"field {name}" for name in re.findall(r'"(\w+)":', line))
    elif label := re.match(r"([A-Za-z][\w' ]*?)(?:  |:? eyJ|:  )", line):
        yield f"label {label[1]}"
    elif status := re.match(r"HTTP/1.1 (\d+)", line):
        yield f"status {status[1]}"


def _words(text: str) -> str:
    return " ".join(re.sub(r"[━╸╺]|\d+([.:,/]\d+)*|\bs\b", " ", text).split())


def main() -> None:
    """Rewrite README.md, and the picture that it shows."""
    text = README.read_text()
    for block in play(list(blocks(text))):
        found = next(one for one in _BLOCK.finditer(text) if one["name"] == block.name)
        text = text[: found.start("body")] + block.text + text[found.end("body") :]
    README.write_text(text)
    shutil.copy(Instance(INSTANCE).folder / FILE, ROOT / "docs" / FILE)


if __name__ == "__main__":
    main()
