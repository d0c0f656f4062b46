"""The sentences of a business's journey: codes in, Indonesian or English out.

A step keeps codes only. A code that this table doesn't know is shown as it is: others may have
learned a new one since.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

from services.registry.domain.sectors import SECTORS, SUB_SECTORS, UNITS, Label

Language = Literal["id", "en"]
Facts = Mapping[str, str]

_MODES: dict[str, Label] = {
    "to_order": ("berdasarkan pesanan", "to order"),
    "batch": ("berkala, tanpa menunggu pesanan", "in batches, without waiting for an order"),
    "continuous": ("terus-menerus", "continuously"),
}
_PERIODS: dict[str, Label] = {
    "day": ("hari", "day"),
    "week": ("minggu", "week"),
    "month": ("bulan", "month"),
}
_STATES: dict[str, Label] = {
    "enrolled": ("terdaftar", "enrolled"),
    "present": ("hadir", "present"),
    "excused": ("izin", "excused"),
    "absent": ("tidak hadir", "absent"),
}
_BRANDS: dict[str, Label] = {
    "none": ("belum bermerek", "no brand yet"),
    "name_only": ("sudah bernama, belum didaftarkan", "named, not registered"),
    "applied": ("merek sedang diajukan", "brand applied for"),
    "registered": ("merek terdaftar", "registered brand"),
    "rejected": ("merek ditolak", "brand rejected"),
}
_GUIDED: dict[str, Label] = {
    "yes": ("dibina dinas lain", "guided by another office"),
    "no": ("tidak dibina dinas lain", "not guided by another office"),
    "unknown": ("belum diketahui", "not known yet"),
}
_CHANNELS: dict[str, Label] = {
    "online": ("daring", "online"),
    "home": ("dari rumah", "from home"),
    "shop": ("toko", "a shop"),
    "market": ("pasar", "a market"),
    "reseller": ("penjual lain", "a reseller"),
    "event": ("acara pasar", "a market event"),
    "order": ("pesanan", "order"),
}
_SUPPORT: dict[str, Label] = {
    "stand": ("stan", "the stand"),
    "transport": ("perjalanan", "transport"),
    "lodging": ("penginapan", "lodging"),
    "other": ("lain-lain", "other things"),
}
_LICENCES: dict[str, Label] = {
    "nib": ("NIB", "NIB"),
    "pirt": ("P-IRT", "P-IRT"),
    "halal": ("Sertifikat halal", "Halal certificate"),
    "merek_letter": ("Surat rekomendasi merek", "Letter for the mark"),
}
_LICENCE_STATES: dict[str, Label] = {
    "issued": ("berlaku", "in force"),
    "expired": ("habis masa berlakunya", "run out"),
    "revoked": ("dicabut", "revoked"),
}
_FIELDS: dict[str, Label] = {
    "kelurahan": ("kelurahan", "kelurahan"),
    "sector": ("sektor", "sector"),
    "sub_sector": ("subsektor", "sub-sector"),
    "kbli": ("KBLI", "KBLI"),
    "started_on": ("tanggal mulai", "start date"),
    "production_mode": ("cara produksi", "production mode"),
    "capacity": ("kapasitas", "capacity"),
    "channels": ("saluran penjualan", "sales channels"),
    "constraints": ("kendala", "constraints"),
}
_WORDS: dict[str, dict[str, Label]] = {
    "sector": SECTORS,
    "sub_sector": {code: label for table in SUB_SECTORS.values() for code, label in table.items()},
    "unit": UNITS,
    "period": _PERIODS,
    "production_mode": _MODES,
    "state": _STATES,
    "brand_status": _BRANDS,
    "guided": _GUIDED,
    "channel": _CHANNELS,
    "kind": _SUPPORT,
    "licence": _LICENCES,
    "licence_state": _LICENCE_STATES,
}

# Kind of step → what it says. `{capacity}` and the like are made by `_worded`.
_SENTENCES: dict[str, Label] = {
    "business.registered": (
        "Usaha {sub_sector} didata; mulai {started_on}, kapasitas {capacity}, "
        "produksi {production_mode}.",
        "A business making {sub_sector} was registered; started {started_on}, "
        "capacity {capacity}, producing {production_mode}.",
    ),
    "business.production-changed": (
        "Produksi berubah menjadi {production_mode}, kapasitas {capacity}.",
        "Production changed: {production_mode}, capacity {capacity}.",
    ),
    "business.corrected": (
        "Data usaha dibetulkan: {corrected}.",
        "An entry about the business was corrected: {corrected}.",
    ),
    "business.assessed": (
        "Kelas usaha dinilai: {business_class}.",
        "The business was given its class: {business_class}.",
    ),
    "business.coverage-answered": (
        "Pembinaan oleh dinas lain ditanyakan: {guided}.",
        "It was asked whether another office guides it: {guided}.",
    ),
    "business.constraints-asked": (
        "Kendala usaha ditanyakan lagi.",
        "She was asked again what holds her back.",
    ),
    "business.follow-up-recorded": (
        "Perkembangan usaha diamati, bulan {follow_up_month}.",
        "Income, output and helpers were looked at, month {follow_up_month}.",
    ),
    "licence.reported": (
        "{licence} menurut {by_office}: {licence_state} sejak {since}{until}.",
        "{licence}: {licence_state} since {since}{until}, says {by_office}.",
    ),
    "enrolment.made": (
        "Terdaftar pada pelatihan “{session_title}”.",
        "Enrolled for the training “{session_title}”.",
    ),
    "enrolment.attended": (
        "Hadir pada pelatihan “{session_title}”, {hours} jam.",
        "Attended the training “{session_title}”, {hours} hours.",
    ),
    "enrolment.missed": (
        "Tidak mengikuti pelatihan “{session_title}”: {state}.",
        "Missed the training “{session_title}”: {state}.",
    ),
    "enrolment.attendance-corrected": (
        "Catatan kehadiran pada pelatihan “{session_title}” dibetulkan: {state}.",
        "The attendance at the training “{session_title}” was corrected: {state}.",
    ),
    "enrolment.assessed": (
        "Menjawab tentang percaya diri dan yang dipelajari pada “{session_title}”.",
        "Answered for her confidence and what she learned at “{session_title}”.",
    ),
    "certificate.issued": (
        "Mendapat sertifikat {number}.",
        "Got certificate {number}.",
    ),
    "certificate.revoked": (
        "Sertifikat {number} dicabut.",
        "Certificate {number} was revoked.",
    ),
    "product.added": (
        "Produk didata: Rp {price_rupiah} per {unit}, {brand_status}.",
        "A product was added: Rp {price_rupiah} each ({unit}), {brand_status}.",
    ),
    "product.brand-changed": (
        "Merek produk: {brand_status}.",
        "The product's brand: {brand_status}.",
    ),
    "product.assessed": (
        "Mutu atau kemasan produk dinilai.",
        "The product's quality or packaging was assessed.",
    ),
    "product.licensed": (
        "Izin produk dicatat.",
        "A licence of the product was recorded.",
    ),
    "product.checked": (
        "Ketersediaan dan mutu produk diperiksa.",
        "The product's availability and quality were checked.",
    ),
    "product.warned": (
        "Produk diberi peringatan: ketersediaan atau mutunya tidak terjaga.",
        "The product was warned: its availability or quality wasn't kept up.",
    ),
    "product.suspended": (
        "Produk ditangguhkan dari stan sampai lulus pemeriksaan.",
        "The product gets no stand until a check is passed.",
    ),
    "product.reinstated": (
        "Produk lulus pemeriksaan dan boleh mendapat stan lagi.",
        "The product passed a check and may get a stand again.",
    ),
    "stand.confirmed": (
        "Mendapat stan nomor {stand_number} di “{market_event_name}”, mulai {starts_on}.",
        "Got stand {stand_number} at “{market_event_name}”, from {starts_on}.",
    ),
    "stand.released": (
        "Stan nomor {stand_number} di “{market_event_name}” dilepas.",
        "Stand {stand_number} at “{market_event_name}” was released.",
    ),
    "support.planned": (
        "Dukungan untuk {kind} direncanakan: Rp {planned_rupiah}.",
        "Support for {kind} was planned: Rp {planned_rupiah}.",
    ),
    "support.approved": (
        "Dukungan untuk {kind} disetujui: Rp {planned_rupiah}.",
        "Support for {kind} was approved: Rp {planned_rupiah}.",
    ),
    "support.paid": (
        "Dukungan untuk {kind} dibayar: Rp {actual_rupiah}.",
        "Support for {kind} was paid: Rp {actual_rupiah}.",
    ),
    "sale.reported": (
        "Penjualan {month} dilaporkan: Rp {rupiah} melalui {channel}.",
        "Sales of {month} were reported: Rp {rupiah} through {channel}.",
    ),
    "sale.corrected": (
        "Laporan penjualan {month} dikoreksi: Rp {rupiah} melalui {channel}.",
        "The report of sales of {month} was corrected: Rp {rupiah} through {channel}.",
    ),
}
KINDS = tuple(_SENTENCES)

_MONTHS: tuple[Label, ...] = (
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
)


def sentence(kind: str, facts: Facts, language: Language) -> str:
    """What happened, for people. A kind without a sentence is shown as its code."""
    label = _SENTENCES.get(kind)
    if label is None:
        return kind
    return _in(label, language).format_map(_Worded(facts, language))


class _Worded(dict[str, str]):
    """The facts, each in words when it is asked for."""

    def __init__(self, facts: Facts, language: Language) -> None:
        super().__init__()
        self._facts, self._language = facts, language

    def __missing__(self, name: str) -> str:
        make = _MADE.get(name)
        if make is not None:
            return make(self._facts, self._language)
        return _word(name, self._facts.get(name, "?"), self._language)


def _capacity(facts: Facts, language: Language) -> str:
    unit = _word("unit", facts.get("unit", "?"), language)
    period = _word("period", facts.get("period", "?"), language)
    amount = _decimal(facts.get("quantity", "?"), language)
    return f"{amount} {unit} per {period}"


def _corrected(facts: Facts, language: Language) -> str:
    names = facts.get("corrected", "").split()
    return ", ".join(_in(_FIELDS.get(name, (name, name)), language) for name in names)


def _day(name: str) -> Callable[[Facts, Language], str]:
    def render(facts: Facts, language: Language) -> str:
        day = date.fromisoformat(facts[name])
        return f"{day.day} {_in(_MONTHS[day.month - 1], language)} {day.year}"

    return render


def _until(facts: Facts, language: Language) -> str:
    """Nothing where no last day was said, or it doesn't matter any more."""
    if "valid_until" not in facts or facts.get("licence_state") != "issued":
        return ""
    return f"{_in((' sampai ', ' until '), language)}{_day('valid_until')(facts, language)}"


def _rupiah(name: str) -> Callable[[Facts, Language], str]:
    def render(facts: Facts, language: Language) -> str:
        grouped = f"{int(facts[name]):,}"
        return grouped.replace(",", ".") if language == "id" else grouped

    return render


def _hours(facts: Facts, language: Language) -> str:
    return _decimal(facts.get("hours", "?"), language)


_MADE: dict[str, Callable[[Facts, Language], str]] = {
    "capacity": _capacity,
    "corrected": _corrected,
    "since": _day("since"),
    "until": _until,
    "started_on": _day("started_on"),
    "starts_on": _day("starts_on"),
    "price_rupiah": _rupiah("price_rupiah"),
    "planned_rupiah": _rupiah("planned_rupiah"),
    "actual_rupiah": _rupiah("actual_rupiah"),
    "rupiah": _rupiah("rupiah"),
    "hours": _hours,
}


def _word(table: str, code: str, language: Language) -> str:
    return _in(_WORDS.get(table, {}).get(code, (code, code)), language)


def _decimal(number: str, language: Language) -> str:
    return number.replace(".", ",") if language == "id" else number


def _in(label: Label, language: Language) -> str:
    return label[1] if language == "en" else label[0]
