"""JSON from outside, as RFC 8259 means it: what readers of this world would take differently."""

import json
from typing import Any

_MAX_DEPTH = 32


class NotReadable(Exception):
    """An event can't be read as it is: a code, and the pointer of what is wrong; never a value."""

    def __init__(self, code: str, pointer: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.pointer, self.detail = code, pointer, detail


def check_json(body: bytes) -> Any:
    """No duplicate keys (the last would win), no NaN, not too deep. Raises NotReadable."""
    try:
        parsed = _STRICT.decode(body.decode("utf-8-sig"))
    except ValueError:
        raise NotReadable("not_json", "/data") from None
    except RecursionError:
        raise NotReadable("too_deep", "/data") from None
    if body.count(b"{") + body.count(b"[") > _MAX_DEPTH:
        _check_depth(parsed)
    return parsed


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotReadable("duplicate_key", "/data")
    return found


def _no_constant(_: str) -> None:
    raise NotReadable("not_a_number", "/data")


_STRICT = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def _check_depth(value: Any) -> None:
    """Level by level, not by recursion: the depth is the sender's choice."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        children = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not children:
            return
        level = children
    raise NotReadable("too_deep", "/data")
