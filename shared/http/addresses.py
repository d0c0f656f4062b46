"""A text as one segment of a path, and the pattern that takes it in again."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote


def segment(text: str) -> str:
    """Percent-encoded whole, "/" too.

    Dots alone mean "here" and "one up" to whoever resolves an address, so they are encoded as well.
    """
    return text.replace(".", "%2E") if text in (".", "..") else quote(text, safe="")


def template(path: str, texts: Iterable[str]) -> str:
    """A route's path for aiohttp, whose own pattern takes no braces: `texts` may hold any."""
    for name in texts:
        path = path.replace(f"{{{name}}}", f"{{{name}:[^/]+}}")
    return path
