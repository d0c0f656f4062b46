"""What README shows is what the product prints, and what it says of the tree is so."""

import re
from collections.abc import Iterator

import pytest

from deploy.local.bootstrap import TESTED
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack
from deploy.roles import SERVICES
from shared.contracts.envelope import Headers
from shared.contracts.fact import FACTS
from tests.docs.pages import ROOT
from tests.docs.recording import Block, blocks, play, shape, steps, year
from tests.stack.servers import session_instance

TEXT = (ROOT / "README.md").read_text()
SHOWN = {block.name: block for block in blocks(TEXT)}


@pytest.fixture(scope="module")
def fresh() -> Iterator[dict[str, Block]]:
    """The same commands, run now against an instance of this session."""
    stack = LocalStack(session_instance("readme"), Progress(quiet=True))
    try:
        yield {
            block.name: block
            for block in play(list(SHOWN.values()), {"BINAAN_INSTANCE": stack.instance.name})
        }
    finally:
        stack.down()
        stack.instance.forget()


@pytest.mark.servers
@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_recorded_output_has_the_shape_of_a_fresh_one(name: str, fresh: dict[str, Block]) -> None:
    assert shape(fresh[name]) == shape(SHOWN[name])


@pytest.mark.servers
def test_the_journey_shown_has_as_many_steps_as_a_fresh_one(fresh: dict[str, Block]) -> None:
    assert steps(SHOWN["demo"]) == steps(fresh["demo"]) >= 7


@pytest.mark.servers
def test_what_is_told_of_a_person_holds_nothing_of_what_was_sent(fresh: dict[str, Block]) -> None:
    for block in (fresh["event"], SHOWN["event"]):
        assert not re.search(r"Rahayu|3674065505850001|1985", block.text)


def test_the_event_shown_is_a_published_one() -> None:
    told = SHOWN["event"].text
    headers = dict(re.findall(r"^  ([\w-]+): (.+)$", told, re.MULTILINE))
    assert Headers.model_validate(headers).type in FACTS
    body = next(line for line in told.splitlines() if line.startswith("  {"))
    FACTS[headers["ce_type"]].model_validate_json(body)


def test_a_recording_with_another_step_heading_or_field_is_found() -> None:
    shown = SHOWN["demo"]
    for old, new in (("What to try next", "What else"), ("PostgreSQL 1", "Postgres 1")):
        changed = Block("demo", shown.commands, (shown.outputs[0].replace(old, new),))
        assert shape(changed) != shape(shown), old
    lines = [line for line in shown.outputs[0].splitlines() if "Got stand" not in line]
    assert steps(Block("demo", shown.commands, ("\n".join(lines),))) == steps(shown) - 1


@pytest.mark.servers
def test_the_year_in_figures_is_the_one_that_a_fresh_demo_tells(fresh: dict[str, Block]) -> None:
    shown = year(SHOWN["demo"])
    assert len(shown) > 15
    assert shown == year(fresh["demo"])


def test_the_picture_s_words_tell_its_numbers() -> None:
    drawn = (ROOT / "docs/corong-2017.svg").read_text()
    told = re.search(r"!\[The demo's year 2017 ([^]]+)\]\(docs/corong-2017\.svg\)", TEXT)
    described = re.search(r"<desc[^>]*>([^<]+)</desc>", drawn)
    assert told is not None
    assert described is not None
    assert re.findall(r"\d+", told[1]) == re.findall(r"\d+", described[1])


def test_the_map_names_every_folder_and_nothing_else() -> None:
    drawn = TEXT.partition("## The map")[2].partition("```text\n")[2].partition("```")[0]
    named = {name.rstrip("/") for name in re.findall(r"^(\S+/) ", drawn, re.MULTILINE)}
    there = {f"services/{service}" for service in SERVICES} | {"deploy/local"}
    there |= {"shared", "docs", "tests"}
    assert named == there
    inside = re.findall(r"^  (\S+(?:  \S+)*?)   ", drawn, re.MULTILINE)
    for name in (one for group in inside for one in group.split()):
        places = (ROOT / "shared" / name, ROOT / "services/registry" / name)
        places += tuple(
            place.with_name(f"{place.name}.py") for place in places
        )  # a file, or a package of its name
        assert any(place.exists() for place in places), name


def test_the_pythons_named_are_those_that_the_project_allows() -> None:
    assert "**Python 3.11 or newer** (tested: 3.11 and 3.13)" in TEXT
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()
    assert sorted(TESTED) == ["python3.11", "python3.13"]
