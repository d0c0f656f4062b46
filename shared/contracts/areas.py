"""The city's areas, found by whatever an office calls them: a code of either list, or names.

Names are ambiguous (Serpong is a kecamatan and a kelurahan, and Jakarta has a Cempaka Putih too):
never match by name alone. What names no single kelurahan is never guessed.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import takewhile
from typing import Literal

CITY = "36.74"  # Kota Tangerang Selatan; another city is another areas.csv


@dataclass(frozen=True)
class Area:
    """A kelurahan and the kecamatan that it lies in."""

    code: str  # `36.74.06.1005`
    kelurahan: str
    kecamatan_code: str  # `36.74.06`
    kecamatan: str
    bps_code: str = ""  # `3674030002`, as of 2018; two are missing
    bps_kecamatan_code: str = ""
    aliases: tuple[str, ...] = ()  # older names and other spellings


@dataclass(frozen=True)
class Elsewhere:
    """The place lies in another city or regency."""

    city: str  # `32.71`


@dataclass(frozen=True)
class Unclear:
    """The reference names no single place. `suggestions`: Kemendagri codes to choose from."""

    why: Literal["unknown", "ambiguous", "too_coarse"]
    suggestions: tuple[str, ...] = ()


def _read() -> dict[str, Area]:
    text = files("shared.contracts").joinpath("areas.csv").read_text(encoding="utf-8")
    return {
        row["kelurahan_code"]: Area(
            row["kelurahan_code"],
            row["kelurahan"],
            row["kecamatan_code"],
            row["kecamatan"],
            row["bps_kelurahan_code"],
            row["bps_kecamatan_code"],
            tuple(filter(None, row["aliases"].split("|"))),
        )
        for row in csv.DictReader(text.splitlines())
    }


AREAS = _read()


def area(code: str) -> Area | None:
    """The kelurahan of that Kemendagri code; None when it isn't one of the city's."""
    return AREAS.get(code)


def around(codes: Iterable[str]) -> str:
    """The smallest area that all of these codes lie in; empty for no codes."""
    parts = [code.split(".") for code in codes]
    if not parts:
        return ""
    levels = takewhile(lambda level: len(set(level)) == 1, zip(*parts, strict=False))
    return ".".join(level[0] for level in levels)


def place(
    code: str | None = None, kelurahan: str | None = None, kecamatan: str | None = None
) -> Area | Elsewhere | Unclear:
    """What a reference names: by code (of either list, with or without dots), or by both names.

    A code and names that say different things are ambiguous, and so is a kelurahan's name alone.
    """
    by_names = _by_names(kelurahan, kecamatan) if kelurahan or kecamatan else None
    if code is None:
        return by_names or Unclear("unknown")
    found = _by_code(code)
    if not isinstance(found, Area) or by_names is None or by_names == found:
        return found
    said = by_names.suggestions if isinstance(by_names, Unclear) else (by_names.code,)
    if found.code in said:
        return found
    return Unclear("ambiguous", _once([found.code, *said])) if said else found


def _by_code(code: str) -> Area | Elsewhere | Unclear:
    digits = code.replace(".", "")
    found = _codes().get(digits, ())
    if len(found) == 1 and len(digits) == 10:
        return found[0]
    if found:
        return Unclear("too_coarse", tuple(entry.code for entry in found))
    city = CITY.replace(".", "")
    if len(digits) in (4, 6, 7, 10) and not digits.startswith(city):
        return Elsewhere(f"{digits[:2]}.{digits[2:4]}")
    return Unclear("unknown")


def _by_names(kelurahan: str | None, kecamatan: str | None) -> Area | Unclear:
    wanted = _plain(kelurahan or "")
    named = _names().get(wanted, ()) if kelurahan else ()
    within = _kecamatan().get(_plain(kecamatan), ()) if kecamatan else ()
    if not kecamatan:
        others = _kecamatan().get(wanted, ())  # it may as well be the kecamatan
        return Unclear("ambiguous" if named else "unknown", _codes_of([*named, *others]))
    if not kelurahan:
        return Unclear("too_coarse" if within else "unknown", _codes_of(within))
    both = [entry for entry in named if entry in within]
    if len(both) == 1:
        return both[0]
    return Unclear("ambiguous" if named and within else "unknown", _codes_of([*named, *within]))


@cache
def _codes() -> dict[str, tuple[Area, ...]]:
    """By the digits of a code of either list: the kelurahan that it names or that lie in it.

    The two lists don't collide for kelurahan: the seventh digit is 1 in ours and 0 in the other.
    """
    found: dict[str, list[Area]] = defaultdict(list)
    for entry in AREAS.values():
        ours = entry.code.replace(".", "")
        for code in {ours, ours[:6], ours[:4], entry.bps_code, entry.bps_kecamatan_code} - {""}:
            found[code].append(entry)
    return {code: tuple(entries) for code, entries in found.items()}


@cache
def _names() -> dict[str, tuple[Area, ...]]:
    found: dict[str, list[Area]] = defaultdict(list)
    for entry in AREAS.values():
        for name in {_plain(name) for name in (entry.kelurahan, *entry.aliases)}:
            found[name].append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


@cache
def _kecamatan() -> dict[str, tuple[Area, ...]]:
    found: dict[str, list[Area]] = defaultdict(list)
    for entry in AREAS.values():
        found[_plain(entry.kecamatan)].append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


def _plain(name: str) -> str:
    """A name as it is compared: without its kind, spaces, dots and case."""
    kind = r"^\s*(kelurahan|kel|desa|kecamatan|kec)\b[\s.:]*"
    return re.sub(r"[^a-z]", "", re.sub(kind, "", name.casefold()))


def _codes_of(entries: Iterable[Area]) -> tuple[str, ...]:
    return _once(entry.code for entry in entries)


def _once(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
