"""Whether a contract may change from one JSON Schema to another within its version.

Two readers must survive: yesterday's reader of today's events and today's reader of yesterday's,
which lie in the journal for ever. So nothing that exists may change; what may come is an optional
field and a code of an open enumeration. Everything else is a new version, published beside.
"""

from collections.abc import Mapping
from typing import Any

OPEN_ENUM = "x-extensible-enum"
_WORDS_ONLY = frozenset({"title", "description", "$schema", "$id", "$defs", "examples"})
_HAS_RULES = frozenset({"properties", "required", "items", "anyOf", OPEN_ENUM})

Schema = Mapping[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every way in which `new` is not an addition to `old`; empty when it is one."""
    return list(_compare(old, new, old, new, ""))


def _compare(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> list[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    where = place or "/"
    found = [
        f"{where}: {word} was {old.get(word)!r} and would be {new.get(word)!r}"
        for word in sorted((old.keys() | new.keys()) - _WORDS_ONLY - _HAS_RULES)
        if old.get(word) != new.get(word)
    ]
    found += _fields(old, new, old_root, new_root, place)
    found += [
        f"{where}: code {code!r} is gone"
        for code in old.get(OPEN_ENUM, ())
        if code not in new.get(OPEN_ENUM, ())
    ]
    if OPEN_ENUM in new and OPEN_ENUM not in old:
        found.append(f"{where}: any code was allowed and now only a list is")
    if "items" in old and "items" in new:
        found += _compare(old["items"], new["items"], old_root, new_root, f"{place}/*")
    elif ("items" in old) != ("items" in new):
        found.append(f"{where}: the kind of its items changed")
    found += _choices(old, new, old_root, new_root, place)
    return found


def _fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> list[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    found = [f"{place}/{name}: the field is gone" for name in before if name not in after]
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    found += [f"{place}/{name}: a required field would be new" for name in needs - needed]
    found += [
        f"{place}/{name}: the field could be missing, and readers rely on it"
        for name in needed - needs
        if name in after
    ]
    for name in before.keys() & after.keys():
        found += _compare(before[name], after[name], old_root, new_root, f"{place}/{name}")
    return sorted(found)


def _choices(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> list[str]:
    before, after = old.get("anyOf", ()), new.get("anyOf", ())
    if len(before) != len(after):
        return [f"{place or '/'}: it may be {len(after)} kinds of value instead of {len(before)}"]
    found: list[str] = []
    for one, other in zip(before, after, strict=True):
        found += _compare(one, other, old_root, new_root, place)
    return found


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that a local reference points to, with what stands beside the reference."""
    target = schema.get("$ref")
    if not isinstance(target, str):
        return schema
    beside = {word: value for word, value in schema.items() if word != "$ref"}
    return {**root["$defs"][target.rsplit("/", 1)[-1]], **beside}
