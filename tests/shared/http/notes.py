"""Routes of the tests' own: notes with a text and a kelurahan, changed one version at a time."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.db import Connection, Tx
from shared.errors import Refusal
from shared.http import (
    Answer,
    Call,
    Example,
    Page,
    Route,
    reach_anywhere,
    reach_by_answer,
    reach_by_body,
    reach_by_filter,
    reach_by_row,
)
from shared.ids import uuid7

TABLE = """
create table note (
    note_id uuid primary key, text text not null, kelurahan text not null,
    version bigint not null default 1
);
grant select, insert, update, delete on note to registry_app;
"""
ALL = frozenset({"kasi", "petugas", "fasilitator", "verifikator", "auditor", "operator"})


class NoteNotFound(Refusal):
    """Catatan ini tidak ada."""

    kind, code, english = "not_found", "catatan-tidak-ada", "There is no such note."


class NoteChanged(Refusal):
    """Catatan sudah berubah; sekarang versi {version}."""

    kind, code, english = "stale", "catatan-berubah", "The note changed; it is version {version}."


class NoteTaken(Refusal):
    """Catatan dengan isi ini sudah ada."""

    kind, code, english = "conflict", "catatan-sudah-ada", "There is such a note already."


class NoteNotYet(Refusal):
    """Catatan ini belum tersedia."""

    kind, code, english = "not_yet", "belum-tersedia", "The note isn't available yet."


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Line(Strict):
    number: Annotated[int, Field(ge=1, le=99)]
    tags: tuple[str, ...] = ()


class AddNote(Strict):
    """A note as it is added."""

    text: Annotated[str, Field(min_length=1, max_length=200)]
    kelurahan: Annotated[str, Field(pattern=r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$")]
    on: date | None = None
    at: AwareDatetime | None = None
    kind: Literal["plain", "urgent"] = "plain"
    line: Line | None = None
    wait: Annotated[int, Field(ge=0, le=5000)] = 0


class ChangeNote(Strict):
    text: str


class NoteSaved(Strict):
    note_id: UUID
    version: int


class NoteView(Strict):
    note_id: UUID
    text: str
    kelurahan: str
    version: int


class NotesView(Strict):
    items: tuple[NoteView, ...]


class NotesQuery(Page[UUID]):
    kelurahan: str | None = None


async def add_note(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        if await tx.conn.fetchval(
            "select 1 from note where text = 'taken: ' || $1", call.body.text
        ):
            raise NoteTaken(pointer="/text")
        note_id = uuid7()
        await tx.conn.execute(
            "insert into note (note_id, text, kelurahan) values ($1, $2, $3)",
            note_id,
            call.body.text,
            call.body.kelurahan,
        )
        if call.body.wait:
            await asyncio.sleep(call.body.wait / 1000)
        saved = NoteSaved(note_id=note_id, version=1)
        return Answer(body=saved, version=1, location=f"/v1/notes/{note_id}")

    return await call.write(work)


async def change_note(call: Call) -> Answer:
    async def work(tx: Tx) -> Answer:
        note_id = call.path["note_id"]
        version = await tx.conn.fetchval(
            "select version from note where note_id = $1 for update", note_id
        )
        if version is None:
            raise NoteNotFound
        if version != call.if_match:
            raise NoteChanged(version=version)
        await tx.conn.execute(
            "update note set text = $2, version = version + 1 where note_id = $1",
            note_id,
            call.body.text,
        )
        saved = NoteSaved(note_id=note_id, version=version + 1)
        return Answer(body=saved, version=version + 1)

    return await call.write(work)


async def get_note(call: Call) -> Answer:
    async def ask(conn: Connection) -> NoteView | None:
        row = await conn.fetchrow("select * from note where note_id = $1", call.path["note_id"])
        return NoteView(**row) if row else None

    view = await call.read(ask)
    if view is None:
        raise NoteNotFound
    return Answer(body=view, version=view.version)


async def list_notes(call: Call) -> Answer:
    async def ask(conn: Connection) -> list[NoteView]:
        rows = await conn.fetch(
            "select * from note where kelurahan like any($1::text[])"
            " and ($2::uuid is null or note_id < $2) order by note_id desc limit $3",
            call.actor.patterns(),
            call.query.after,
            call.query.limit + 1,
        )
        return [NoteView(**row) for row in rows]

    found = await call.read(ask)
    shown = tuple(found[: call.query.limit])
    more = shown[-1].note_id if len(found) > len(shown) else None
    return Answer(body=NotesView(items=shown), next_cursor=more)


async def leak_notes(call: Call) -> Answer:
    """Forgets the filter."""
    rows = await call.read(lambda conn: conn.fetch("select * from note"))
    return Answer(body=NotesView(items=tuple(NoteView(**row) for row in rows)))


async def not_yet(_: Call) -> Answer:
    raise NoteNotYet


async def break_down(call: Call) -> Answer:
    """Fails in SQL, with a value in Postgres' message."""

    async def work(tx: Tx) -> Answer:
        await tx.conn.execute("select ($1::text)::integer", "3674064506900001")
        raise AssertionError

    return await call.write(work)


_EXAMPLE = Example(role="kasi")
_BY_NOTE = reach_by_row("select kelurahan from note where note_id = $1", "note_id")

ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/notes",
        action=add_note,
        summary="Menambah catatan",
        english="Add a note",
        allow=frozenset({"kasi", "petugas"}),
        reach=reach_by_body("kelurahan"),
        body=AddNote,
        answer=NoteSaved,
        status=201,
        refusals=(NoteTaken,),
        example=Example(role="kasi", body={"text": "halo", "kelurahan": "36.74.06.1005"}),
    ),
    Route(
        method="GET",
        path="/v1/notes",
        action=list_notes,
        summary="Daftar catatan",
        english="List notes",
        allow=ALL,
        reach=reach_by_filter("kelurahan"),
        query=NotesQuery,
        answer=NotesView,
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path="/v1/leaked-notes",
        action=leak_notes,
        summary="Daftar tanpa saringan",
        english="A list that forgets its filter",
        allow=ALL,
        reach=reach_by_filter("kelurahan"),
        answer=NotesView,
        example=_EXAMPLE,
    ),
    Route(
        method="GET",
        path="/v1/notes/{note_id}",
        action=get_note,
        summary="Satu catatan",
        english="One note",
        allow=ALL,
        reach=reach_by_answer("kelurahan"),
        answer=NoteView,
        refusals=(NoteNotFound,),
        example=Example(role="kasi", sample="select note_id from note limit 1"),
    ),
    Route(
        method="POST",
        path="/v1/notes/{note_id}/changes",
        action=change_note,
        summary="Mengubah catatan",
        english="Change a note",
        allow=frozenset({"kasi", "petugas"}),
        reach=_BY_NOTE,
        if_match=True,
        body=ChangeNote,
        answer=NoteSaved,
        refusals=(NoteNotFound, NoteChanged),
        example=Example(
            role="kasi",
            body={"text": "baru"},
            sample="select note_id, version from note limit 1",
        ),
    ),
    Route(
        method="GET",
        path="/v1/not-yet",
        action=not_yet,
        summary="Belum tersedia",
        english="Not available yet",
        allow=ALL,
        reach=reach_anywhere("a test"),
        answer=NoteView,
        refusals=(NoteNotYet,),
        example=_EXAMPLE,
    ),
    Route(
        method="POST",
        path="/v1/breakdowns",
        action=break_down,
        summary="Gagal",
        english="Fails",
        allow=ALL,
        reach=reach_anywhere("a test"),
        answer=NoteSaved,
        example=_EXAMPLE,
    ),
)
