"""Arrays as PostgreSQL reads them in text: one string a column in place of an element at a time.

asyncpg looks at each element of a list on its way (is it an array itself?), which costs more than
all that we do with it. A statement casts such a text: `unnest($1::text::uuid[], $2::text::int[])`
(docs/decisions/0018).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any
from uuid import UUID


def texts(values: Sequence[str | None]) -> str:
    """Texts, whatever they hold; None becomes null."""
    if not values:
        return "{}"
    try:
        joined = '","'.join(values)  # type: ignore[arg-type]  # nearly never a None among them
    except TypeError:
        return "{" + ",".join("NULL" if v is None else f'"{_escaped(v)}"' for v in values) + "}"
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(map(_escaped, values))  # type: ignore[arg-type]
    return f'{{"{joined}"}}'


def plain(values: Iterable[object]) -> str:
    """Numbers, UUIDs, dates, moments: what Python writes as PostgreSQL reads it. None is null."""
    return "{" + ",".join(["NULL" if v is None else str(v) for v in values]) + "}"


def uuids(values: Iterable[UUID | None]) -> str:
    """UUIDs, more than twice as fast as `plain`."""
    return "{" + ",".join(["NULL" if v is None else v.hex for v in values]) + "}"


def joined(values: Sequence[bytes]) -> tuple[bytes, str, str]:
    """Bytes behind one another, where each begins, and how long each is.

    Element n is `substring($1::bytea from begins[n] for length[n])`.
    """
    lengths = [len(value) for value in values]
    begins = accumulate(lengths[:-1], initial=1) if lengths else ()
    return b"".join(values), plain(begins), plain(lengths)


_PLAIN = frozenset(
    {
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "double precision",
        "date",
        "timestamp with time zone",
        "boolean",
    }
)


def writer(kind: str) -> Callable[[Sequence[Any]], str]:
    """What writes values of a column: `kind` is its type as PostgreSQL's format_type names it."""
    if kind == "uuid":
        return uuids
    return plain if kind.partition("(")[0] in _PLAIN else texts


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
