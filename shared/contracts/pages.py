"""The page of all offices' feeds, from their contracts: what to send where, field by field."""

import json
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any

from shared.contracts import answers, schemas
from shared.contracts.fact import FACTS, Fact
from shared.contracts.topics import TOPICS, TRIAL, Topic

Examples = Mapping[str, Mapping[str, Any]]

_INTRODUCTION = """\
# The offices' feeds

Generated from `shared/contracts/` by `python -m shared.contracts.generate`; don't edit it.

Each office has a login of its own and writes its own topics only; `ce_source` is checked for each
topic. How an event looks, in either mode: [README.md](README.md). What holds for all feeds:

- **Key and subject are a reference of the office's own**, the same one for all events about one
  thing: a number of its own list, or a keyed token (HMAC-SHA-256 of the NIK under a secret that the
  office keeps, in hexadecimal). Never the NIK itself, nor a plain hash of it, which is as good as
  it: a key, an id or a correlation id with sixteen digits in a row is refused (`names_a_person`).
- **`ce_sequence` counts the events of one reference**, from 1. The highest one counts, so events
  may arrive in any order.
- **`occurred_on`** is the day since when it holds. A day that hasn't come is not taken.
- **A place** (`area`) is a Kemendagri code or a code of the statistics office (BPS), with or
  without dots, or the names of kelurahan *and* kecamatan, new or old. A kelurahan's name alone is
  never enough: staff would have to choose. A city's code (`32.71`) says that it lies there.
- **A business** is named by its owner's NIK. Where she has several, `business_id` (ours) or `kbli`
  tells which; else staff choose.
- **Who isn't registered yet is waited for**, thirty days; her registration lets the event go on.
  After that staff decide; the civil registry's events, which are about everybody, are forgotten
  (`not_registered`).
- **Try first**: beside each topic lies its trial topic, `….trial`. An event there gets the receipts
  that it would get here, and has no effect: [README.md](README.md#trial-topics).
- A NIK in a feed is read by the registry alone. It stays on the topic until a day after it was
  read, thirty days at most, and nowhere else in clear.
"""


def feeds(examples: Examples) -> str:
    """The page as Markdown. `examples`: a structured-mode event for each event type."""
    parts = [_INTRODUCTION]
    for topic in (topic for topic in TOPICS if topic.from_outside and not topic.trial_of):
        parts += _feed(topic, examples)
    parts += _answers()
    return "\n".join(parts)


_GROUPS = (
    (answers.REJECTED, "**Rejected** at once: only you can put it right, by a new event."),
    (answers.WAITING, "**Waiting**, and nobody has done wrong: another receipt follows."),
    (answers.FOR_STAFF, "**Waiting** for the programme's staff: another receipt follows."),
    (answers.DISCARDED, "**Discarded** by staff, without effect."),
    (answers.FORGOTTEN, "**Discarded** because its time was over."),
)


def _answers() -> Iterator[str]:
    yield "## What each answer means\n"
    yield "By the receipt's `code`. An accepted event and a repeated one have none. Rows for each"
    yield "kind of bad event: [bad-events.md](bad-events.md)."
    for codes, meaning in _GROUPS:
        yield f"\n{meaning}\n"
        yield "| code | what the receipt says | in English |"
        yield "|---|---|---|"
        yield from (f"| `{code}` | {told} | {english} |" for code, (told, english) in codes.items())
    yield ""


def _feed(topic: Topic, examples: Examples) -> Iterator[str]:
    yield f"## {topic.name}\n"
    yield f"| login | `{topic.owner}` |"
    yield "|---|---|"
    yield f"| `ce_source` | `{topic.source}` |"
    yield f"| key, `ce_subject` | `{topic.key}` |"
    yield f"| read by | {', '.join(topic.readers)} alone |"
    yield f"| trial topic | `{topic.name}{TRIAL}` |"
    yield f"| receipts on | `{topic.receipts}` |"
    names = "names people by their NIK" if topic.personal else "names nobody"
    yield f"| personal data | {names}; kept {topic.retention_days} days at most |\n"
    for fact in sorted((f for f in FACTS.values() if topic.name == f.TOPIC), key=lambda f: f.TYPE):
        yield f"### `{fact.TYPE}`\n"
        yield f"{cleandoc(fact.__doc__ or '')}\n"
        yield from _fields(fact)
        example = json.dumps(examples[fact.TYPE]["data"], indent=2, ensure_ascii=False)
        yield f"\n```json\n{example}\n```\n"


def _fields(fact: type[Fact]) -> Iterator[str]:
    schema = schemas.plain(fact)
    yield "| field | needed | what it is |"
    yield "|---|---|---|"
    for name, field in schema["properties"].items():
        needed = "yes" if name in schema["required"] else "no"
        yield f"| `{name}` | {needed} | {_spoken(field, schema)} |"


def _spoken(field: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The form of a field in words; the exact one is in its schema."""
    if "$ref" in field:
        part = schema["$defs"][field["$ref"].rsplit("/", 1)[-1]]
        return "object of " + ", ".join(f"`{name}`" for name in part["properties"])
    if "anyOf" in field:
        kinds = [_spoken(kind, schema) for kind in field["anyOf"] if kind.get("type") != "null"]
        return " or ".join(kinds) + ", or null"
    if field.get("type") == "array":
        return f"list of {_spoken(field['items'], schema)}"
    words = [str(field.get("format") or field.get("type"))]
    if "pattern" in field:
        pattern = str(field["pattern"]).replace("|", "\\|")
        words.append(f"`{pattern}`")
    if "minimum" in field or "maximum" in field:
        words.append(f"from {field.get('minimum')} to {field.get('maximum')}")
    if "maxLength" in field:
        words.append(f"at most {field['maxLength']} characters")
    return ", ".join(words)
