"""The start page, at `/` of every service: the way to all of them, and the programme's figures.

Where the others are comes from the setting `links`; without it the page leads to its own service.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import orjson

from shared.contracts.areas import AREAS

_PAGE = Path(__file__).parent / "page" / "start.html"
# Service → (Indonesian name, what is there, the same in English).
_DOORS = {
    "registry": (
        "Pendataan",
        "Perempuan, usahanya, dan perjalanannya.",
        "registry: women, their businesses, and their journey",
    ),
    "training": (
        "Pelatihan",
        "Kegiatan, sesi, kehadiran, dan sertifikat.",
        "training: activities, sessions, attendance, certificates",
    ),
    "marketing": (
        "Pemasaran",
        "Produk, merek, acara pasar, dan penjualan.",
        "marketing: products, brands, market events, sales",
    ),
}
_FIGURES = ("Sepuluh angka", "Hasil program dalam setahun.", "the programme's ten figures")


def start_page(service: str, links: Mapping[str, str]) -> bytes:
    """The page as `service` shows it. `links`: service → where it answers, without a last `/`."""
    places = {service: "."} | dict(links)
    doors = [_door(f"{places[name]}/docs", *_DOORS[name]) for name in _DOORS if places.get(name)]
    # The figures are shown where they can be asked for; from elsewhere a link leads there.
    own = service == "registry"
    if own or "registry" in links:
        doors.append(_door("#angka" if own else f"{places['registry']}/#angka", *_FIGURES))
    names = {code: area.kelurahan for code, area in AREAS.items()}
    page = _PAGE.read_text()
    page = page.replace("@@doors@@", "\n".join(doors))
    page = page.replace("@@figures@@", "v1/indicators" if own else "")
    data = orjson.dumps(names).decode().replace("<", "\\u003c")
    return page.replace("@@places@@", data).encode()


def _door(address: str, name: str, there: str, english: str) -> str:
    return (
        f'<li><a href="{escape(address)}"><strong>{name}</strong>{there}'
        f'<span lang="en">{english}</span></a></li>'
    )
