"""The city's areas by Kemendagri code.

Names are ambiguous (Serpong is a kecamatan and a kelurahan): never match by name alone.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files

CITY = "36.74"  # Kota Tangerang Selatan; another city is another areas.csv


@dataclass(frozen=True)
class Area:
    """A kelurahan and the kecamatan that it lies in."""

    code: str  # `36.74.06.1005`
    kelurahan: str
    kecamatan_code: str  # `36.74.06`
    kecamatan: str


def _read() -> dict[str, Area]:
    text = files("shared.contracts").joinpath("areas.csv").read_text(encoding="utf-8")
    return {
        row["kelurahan_code"]: Area(
            row["kelurahan_code"], row["kelurahan"], row["kecamatan_code"], row["kecamatan"]
        )
        for row in csv.DictReader(text.splitlines())
    }


AREAS = _read()


def area(code: str) -> Area | None:
    """The kelurahan of that Kemendagri code; None when it isn't one of the city's."""
    return AREAS.get(code)
