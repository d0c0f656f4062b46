"""What staff do with events that did not end yet: see, correct, replay, discard.

How they come to their end, alone or with what queues behind them, is in `drain.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg
from aiokafka.structs import ConsumerRecord

from shared import records
from shared.actor import Actor
from shared.batch import Writer
from shared.cloudevents import Fault, Reader
from shared.contracts.answers import DISCARDED
from shared.contracts.areas import CITY
from shared.contracts.topics import TRIAL
from shared.corrections import Correction, corrected
from shared.db import Connection, Tx
from shared.drain import Desk, Drained, drain, end_without_effect, opened
from shared.errors import Language, Refusal
from shared.reasons import why


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


class NoSuchEnd(ParkedRefusal):
    """Kode {given} tidak dikenal. Pilih salah satu: {known}."""

    kind = "unprocessable"
    code = "kode-buang-tidak-dikenal"
    english = "Code {given} is not known. Choose one of: {known}."


CHUNK = 100
HOLD_KEY = "select from parked_key where consumer = $1 and topic = $2 and key = $3 for update"
"""The lock that all who drain a key take first."""
NO_TRIAL = f"consumer not like '%{TRIAL}'"
"""What is tried out only is nobody's work."""
IN_AREAS = f"coalesce(area, '{CITY}') like any ({{}}::text[])"
"""Of what lies nobody knows where: it is for whoever works for the whole city."""

_LIST = f"""
select parked_id, consumer, topic, partition, record_offset, key, source, event_id, sequence,
       state, code, pointer, detail, parked_at, due_at, deadline, tries
from parked
where ended_at is null and (consumer = $1 or $1::text is null and {NO_TRIAL})
  and ($2::text is null or state = $2)
  and ($3::uuid is null or parked_id > $3)
order by parked_id limit $4
"""  # noqa: S608 - our own constant


async def listed(
    conn: Connection,
    *,
    consumer: str | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int = CHUNK,
) -> list[asyncpg.Record]:
    """The open events, oldest first: everything but their content. Trials by their consumer."""
    return list(await conn.fetch(_LIST, consumer, state, after, limit))


async def looked_at(
    conn: Connection, parked_id: UUID, actor: Actor, patterns: Sequence[str] = ("%",)
) -> asyncpg.Record:
    """The row of an event, open or ended, within these areas. Raises NotOpen.

    That somebody looked is written by the statement that reads: no content without it.
    """
    row = await conn.fetchrow(
        f"""
        with looked as (
            insert into parked_audit (parked_id, at, actor, act)
            select parked_id, now(), $2, 'shown' from parked
            where parked_id = $1 and {IN_AREAS.format("$3")} and {NO_TRIAL}
            returning parked_id
        )
        select p.* from looked join parked p using (parked_id)
        """,  # noqa: S608 - our own constants
        parked_id,
        actor.subject,
        patterns,
    )
    if row is None:
        raise NotOpen(parked_id=parked_id)
    return row


async def shown(writer: Writer, conn: Connection, parked_id: UUID, actor: Actor) -> ConsumerRecord:
    """The raw record of an event. That somebody looked is written down. Raises NotOpen."""
    return records.unseal(writer.keys, await looked_at(conn, parked_id, actor))


async def replay(
    writer: Writer,
    reader: Reader,
    conn: Connection,
    parked_id: UUID,
    actor: Actor,
    *,
    correction: Correction | None = None,
    reason: str = "",
) -> Drained:
    """`replay_in`, in a transaction of its own."""
    async with opened(writer, conn, actor) as tx:
        desk = Desk.of(writer, reader)
        return await replay_in(tx, desk, parked_id, correction=correction, reason=reason)


async def replay_in(
    tx: Tx, desk: Desk, parked_id: UUID, *, correction: Correction | None = None, reason: str = ""
) -> Drained:
    """Try a parked event again, corrected or as it is, and then what queues behind it.

    All or nothing: if the event is still refused, the transaction has to be rolled back, and
    StillBad says why. Raises NotOpen, NotFirst, StillBad, ReasonMissing (a correction needs a
    reason), and the refusals of `corrected`.
    """
    tx = _for(tx, desk)
    if correction is not None and not reason.strip():
        raise ReasonMissing(pointer="/reason")
    row = await _hold(tx, desk, parked_id)
    if correction is not None:
        row = await _correct(tx, desk, row, correction, reason)
    await audit(tx, [parked_id], "replayed", reason)
    drained = await drain(tx, desk, row["topic"], row["key"], pushed=parked_id)
    if parked_id not in drained.ended:
        fault = drained.fault or Fault("unexpected")
        if drained.stopped_at not in (None, parked_id):
            raise NotFirst(first=drained.stopped_at)
        raise StillBad(parked_id, fault)
    return drained


async def discard(
    writer: Writer,
    reader: Reader,
    conn: Connection,
    parked_id: UUID,
    actor: Actor,
    reason: str,
    code: str = "other",
) -> Drained:
    """`discard_in`, in a transaction of its own."""
    async with opened(writer, conn, actor) as tx:
        return await discard_in(tx, Desk.of(writer, reader), parked_id, reason, code)


async def discard_in(
    tx: Tx, desk: Desk, parked_id: UUID, reason: str, code: str = "other"
) -> Drained:
    """End an event without effect, for a reason, and let what queues behind it follow.

    `code` is what its sender is told (DISCARDED); `reason` stays here.
    Raises NotOpen, ReasonMissing, NoSuchEnd.
    """
    tx = _for(tx, desk)
    check_end(reason, code)
    row = await _hold(tx, desk, parked_id)
    await audit(tx, [parked_id], "discarded", reason)
    await end_without_effect(tx, desk, [row], reason, code)
    return await drain(tx, desk, row["topic"], row["key"])


def check_end(reason: str, code: str) -> None:
    """Raises ReasonMissing, NoSuchEnd."""
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    if code not in DISCARDED:
        raise NoSuchEnd(pointer="/code", given=code, known=", ".join(DISCARDED))


def _for(tx: Tx, desk: Desk) -> Tx:
    """The same transaction as the consumer's own: what it tells has ids that derive from it."""
    return replace(tx, consumer=desk.name)


async def _hold(tx: Tx, desk: Desk, parked_id: UUID) -> asyncpg.Record:
    """Lock the event's key (or the event, if it has none), then read it as it is now."""
    find = "select * from parked where parked_id = $1 and consumer = $2 and ended_at is null"
    row = await tx.conn.fetchrow(find, parked_id, desk.name)
    if row is None:
        raise NotOpen(parked_id=parked_id)
    await tx.conn.fetchrow(HOLD_KEY, desk.name, row["topic"], row["key"])
    row = await tx.conn.fetchrow(f"{find} for update", parked_id, desk.name)
    if row is None:
        raise NotOpen(parked_id=parked_id)
    return row


async def _correct(
    tx: Tx, desk: Desk, row: asyncpg.Record, correction: Correction, reason: str
) -> asyncpg.Record:
    """Store the corrected record in place of what came. The digest stays that of what came."""
    came = records.unseal(desk.keys, row)
    content = corrected(came, correction)
    headers = list(content.headers.items())
    record = records.made(row, content.key, content.value, headers, came.timestamp)
    for pointer in correction.pointers():
        await audit(tx, [row["parked_id"]], "corrected", reason, pointer)
    return await tx.conn.fetchrow(
        "update parked set record = $2 where parked_id = $1 returning *",
        row["parked_id"],
        records.seal(desk.keys, record),
    )


async def audit(
    tx: Tx, parked_ids: Sequence[UUID], act: str, reason: str, pointer: str = ""
) -> None:
    """Write down who did what to these events, and to which field."""
    await tx.conn.execute(
        """
        insert into parked_audit (parked_id, at, actor, act, reason, pointer)
        select parked_id, $2, $3, $4, $5, $6 from unnest($1::uuid[]) as parked_id
        """,
        parked_ids,
        tx.now,
        tx.actor.subject,
        act,
        reason,
        pointer,
    )
