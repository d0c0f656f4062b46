"""The picture of the funnel shows the numbers of the figures, and nothing else."""

import random
import xml.etree.ElementTree as ET
from typing import Any

from deploy.local.funnel import STAGES, WIDEST, drawn
from shared.contracts.areas import area
from tests.registry.test_indicators import a_programme
from tests.training.doors import Doors

SVG = "{http://www.w3.org/2000/svg}"


def picture(indicators: Any) -> ET.Element:
    text = drawn(indicators, "Dari pendataan & pelatihan", "Semua", "Angka dari <demo>")
    return ET.fromstring(text)  # noqa: S314  we wrote it ourselves


async def test_every_number_of_the_funnel_is_in_the_picture(registry: Doors) -> None:
    await a_programme(registry, random.Random(6))
    indicators = (await registry.get("/v1/indicators")).body
    shown = [text.text for text in picture(indicators).iter(f"{SVG}text")]
    values = [figure["value"] for figure in indicators["figures"] if figure["figure"] in STAGES]
    rows = sorted(indicators["items"], key=lambda row: -row["registered"])
    values += [row[stage] for row in rows for stage in STAGES]
    assert [int(text) for text in shown if text and text.isdigit()] == values
    for row in rows:
        place = area(row["kelurahan"])
        assert place is not None
        assert place.kelurahan in shown
    titles = {f["title"] for f in indicators["figures"] if f["figure"] in STAGES}
    assert titles <= set(shown)


async def test_a_bar_is_as_wide_as_its_share_of_the_registered(registry: Doors) -> None:
    await a_programme(registry, random.Random(7))
    indicators = (await registry.get("/v1/indicators")).body
    total = {figure["figure"]: figure["value"] for figure in indicators["figures"]}
    bars = [bar for bar in picture(indicators).iter(f"{SVG}rect") if bar.get("class") == "all"]
    widths = [float(bar.get("width", "")) for bar in bars]
    expected = [round(WIDEST * total[s] / total["registered"], 1) for s in STAGES if total[s]]
    assert widths == expected


async def test_a_programme_that_has_not_begun_is_a_picture_too(registry: Doors) -> None:
    indicators = (await registry.get("/v1/indicators")).body
    assert indicators["items"] == []
    assert {f["value"] for f in indicators["figures"]} == {0}
    assert len(list(picture(indicators).iter(f"{SVG}rect"))) == 1
