"""The start page leads to every service and to the figures, in Indonesian first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from shared.http.start import start_page
from shared.settings import SettingsError, load_settings
from tests.shared.http.conftest import Notes

LINKS = {
    "registry": "http://127.0.0.1:1",
    "training": "../training",
    "marketing": "https://binaan.example/m",
}


def doors(page: str) -> list[str]:
    return re.findall(r'<li><a href="([^"]+)"', page)


def test_every_service_and_the_figures_are_one_click_away() -> None:
    assert doors(start_page("training", LINKS).decode()) == [
        "http://127.0.0.1:1/docs",
        "../training/docs",
        "https://binaan.example/m/docs",
        "http://127.0.0.1:1/#angka",
    ]


def test_a_service_that_knows_no_other_leads_to_itself() -> None:
    assert doors(start_page("marketing", {}).decode()) == ["./docs"]
    assert doors(start_page("registry", {}).decode()) == ["./docs", "#angka"]


def test_the_figures_are_shown_where_they_can_be_asked_for_and_nowhere_else() -> None:
    assert 'data-from="v1/indicators"' in start_page("registry", LINKS).decode()
    assert 'data-from=""' in start_page("training", LINKS).decode()


def test_an_address_can_not_break_out_of_its_link() -> None:
    page = start_page("registry", {"training": '"><script>'}).decode()
    assert '"><script>' not in page
    assert "&quot;&gt;&lt;script&gt;" in page


async def test_anybody_gets_the_page_from_us_alone(
    start_notes: Callable[..., Awaitable[Notes]],
) -> None:
    notes = await start_notes(links=LINKS)
    page = await notes.call("GET", "/", headers={"Authorization": ""})
    assert (page.status, page.content_type) == (200, "text/html")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    text = await page.text()
    assert "@@" not in text
    assert text.index("Pendataan") < text.index("registry: women")
    for source in re.findall(r'(?:src|href)="(docs/[^"]+)"', text):
        assert (await notes.call("GET", f"/{source}")).status == 200


def test_links_come_from_a_setting_that_is_read_strictly() -> None:
    told = {"BINAAN_LINKS": "registry=http://127.0.0.1:1/, training=../training"}
    with pytest.raises(SettingsError) as missing:
        load_settings("api", told)
    assert "BINAAN_LINKS" not in str(missing.value)
    with pytest.raises(SettingsError, match="BINAAN_LINKS"):
        load_settings("api", {"BINAAN_LINKS": "registry=javascript:alert(1)"})
