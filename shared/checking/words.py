"""What is wrong with a part of an event and what to do about it, in Indonesian and in English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from shared.attributes import Attributes
from shared.checking.sent import OUTSIDE, Sent, near_types, types_of
from shared.cloudevents import Fault
from shared.contracts import answers, generate, schemas
from shared.contracts.areas import AREAS, Unclear
from shared.contracts.fact import Fact
from shared.errors import Language
from shared.http import texts

Text = tuple[str, str]
_MEANT = ("Mungkin maksudnya {}.", "Did you mean {}?")
_FORMS: Mapping[str, Text] = {
    "/time": (
        "Waktu harus dengan zona: 2026-05-04T10:00:00+07:00.",
        "A time needs its offset: 2026-05-04T10:00:00+07:00.",
    ),
    "/sequence": (
        "Bilangan sebagai teks, mulai dari 1: 00000000000000000001.",
        "A number as text, from 1 on: 00000000000000000001.",
    ),
    "/specversion": ("Isi dengan 1.0.", "Set it to 1.0."),
    "/id": ("Beri setiap kejadian id sendiri.", "Give each event an id of its own."),
    "/subject": (
        "Isi subject, partitionkey dan kunci dengan nomor yang sama dari daftar dinas sendiri.",
        "Set subject, partitionkey and key to the same number of your own list.",
    ),
    "/data": ("Isi kejadian ada di dalam data.", "The fact stands in data."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was found; `pointer` names the field. Never a value that was sent."""

    pointer: str
    code: str
    """As a receipt would have it; `unknown` for what would be passed over."""
    indonesian: str
    english: str

    def text(self, language: Language) -> str:
        """The sentences in one language."""
        return self.english if language == "en" else self.indonesian


def of_fault(fault: Fault, sent: Sent, value: bytes) -> Finding:
    """What the reader says of the envelope or the whole, and how to put it right."""
    says = [_first_sentence(text) for text in answers.answer(fault.code)]
    more = list(_more(fault, sent, value))
    return _finding(fault.pointer, fault.code, (says[0], says[1]), *more)


def _more(fault: Fault, sent: Sent, value: bytes) -> Iterator[Text]:
    if fault.code == "unknown_type":
        yield from _types(sent)
    elif fault.code == "source_not_allowed":
        right = sent.topic.source
        yield f"Untuk topik ini: {right}.", f"For this topic: {right}."
    elif fault.code == "duplicate_key":
        names = ", ".join(texts.pointer([name])[1:] for name in dict.fromkeys(_twice(value)))
        yield f"Muncul dua kali: {names}.", f"Stands twice: {names}."
    elif fault.code == "not_json":
        yield from _place_in(value)
    elif fault.code == "missing":
        yield from _near(fault.pointer[1:], sent.attributes.keys() - set(Attributes._fields))
    if fault.pointer in _FORMS and (fault.pointer != "/data" or fault.code == "missing"):
        yield _FORMS[fault.pointer]


def of_field(problem: Mapping[str, Any], kind: type[Fact], body: Any) -> Finding:
    """What is wrong with a field of the body. `problem`: as pydantic tells it."""
    pointer, code = "/data" + texts.pointer(problem["loc"]), problem["type"]
    limits = problem.get("ctx", {})
    said = texts.fault(pointer, code, limits)
    more: list[Text] = []
    if code == "missing" and isinstance(body, dict):
        more += _near(str(problem["loc"][-1]), body.keys() - kind.model_fields.keys())
    if "pattern" in limits:
        more.append((f"Pola: {limits['pattern']}.", f"Pattern: {limits['pattern']}."))
    example = _example(kind, problem["loc"])
    if example is not None:
        shown = json.dumps(example, ensure_ascii=False)
        more.append((f"Contoh: {shown}.", f"Example: {shown}."))
    kept = "missing" if code == "missing" else "contract"  # as the reader says it
    return _finding(pointer, kept, (said.id, said.en), *more)


def unknown(pointer: str, known: Iterable[str]) -> Finding:
    """A name that the reader passes over."""
    says = ("Tidak dikenal dan akan diabaikan.", "Not known, and will be ignored.")
    return _finding(pointer, "unknown", says, *_near(pointer.rpartition("/")[2], known))


def unknown_field(places: Sequence[int | str], kind: type[Fact]) -> Finding:
    """The same for a field of the body, or of a part of it."""
    schema = schemas.plain(kind)
    known: set[str] = set(schema["properties"])
    if len(places) > 1:
        known = {name for part in schema.get("$defs", {}).values() for name in part["properties"]}
    return unknown("/data" + texts.pointer(places), known)


def unclear(place: Unclear) -> Finding:
    """An area that staff would have to settle."""
    code = {
        "unknown": "wilayah-tidak-dikenal",
        "ambiguous": "wilayah-bermakna-ganda",
        "too_coarse": "wilayah-bukan-kelurahan",
    }[place.why]
    named = [f"{c} {AREAS[c].kelurahan}" for c in place.suggestions[:5] if c in AREAS]
    more: list[Text] = []
    if named:
        listed = ", ".join(named)
        more.append((f"Pilihan: {listed}.", f"To choose from: {listed}."))
    return _finding("", code, answers.answer(code), *more)


def _types(sent: Sent) -> Iterator[Text]:
    named = str(sent.attributes.get("type", ""))
    stem = named.rpartition(".v")[0]
    known = [kind for topic in OUTSIDE for kind in types_of(topic)]
    versions = [kind for kind in known if kind.rpartition(".v")[0] == stem]
    if versions:
        found = ", ".join(versions)
        yield f"Versi yang dikenal: {found}.", f"Known versions: {found}."
        return
    near = near_types(named, [sent.topic]) or near_types(named, OUTSIDE)
    if near:
        yield _MEANT[0].format(near[0]), _MEANT[1].format(near[0])
        return
    own = ", ".join(types_of(sent.topic))
    yield f"Pada {sent.topic.name}: {own}.", f"On {sent.topic.name}: {own}."


def _near(name: str, known: Iterable[str]) -> Iterator[Text]:
    for found in get_close_matches(name, list(known), n=1, cutoff=0.6):
        yield _MEANT[0].format(found), _MEANT[1].format(found)


def _twice(value: bytes) -> list[str]:
    names: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = [name for name, _ in pairs]
        names.extend(name for name in seen if seen.count(name) > 1)
        return dict(pairs)

    with suppress(RecursionError):  # those that were met by then
        json.loads(value.decode("utf-8-sig"), object_pairs_hook=note)
    return names


def _place_in(value: bytes) -> Iterator[Text]:
    try:
        json.loads(value.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        at = error.lineno, error.colno
        yield "Baris {}, kolom {}.".format(*at), "Line {}, column {}.".format(*at)
    except UnicodeDecodeError:
        yield "Simpan berkas sebagai UTF-8.", "Save the file as UTF-8."


def _example(kind: type[Fact], places: Sequence[int | str]) -> Any:
    """The example's value of a field; None where it has none."""
    found: Any = generate.example(kind.TYPE)["data"]
    for place in places:
        try:
            found = found[place]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _finding(pointer: str, code: str, *parts: Text) -> Finding:
    return Finding(pointer, code, " ".join(p[0] for p in parts), " ".join(p[1] for p in parts))


def _first_sentence(text: str) -> str:
    """What is wrong, without what to do once it was sent."""
    return text.partition(". ")[0].rstrip(".") + "."
