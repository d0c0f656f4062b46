"""Write `docs/events/` from the contracts: `python -m shared.contracts.generate [--check]`.

A change that isn't additive is refused: a break is a new version of the event, beside the old one.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shared.contracts import asyncapi, evolution, schemas
from shared.contracts.fact import FACTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "events"
SCHEMAS = DOCS / "schemas"
EXAMPLES = Path(__file__).parent / "examples"


def example(fact_type: str) -> dict[str, Any]:
    """The checked-in example of an event version, in structured mode. OSError without one."""
    text = (EXAMPLES / f"{fact_type}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def texts() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    files = {
        SCHEMAS / f"{fact_type}.json": _json(schemas.schema_of(fact))
        for fact_type, fact in sorted(FACTS.items())
    }
    examples = {fact_type: example(fact_type) for fact_type in FACTS}
    files[DOCS / "asyncapi.yaml"] = asyncapi.document(examples)
    return files


def stale(files: Mapping[Path, str]) -> list[Path]:
    """The files that aren't there or say something else, and schemas that nothing makes."""
    left_over = [path for path in SCHEMAS.glob("*.json") if path not in files]
    changed = [
        path for path, text in files.items() if not path.exists() or path.read_text() != text
    ]
    return sorted(changed + left_over)


def broken(files: Mapping[Path, str]) -> list[str]:
    """What the new schemas would break, compared with those that are checked in."""
    found = []
    for path in sorted(SCHEMAS.glob("*.json")):
        if path not in files:
            found.append(f"{path.name}: a published event version would be gone")
            continue
        old, new = json.loads(path.read_text()), json.loads(files[path])
        found += [f"{path.name}{line}" for line in evolution.breaks(old, new)]
    return found


def main(arguments: Iterable[str]) -> int:
    """0: all is written (fresh, with --check). 1: stale. 2: something would break."""
    files = texts()
    problems = broken(files)
    if problems:
        print("Not an addition; publish a new version (….v2) beside it instead:")
        print("\n".join(f"  {problem}" for problem in problems))
        return 2
    old = stale(files)
    if "--check" in arguments:
        for path in old:
            print(f"stale: {path.relative_to(ROOT)}; run python -m shared.contracts.generate")
        return 1 if old else 0
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
