"""The programme itself: sites by year, offices under their titles, counts of old lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.chaos.registering import KELURAHAN

if TYPE_CHECKING:
    from tests.chaos.load import World

YEARS = 100
FIRST_YEAR = 1990


async def administer(world: World) -> None:
    """One act of the head of section."""
    await world.random.choice(ACTS)(world)


async def _site(world: World) -> None:
    """A kelurahan in a year that nobody has entered: planned, then active."""
    number = next(world.places)
    kelurahan = KELURAHAN[number % len(KELURAHAN)]
    year = FIRST_YEAR + number // len(KELURAHAN)
    if year >= FIRST_YEAR + YEARS:
        return
    for status, since in (("planned", f"{year}-01-02"), ("active", f"{year}-02-02")):
        body = {"kelurahan": kelurahan, "year": year, "status": status, "since": since}
        mark = f"{kelurahan} {year} {status}"
        told = await world.post("site", mark, "/v1/sites", body, "registry")
        if told.outcome != "accepted":
            return


async def _office(world: World) -> None:
    """An office, and its next title: the first one ends on the eve."""
    code = f"kantor-{world.number()}"
    for since in ("2017-01-02", "2019-01-02"):
        body = {"code": code, "title": f"Dinas Uji {code}", "valid_from": since}
        told = await world.post("office", f"{code} {since}", "/v1/offices", body, "registry")
        if told.outcome != "accepted":
            return


async def _balance(world: World) -> None:
    """What an old list counts."""
    source = f"Daftar lama {world.number()}"
    body = {"kecamatan": "36.74.06", "businesses": 30, "as_of": "2017-07-31", "source": source}
    await world.post("opening balance", source, "/v1/opening-balances", body, "registry")


ACTS = (_site, _office, _balance)
