"""The funnel by kelurahan as a picture: plain SVG from what `GET /v1/indicators` answers."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from deploy.local.places import CLONE
from shared.contracts.areas import area

STAGES = (
    "registered",
    "trained",
    "certified",
    "branded",
    "ready",
    "at_a_market",
    "sold",
    "earning_more",
)
LABEL, COLUMN, ROW, BAR, TOP, EDGE = 168, 94, 34, 18, 96, 20
WIDTH = LABEL + COLUMN * len(STAGES) + 3 * EDGE
WIDEST = COLUMN - 30  # room for the number behind a bar
_STYLE = """
.page{fill:#fff}.bar{fill:#7d9db8}.all{fill:#2f5d83}.rule{stroke:#d9d4c8}
text{fill:#222;font:13px system-ui,sans-serif}.title{font-size:17px;font-weight:600}
.head{font-size:12px;fill:#555}.total{font-weight:600}
"""


FILE = "corong-2017.svg"


def write(indicators: Mapping[str, Any], folder: Path) -> Path:
    """The demo's picture in a folder: its year's funnel, for a head of section. Where it lies."""
    heading = "Perjalanan usaha binaan"
    note = "Angka contoh dari demo Binaan; nama dan data perorangan rekaan."
    path = folder / FILE
    path.write_text(drawn(indicators, heading, "Semua lokasi", note))
    return path.relative_to(CLONE) if path.is_relative_to(CLONE) else path


def drawn(indicators: Mapping[str, Any], heading: str, everywhere: str, note: str) -> str:
    """SVG: a row for all and one a kelurahan, a bar for each stage, each with its number.

    `heading` stands above, `everywhere` names the first row, `note` below says where it is from.
    A bar's width is its share of the registered businesses of its row; none is drawn for zero.
    """
    titles = {figure["figure"]: figure["title"] for figure in indicators["figures"]}
    total = {figure["figure"]: figure["value"] for figure in indicators["figures"]}
    rows = sorted(indicators["items"], key=lambda row: -int(row["registered"]))
    height = TOP + ROW * (len(rows) + 1) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="t d">',
        f'<title id="t">{escape(heading)}</title>',
        f'<desc id="d">{escape(_told(titles, total, everywhere))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
        _text(EDGE, 34, f"{heading}, {_day(indicators['as_of'])}", "title"),
    ]
    for number, stage in enumerate(STAGES):
        parts.append(_text(_column(number), TOP - 26, titles[stage], "head"))
    parts += _row(TOP, everywhere, total, "all")
    for number, row in enumerate(rows, 1):
        parts += _row(TOP + ROW * number, _place(row["kelurahan"]), row, "bar")
    parts.append(_text(EDGE, height - 16, note, "head"))
    return "\n".join([*parts, "</svg>", ""])


def _row(y: int, name: str, values: Mapping[str, Any], kind: str) -> list[str]:
    base, middle = max(int(values["registered"]), 1), y + BAR - 5
    words = "total" if kind == "all" else ""
    parts = [
        f'<path class="rule" d="M{EDGE} {y - 8}H{WIDTH - EDGE}"/>',
        _text(EDGE, middle, name, words),
    ]
    for number, stage in enumerate(STAGES):
        value, x = int(values[stage]), _column(number)
        width = round(WIDEST * value / base, 1)
        if value:
            parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{BAR}"/>')
        parts.append(_text(round(x + width + 5, 1), middle, str(value), words))
    return parts


def _column(number: int) -> int:
    return EDGE + LABEL + COLUMN * number


def _text(x: float, y: int, words: str, kind: str) -> str:
    kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{kind}>{escape(words)}</text>'


def _place(kelurahan: str) -> str:
    found = area(kelurahan)
    return found.kelurahan if found else kelurahan


def _day(day: str) -> str:
    told = date.fromisoformat(day)
    return f"{told.day}-{told.month}-{told.year}"


def _told(titles: Mapping[str, str], total: Mapping[str, int], everywhere: str) -> str:
    """The picture for whoever doesn't see it."""
    figures = ", ".join(f"{titles[stage]} {total[stage]}" for stage in STAGES)
    return f"{everywhere}: {figures}."
