"""From bytes to models, strictly: what Postgres or a reader could stumble over is refused here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

from pydantic import BaseModel, ValidationError

from shared.errors import Language
from shared.http.problems import Problem
from shared.http.texts import fault, faults_of, pointer

MAX_DEPTH = 16
_MAX_INT = 2**53 - 1  # I-JSON: beyond this, readers in other languages round
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_IF_MATCH = re.compile(r'"([1-9]\d{0,17})"')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_TRACE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class _Twice(ValueError):
    """A name stands twice in one object; the readers of this world disagree on which one counts."""

    def __init__(self, name: str) -> None:
        super().__init__("duplicate")
        self.name = name


def body_of(raw: bytes, model: type[BaseModel]) -> BaseModel:
    """The body as the route's model, in pydantic's strict JSON mode. Raises Problem."""
    _refuse_bad_json(raw)
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise Problem("isian-tidak-sah", faults_of(error)) from None


def query_of(pairs: Sequence[tuple[str, str]], model: type[BaseModel] | None) -> BaseModel | None:
    """The query as the route's model. Raises Problem; a route without a model takes no query."""
    texts: dict[str, str] = {}
    for name, text in pairs:
        if name in texts:
            raise Problem("isian-tidak-sah", [fault(pointer([name], "query"), "duplicate")])
        if model is None:
            raise Problem("isian-tidak-sah", [fault(pointer([name], "query"), "extra_forbidden")])
        if not _is_storable(text):
            raise Problem("isian-tidak-sah", [fault(pointer([name], "query"), "nul")])
        texts[name] = text
    if model is None:
        return None
    try:
        return model.model_validate(texts)
    except ValidationError as error:
        raise Problem("isian-tidak-sah", faults_of(error, "query")) from None


def path_of(texts: Mapping[str, str], others: frozenset[str] = frozenset()) -> dict[str, UUID]:
    """The path's parameters but for `others`: UUIDs in their usual form. Raises Problem."""
    found: dict[str, UUID] = {}
    for name, text in texts.items():
        if name in others:
            continue
        try:
            found[name] = UUID(text)
        except ValueError:
            found[name] = UUID(int=0)
        if str(found[name]) != text.lower():
            raise Problem("isian-tidak-sah", [fault(f"path:{name}", "uuid_parsing")])
    return found


def path_texts_of(texts: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """The path's parameters of these names, any text that a row can hold. Raises Problem."""
    for name in names:
        if not _is_storable(texts[name]):
            raise Problem("isian-tidak-sah", [fault(f"path:{name}", "nul")])
    return {name: texts[name] for name in names}


def version_of(if_match: str | None) -> int:
    """The version in If-Match: the quoted ETag that was read. Raises Problem."""
    if if_match is None:
        raise Problem("perlu-if-match")
    match = _IF_MATCH.fullmatch(if_match.strip())
    if match is None:
        raise Problem("isian-tidak-sah", [fault("header:If-Match", "etag")])
    return int(match[1])


def key_of(idempotency_key: str | None) -> str:
    """The caller's Idempotency-Key: 1-200 visible characters. Raises Problem."""
    if idempotency_key is None:
        raise Problem("isian-tidak-sah", [fault("header:Idempotency-Key", "missing")])
    if _KEY.fullmatch(idempotency_key) is None:
        raise Problem("isian-tidak-sah", [fault("header:Idempotency-Key", "key")])
    return idempotency_key


def correlation_of(header: str | None) -> str | None:
    """The caller's X-Correlation-ID if it is a UUID.

    Nothing else is taken: it lies in logs and journals for ever, where no NIK may ever stand.
    """
    if header is None or len(header) != 36:
        return None
    try:
        return str(UUID(header))
    except ValueError:
        return None


def trace_of(header: str | None) -> str | None:
    """The W3C traceparent, or None where it is missing or malformed."""
    return header if header is not None and _TRACE.fullmatch(header) else None


@lru_cache(maxsize=256)
def language_of(header: str) -> Language:
    """Indonesian, unless Accept-Language prefers English."""
    best: tuple[float, Language] = (0.0, "id")
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{1,3})?)\s*", rest) if rest else None
        weight = float(quality[1]) if quality else 1.0
        main = tag.strip().lower().partition("-")[0]
        if main in ("id", "in", "en") and weight > best[0]:
            best = (weight, "en" if main == "en" else "id")
    return best[1]


def _refuse_bad_json(raw: bytes) -> None:
    try:
        text = raw.decode()
        if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
            raise Problem("json-tidak-sah", [fault("", "depth")])
        value = _DECODER.decode(text)
    except _Twice as twice:
        raise Problem("json-tidak-sah", [fault(pointer([twice.name]), "duplicate")]) from None
    except ValueError:
        raise Problem("json-tidak-sah") from None
    if "\\u" in text or "\0" in text:
        place = _unstorable(value)
        if place is not None:
            raise Problem("isian-tidak-sah", [fault(pointer(place), "nul")])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Twice(name)
            seen.add(name)
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _exact_int(text: str) -> int:
    if len(text) > 16 or abs(int(text)) > _MAX_INT:
        raise ValueError("beyond 2**53")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("beyond a double")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_no_constant,
    parse_int=_exact_int,
    parse_float=_finite,
)


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in _STRING.sub("", text):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _is_storable(text: str) -> bool:
    """Whether Postgres can keep it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def _unstorable(value: object) -> list[int | str] | None:
    """Where in the JSON a text stands that Postgres refuses."""
    if isinstance(value, str):
        return None if _is_storable(value) else []
    entries: Iterable[tuple[int | str, Any]] = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for name, inner in entries:
        if isinstance(name, str) and not _is_storable(name):
            return [name]
        place = _unstorable(inner)
        if place is not None:
            return [name, *place]
    return None
