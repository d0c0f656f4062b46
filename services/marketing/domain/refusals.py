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


class ProductChanged(Refusal):
    """Produk ini sudah diubah orang lain. Muat ulang, lalu coba lagi."""

    kind = "stale"
    code = "versi-berubah"
    english = "Somebody else changed this product. Load it again, then retry."


class BrandStepImpossible(Refusal):
    """Status merek tidak dapat berubah dari {before} ke {after}."""

    kind = "conflict"
    code = "langkah-merek-tidak-sah"
    english = "A brand cannot go from {before} to {after}."


class BrandDetailsMissing(Refusal):
    """Nomor wajib diisi sejak pengajuan; kelas dan masa berlaku wajib bila terdaftar."""

    kind = "unprocessable"
    code = "rincian-merek-wajib"
    english = (
        "A number is required from the application on; class and expiry once it is registered."
    )


class BrandDetailsUnasked(Refusal):
    """Rincian ini belum ada pada tahap merek tersebut."""

    kind = "unprocessable"
    code = "rincian-merek-belum-ada"
    english = "A brand has no such detail at that step."


class NothingAssessed(Refusal):
    """Isi penilaian mutu, penilaian kemasan, atau keduanya."""

    kind = "unprocessable"
    code = "penilaian-kosong"
    english = "Assess the quality, the packaging, or both."


class DayAhead(Refusal):
    """Tanggal ini belum tiba."""

    kind = "unprocessable"
    code = "tanggal-belum-tiba"
    english = "That day has not come yet."


class BrandStepBeforeLast(Refusal):
    """Langkah merek sebelumnya bertanggal {before}; langkah ini tidak boleh lebih awal."""

    kind = "unprocessable"
    code = "langkah-merek-terlalu-awal"
    english = "The brand's last step was on {before}; this one is not earlier."


class AssessedInFuture(Refusal):
    """Tanggal penilaian tidak boleh setelah hari ini."""

    kind = "unprocessable"
    code = "penilaian-di-masa-depan"
    english = "An assessment is not dated after today."


class LicenceNumberWrong(Refusal):
    """Nomor {kind} tidak sesuai bentuknya: NIB 13 angka, P-IRT 15 angka."""

    kind = "unprocessable"
    code = "nomor-izin-keliru"
    english = "The {kind} number has the wrong form: NIB has 13 digits, P-IRT 15."


class LicenceDatesReversed(Refusal):
    """Izin berakhir sebelum mulai berlaku."""

    kind = "unprocessable"
    code = "tanggal-izin-terbalik"
    english = "The licence ends before it begins."


class LicenceTooLong(Refusal):
    """Izin {kind} berlaku paling lama {years} tahun."""

    kind = "unprocessable"
    code = "izin-terlalu-lama"
    english = "A {kind} licence is valid for at most {years} years."


class NotBranded(Refusal):
    """Pemeriksaan baru dimulai setelah merek diajukan; sekarang: {brand_status}."""

    kind = "conflict"
    code = "belum-bermerek"
    english = "Checks begin once a brand is applied for; now it is: {brand_status}."


class CheckedInFuture(Refusal):
    """Tanggal pemeriksaan tidak boleh setelah hari ini."""

    kind = "unprocessable"
    code = "pemeriksaan-di-masa-depan"
    english = "A check is not dated after today."


class ProductIsSuspended(Refusal):
    """Produk ditangguhkan dari stan karena dua kali lalai. Perlu pemeriksaan yang baik."""

    kind = "conflict"
    code = "produk-ditangguhkan"
    english = "The product is suspended from stands after two lapses. It needs a good check."


class ProductFoundWanting(Refusal):
    """Produk ini dinilai belum siap: {points}. Kepala seksi dapat mengizinkan dengan alasan."""

    kind = "conflict"
    code = "produk-belum-siap"
    english = "The product was found not ready: {points}. A head of section may allow it, and why."


class OverrideNotYours(Refusal):
    """Hanya kepala seksi yang dapat mengizinkan stan untuk produk yang dinilai belum siap."""

    kind = "forbidden"
    code = "hanya-kasi"
    english = "Only a head of section may allow a stand for a product that was found not ready."


class SupplyUnknown(Refusal):
    """Kapasitas usaha belum diketahui dalam satuan {unit}, jadi janji tidak dapat diuji."""

    kind = "conflict"
    code = "kapasitas-belum-diketahui"
    english = "The business's capacity in {unit} is not known, so the promise cannot be tested."


class SupplyShort(Refusal):
    """Janji {promised} {unit} kurang {short}; paling banyak {available} sampai hari acara."""

    kind = "conflict"
    code = "pasokan-kurang"
    english = (
        "The promise of {promised} {unit} is {short} too much; {available} at most by the event."
    )


class PromiseZero(Refusal):
    """Jumlah yang dijanjikan harus lebih dari nol."""

    kind = "unprocessable"
    code = "janji-nol"
    english = "A promise is more than zero."


class AmountZero(Refusal):
    """Jumlah rupiah harus lebih dari nol."""

    kind = "unprocessable"
    code = "jumlah-nol"
    english = "The amount is more than zero rupiah."


class SupportNotFound(Refusal):
    """Bantuan tidak ditemukan."""

    kind = "not_found"
    code = "bantuan-tidak-ditemukan"
    english = "Support not found."


class SupportChanged(Refusal):
    """Bantuan ini sudah diubah orang lain. Muat ulang, lalu coba lagi."""

    kind = "stale"
    code = "versi-berubah"
    english = "Somebody else changed this support. Load it again, then retry."


class SupportNotPlanned(Refusal):
    """Bantuan ini sudah disetujui."""

    kind = "conflict"
    code = "bantuan-sudah-disetujui"
    english = "This support was already approved."


class SupportNotApproved(Refusal):
    """Bantuan ini belum disetujui, atau sudah dibayar."""

    kind = "conflict"
    code = "bantuan-belum-disetujui"
    english = "This support is not approved, or was already paid."


class StandGone(Refusal):
    """Stan untuk bantuan ini sudah dilepas."""

    kind = "conflict"
    code = "stan-sudah-dilepas"
    english = "The stand of this support was released."


class SameHands(Refusal):
    """Yang merencanakan bantuan tidak boleh menyetujuinya."""

    kind = "conflict"
    code = "satu-tangan"
    english = "Whoever planned the support may not approve it."


class BudgetShort(Refusal):
    """Anggaran acara tidak cukup: perlu Rp {wanted}, tersisa Rp {left}, kurang Rp {short}."""

    kind = "conflict"
    code = "anggaran-kurang"
    english = "The budget is short: Rp {wanted} wanted, Rp {left} left, Rp {short} missing."


class BudgetBelowCommitted(Refusal):
    """Anggaran tidak boleh di bawah yang sudah disetujui, Rp {committed}."""

    kind = "conflict"
    code = "anggaran-di-bawah-persetujuan"
    english = "The budget cannot be below what was agreed to, Rp {committed}."


class SaleNotFound(Refusal):
    """Laporan penjualan tidak ditemukan."""

    kind = "not_found"
    code = "penjualan-tidak-ditemukan"
    english = "Sale not found."


class SaleEmpty(Refusal):
    """Jumlah terjual harus lebih dari nol; hanya koreksi yang boleh nol, dengan Rp 0."""

    kind = "unprocessable"
    code = "penjualan-nol"
    english = "A sale is more than zero; only a correction may be nothing, for Rp 0."


class EventWanted(Refusal):
    """Penjualan di acara wajib menyebut acaranya."""

    kind = "unprocessable"
    code = "acara-wajib-diisi"
    english = "A sale at an event says at which."


class EventUnasked(Refusal):
    """Acara hanya disebut bila salurannya acara."""

    kind = "unprocessable"
    code = "acara-tidak-diminta"
    english = "An event belongs only to the channel event."


class MonthAhead(Refusal):
    """Bulan penjualan belum tiba."""

    kind = "unprocessable"
    code = "bulan-belum-tiba"
    english = "That month has not come yet."


class MonthNotEvents(Refusal):
    """Acara berlangsung {starts_on} sampai {ends_on}, bukan di bulan itu."""

    kind = "unprocessable"
    code = "bulan-bukan-acara"
    english = "The event was from {starts_on} to {ends_on}, not in that month."


class NoStandThere(Refusal):
    """Produk ini tidak mendapat stan di acara itu."""

    kind = "conflict"
    code = "tidak-ada-stan"
    english = "This product had no stand at that event."


class SaleReportedAlready(Refusal):
    """Penjualan itu sudah dilaporkan (versi {version}). Bila keliru, kirim sebagai koreksi."""

    kind = "conflict"
    code = "penjualan-sudah-dilaporkan"
    english = "These sales are already reported (version {version}). If wrong, send a correction."


class SaleChanged(Refusal):
    """Laporan ini sudah dikoreksi orang lain, sekarang versi {version}. Muat ulang, lalu ulangi."""

    kind = "conflict"
    code = "penjualan-sudah-berubah"
    english = "Somebody corrected this report already: now version {version}. Load it, then retry."


class SaleUnchanged(Refusal):
    """Tidak ada yang berbeda dari laporan sebelumnya."""

    kind = "unprocessable"
    code = "penjualan-tidak-berbeda"
    english = "Nothing differs from what was reported."
