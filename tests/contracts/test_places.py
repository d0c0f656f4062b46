"""Whatever list or name an office uses, the same kelurahan is found, and nothing is guessed."""

import pytest

from shared.contracts.areas import AREAS, Area, Elsewhere, Unclear, place

ALL = sorted(AREAS)
BOTH = ("Serpong", "Ciputat", "Pondok Aren", "Setu")  # a kecamatan and a kelurahan


@pytest.mark.parametrize("code", ALL)
def test_every_way_to_say_a_kelurahan_leads_to_it(code: str) -> None:
    entry = AREAS[code]
    ways = [
        place(code),
        place(code.replace(".", "")),
        place(kelurahan=entry.kelurahan, kecamatan=entry.kecamatan),
        place(kelurahan=f"KEL. {entry.kelurahan.upper()}", kecamatan=f"Kec. {entry.kecamatan}"),
        place(code, entry.kelurahan, entry.kecamatan),
        place(code, kelurahan=entry.kelurahan),
        *(place(kelurahan=old, kecamatan=entry.kecamatan) for old in entry.aliases),
        *([place(entry.bps_code)] if entry.bps_code else []),
    ]
    assert set(ways) == {entry}


def test_two_codes_of_the_statistics_office_are_not_known() -> None:
    assert len([entry for entry in AREAS.values() if not entry.bps_code]) == 2


def test_no_code_of_one_list_is_one_of_the_other() -> None:
    ours = {code.replace(".", "") for code in AREAS}
    theirs = {entry.bps_code for entry in AREAS.values()} - {""}
    assert not ours & theirs
    assert {code[6] for code in ours} == {"1"}
    assert {code[6] for code in theirs} == {"0"}


@pytest.mark.parametrize("name", BOTH)
def test_a_name_that_a_kecamatan_has_too_is_ambiguous_alone_and_clear_with_it(name: str) -> None:
    alone = place(kelurahan=name)
    assert isinstance(alone, Unclear)
    assert alone.why == "ambiguous"
    assert len(alone.suggestions) > 1
    clear = place(kelurahan=name, kecamatan=name)
    assert isinstance(clear, Area)
    assert clear.kelurahan == name
    assert clear.code in alone.suggestions


def test_a_name_alone_is_never_enough_and_comes_with_what_it_may_be() -> None:
    assert place(kelurahan="Cempaka Putih") == Unclear("ambiguous", ("36.74.05.1001",))
    assert place(kelurahan="Sarua") == Unclear("ambiguous", ("36.74.04.1002",))


@pytest.mark.parametrize(
    ("said", "why", "number"),
    [
        ({"code": "36.74.06"}, "too_coarse", 8),
        ({"code": "3674"}, "too_coarse", 54),
        ({"kecamatan": "Pamulang"}, "too_coarse", 8),
        ({"code": "36.74.06.1099"}, "unknown", 0),
        ({"code": "36740"}, "unknown", 0),
        ({"kelurahan": "Rempoa", "kecamatan": "Pamulang"}, "ambiguous", 9),
        ({"kelurahan": "Tidak Ada", "kecamatan": "Pamulang"}, "unknown", 8),
        ({"kelurahan": "Tidak Ada"}, "unknown", 0),
        ({}, "unknown", 0),
        (
            {"code": "36.74.06.1005", "kelurahan": "Rempoa", "kecamatan": "Ciputat Timur"},
            "ambiguous",
            2,
        ),
    ],
)
def test_what_names_no_single_kelurahan_is_unclear(
    said: dict[str, str], why: str, number: int
) -> None:
    found = place(**said)
    assert isinstance(found, Unclear)
    assert (found.why, len(found.suggestions)) == (why, number)


@pytest.mark.parametrize("code", ["32.71", "3271", "32.71.01.1001", "3271011001"])
def test_another_city_is_elsewhere(code: str) -> None:
    assert place(code) == Elsewhere("32.71")
