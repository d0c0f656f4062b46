"""Everything that training can say no to. The docstring is what staff read."""

from shared.errors import Refusal


class SessionNotFound(Refusal):
    """Sesi pelatihan tidak ditemukan."""

    kind = "not_found"
    code = "sesi-tidak-ditemukan"
    english = "Training session not found."


class EnrolmentNotFound(Refusal):
    """Pendaftaran tidak ditemukan."""

    kind = "not_found"
    code = "pendaftaran-tidak-ditemukan"
    english = "Enrolment not found."


class BusinessNotFound(Refusal):
    """Usaha tidak ditemukan. Periksa nomor usahanya di layanan pendataan."""

    kind = "not_found"
    code = "usaha-tidak-ditemukan"
    english = "Business not found. Check its id in the registry service."


class BusinessNotKnownYet(Refusal):
    """Usaha ini baru saja didata dan belum sampai ke layanan pelatihan. Coba lagi sebentar."""

    kind = "not_yet"
    code = "belum-tersedia"
    english = "This business was registered moments ago and is not known here yet. Try again."


class UnknownVenue(Refusal):
    """Kelurahan {kelurahan} tidak ada dalam daftar wilayah kota ini."""

    kind = "unprocessable"
    code = "kelurahan-tidak-dikenal"
    english = "Kelurahan {kelurahan} is not in this city's list of areas."


class SessionLengthWrong(Refusal):
    """Lama sesi harus lebih dari 0 dan paling banyak 24 jam."""

    kind = "unprocessable"
    code = "lama-sesi-tidak-wajar"
    english = "A session lasts more than 0 and at most 24 hours."


class OutsideArea(Refusal):
    """Tempat sesi maupun kelurahan usaha berada di luar wilayah tugas Anda."""

    kind = "forbidden"
    code = "di-luar-wilayah"
    english = "Neither the session's venue nor the business lies in your area."


class SessionFull(Refusal):
    """Sesi sudah penuh: {capacity} tempat, semuanya terisi."""

    kind = "conflict"
    code = "sesi-penuh"
    english = "The session is full: {capacity} seats, all taken."


class AlreadyEnrolled(Refusal):
    """Usaha ini sudah terdaftar di sesi ini."""

    kind = "conflict"
    code = "sudah-terdaftar"
    english = "This business is already enrolled for this session."


class SessionNotHeldYet(Refusal):
    """Kehadiran baru dapat dicatat mulai tanggal sesi, {held_on}."""

    kind = "conflict"
    code = "sesi-belum-berlangsung"
    english = "Attendance can be recorded from the session's date on, {held_on}."


class AttendanceAlreadyRecorded(Refusal):
    """Kehadiran sudah dicatat. Bila keliru, gunakan koreksi kehadiran dengan alasan."""

    kind = "conflict"
    code = "kehadiran-sudah-dicatat"
    english = "Attendance is already recorded. If it is wrong, correct it and give a reason."


class AttendanceNotRecorded(Refusal):
    """Kehadiran belum dicatat, jadi belum ada yang dapat dikoreksi."""

    kind = "conflict"
    code = "kehadiran-belum-dicatat"
    english = "Attendance is not recorded yet, so there is nothing to correct."


class NothingCorrected(Refusal):
    """Koreksi sama dengan catatan yang ada."""

    kind = "conflict"
    code = "tidak-ada-perubahan"
    english = "The correction equals the present entry."


class HoursMissing(Refusal):
    """Jam hadir wajib diisi dan lebih dari nol bila peserta hadir."""

    kind = "unprocessable"
    code = "jam-wajib-diisi"
    english = "Hours are required, and more than zero, for someone who was present."


class HoursExceedSession(Refusal):
    """Jam hadir {hours} melebihi lama sesi, {session_hours} jam."""

    kind = "unprocessable"
    code = "jam-melebihi-sesi"
    english = "{hours} hours are more than the session's {session_hours}."


class HoursWithoutPresence(Refusal):
    """Jam hadir hanya diisi untuk peserta yang hadir."""

    kind = "unprocessable"
    code = "jam-tanpa-kehadiran"
    english = "Hours belong only to someone who was present."


class ReasonMissing(Refusal):
    """Alasan wajib diisi."""

    kind = "unprocessable"
    code = "alasan-wajib-diisi"
    english = "A reason is required."


class EnrolmentChanged(Refusal):
    """Pendaftaran sudah diubah orang lain. Muat ulang, lalu coba lagi."""

    kind = "stale"
    code = "versi-berubah"
    english = "Somebody else changed this enrolment. Load it again, then retry."
