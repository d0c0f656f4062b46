"""Why an event did not end, in words for staff. Offices read theirs in `contracts/answers.py`."""

from collections.abc import Mapping
from types import MappingProxyType

from shared import receipts

_FOR_STAFF: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "waited_too_long": (
            "Yang dimaksud tidak dikenal sampai batas waktunya lewat.",
            "What it is about did not become known before its deadline.",
        ),
        "database": (
            "Basis data menolak kejadian ini; mintalah operator memeriksanya.",
            "The database refused this event; ask an operator to look at it.",
        ),
        "unexpected": (
            "Terjadi kesalahan di pihak kami; mintalah operator memeriksanya.",
            "Something went wrong on our side; ask an operator to look at it.",
        ),
    }
)
_UNTIL: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "until person": (
            "Menunggu sampai orang ini terdaftar dalam program.",
            "Waits until this person is registered with the programme.",
        ),
        "until business": (
            "Menunggu sampai usaha orang ini terdaftar.",
            "Waits until this person's business is registered.",
        ),
    }
)


def why(code: str, detail: str, english: str) -> tuple[str, str]:
    """The sentence in Indonesian and in English.

    `detail`: the sentence of a rule, then with its `english`; or what is waited for.
    """
    if english:
        return detail, english
    if code == "waiting":
        for until, sentences in _UNTIL.items():
            if detail.startswith(f"{until} "):
                return sentences
    indonesian, in_english = _FOR_STAFF.get(code) or receipts.texts(code)
    return indonesian or "", in_english or ""
