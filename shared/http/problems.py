"""The one error renderer: RFC 9457 problem details, by pointer and code, never by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson

from shared.errors import Kind, Language, Refusal

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of problem: its status and its title in both languages."""

    status: int
    id: str
    en: str


SORTS: Mapping[str, Sort] = MappingProxyType(
    {
        "http-tidak-sah": Sort(400, "Permintaan HTTP tidak terbaca", "Malformed HTTP request"),
        "json-tidak-sah": Sort(400, "Isi permintaan bukan JSON yang sah", "Malformed JSON"),
        "isian-tidak-sah": Sort(400, "Ada isian yang tidak sah", "Some fields are not valid"),
        "perlu-token": Sort(401, "Token masuk diperlukan", "A bearer token is required"),
        "token-tidak-sah": Sort(401, "Token masuk tidak berlaku", "The bearer token is not valid"),
        "peran-tidak-cukup": Sort(
            403, "Peran Anda tidak boleh melakukan ini", "Your role may not do this"
        ),
        "di-luar-wilayah": Sort(
            403, "Di luar wilayah kerja Anda", "This lies outside your area of work"
        ),
        "alamat-tidak-ada": Sort(404, "Alamat ini tidak ada", "There is no such address"),
        "metode-tidak-ada": Sort(
            405, "Metode ini tidak ada di alamat ini", "There is no such method at this address"
        ),
        "sedang-diproses": Sort(
            409,
            "Permintaan dengan kunci yang sama sedang diproses",
            "A request with the same key is still running",
        ),
        "terlalu-besar": Sort(413, "Isi permintaan terlalu besar", "The request is too large"),
        "jenis-isi-tidak-didukung": Sort(
            415, "Jenis isi permintaan ini tidak didukung", "This type of content is not supported"
        ),
        "kunci-dipakai-ulang": Sort(
            422,
            "Idempotency-Key ini sudah dipakai untuk permintaan lain",
            "This Idempotency-Key was used for another request",
        ),
        "di-luar-batas": Sort(
            422, "Ada nilai di luar batas yang dapat disimpan", "A value is out of range"
        ),
        "perlu-if-match": Sort(
            428,
            "Sertakan If-Match dengan versi yang terakhir Anda baca",
            "Send If-Match with the version that you read last",
        ),
        "bukan-dinas-anda": Sort(
            403, "Dinas Anda tidak boleh mengirim ini", "Your office may not send this"
        ),
        "kejadian-ditolak": Sort(
            422,
            "Kejadian ini tidak sesuai kontraknya; tidak ada yang diterima",
            "The event does not keep its contract; nothing was taken",
        ),
        "belum-pasti-diterima": Sort(
            503,
            "Belum pasti kejadian ini diterima. Kirim lagi kejadian yang sama dengan id yang sama: "
            "itu aman, akibatnya tetap satu",
            "It is not certain that the event was taken. Send the same event again under the same "
            "id: that is safe, its effect is one",
        ),
        "terlalu-sering": Sort(429, "Terlalu banyak permintaan", "Too many requests"),
        "kesalahan-kami": Sort(
            500, "Terjadi kesalahan di pihak kami", "Something went wrong on our side"
        ),
        "sedang-sibuk": Sort(
            503, "Layanan sedang sibuk, coba lagi sebentar", "Busy, try again in a moment"
        ),
        "belum-siap": Sort(
            503, "Layanan belum dapat melayani", "The service is not able to answer right now"
        ),
    }
)

STATUS_OF: Mapping[Kind, int] = MappingProxyType(
    {
        "malformed": 400,
        "forbidden": 403,
        "not_found": 404,
        "conflict": 409,
        "not_yet": 409,
        "stale": 412,
        "unprocessable": 422,
    }
)
TITLE_OF: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        400: ("Permintaan tidak sah", "Malformed request"),
        403: ("Tidak diizinkan", "Not permitted"),
        404: ("Tidak ditemukan", "Not found"),
        409: ("Ditolak", "Refused"),
        412: ("Sudah berubah", "Changed in the meantime"),
        422: ("Tidak dapat diproses", "Cannot be processed"),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `pointer` is a JSON pointer into the body, or where else it was:

    "query:limit", "path:business_id", "header:If-Match".
    """

    pointer: str
    code: str
    id: str
    en: str


@dataclass(eq=False)
class Problem(Exception):
    """A "no" of the HTTP edge itself; `code` is a key of SORTS."""

    code: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return SORTS[self.code].status


def rendered(problem: Problem, language: Language, correlation_id: str) -> bytes:
    """The body of a problem of our own."""
    sort = SORTS[problem.code]
    title = sort.en if language == "en" else sort.id
    errors = [
        {"pointer": f.pointer, "code": f.code, "detail": f.en if language == "en" else f.id}
        for f in problem.faults
    ]
    detail = errors[0]["detail"] if len(errors) == 1 else title
    return _body(sort.status, problem.code, title, detail, errors, correlation_id)


def refused(refusal: Refusal, language: Language, correlation_id: str) -> bytes:
    """The body for a business "no"."""
    status = STATUS_OF[refusal.kind]
    title = TITLE_OF[status][language == "en"]
    detail = refusal.message(language)
    error = {"pointer": refusal.pointer, "code": refusal.code, "detail": detail}
    needed = [
        {
            "fact": need.fact,
            "who": need.who,
            "by": need.by,
            "about": need.about and str(need.about),  # the driver has a UUID of its own
            "detail": need.text(language),
        }
        for need in refusal.needed
    ]
    more = {"needed": needed} if needed else {}
    return _body(status, refusal.code, title, detail, [error], correlation_id, **more)


def _body(
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[Mapping[str, str]],
    correlation_id: str,
    **more: object,
) -> bytes:
    return orjson.dumps(
        {
            "type": f"/docs#{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
            "errors": errors,
            "correlation_id": correlation_id,
            **more,
        }
    )
