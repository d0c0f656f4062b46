"""What each code on a receipt means, and what to do about it, in Indonesian and in English.

Part of the published language: offices read these sentences, and so do staff in the work list. The
codes of rules are those of the refusals in the services' domains; a test finds every one that an
event can bring about. No sentence holds a value of an event.
"""

from collections.abc import Mapping
from types import MappingProxyType

Text = tuple[str, str]
"""Indonesian, English."""

REJECTED: Mapping[str, Text] = MappingProxyType(
    {
        "empty": (
            "Kejadian ini kosong. Kirim lagi dengan isinya; pencabutan pun ada jenis kejadiannya.",
            "The event is empty. Send it again with its body; a removal has an event type, too.",
        ),
        "too_large": (
            "Kejadian ini lebih besar dari 1 MiB. Kirim satu kejadian per orang atau per hal.",
            "The event is larger than 1 MiB. Send an event for each person or thing.",
        ),
        "missing": (
            "Isian wajib ini tidak ada. Lengkapi, lalu kirim lagi dengan id baru.",
            "This required field is missing. Add it and send the event again under a new id.",
        ),
        "source_not_allowed": (
            "Source ini tidak boleh menulis ke topik ini. Pakai source dinas Anda sendiri, "
            "seperti dalam daftar aliran, lalu kirim lagi.",
            "This source may not write to this topic. Use your office's own, as in the list of "
            "feeds, and send it again.",
        ),
        "names_a_person": (
            "Kunci, id atau jejak tidak boleh memuat NIK atau nomor KK. Ganti dengan nomor daftar "
            "dinas sendiri, lalu kirim lagi.",
            "Neither key, id nor trace may hold a NIK or a family card's number. Use a number of "
            "your own list, and send it again.",
        ),
        "specversion": (
            "Hanya CloudEvents 1.0 yang diterima. Isi specversion dengan 1.0, lalu kirim lagi "
            "dengan id baru.",
            "Only CloudEvents 1.0 is taken. Set specversion to 1.0 and send it again under a new "
            "id.",
        ),
        "unknown_type": (
            "Jenis atau versi kejadian ini tidak dikenal. Cocokkan type dengan daftar aliran, lalu "
            "kirim lagi dengan id baru.",
            "This type, or this version of it, is not known. Compare it with the list of feeds and "
            "send the event again under a new id.",
        ),
        "key_missing": (
            "Kunci record tidak ada. Isi kunci dengan subject, lalu kirim lagi dengan id baru.",
            "The record has no key. Make the subject its key and send it again under a new id.",
        ),
        "key_differs_from_subject": (
            "Kunci record, subject dan isian kuncinya harus sama. Samakan, lalu kirim lagi dengan "
            "id baru.",
            "The record's key, the subject and the key field must be the same. Make them so and "
            "send it again under a new id.",
        ),
        "contract": (
            "Isian ini tidak sesuai dengan bentuknya dalam daftar aliran. Perbaiki, lalu kirim "
            "lagi dengan id baru.",
            "This field has not the form that the list of feeds gives it. Correct it and send the "
            "event again under a new id.",
        ),
        "content_type": (
            "Hanya application/json atau application/cloudevents+json yang diterima. Perbaiki "
            "content-type, lalu kirim lagi dengan id baru.",
            "Only application/json or application/cloudevents+json is taken. Correct the "
            "content-type and send it again under a new id.",
        ),
        "not_utf8": (
            "Teks ini bukan UTF-8. Simpan sebagai UTF-8, lalu kirim lagi dengan id baru.",
            "This text is not UTF-8. Write it as UTF-8 and send the event again under a new id.",
        ),
        "nul": (
            "Karakter NUL tidak diterima. Hapus, lalu kirim lagi dengan id baru.",
            "A NUL character is not taken. Remove it and send the event again under a new id.",
        ),
        "not_an_object": (
            "Kejadian harus berupa satu objek JSON, bukan daftar. Kirim satu record per kejadian.",
            "An event must be one JSON object, not a list. Send a record for each event.",
        ),
        "not_json": (
            "Isinya bukan JSON yang sah. Perbaiki, lalu kirim lagi dengan id baru.",
            "The body is not valid JSON. Correct it and send the event again under a new id.",
        ),
        "too_deep": (
            "JSON ini bersarang terlalu dalam. Ikuti contoh dalam daftar aliran, lalu kirim lagi "
            "dengan id baru.",
            "The JSON is nested too deeply. Follow the example in the list of feeds and send it "
            "again under a new id.",
        ),
        "duplicate_key": (
            "Ada nama isian yang muncul dua kali. Hapus salah satu, lalu kirim lagi dengan id "
            "baru.",
            "A field's name stands twice in one object. Remove one and send the event again under "
            "a new id.",
        ),
        "not_a_number": (
            "NaN atau tak hingga tidak diterima. Isi dengan angka, lalu kirim lagi dengan id baru.",
            "NaN and infinity are not taken. Give a number and send the event again under a new "
            "id.",
        ),
        "id_reused": (
            "Id ini sudah dipakai untuk kejadian dengan isi lain; jawaban untuk yang itu tetap. "
            "Kirim lagi dengan id baru.",
            "This id was used for an event with other content, whose answer stands. Send this one "
            "under a new id.",
        ),
    }
)
"""Rejected at once: only the sender can put it right, by another event."""

WAITING: Mapping[str, Text] = MappingProxyType(
    {
        "waiting": (
            "Menunggu orang atau usaha yang belum terdaftar pada program. Tidak perlu dikirim "
            "ulang: diproses begitu terdaftar.",
            "Waits for a person or business that isn't registered yet. Nothing to do: it goes on "
            "once she is.",
        ),
        "behind": (
            "Menunggu kejadian sebelumnya dengan kunci yang sama. Tidak perlu dikirim ulang.",
            "Waits for an earlier event of the same key. It needn't be sent again.",
        ),
        "waited_too_long": (
            "Terlalu lama menunggu; petugas akan menyelesaikannya. Tidak perlu dikirim ulang.",
            "It waited too long; staff will settle it. It needn't be sent again.",
        ),
        "database": (
            "Kejadian ini tidak dapat disimpan; petugas akan memeriksanya. Tidak perlu dikirim "
            "ulang.",
            "The event could not be stored; staff will look at it. It needn't be sent again.",
        ),
        "unexpected": (
            "Terjadi kesalahan pada sistem kami; petugas akan memeriksanya. Tidak perlu dikirim "
            "ulang.",
            "Something went wrong on our side; staff will look at it. It needn't be sent again.",
        ),
    }
)
"""Waits without anybody having done wrong."""

FOR_STAFF: Mapping[str, Text] = MappingProxyType(
    {
        "urutan-tidak-sah": (
            "Urutan (sequence) harus bilangan mulai dari 1. Kirim lagi dengan urutan yang benar "
            "dan id baru; petugas akan membuang yang ini.",
            "The sequence must be a number from 1 on. Send it again with the right one under a "
            "new id; staff will discard this one.",
        ),
        "tanggal-di-masa-depan": (
            "Tanggalnya belum tiba. Kirim kejadian saat sudah terjadi; bila salah ketik, beri tahu "
            "petugas tanggal yang benar.",
            "The day hasn't come yet. Send an event once it has happened; if it was a typing "
            "error, tell staff the right day.",
        ),
        "tanggal-terbalik": (
            "Tanggal selesai mendahului tanggal mulai. Petugas akan menanyakan yang benar dan "
            "memperbaikinya.",
            "It ends before it begins. Staff will ask for the right days and correct them.",
        ),
        "zona-waktu-tidak-dikenal": (
            "Zona waktu ini tidak dikenal; tulis seperti Asia/Jakarta. Petugas akan "
            "memperbaikinya.",
            "This time zone isn't known; write it like Asia/Jakarta. Staff will correct it.",
        ),
        "wilayah-tidak-dikenal": (
            "Wilayah ini tidak dikenal. Petugas akan mencarinya; lain kali kirim kode Kemendagri "
            "atau BPS.",
            "This area isn't known. Staff will look for it; next time send a Kemendagri or BPS "
            "code.",
        ),
        "wilayah-bermakna-ganda": (
            "Wilayah ini dapat berarti beberapa tempat. Petugas akan memilih; lain kali kirim "
            "kode, atau nama kelurahan dan kecamatannya.",
            "This area can mean several places. Staff will choose; next time send a code, or the "
            "names of kelurahan and kecamatan.",
        ),
        "wilayah-bukan-kelurahan": (
            "Yang disebut bukan kelurahan. Petugas akan memilih kelurahannya; lain kali kirim "
            "kode kelurahan.",
            "What is named is no kelurahan. Staff will choose it; next time send a kelurahan's "
            "code.",
        ),
        "nik-bukan-16-angka": (
            "NIK harus 16 angka. Petugas akan menanyakan yang benar dan memperbaikinya.",
            "A NIK has 16 digits. Staff will ask for the right one and correct it.",
        ),
        "nik-tidak-sah": (
            "Tidak ada orang dengan NIK seperti ini. Petugas akan menanyakan yang benar dan "
            "memperbaikinya.",
            "Nobody can have such a NIK. Staff will ask for the right one and correct it.",
        ),
        "nik-tanggal-mustahil": (
            "Tanggal lahir di dalam NIK ini tidak ada. Petugas akan memeriksa NIK-nya.",
            "The birth date inside this NIK doesn't exist. Staff will check the NIK.",
        ),
        "nik-milik-orang-lain": (
            "NIK ini tercatat pada orang lain. Petugas akan memeriksa apakah keduanya orang yang "
            "sama.",
            "This NIK is another person's here. Staff will see whether the two are the same.",
        ),
        "usaha-bermakna-ganda": (
            "Pemilik ini punya beberapa usaha. Petugas akan memilih; lain kali kirim business_id "
            "atau kbli.",
            "This owner has several businesses. Staff will choose; next time send business_id or "
            "kbli.",
        ),
        "usaha-milik-orang-lain": (
            "Usaha ini bukan milik orang dengan NIK ini. Petugas akan memeriksa mana yang keliru.",
            "This business isn't of the person with this NIK. Staff will see which of them is "
            "wrong.",
        ),
    }
)
"""Rules that say no: the event stays open until staff have corrected, replayed or discarded it."""

DISCARDED: Mapping[str, Text] = MappingProxyType(
    {
        "not_ours": (
            "Dibuang petugas: bukan urusan program. Tidak perlu dikirim ulang.",
            "Discarded: not the programme's. It needn't be sent again.",
        ),
        "wrong_person": (
            "Dibuang petugas: orangnya keliru. Kirim kejadian baru dengan NIK yang benar.",
            "Discarded: the wrong person. Send a new event with the right NIK.",
        ),
        "outdated": (
            "Dibuang petugas: sudah tidak berlaku. Kirim keadaan terbaru dengan urutan berikutnya.",
            "Discarded: out of date. Send how it stands now, with the next sequence.",
        ),
        "test": (
            "Dibuang petugas: kejadian percobaan. Kirim percobaan ke topik percobaan.",
            "Discarded: a try. Send tries to the trial topic.",
        ),
        "other": (
            "Dibuang petugas. Tanyakan alasannya kepada petugas program.",
            "Discarded by staff. Ask the programme's staff for the reason.",
        ),
    }
)
"""Ended by staff without effect: the code is what the sender is told, never their words."""

FORGOTTEN: Mapping[str, Text] = MappingProxyType(
    {
        "not_registered": (
            "Orang ini tidak terdaftar dalam program sampai batas waktu, maka kejadian tidak "
            "disimpan. Tidak perlu dikirim ulang.",
            "This person was not registered with the programme in time, so the event is not kept. "
            "It needn't be sent again.",
        ),
        "trial_over": (
            "Percobaan ini sudah lewat sehari dan dilupakan. Kirim lagi bila masih perlu dicoba.",
            "This trial is a day old and forgotten. Send it again if it is still to be tried.",
        ),
    }
)
"""Ended without effect because its time was over; nobody has looked at it."""

ANSWERS: Mapping[str, Text] = MappingProxyType(
    {**REJECTED, **WAITING, **FOR_STAFF, **DISCARDED, **FORGOTTEN}
)
_UNFORESEEN = (
    "Petugas akan memeriksa kejadian ini. Tidak perlu dikirim ulang.",
    "Staff will look at this event. It needn't be sent again.",
)


def answer(code: str) -> Text:
    """What a code means. A code that nobody foresaw is for staff, and says so."""
    return ANSWERS.get(code, _UNFORESEEN)
