"""The documents, and what they name."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_TOP = ("services/", "shared/", "deploy/", "tests/", "docs/")


def pages() -> list[Path]:
    """Every document of ours."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(text: str) -> str:
    """Without the fenced blocks: what they hold is output or code."""
    return _FENCE.sub("", text)


def links(text: str) -> Iterator[str]:
    """The targets of links and pictures."""
    return (found[1] for found in _LINK.finditer(prose(text)))


def codes(text: str) -> Iterator[str]:
    """What stands between backticks in running text."""
    return (found[1] for found in _CODE.finditer(prose(text)))


def paths(text: str) -> Iterator[str]:
    """Files and folders of this repository that running text names."""
    for code in codes(text):
        if code.startswith(_TOP) and not set(code) & set(" <>…*{("):
            yield code


def anchors(page: Path) -> set[str]:
    """The places in a document that a link may lead to, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text()), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def problem_of(target: str, page: Path) -> str:
    """Why a link leads nowhere; empty when it leads somewhere."""
    if re.match(r"[a-z]+:", target):
        return "" if target.startswith(("https://", "mailto:")) else "not https"
    file, _, anchor = target.partition("#")
    found = (page.parent / file).resolve() if file else page
    if not found.exists():
        return "no such file"
    if ROOT not in (found, *found.parents):
        return "outside of the repository"
    if anchor and anchor not in anchors(found):
        return "no such heading"
    return ""


def make_targets(text: str) -> set[str]:
    """The targets of `make` that a document tells the reader to use, in text and in blocks."""
    return set(
        re.findall(r"(?<![\w`])(?:`|\$ |\()make (?:-s )?(?:\w+=\S+ )*([a-z]+(?:-[a-z]+)*)", text)
    )


@cache
def names_of_tests() -> dict[str, list[Path]]:
    """Every test's name and the files that have one of that name."""
    found: dict[str, list[Path]] = {}
    for file in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE):
            found.setdefault(name, []).append(file)
    return found
