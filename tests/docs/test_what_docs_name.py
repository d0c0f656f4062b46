"""Links lead somewhere; files, tests, make targets and numbers named in documents are there."""

import re
import tomllib
from pathlib import Path

import pytest

from shared import batch, ids, inbox, intake, placing, relay, worker
from shared.contracts import topics
from shared.contracts.fact import FACTS
from tests.docs.pages import (
    ROOT,
    codes,
    links,
    make_targets,
    names_of_tests,
    pages,
    paths,
    problem_of,
    prose,
)

PAGES = pages()
ANY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


@ANY_PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = {target: problem_of(target, page) for target in links(page.read_text())}
    assert not {target: why for target, why in broken.items() if why}


@ANY_PAGE
def test_every_file_that_is_named_exists(page: Path) -> None:
    assert not [name for name in paths(page.read_text()) if not (ROOT / name).exists()]


@ANY_PAGE
def test_every_test_that_is_named_exists_once(page: Path) -> None:
    named = {code for code in codes(page.read_text()) if re.fullmatch(r"test_\w+", code)}
    assert not {name for name in named if len(names_of_tests().get(name, [])) != 1}


@ANY_PAGE
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert make_targets(page.read_text()) <= there


@ANY_PAGE
def test_every_event_type_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`(id\.[a-z.]+\.v\d+)`", prose(page.read_text()).replace("-", "."))
    known = {kind.replace("-", ".") for kind in FACTS}
    assert not [kind for kind in named if kind not in known]


@ANY_PAGE
def test_a_page_names_nothing_of_another_machine(page: Path) -> None:
    text = page.read_text()
    assert not re.findall(r"/(?:work|root|tmp)/\S*|\bTODO\b|\bFIXME\b|@@\w*", text)


def test_a_broken_link_file_or_target_is_found() -> None:
    page = ROOT / "README.md"
    assert problem_of("docs/no-such-page.md", page) == "no such file"
    assert problem_of("docs/glossary.md#no-such-heading", page) == "no such heading"
    assert problem_of("../elsewhere.md", page) in ("no such file", "outside of the repository")
    assert problem_of("http://example.org", page) == "not https"
    assert list(paths("see `shared/no_such.py` and `x`")) == ["shared/no_such.py"]
    assert make_targets("run `make fly ID=…` or\n$ make -s crawl") == {"fly", "crawl"}


# A number that a page states, and where the code has it: (page, words of the page, is it so?).
NUMBERS = (
    (
        "docs/decisions/0005-projections-and-reactions.md",
        "1,000 events",
        intake.REACTION_EVENTS == 1000,
    ),
    (
        "docs/decisions/0005-projections-and-reactions.md",
        "500 events",
        intake.PROJECTION_EVENTS == 500,
    ),
    ("docs/decisions/0005-projections-and-reactions.md", "4 MiB", intake.MAX_BYTES == 4 << 20),
    ("docs/glossary.md", "1,000 for a reaction", intake.REACTION_EVENTS == 1000),
    ("docs/decisions/0004-journal-and-outbox.md", "modulo 16", ids.SLOTS == 16),
    ("docs/decisions/0004-journal-and-outbox.md", "500 records at a time", relay.BATCH == 500),
    ("docs/decisions/0004-journal-and-outbox.md", "last ten minutes", relay.RESEND.seconds == 600),
    ("docs/decisions/0006-parked-waiting-behind.md", "thirty days", inbox.DEADLINE.days == 30),
    ("docs/glossary.md", "thirty days after it came", inbox.DEADLINE.days == 30),
    (
        "docs/decisions/0003-position-in-postgres.md",
        "truncation that lasts ten seconds",
        placing.DOUBT_SECONDS == 10,
    ),
    (
        "docs/decisions/0006-parked-waiting-behind.md",
        "more than twenty in a row",
        batch.UNEXPECTED_IN_A_ROW == 20,
    ),
    (
        "docs/decisions/0002-what-faust-is-for.md",
        "a stop has twenty seconds",
        worker.GRACE_SECONDS == 20,
    ),
    ("docs/glossary.md", "one of sixteen shares", ids.SLOTS == 16),
    (
        "docs/decisions/0007-how-long-topics-keep.md",
        "four per fact topic",
        topics.FACT_PARTITIONS == 4,
    ),
    (
        "docs/decisions/0007-how-long-topics-keep.md",
        "**office's topic** keeps thirty days",
        {t.retention_days for t in topics.TOPICS if t.from_outside and not t.trial_of} == {30},
    ),
    (
        "docs/decisions/0007-how-long-topics-keep.md",
        "(how batches ended) keep one day",
        {t.retention_days for t in topics.TOPICS if t.operations} == {1},
    ),
)


@pytest.mark.parametrize(("page", "words", "so"), NUMBERS, ids=lambda part: str(part)[:40])
def test_a_number_in_a_page_is_the_one_in_the_code(page: str, words: str, so: bool) -> None:
    assert words in " ".join((ROOT / page).read_text().split())
    assert so


def test_the_changelog_tells_of_the_version_that_is_built() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in (ROOT / "CHANGELOG.md").read_text()


def test_decisions_are_numbered_without_a_hole_have_four_parts_and_stand_in_the_index() -> None:
    folder = ROOT / "docs/decisions"
    records = sorted(folder.glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    index = (folder / "README.md").read_text()
    for record in records:
        headings = re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "What it costs", "When we would change it"]
        assert f"[{record.name[:4]}]({record.name})" in index
