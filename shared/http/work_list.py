"""Routes of the work list: what did not end, why, and how staff settle it.

They are the mechanism's, beside those about offices, and go through the very code of the command
line (`shared/parked/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.contracts import topics
from shared.contracts.areas import CITY
from shared.contracts.office_names import topics_of
from shared.db import Connection, Tx
from shared.http.parked_bodies import (
    DiscardMany,
    DiscardParked,
    GroupsQuery,
    ParkedQuery,
    ReplayParked,
    Settled,
    SettledMany,
)
from shared.http.parked_views import (
    ParkedContent,
    ParkedEvent,
    ParkedEvents,
    ParkedGroups,
    content_of,
    event_of,
    group_of,
)
from shared.http.types import (
    Answer,
    Call,
    Example,
    Route,
    reach_anywhere,
    reach_by_filter,
    reach_by_row,
)
from shared.parked import audit, work_list
from shared.parked.corrections import ContentNotJson, NotText, PointerMissing
from shared.parked.desks import Desks
from shared.parked.discards import Kind, discard_in, discard_many
from shared.parked.drain import Drained
from shared.parked.fields import FieldUnknown
from shared.parked.records import unseal
from shared.parked.refusals import NotFirst, NotOpen, ReasonMissing, StillBad
from shared.parked.replays import replay_in
from shared.parked.work_list import NO_TRIAL, Wanted

_SETTLERS = frozenset({"kasi", "verifikator"})
_READERS = _SETTLERS | {"auditor"}
_WATCHERS = _READERS | {"operator"}
_OWN_AREA = "Only events that lie in the caller's areas are counted, or ended."
_ITS_AREA = reach_by_row(
    f"select coalesce(area, '{CITY}') from parked where parked_id = $1",  # noqa: S608 - ours
    "parked_id",
)
_FIRST = f"""
select parked_id from parked where ended_at is null and state = 'parked' and {NO_TRIAL}
order by parked_id limit 1
"""  # noqa: S608 - our own constant, as below
_WITH_A_REMEDY = f"""
select parked_id,
       coalesce(suggestions -> 0 ->> 'pointer' || '/code', pointer) as pointer,
       coalesce(suggestions -> 0 -> 'value' ->> 'code', 'Asia/Jakarta') as value
from parked
where ended_at is null and state = 'parked' and {NO_TRIAL}
  and (suggestions -> 0 -> 'value' ->> 'code' is not null or code = 'zona-waktu-tidak-dikenal')
order by parked_id limit 1
"""  # noqa: S608


def work_list_routes(desks: Desks) -> tuple[Route, ...]:
    """The routes of a service.

    Where no office's events are read, what is parked is a bug of ours and for operators on the
    command line: staff see that it is there.
    """
    listing = (_page(), _groups())
    if not any(topics.topic(name).from_outside for name in desks.topics):
        return listing
    return (*listing, _content(desks), _replay(desks), _discard(desks), _discard_many(desks))


def _page() -> Route:
    async def get_parked(call: Call) -> Answer:
        query: ParkedQuery = call.query
        wanted = _wanted(call, query, source=query.source, code=query.code, area=query.area)
        found = await call.read(lambda conn: work_list.page(conn, wanted, query.after, query.most))
        shown, more = query.cut(found, lambda row: row["parked_id"])
        items = tuple(ParkedEvent(**event_of(row, call.language)) for row in shown)
        return Answer(body=ParkedEvents(items=items), next_cursor=more)

    return Route(
        method="GET",
        path="/v1/parked",
        action=get_parked,
        summary="Daftar kerja: kejadian yang belum selesai, dengan alasan dan saran",
        english="The work list: events that did not end yet, with reason and suggestions",
        allow=_WATCHERS,
        reach=reach_by_filter("area"),
        query=ParkedQuery,
        answer=ParkedEvents,
        example=Example(role="verifikator", query={"state": "parked", "limit": "5"}),
    )


def _groups() -> Route:
    async def get_groups(call: Call) -> Answer:
        wanted = _wanted(call, call.query)
        found = await call.read(lambda conn: work_list.groups(conn, wanted))
        return Answer(body=ParkedGroups(items=tuple(group_of(row) for row in found)))

    return Route(
        method="GET",
        path="/v1/parked/groups",
        action=get_groups,
        summary="Berapa kejadian yang belum selesai, per topik, kode, dan keadaan",
        english="How many events did not end yet, by topic, code and state",
        allow=_WATCHERS,
        reach=reach_anywhere(_OWN_AREA),
        query=GroupsQuery,
        answer=ParkedGroups,
        example=Example(role="kasi"),
    )


def _content(desks: Desks) -> Route:
    async def get_content(call: Call) -> Answer:
        parked_id = call.path["parked_id"]

        async def ask(conn: Connection) -> ParkedContent:
            row = await work_list.looked_at(conn, parked_id, call.actor, call.actor.patterns())
            behind = await work_list.queued(conn, parked_id)
            history = await audit.history(conn, parked_id)
            record = unseal(desks.keys, row)
            return content_of({**row, "behind": behind}, record, history, call.language)

        return Answer(body=await call.read(ask))

    return Route(
        method="GET",
        path="/v1/parked/{parked_id}",
        action=get_content,
        summary="Satu kejadian dengan isinya; bahwa Anda melihatnya dicatat",
        english="One event with its content; that you looked is written down",
        allow=_READERS,
        reach=_ITS_AREA,
        answer=ParkedContent,
        refusals=(NotOpen,),
        example=Example(role="verifikator", sample=_FIRST),
    )


def _replay(desks: Desks) -> Route:
    async def post_replay(call: Call) -> Answer:
        parked_id, body = call.path["parked_id"], call.body

        async def work(tx: Tx) -> Answer:
            desk = await desks.of(tx.conn, parked_id)
            drained = await replay_in(
                tx, desk, parked_id, correction=body.correction(), reason=body.reason
            )
            return Answer(body=_settled(parked_id, drained))

        return await call.write(work)

    return Route(
        method="POST",
        path="/v1/parked/{parked_id}/replay",
        action=post_replay,
        summary="Mencoba kejadian sekali lagi, apa adanya atau diperbaiki per isian",
        english="Try an event once more, as it is or with fields corrected",
        allow=_SETTLERS,
        reach=_ITS_AREA,
        body=ReplayParked,
        answer=Settled,
        refusals=(
            NotOpen,
            NotFirst,
            StillBad,
            ReasonMissing,
            PointerMissing,
            FieldUnknown,
            ContentNotJson,
            NotText,
        ),
        example=Example(
            role="verifikator",
            body={
                "changes": [{"pointer": "{pointer}", "value": "{value}"}],
                "reason": "Sudah dipastikan lewat telepon dengan dinas pengirim",
            },
            sample=_WITH_A_REMEDY,
        ),
    )


def _discard(desks: Desks) -> Route:
    async def post_discard(call: Call) -> Answer:
        parked_id, body = call.path["parked_id"], call.body

        async def work(tx: Tx) -> Answer:
            desk = await desks.of(tx.conn, parked_id)
            drained = await discard_in(tx, desk, parked_id, body.reason, body.code)
            ended = (parked_id, *drained.ended)
            return Answer(body=_settled(parked_id, drained, ended))

        return await call.write(work)

    return Route(
        method="POST",
        path="/v1/parked/{parked_id}/discard",
        action=post_discard,
        summary="Membuang kejadian tanpa akibat, dengan alasan",
        english="End an event without effect, for a reason",
        allow=_SETTLERS,
        reach=_ITS_AREA,
        body=DiscardParked,
        answer=Settled,
        refusals=(NotOpen, ReasonMissing),
        example=Example(
            role="verifikator",
            body={"code": "outdated", "reason": "Dinas pengirim sudah mengirim yang lebih baru"},
            sample=_FIRST,
        ),
    )


def _discard_many(desks: Desks) -> Route:
    async def post_discard_many(call: Call) -> Answer:
        body: DiscardMany = call.body
        kind = Kind(body.topic, body.of_code, call.actor.patterns())

        async def work(tx: Tx) -> Answer:
            told = await discard_many(
                tx, desks, kind, reason=body.reason, code=body.code, limit=body.limit
            )
            return Answer(
                body=SettledMany(discarded=told.events, followed=told.followed, left=told.left)
            )

        return await call.write(work)

    return Route(
        method="POST",
        path="/v1/parked/discard",
        action=post_discard_many,
        summary="Membuang banyak kejadian sejenis sekaligus, dengan satu alasan",
        english="End many events of one kind without effect, for one reason",
        allow=_SETTLERS,
        reach=reach_anywhere(_OWN_AREA),
        body=DiscardMany,
        answer=SettledMany,
        refusals=(ReasonMissing,),
        example=Example(
            role="kasi",
            body={
                "topic": "office.36.74-dukcapil.resident",
                "of_code": "waited_too_long",
                "code": "not_ours",
                "reason": "Bukan peserta program",
                "limit": 100,
            },
        ),
    )


def _wanted(
    call: Call,
    query: ParkedQuery | GroupsQuery,
    *,
    source: str | None = None,
    code: str | None = None,
    area: str | None = None,
) -> Wanted:
    """What a query asks for, within the caller's areas."""
    named = None if query.topic is None else {query.topic}
    if query.office is not None:
        theirs = set(topics_of(query.office))
        named = theirs if named is None else named & theirs
    return Wanted(
        areas=call.actor.patterns(),
        state=query.state,
        topics=None if named is None else sorted(named),
        source=source,
        code=code,
        area=area,
    )


def _settled(parked_id: UUID, drained: Drained, ended: Sequence[UUID] | None = None) -> Settled:
    return Settled(
        parked_id=parked_id,
        ended=tuple(drained.ended if ended is None else ended),
        stopped_at=drained.stopped_at,
    )
