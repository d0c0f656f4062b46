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


class BusinessNotEligible(Refusal):
    """Usaha ini tidak layak dibina: {points}. Kepala seksi dapat mengizinkan dengan alasan."""

    kind = "conflict"
    code = "usaha-tidak-layak"
    english = "This business is not eligible: {points}. A head of section may allow it, and why."


class OverrideNotYours(Refusal):
    """Hanya kepala seksi yang dapat mengizinkan usaha yang tidak layak."""

    kind = "forbidden"
    code = "hanya-kasi"
    english = "Only a head of section may allow a business that is not eligible."


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


class ActivityNotFound(Refusal):
    """Kegiatan tidak ditemukan."""

    kind = "not_found"
    code = "kegiatan-tidak-ditemukan"
    english = "Activity not found."


class CohortNotFound(Refusal):
    """Angkatan tidak ditemukan."""

    kind = "not_found"
    code = "angkatan-tidak-ditemukan"
    english = "Cohort not found."


class CohortCertified(Refusal):
    """Angkatan ini sudah menerima sertifikat. Buka angkatan baru untuk sesi berikutnya."""

    kind = "conflict"
    code = "angkatan-sudah-bersertifikat"
    english = "This cohort has certificates already. Open a new cohort for more sessions."


class AssessmentEmpty(Refusal):
    """Isi sedikitnya satu jawaban."""

    kind = "unprocessable"
    code = "penilaian-kosong"
    english = "Give at least one answer."


class NotPresent(Refusal):
    """Hanya peserta yang tercatat hadir yang dapat menilai sesudah pelatihan."""

    kind = "conflict"
    code = "belum-tercatat-hadir"
    english = "Only somebody recorded as present can answer for what came after the training."


class TopicNotTaught(Refusal):
    """Topik {topic} tidak diajarkan di sesi ini."""

    kind = "unprocessable"
    code = "topik-tidak-diajarkan"
    english = "The topic {topic} was not taught in this session."


class TopicTwice(Refusal):
    """Satu topik cukup dinilai satu kali."""

    kind = "unprocessable"
    code = "topik-berulang"
    english = "A topic is answered for once."


class CertificateNotEarned(Refusal):
    """Sertifikat belum dapat diberikan: hadir di {attended} dari {sessions} sesi angkatan ini."""

    kind = "conflict"
    code = "sertifikat-belum-berhak"
    english = "No certificate yet: present at {attended} of this cohort's {sessions} sessions."


class NothingToEarn(Refusal):
    """Angkatan atau usaha ini tidak ditemukan."""

    kind = "not_found"
    code = "angkatan-atau-usaha-tidak-ditemukan"
    english = "There is no such cohort, or no such business."


class IssuedOutOfTime(Refusal):
    """Tanggal sertifikat, {issued_on}, harus antara sesi terakhir ({held_on}) dan hari ini."""

    kind = "unprocessable"
    code = "tanggal-sertifikat-mustahil"
    english = "The certificate's day, {issued_on}, must lie between {held_on} and today."


class AlreadyCertified(Refusal):
    """Usaha ini sudah memiliki sertifikat angkatan ini."""

    kind = "conflict"
    code = "sudah-bersertifikat"
    english = "This business already has this cohort's certificate."


class CertificateNotFound(Refusal):
    """Sertifikat tidak ditemukan."""

    kind = "not_found"
    code = "sertifikat-tidak-ditemukan"
    english = "Certificate not found."


class CertificateRevokedAlready(Refusal):
    """Sertifikat ini sudah dicabut."""

    kind = "conflict"
    code = "sertifikat-sudah-dicabut"
    english = "This certificate was already revoked."


class CertificateChanged(Refusal):
    """Sertifikat sudah diubah orang lain. Muat ulang, lalu coba lagi."""

    kind = "stale"
    code = "versi-berubah"
    english = "Somebody else changed this certificate. Load it again, then retry."
