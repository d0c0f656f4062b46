"""JSON Schemas (draft 7, AsyncAPI's own) of facts and headers, as others may rely on them."""

from typing import Any

from pydantic import BaseModel

from shared.contracts.evolution import OPEN_ENUM
from shared.contracts.fact import Fact

DIALECT = "http://json-schema.org/draft-07/schema#"


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    """The schema of a fact's JSON, for readers: unknown fields are allowed, codes are open.

    A reader that validates with it survives every additive change. The publisher is stricter.
    """
    schema = plain(fact)
    return {
        "$schema": DIALECT,
        "$id": f"urn:binaan:event:{fact.TYPE}",
        **schema,
        "title": fact.TYPE,
    }


def plain(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema without the titles that only repeat its field names."""
    opened: dict[str, Any] = _opened(model.model_json_schema())
    return opened


def _opened(node: Any) -> Any:
    if isinstance(node, list):
        return [_opened(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for word, value in node.items():
        if word in ("properties", "$defs"):
            kept[word] = {name: _opened(part) for name, part in value.items()}
        elif word == "enum":
            kept[OPEN_ENUM] = value
        elif word not in ("title", "additionalProperties"):
            kept[word] = _opened(value)
    return kept
