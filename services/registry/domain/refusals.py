"""What the registry says no to. The docstring is the message; none carries a person's data."""

from shared.errors import Refusal


class NikMalformed(Refusal):
    """NIK harus terdiri dari 16 angka, tanpa spasi atau tanda lain."""

    kind = "unprocessable"
    code = "nik-bukan-16-angka"
    english = "A NIK has 16 digits, without spaces or other characters."


class NikImpossible(Refusal):
    """NIK tidak sah: semua angkanya sama atau nomor urutnya 0000."""

    kind = "unprocessable"
    code = "nik-tidak-sah"
    english = "Not a NIK: all digits are the same, or the serial number is 0000."


class NikDateImpossible(Refusal):
    """Tanggal lahir di NIK mustahil: betulkan NIK. Kasi dapat menerimanya saat pendaftaran."""

    kind = "unprocessable"
    code = "nik-tanggal-mustahil"
    english = (
        "The birth date in the NIK doesn't exist: correct the NIK. When a person is registered, a "
        "section head may accept it, with a reason."
    )


class OnlyKasiAccepts(Refusal):
    """Hanya kepala seksi yang dapat menerima NIK dengan tanggal lahir yang mustahil."""

    kind = "forbidden"
    code = "hanya-kepala-seksi"
    english = "Only a section head may accept a NIK with an impossible birth date."


class NikAlreadyRegistered(Refusal):
    """NIK ini sudah terdaftar."""

    kind = "conflict"
    code = "nik-sudah-terdaftar"
    english = "This NIK is already registered."


class NikAlreadyRegisteredHere(NikAlreadyRegistered):
    """NIK ini sudah terdaftar, dengan nomor pendataan {person_id}."""

    kind = "conflict"
    code = "nik-sudah-terdaftar"
    english = "This NIK is already registered, under the registry's id {person_id}."


class HouseholdNumberMalformed(Refusal):
    """Nomor kartu keluarga harus terdiri dari 16 angka yang tidak semuanya sama."""

    kind = "unprocessable"
    code = "nomor-kk-tidak-sah"
    english = "A family card number has 16 digits that are not all the same."


class BirthDateImpossible(Refusal):
    """Tanggal lahir harus antara 1 Januari 1900 dan hari ini."""

    kind = "unprocessable"
    code = "tanggal-lahir-mustahil"
    english = "The birth date must lie between 1 January 1900 and today."


class UnknownKelurahan(Refusal):
    """Kelurahan {kelurahan} tidak ada dalam daftar wilayah kota ini."""

    kind = "unprocessable"
    code = "kelurahan-tidak-dikenal"
    english = "Kelurahan {kelurahan} is not in this city's list of areas."


class OutsideArea(Refusal):
    """Kelurahan {kelurahan} berada di luar wilayah tugas Anda."""

    kind = "forbidden"
    code = "di-luar-wilayah"
    english = "Kelurahan {kelurahan} lies outside your area."


class PersonNotFound(Refusal):
    """Orang ini tidak ditemukan dalam pendataan."""

    kind = "not_found"
    code = "orang-tidak-ditemukan"
    english = "This person is not in the registry."


class BusinessNotFound(Refusal):
    """Usaha ini tidak ditemukan dalam pendataan."""

    kind = "not_found"
    code = "usaha-tidak-ditemukan"
    english = "This business is not in the registry."


class BusinessChanged(Refusal):
    """Data usaha sudah diubah orang lain. Muat ulang, lalu coba lagi."""

    kind = "stale"
    code = "versi-berubah"
    english = "Somebody else changed this business. Load it again, then retry."


class UnknownSector(Refusal):
    """Sektor {sector} tidak dikenal. Pilihan: {known}."""

    kind = "unprocessable"
    code = "sektor-tidak-dikenal"
    english = "Sector {sector} is unknown. Choose one of: {known}."


class SubSectorElsewhere(Refusal):
    """Subsektor {sub_sector} tidak ada dalam sektor {sector}. Pilihan: {known}."""

    kind = "unprocessable"
    code = "subsektor-tidak-cocok"
    english = "Sub-sector {sub_sector} is not one of sector {sector}. Choose one of: {known}."


class UnknownUnit(Refusal):
    """Satuan {unit} tidak dikenal. Pilihan: {known}."""

    kind = "unprocessable"
    code = "satuan-tidak-dikenal"
    english = "Unit {unit} is unknown. Choose one of: {known}."


class CapacityNotPositive(Refusal):
    """Kapasitas produksi harus lebih dari nol."""

    kind = "unprocessable"
    code = "kapasitas-harus-positif"
    english = "The production capacity must be more than zero."


class StartInFuture(Refusal):
    """Tanggal mulai usaha, {started_on}, belum tiba."""

    kind = "unprocessable"
    code = "mulai-di-masa-depan"
    english = "The start date, {started_on}, lies in the future."


class NamedTwice(Refusal):
    """{kind_of_entry} tidak boleh disebut dua kali: {entry}."""

    kind = "unprocessable"
    code = "disebut-dua-kali"
    english = "{entry} is named twice."


class EffectiveInFuture(Refusal):
    """Perubahan baru dapat dicatat setelah terjadi; {effective_on} belum tiba."""

    kind = "unprocessable"
    code = "perubahan-di-masa-depan"
    english = "A change is recorded once it has happened; {effective_on} lies in the future."


class EffectiveBeforeStart(Refusal):
    """Perubahan pada {effective_on} mendahului mulainya usaha, {started_on}."""

    kind = "unprocessable"
    code = "perubahan-sebelum-mulai"
    english = "A change on {effective_on} precedes the start of the business, {started_on}."


class EffectiveBeforeLastChange(Refusal):
    """Perubahan pada {effective_on} mendahului perubahan terakhir, {production_since}."""

    kind = "conflict"
    code = "perubahan-mendahului-yang-terakhir"
    english = "A change on {effective_on} precedes the last one, {production_since}."


class StartAfterChange(Refusal):
    """Usaha tidak mungkin mulai pada {started_on}: produksinya berubah pada {production_since}."""

    kind = "conflict"
    code = "mulai-setelah-perubahan"
    english = "It can't have started on {started_on}: its production changed on {production_since}."


class NothingChanged(Refusal):
    """Tidak ada yang berubah dari data yang tercatat."""

    kind = "unprocessable"
    code = "tidak-ada-perubahan"
    english = "Nothing differs from what is recorded."


class RegisteredOutOfTime(Refusal):
    """Tanggal pendataan, {registered_on}, harus antara mulainya usaha dan hari ini."""

    kind = "unprocessable"
    code = "tanggal-pendataan-mustahil"
    english = "The day of registration, {registered_on}, must lie between the start and today."


class ObservedInFuture(Refusal):
    """Yang diamati baru dapat dicatat setelah terjadi; {observed_on} belum tiba."""

    kind = "unprocessable"
    code = "pengamatan-di-masa-depan"
    english = "An observation is recorded once it was made; {observed_on} lies in the future."


class ObservedBeforeLast(Refusal):
    """Pengamatan pada {observed_on} mendahului yang terakhir, {last_on}."""

    kind = "conflict"
    code = "pengamatan-mendahului-yang-terakhir"
    english = "An observation of {observed_on} precedes the last one, {last_on}."


class GuidedByNobody(Refusal):
    """Sebutkan dinas yang membina usaha ini, dan hanya bila ada yang membina."""

    kind = "unprocessable"
    code = "dinas-pembina-tidak-cocok"
    english = "Name the office that guides this business, and only if one does."


class FollowUpWithoutBaseline(Refusal):
    """Keadaan awal (bulan 0) belum dicatat, jadi tidak ada pembandingnya."""

    kind = "conflict"
    code = "keadaan-awal-belum-ada"
    english = "The baseline (month 0) isn't recorded yet, so there is nothing to compare with."


class FollowUpBackwards(Refusal):
    """Bulan {month} mendahului yang sudah dicatat, bulan {last_month}."""

    kind = "conflict"
    code = "bulan-mendahului-yang-terakhir"
    english = "Month {month} precedes what is recorded already, month {last_month}."


class SiteStatusElsewhen(Refusal):
    """Status sejak {since} tidak cocok dengan tahun {year}."""

    kind = "unprocessable"
    code = "status-lokasi-di-luar-tahun"
    english = "A status since {since} doesn't fit the year {year}."


class SiteStatusUnchanged(Refusal):
    """Lokasi ini sudah berstatus {status}."""

    kind = "conflict"
    code = "status-lokasi-sama"
    english = "This site has the status {status} already."


class SiteStatusBackwards(Refusal):
    """Status sejak {since} mendahului status terakhir, {last_since}."""

    kind = "conflict"
    code = "status-lokasi-mundur"
    english = "A status since {since} precedes the last one, {last_since}."


class ValidityBackwards(Refusal):
    """Masa berlaku berakhir sebelum dimulai pada {valid_from}."""

    kind = "unprocessable"
    code = "masa-berlaku-terbalik"
    english = "The validity ends before it begins on {valid_from}."


class OfficeTitleBeforeLast(Refusal):
    """Nama sejak {valid_from} bertumpang tindih dengan nama sebelumnya, yang berlaku {last_on}."""

    kind = "conflict"
    code = "nama-dinas-bertumpang-tindih"
    english = "A title from {valid_from} overlaps the earlier one, which held on {last_on}."


class UnknownKecamatan(Refusal):
    """Kecamatan {kecamatan} tidak ada dalam daftar wilayah kota ini."""

    kind = "unprocessable"
    code = "kecamatan-tidak-dikenal"
    english = "Kecamatan {kecamatan} is not in this city's list of areas."


class BalanceInFuture(Refusal):
    """Saldo awal per {as_of} belum mungkin ada."""

    kind = "unprocessable"
    code = "saldo-awal-di-masa-depan"
    english = "There can't be an opening balance as of {as_of} yet."


class BalanceRecordedAlready(Refusal):
    """Saldo awal {kecamatan} per {as_of} dari sumber ini sudah dicatat."""

    kind = "conflict"
    code = "saldo-awal-sudah-ada"
    english = "The opening balance of {kecamatan} as of {as_of} is recorded from this source."
