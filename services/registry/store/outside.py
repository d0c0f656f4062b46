"""Papers, trainings and deciles that other offices report.

A row is written by its newest report; the statement says which reports were newer, and the version
that each has now: one writer at a time, since a new row or its lock stands in the second one's way.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.registry.domain.outside import Licence, Report, Training
from shared.db import Connection, Tx

Reference = tuple[str, str]
"""An office's source, and its own reference."""


async def known_licences(
    conn: Connection, references: Sequence[Reference]
) -> dict[Reference, UUID]:
    """The business that each of these references is about, where it was heard of."""
    rows = await conn.fetch(
        """
        select source, licence_ref, business_id from licence
        where (source, licence_ref) in (select * from unnest($1::text[], $2::text[]))
        """,
        [source for source, _ in references],
        [ref for _, ref in references],
    )
    return {(row["source"], row["licence_ref"]): row["business_id"] for row in rows}


async def save_licences(tx: Tx, told: Sequence[Licence]) -> dict[UUID, int]:
    """The versions of the papers about which something new was told. One row for each report.

    Which report a paper stands by is its office's sequence, whatever the order of their coming.
    """
    columns = sorted(told, key=lambda paper: (paper.id, paper.heard))
    rows = await tx.conn.fetch(
        """
        with told as (
            select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[],
                $6::text[], $7::text[], $8::text[], $9::text[], $10::date[], $11::date[],
                $12::bigint[])
                as n (licence_id, source, licence_ref, business_id, by_office, kind, status,
                      number, product, since, valid_until, heard)
        ), kept as (
            -- what the previous release still heard beside us, without a report of its own
            insert into licence_report (source, licence_ref, sequence, status, since, valid_until,
                                        recorded_at)
            select source, licence_ref, heard, status, since, valid_until, recorded_at
            from licence where licence_id = any($1::uuid[])
            on conflict do nothing
        ), fresh as (
            insert into licence_report (source, licence_ref, sequence, status, since, valid_until,
                                        recorded_at)
            select source, licence_ref, heard, status, since, valid_until, $13 from told
            on conflict do nothing
            returning source, licence_ref, sequence
        ), newest as (
            select distinct on (licence_id) told.* from told
            join fresh f on (f.source, f.licence_ref, f.sequence)
                          = (told.source, told.licence_ref, told.heard)
            order by licence_id, heard desc
        )
        insert into licence as l (licence_id, source, licence_ref, business_id, by_office, kind,
                                  status, number, product, since, valid_until, heard, version,
                                  recorded_at)
        select n.*, 1, $13 from newest n
        on conflict (licence_id) do update
        set (status, number, product, since, valid_until, heard, recorded_at) = (
                select w.status, w.number, w.product, w.since, w.valid_until, w.heard, w.recorded_at
                from (values
                    (l.status, l.number, l.product, l.since, l.valid_until, l.heard,
                     l.recorded_at),
                    (excluded.status, excluded.number, excluded.product, excluded.since,
                     excluded.valid_until, excluded.heard, excluded.recorded_at)
                ) as w (status, number, product, since, valid_until, heard, recorded_at)
                order by w.heard desc limit 1
            ),
            version = l.version + 1
        returning licence_id as id, version
        """,
        *_columns(columns, "id", "source", "licence_ref", "business_id", "by_office", "kind",
                  "status", "number", "product", "since", "valid_until", "heard"),
        tx.now,
    )  # fmt: skip
    return {row["id"]: row["version"] for row in rows}


async def reports(conn: Connection, ids: Sequence[UUID], most: int) -> dict[UUID, list[Report]]:
    """The newest reports of (locked) papers, `most` of each, in their office's order."""
    rows = await conn.fetch(
        """
        select licence_id, r.* from licence l cross join lateral (
            select sequence, status, since, valid_until from licence_report r
            where (r.source, r.licence_ref) = (l.source, l.licence_ref)
            order by sequence desc limit $2
        ) r where licence_id = any($1::uuid[]) order by licence_id, sequence
        """,
        ids,
        most,
    )
    found: dict[UUID, list[Report]] = defaultdict(list)
    for row in rows:
        found[row["licence_id"]].append(Report(row["status"], row["since"], row["valid_until"]))
    return found


async def save_trainings(tx: Tx, told: Sequence[Training]) -> dict[UUID, int]:
    """The versions of the trainings that a report changed. `told`: one for each."""
    columns = sorted(told, key=lambda training: training.id)
    rows = await tx.conn.fetch(
        """
        insert into outside_training as t (outside_training_id, source, participation_ref,
                                           person_id, by_office, title, topics, began_on,
                                           ended_on, hours, kelurahan, heard, version, recorded_at)
        select id, source, ref, person_id, by_office, title, string_to_array(topics, ' '),
               began_on, ended_on, hours, kelurahan, heard, 1, $13
        from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[],
                    $7::text[], $8::date[], $9::date[], $10::numeric[], $11::text[], $12::bigint[])
            as n (id, source, ref, person_id, by_office, title, topics, began_on, ended_on, hours,
                  kelurahan, heard)
        on conflict (outside_training_id) do update
        set person_id = excluded.person_id, title = excluded.title, topics = excluded.topics,
            began_on = excluded.began_on, ended_on = excluded.ended_on, hours = excluded.hours,
            kelurahan = excluded.kelurahan, heard = excluded.heard, version = t.version + 1,
            recorded_at = excluded.recorded_at
        where t.heard < excluded.heard
        returning outside_training_id as id, version
        """,
        *_columns(columns, "id", "source", "participation_ref", "person_id", "by_office", "title"),
        [" ".join(training.topics) for training in columns],
        *_columns(columns, "began_on", "ended_on", "hours", "kelurahan", "heard"),
        tx.now,
    )
    return {row["id"]: row["version"] for row in rows}


async def add_deciles(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> None:
    """Deciles of persons' households: (source, family_ref, sequence, person_id, decile, as_of).

    Never changed: the same report under another id is there already.
    """
    await tx.conn.execute(
        """
        insert into decile (source, family_ref, sequence, household_id, decile, as_of, recorded_at)
        select n.source, n.family_ref, n.sequence, p.household_id, n.decile, n.as_of, $7
        from unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[], $5::smallint[], $6::date[])
            as n (source, family_ref, sequence, person_id, decile, as_of)
        join person p using (person_id)
        on conflict do nothing
        """,
        *([row[i] for row in rows] for i in range(6)),
        tx.now,
    )


def _columns(rows: Sequence[object], *names: str) -> list[list[Any]]:
    return [[getattr(row, name) for row in rows] for name in names]
