"""What staff are told instead when an event can't be settled as they want it."""

from uuid import UUID

from shared.cloudevents import Fault
from shared.errors import Language, Refusal
from shared.parked.reasons import why


class ParkedRefusal(Refusal):
    """Permintaan untuk kejadian tertahan ini tidak dapat dipenuhi."""

    code = "kejadian-tertahan-ditolak"
    english = "This request about a parked event cannot be fulfilled."


class NotOpen(ParkedRefusal):
    """Kejadian {parked_id} tidak ada, atau sudah selesai ditangani."""

    kind = "not_found"
    code = "kejadian-tidak-terbuka"
    english = "There is no open event {parked_id}: unknown, or already ended."


class StillBad(ParkedRefusal):
    """Kejadian {parked_id} masih ditolak: {reason}. Perbaiki lalu ulangi, atau buang."""

    kind = "unprocessable"
    code = "kejadian-masih-salah"
    english = "Event {parked_id} is still refused: {reason}. Correct and replay it, or discard it."

    def __init__(self, parked_id: UUID, fault: Fault) -> None:
        named = f"{fault.code} {fault.pointer}".strip()
        super().__init__(pointer=fault.pointer, parked_id=parked_id, reason=named)
        self._why = why(fault.code, fault.waits_for or fault.detail, fault.staff.english)

    def message(self, language: Language = "id") -> str:
        """With the sentence of who refused it."""
        return f"{super().message(language)} {self._why[language == 'en']}"


class NotFirst(ParkedRefusal):
    """Kejadian {first} dengan kunci yang sama harus diselesaikan lebih dahulu."""

    code = "kejadian-sebelumnya-belum-selesai"
    english = "Event {first} of the same key has to end first."


class ReasonMissing(ParkedRefusal):
    """Alasan wajib diisi."""

    kind = "unprocessable"
    code = "alasan-wajib"
    english = "A reason is required."


class AnotherEvent(ParkedRefusal):
    """Id, sumber dan kunci kejadian tidak dapat diubah: itu kejadian lain. Buang, lalu minta \
pengirim mengirimnya lagi."""

    kind = "unprocessable"
    code = "kejadian-lain"
    english = (
        "An event's id, source and key cannot be changed: it would be another event. Discard it "
        "and ask its sender to send it again."
    )


class NoSuchEnd(ParkedRefusal):
    """Kode {given} tidak dikenal. Pilih salah satu: {known}."""

    kind = "unprocessable"
    code = "kode-buang-tidak-dikenal"
    english = "Code {given} is not known. Choose one of: {known}."
