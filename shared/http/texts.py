"""What is wrong with a field, in both languages, by pydantic's type of error.

Only limits and choices of the *model* are filled in; what the caller sent never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from shared.http.problems import Fault

_TIME = ("Tulis seperti 2026-11-24T13:00:00Z.", "Write it like 2026-11-24T13:00:00Z.")
_PLUS = ("tanda + dalam alamat ditulis %2B.", "in an address + is written %2B.")
"""An address that holds a plain + says a space there, and so breaks every offset to the east."""
_BY_PATTERN = {
    "^/": ("Mulai dengan /, misalnya /data/area.", "Begin with /, for example /data/area.")
}
"""Where the form has a name that says more than that it is wrong: JSON pointers."""
_TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("Wajib diisi.", "Required."),
        "extra_forbidden": ("Isian ini tidak dikenal.", "Unknown field."),
        "string_type": ("Harus berupa teks.", "Must be text."),
        "string_too_short": ("Minimal {min_length} karakter.", "At least {min_length} characters."),
        "string_too_long": ("Maksimal {max_length} karakter.", "At most {max_length} characters."),
        "string_pattern_mismatch": ("Bentuknya tidak sesuai.", "Has the wrong form."),
        "int_type": ("Harus berupa bilangan bulat.", "Must be a whole number."),
        "int_parsing": ("Harus berupa bilangan bulat.", "Must be a whole number."),
        "int_from_float": ("Harus berupa bilangan bulat.", "Must be a whole number."),
        "bool_type": ("Harus true atau false.", "Must be true or false."),
        "bool_parsing": ("Harus true atau false.", "Must be true or false."),
        "decimal_type": ("Harus berupa angka dalam teks.", "Must be a number as text."),
        "decimal_parsing": ("Harus berupa angka dalam teks.", "Must be a number as text."),
        "decimal_max_digits": ("Angkanya terlalu panjang.", "The number is too long."),
        "decimal_max_places": (
            "Paling banyak {decimal_places} angka di belakang koma.",
            "At most {decimal_places} decimal places.",
        ),
        "finite_number": ("Harus berupa angka berhingga.", "Must be a finite number."),
        "greater_than": ("Harus lebih dari {gt}.", "Must be greater than {gt}."),
        "greater_than_equal": ("Paling sedikit {ge}.", "At least {ge}."),
        "less_than": ("Harus kurang dari {lt}.", "Must be less than {lt}."),
        "less_than_equal": ("Paling banyak {le}.", "At most {le}."),
        "literal_error": ("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
        "enum": ("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
        "too_short": ("Minimal {min_length} butir.", "At least {min_length} items."),
        "too_long": ("Maksimal {max_length} butir.", "At most {max_length} items."),
        "list_type": ("Harus berupa daftar.", "Must be a list."),
        "tuple_type": ("Harus berupa daftar.", "Must be a list."),
        "model_type": ("Harus berupa objek.", "Must be an object."),
        "dict_type": ("Harus berupa objek.", "Must be an object."),
        "uuid_parsing": ("Harus berupa UUID.", "Must be a UUID."),
        "uuid_type": ("Harus berupa UUID.", "Must be a UUID."),
        "date_type": ("Harus tanggal: YYYY-MM-DD.", "Must be a date: YYYY-MM-DD."),
        "date_parsing": ("Harus tanggal: YYYY-MM-DD.", "Must be a date: YYYY-MM-DD."),
        "date_from_datetime_parsing": (
            "Harus tanggal: YYYY-MM-DD.",
            "Must be a date: YYYY-MM-DD.",
        ),
        "datetime_type": _TIME,
        "datetime_parsing": _TIME,
        "datetime_from_date_parsing": _TIME,
        "timezone_aware": ("Waktu harus dengan zona.", "The time needs an offset."),
        "content_type": (
            "Kirim dengan Content-Type: {media}, dalam UTF-8, tanpa Content-Encoding.",
            "Send it with Content-Type: {media}, in UTF-8, without Content-Encoding.",
        ),
        "no_content": ("Kirim permintaan ini tanpa isi.", "Send this request without content."),
        "too_large": ("Isi paling besar {most}.", "The content may be {most} at most."),
        "cursor": ("Bukan penunjuk halaman dari daftar ini.", "Not a cursor of this list."),
        "etag": (
            'Harus ETag yang Anda terima, misalnya "3".',
            'Must be the ETag that you were given, like "3".',
        ),
        "key": ("1 sampai 200 karakter tanpa spasi.", "1 to 200 characters without spaces."),
        "depth": ("Susunannya terlalu dalam.", "Nested too deeply."),
        "nul": ("Karakter NUL tidak diterima.", "The NUL character is not accepted."),
        "duplicate": ("Isian ini muncul dua kali.", "This field appears twice."),
    }
)
_OTHERWISE = ("Tidak sah.", "Not valid.")
_HARMLESS = re.compile(r"[A-Za-z_][A-Za-z_-]{0,39}")


def fault(pointer: str, code: str, facts: Mapping[str, Any] | None = None) -> Fault:
    """One fault with its texts. `facts` are limits of the model."""
    known = dict(facts or {})
    texts = _BY_PATTERN.get(str(known.get("pattern"))) or _TEXTS.get(code, _OTHERWISE)
    if texts is _TIME and pointer.startswith("query:"):
        texts = (f"{_TIME[0][:-1]}; {_PLUS[0]}", f"{_TIME[1][:-1]}; {_PLUS[1]}")
    indonesian, english = texts
    try:
        in_english = english.format_map(known)
        if "expected" in known:  # pydantic's: 'a', 'b' or 'c'
            known["expected"] = " atau ".join(str(known["expected"]).rsplit(" or ", 1))
        return Fault(pointer, code, indonesian.format_map(known), in_english)
    except (KeyError, IndexError):
        return Fault(pointer, code, *_OTHERWISE)


def faults_of(error: ValidationError, where: str = "") -> list[Fault]:
    """The faults in a pydantic error, without the input, at most twenty."""
    problems = error.errors(include_url=False, include_input=False)[:20]
    return [fault(pointer(p["loc"], where), p["type"], p.get("ctx")) for p in problems]


def pointer(places: Sequence[int | str], where: str = "") -> str:
    """JSON pointer into the body, or "query:limit". A name that may be a value is shown as "…"."""
    names = list(_names(places))
    return f"{where}:{'.'.join(names)}" if where else "".join(f"/{name}" for name in names)


def _names(places: Iterable[int | str]) -> Iterable[str]:
    for place in places:
        text = str(place)
        yield text if isinstance(place, int) or _HARMLESS.fullmatch(text) else "…"
