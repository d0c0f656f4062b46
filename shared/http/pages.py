"""Cursor pages: opaque, validated, stable under inserts. No totals."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

K = TypeVar("K")
T = TypeVar("T")
C = TypeVar("C")
_OPAQUE = WithJsonSchema({"type": "string", "description": "From the last page's Link header."})


def encode_cursor(key: object) -> str:
    """The sort key of the last item, as text that a client passes back untouched."""
    # asyncpg gives UUIDs of its own class, which orjson refuses
    return base64.urlsafe_b64encode(orjson.dumps(key, default=str)).rstrip(b"=").decode()


def decode_cursor(text: object) -> object:
    """The JSON in a cursor; the query's model then validates its types."""
    if text is None:
        return None
    try:
        raw = str(text).encode("ascii")
        key = orjson.loads(base64.b64decode(raw + b"=" * (-len(raw) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        key = None
    if key is None:
        raise PydanticCustomError("cursor", "not a cursor of this list")
    return key


class Page(BaseModel, Generic[K]):
    """Query of a list, sorted by K: `class BusinessesQuery(Page[UUID])` adds its filters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=50, ge=1, le=200)
    after: Annotated[K | None, BeforeValidator(decode_cursor), _OPAQUE] = None

    @property
    def most(self) -> int:
        """How many rows to ask for: one more than are shown tells whether there are more."""
        return self.limit + 1

    def cut(self, found: Sequence[T], key: Callable[[T], C]) -> tuple[tuple[T, ...], C | None]:
        """What is shown of `most` rows, and where the next page begins; None on the last one."""
        shown = tuple(found[: self.limit])
        return shown, key(shown[-1]) if len(found) > self.limit else None
