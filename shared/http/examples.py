"""Examples that run as shown: their placeholders filled with a row that is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import asyncpg

from shared.http.addresses import segment
from shared.http.types import Route

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """One request, ready to send: path with query, If-Match, body."""

    path: str
    if_match: str | None
    body: Any


def placeholders(route: Route) -> Filled:
    """The example as it is written, for installations whose rows are nobody's business."""
    return fill(route, {})


async def sampled(route: Route, conn: asyncpg.Connection) -> Filled:
    """The example with the row of its `sample`; placeholders stay where there is no row yet."""
    row = await conn.fetchrow(route.example.sample) if route.example.sample else None
    return fill(route, dict(row) if row else {})


def fill(route: Route, row: Mapping[str, Any]) -> Filled:
    """Put the row's columns into path, query, body and If-Match."""
    example = route.example
    path = _HOLE.sub(lambda hole: _in_path(row, hole), route.path)
    if example.query:
        query = {name: _filled(text, row) for name, text in example.query.items()}
        path += f"?{urlencode(query)}"
    version = None
    if route.if_match:
        version = f'"{row.get("version", 1)}"'
    return Filled(path, version, _filled(example.body, row))


def _in_path(row: Mapping[str, Any], hole: re.Match[str]) -> str:
    return segment(str(row[hole[1]])) if hole[1] in row else hole[0]


def _filled(value: Any, row: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        hole = _HOLE.fullmatch(value)
        found = row.get(hole[1], value) if hole else value
        return found if isinstance(found, int | bool) else str(found)
    if isinstance(value, Mapping):
        return {name: _filled(inner, row) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, row) for inner in value]
    return value
