"""Why what another office reports can't be taken as it is: what the work list shows to staff.

The docstring is the message. Ids and codes of areas are in it as suggestions, never who is meant.
"""

from services.registry.domain.refusals import NikAlreadyRegistered
from shared.errors import Refusal


class SequenceMissing(Refusal):
    """Urutan kejadian (ce_sequence) harus bilangan mulai dari 1."""

    kind = "unprocessable"
    code = "urutan-tidak-sah"
    english = "The event's sequence (ce_sequence) must be a number from 1 on."


class ReportedInFuture(Refusal):
    """Tanggal {on} belum tiba; peristiwa yang akan datang tidak dapat dicatat."""

    kind = "unprocessable"
    code = "tanggal-di-masa-depan"
    english = "{on} hasn't come yet; what will happen can't be recorded."


class EndsBeforeItBegan(Refusal):
    """Tanggal selesai {ends_on} mendahului tanggal mulai {began_on}."""

    kind = "unprocessable"
    code = "tanggal-terbalik"
    english = "It ends on {ends_on}, before it began on {began_on}."


class AreaUnknown(Refusal):
    """Wilayah ini tidak dikenal. Mungkin salah satu dari: {suggestions}."""

    kind = "unprocessable"
    code = "wilayah-tidak-dikenal"
    english = "This area isn't known. It may be one of: {suggestions}."


class AreaAmbiguous(Refusal):
    """Wilayah ini dapat berarti lebih dari satu tempat. Pilih salah satu: {suggestions}."""

    kind = "unprocessable"
    code = "wilayah-bermakna-ganda"
    english = "This area can mean more than one place. Choose one of: {suggestions}."


class AreaTooCoarse(Refusal):
    """Yang disebut bukan kelurahan. Pilih kelurahannya: {suggestions}."""

    kind = "unprocessable"
    code = "wilayah-bukan-kelurahan"
    english = "What is named is no kelurahan. Choose the kelurahan: {suggestions}."


class NikOfAnother(NikAlreadyRegistered):
    """NIK ini tercatat pada orang lain: {persons}. Periksa apakah keduanya orang yang sama."""

    kind = "conflict"
    code = "nik-milik-orang-lain"
    english = "This NIK is another person's here: {persons}. See whether the two are the same."


class BusinessAmbiguous(Refusal):
    """Pemilik ini punya beberapa usaha. Pilih salah satu: {suggestions}."""

    kind = "unprocessable"
    code = "usaha-bermakna-ganda"
    english = "This owner has several businesses. Choose one of: {suggestions}."


class BusinessOfAnother(Refusal):
    """Usaha {business_id} bukan milik orang dengan NIK ini. Usahanya: {suggestions}."""

    kind = "unprocessable"
    code = "usaha-milik-orang-lain"
    english = "Business {business_id} isn't of the person with this NIK. Hers: {suggestions}."
