"""Everything that marketing can say no to. The docstring is what staff read."""

from shared.errors import Refusal


class ProductNotFound(Refusal):
    """Produk tidak ditemukan."""

    kind = "not_found"
    code = "produk-tidak-ditemukan"
    english = "Product not found."


class MarketEventNotFound(Refusal):
    """Acara pasar tidak ditemukan."""

    kind = "not_found"
    code = "acara-tidak-ditemukan"
    english = "Market event not found."


class StandNotFound(Refusal):
    """Stan tidak ditemukan."""

    kind = "not_found"
    code = "stan-tidak-ditemukan"
    english = "Stand not found."


class BusinessNotFound(Refusal):
    """Usaha tidak ditemukan. Periksa nomor usahanya di layanan pendataan."""

    kind = "not_found"
    code = "usaha-tidak-ditemukan"
    english = "Business not found. Check its id in the registry service."


class BusinessNotKnownYet(Refusal):
    """Usaha ini baru saja didata dan belum sampai ke layanan pemasaran. Coba lagi sebentar."""

    kind = "not_yet"
    code = "belum-tersedia"
    english = "This business was registered moments ago and is not known here yet. Try again."


class AttendanceNotKnownYet(Refusal):
    """Kehadiran usaha ini belum sampai ke sini. Bila belum dicatat, catat dulu di pelatihan."""

    kind = "not_yet"
    code = "belum-tersedia"
    english = (
        "The attendance of this business has not arrived here yet. "
        "If it is not recorded, record it in the training service first; then try again."
    )


class NotAttended(Refusal):
    """Belum tercatat hadir di sesi pelatihan. Catat kehadirannya di pelatihan, lalu coba lagi."""

    kind = "conflict"
    code = "belum-ikut-pelatihan"
    english = (
        "This business is not known to have attended a training session. "
        "Record its attendance in the training service, then try again."
    )


class EventCancelled(Refusal):
    """Acara ini dibatalkan oleh penyelenggara."""

    kind = "conflict"
    code = "acara-dibatalkan"
    english = "This event was cancelled by its host."


class EventStarted(Refusal):
    """Acara ini sudah dimulai pada {starts_on}; stan tidak dapat diminta lagi."""

    kind = "conflict"
    code = "acara-sudah-dimulai"
    english = "This event began on {starts_on}; no stand can be asked for any more."


class StandsGone(Refusal):
    """Semua stan sudah terisi: {stands} stan."""

    kind = "conflict"
    code = "stan-habis"
    english = "All stands are taken: {stands}."


class HasStand(Refusal):
    """Usaha ini sudah mendapat stan nomor {stand_number} di acara ini."""

    kind = "conflict"
    code = "sudah-mendapat-stan"
    english = "This business already has stand {stand_number} at this event."


class StandReleasedAlready(Refusal):
    """Stan ini sudah dilepas."""

    kind = "conflict"
    code = "stan-sudah-dilepas"
    english = "This stand was already released."


class StandChanged(Refusal):
    """Stan ini sudah diubah orang lain. Muat ulang, lalu coba lagi."""

    kind = "stale"
    code = "versi-berubah"
    english = "Somebody else changed this stand. Load it again, then retry."


class PriceNegative(Refusal):
    """Harga tidak boleh kurang dari nol rupiah."""

    kind = "unprocessable"
    code = "harga-kurang-dari-nol"
    english = "A price cannot be below zero rupiah."


class ShelfLifeTooShort(Refusal):
    """Masa simpan paling sedikit satu hari."""

    kind = "unprocessable"
    code = "masa-simpan-terlalu-pendek"
    english = "Shelf life is at least one day."


class EndsBeforeItStarts(Refusal):
    """Acara berakhir ({ends_on}) sebelum dimulai ({starts_on})."""

    kind = "unprocessable"
    code = "tanggal-terbalik"
    english = "The event ends ({ends_on}) before it starts ({starts_on})."


class SequenceMissing(Refusal):
    """Urutan (ce_sequence) harus bilangan bulat mulai dari 1."""

    kind = "unprocessable"
    code = "urutan-tidak-sah"
    english = "ce_sequence must be a whole number from 1 on."


class TimeZoneUnknown(Refusal):
    """Zona waktu acara tidak dikenal."""

    kind = "unprocessable"
    code = "zona-waktu-tidak-dikenal"
    english = "The event's time zone is unknown."
