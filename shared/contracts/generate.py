"""Write `docs/events/` from the contracts: `python -m shared.contracts.generate [--check]`.

A change that isn't additive is refused: a break is a new version of the event, beside the old one.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.contracts import evolution, schemas
from shared.contracts.fact import FACTS

DOCS = Path(__file__).parents[2] / "docs" / "events"
EXAMPLES = Path(__file__).parent / "examples"


def example(fact_type: str) -> dict[str, Any]:
    """The checked-in example of an event version, in structured mode. OSError without one."""
    text = (EXAMPLES / f"{fact_type}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def texts() -> dict[str, str]:
    """Every generated file, by its path below `docs/events`, and what belongs in it."""
    from shared.contracts import asyncapi, pages  # PyYAML is in no image

    files = {
        f"schemas/{fact_type}.json": _json(schemas.schema_of(fact))
        for fact_type, fact in sorted(FACTS.items())
    }
    examples = {fact_type: example(fact_type) for fact_type in FACTS}
    files["asyncapi.yaml"] = asyncapi.document(examples)
    files["feeds.md"] = pages.feeds(examples)
    return files


def stale(files: Mapping[str, str], docs: Path = DOCS) -> list[str]:
    """The files that aren't there or say something else, and schemas that nothing makes."""
    changed = [
        name
        for name, text in files.items()
        if not (docs / name).exists() or (docs / name).read_text(encoding="utf-8") != text
    ]
    return sorted(changed + [name for name in _published(docs) if name not in files])


def broken(files: Mapping[str, str], docs: Path = DOCS) -> list[str]:
    """What the new schemas would break, compared with those that are checked in."""
    found = []
    for name in _published(docs):
        if name not in files:
            found.append(f"{name}: a published event version would be gone")
            continue
        old, new = json.loads((docs / name).read_text(encoding="utf-8")), json.loads(files[name])
        found += [f"{name}{line}" for line in evolution.breaks(old, new)]
    return found


def main(arguments: Sequence[str], docs: Path = DOCS) -> int:
    """0: all is written (fresh, with --check). 1: stale. 2: something would break."""
    files = texts()
    problems = broken(files, docs)
    if problems:
        print("Not an addition; publish a new version (….v2) beside it instead:")
        print("\n".join(f"  {problem}" for problem in problems))
        return 2
    for name in stale(files, docs):
        if "--check" in arguments:
            print(f"stale: docs/events/{name}; run python -m shared.contracts.generate")
            continue
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(files[name], encoding="utf-8")
        print(f"wrote {name}")
    return 1 if stale(files, docs) else 0


def _published(docs: Path) -> list[str]:
    return sorted(f"schemas/{path.name}" for path in docs.glob("schemas/*.json"))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
