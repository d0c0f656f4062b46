"""A contract only grows: every kind of break is planted once and has to be found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import create_model

from shared.contracts import generate
from shared.contracts.evolution import breaks
from shared.contracts.fact import FACTS
from shared.contracts.registry import BusinessRegistered
from shared.contracts.schemas import schema_of
from tests.contracts.generated import made

Schema = dict[str, Any]
NAME = "schemas/id.binaan.registry.business.registered.v1.json"
PATH = generate.DOCS / NAME


def published() -> Schema:
    loaded: Schema = json.loads(PATH.read_text())
    return loaded


def remove_a_field(schema: Schema) -> None:
    del schema["properties"]["kbli"]
    schema["required"].remove("kbli")


def remove_a_field_of_a_part(schema: Schema) -> None:
    del schema["$defs"]["Capacity"]["properties"]["period"]


def require_a_new_field(schema: Schema) -> None:
    schema["properties"]["workers"] = {"type": "integer"}
    schema["required"].append("workers")


def require_a_new_field_of_a_part(schema: Schema) -> None:
    schema["$defs"]["Constraint"]["properties"]["since"] = {"type": "string"}
    schema["$defs"]["Constraint"]["required"].append("since")


def no_longer_promise_a_field(schema: Schema) -> None:
    schema["required"].remove("sector")


def change_a_type(schema: Schema) -> None:
    schema["properties"]["sector"]["type"] = "integer"


def narrow_a_length(schema: Schema) -> None:
    schema["properties"]["sector"]["maxLength"] = 10


def narrow_a_pattern(schema: Schema) -> None:
    schema["$defs"]["Capacity"]["properties"]["quantity"]["pattern"] = "^[0-9]{1,3}$"


def narrow_a_range(schema: Schema) -> None:
    schema["$defs"]["Constraint"]["properties"]["severity"]["maximum"] = 2


def widen_what_old_readers_refuse(schema: Schema) -> None:
    schema["$defs"]["Constraint"]["properties"]["severity"]["maximum"] = 5


def no_longer_allow_null(schema: Schema) -> None:
    schema["properties"]["kbli"] = {"$ref": "#/$defs/Kbli"}


def begin_to_allow_null(schema: Schema) -> None:
    schema["properties"]["started_on"] = {
        "anyOf": [schema["properties"]["started_on"], {"type": "null"}]
    }


def remove_a_code(schema: Schema) -> None:
    schema["properties"]["production_mode"]["x-extensible-enum"].remove("batch")


def remove_a_code_of_a_list(schema: Schema) -> None:
    schema["properties"]["channels"]["items"]["x-extensible-enum"].remove("online")


def list_the_codes_of_an_open_field(schema: Schema) -> None:
    schema["properties"]["sector"]["x-extensible-enum"] = ["food"]


def make_a_list_of_a_field(schema: Schema) -> None:
    schema["properties"]["sector"] = {"type": "array", "items": {"type": "string"}}


def change_a_format(schema: Schema) -> None:
    schema["properties"]["started_on"]["format"] = "date-time"


def add_an_optional_field(schema: Schema) -> None:
    schema["properties"]["workers"] = {"type": "integer", "default": 1}


def add_a_code(schema: Schema) -> None:
    schema["properties"]["production_mode"]["x-extensible-enum"].append("seasonal")


def change_words(schema: Schema) -> None:
    schema["description"] = "Said more clearly."


def rename_a_part(schema: Schema) -> None:
    schema["$defs"]["Code"] = schema["$defs"].pop("Kbli")
    schema["properties"]["kbli"]["anyOf"][0]["$ref"] = "#/$defs/Code"


BREAKS = [
    remove_a_field,
    remove_a_field_of_a_part,
    require_a_new_field,
    require_a_new_field_of_a_part,
    no_longer_promise_a_field,
    change_a_type,
    narrow_a_length,
    narrow_a_pattern,
    narrow_a_range,
    widen_what_old_readers_refuse,
    no_longer_allow_null,
    begin_to_allow_null,
    remove_a_code,
    remove_a_code_of_a_list,
    list_the_codes_of_an_open_field,
    make_a_list_of_a_field,
    change_a_format,
]
ADDITIONS = [add_an_optional_field, add_a_code, change_words, rename_a_part]


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.__name__)
def test_a_break_is_found(change: Callable[[Schema], None]) -> None:
    old, new = published(), published()
    change(new)
    assert breaks(old, new)


@pytest.mark.parametrize("change", ADDITIONS, ids=lambda change: change.__name__)
def test_an_addition_is_let_through(change: Callable[[Schema], None]) -> None:
    old, new = published(), published()
    change(new)
    assert old != new
    assert breaks(old, new) == []


def test_what_the_code_says_is_an_addition_to_what_is_published() -> None:
    assert generate.broken(made()) == []


def test_a_required_field_planted_in_the_code_is_found() -> None:
    planted = create_model("BusinessRegistered", __base__=BusinessRegistered, workers=(int, ...))
    planted.TYPE = BusinessRegistered.TYPE
    assert breaks(published(), schema_of(planted)) == ["/workers: a required field would be new"]


def test_an_event_version_that_disappears_is_found() -> None:
    files = {name: text for name, text in made().items() if name != NAME}
    assert generate.broken(files) == [f"{NAME}: a published event version would be gone"]


def test_the_generator_writes_no_break(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "texts", made)
    assert generate.main([], tmp_path) == 0
    promised = published()
    promised["properties"]["workers"] = {"type": "integer"}
    (tmp_path / NAME).write_text(json.dumps(promised))
    assert generate.main([], tmp_path) == 2
    assert "/workers: the field is gone" in capsys.readouterr().out
    assert json.loads((tmp_path / NAME).read_text()) == promised


def test_every_fact_has_a_published_schema() -> None:
    assert {path.stem for path in generate.DOCS.glob("schemas/*.json")} == set(FACTS)
