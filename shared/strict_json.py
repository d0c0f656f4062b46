"""JSON from outside, as RFC 8259 means it: what readers of this world would take differently."""

import json
import math
import re
from typing import Any

_MAX_DEPTH = 32
_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


class NotReadable(Exception):
    """An event can't be read as it is: a code, and the pointer of what is wrong; never a value."""

    def __init__(self, code: str, pointer: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.pointer, self.detail = code, pointer, detail


def check_json(body: bytes) -> Any:
    """No duplicate keys (the last would win), no NaN, not too deep. Raises NotReadable."""
    try:
        parsed = _STRICT.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotReadable("not_utf8", "/data") from None
    except ValueError:
        raise NotReadable("not_json", "/data") from None
    except RecursionError:
        raise NotReadable("too_deep", "/data") from None
    if body.count(b"{") + body.count(b"[") > _MAX_DEPTH:
        _check_depth(parsed)
    if _HALF_A_CHARACTER.search(body):
        _check_text(parsed)
    return parsed


def _check_text(parsed: Any) -> None:
    r"""`\ud83c` alone is half a character: nothing can store or send it."""
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotReadable("not_utf8", "/data") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotReadable("duplicate_key", "/data")
    return found


def _no_constant(_: str) -> None:
    raise NotReadable("not_a_number", "/data")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # 1e999
        raise NotReadable("not_a_number", "/data")
    return number


_STRICT = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite
)


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
