"""What offices say about the businesses that they guide, and the coverage that follows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.registry.domain.business import Business
from services.registry.domain.guidance import Guidance
from services.registry.domain.observations import Coverage
from shared.db import Connection, Tx

Reference = tuple[str, str]
"""An office's source, and its own reference of what it does for a business."""


class Answered(NamedTuple):
    """A business with the coverage that its newest version is about."""

    business: Business
    coverage: Coverage


async def known(conn: Connection, references: Iterable[Reference]) -> dict[Reference, UUID]:
    """The business that each of these references stands for, where it was heard of."""
    asked = sorted(set(references))
    rows = await conn.fetch(
        """
        select source, guidance_ref, business_id from guidance
        where (source, guidance_ref) in (select * from unnest($1::text[], $2::text[]))
        """,
        [source for source, _ in asked],
        [ref for _, ref in asked],
    )
    return {(row["source"], row["guidance_ref"]): row["business_id"] for row in rows}


async def of_businesses(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, list[Guidance]]:
    """All offices' words about these (locked) businesses."""
    rows = await conn.fetch(
        """
        select source, guidance_ref, business_id, by_office, guided, since, heard
        from guidance where business_id = any($1::uuid[])
        """,
        list(ids),
    )
    found: dict[UUID, list[Guidance]] = defaultdict(list)
    for row in rows:
        found[row["business_id"]].append(Guidance(**row))
    return found


async def add_reports(tx: Tx, told: Sequence[Guidance]) -> None:
    """Keep each report, with `heard` as its sequence; one that is there already stays as it is."""
    await tx.conn.execute(
        """
        with told as (
            select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::boolean[],
                                 $6::date[], $7::bigint[])
                as t (source, guidance_ref, business_id, by_office, guided, since, heard)
        ), kept as (
            -- what the previous release still heard beside us, without a report of its own
            select g.source, g.guidance_ref, g.business_id, g.by_office, g.guided, g.since, g.heard
            from guidance g where (g.source, g.guidance_ref) in (
                select source, guidance_ref from told)
        )
        insert into guidance_report (source, guidance_ref, business_id, by_office, guided, since,
                                     sequence, recorded_at)
        select r.*, $8 from (select * from kept union all select * from told) as r
        order by source, guidance_ref, heard
        on conflict do nothing
        """,
        *_columns(told),
        tx.now,
    )


async def save(conn: Connection, words: Sequence[Guidance]) -> None:
    """The offices' newest words. The caller has locked their businesses."""
    await conn.execute(
        """
        insert into guidance (source, guidance_ref, business_id, by_office, guided, since, heard)
        select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::boolean[],
                             $6::date[], $7::bigint[])
        on conflict (source, guidance_ref) do update
        set guided = excluded.guided, since = excluded.since, heard = excluded.heard
        """,
        *_columns(words),
    )


async def save_answers(tx: Tx, answers: Sequence[Answered]) -> None:
    """Each answer as a new row of coverage under its business's version, which is the newest."""
    newest = {answer.business.id: answer.business.version for answer in answers}
    await tx.conn.execute(
        """
        with saved as (
            update business b set version = n.version
            from unnest($1::uuid[], $2::bigint[]) as n (business_id, version)
            where b.business_id = n.business_id
        )
        insert into coverage (business_id, version, guided, by_office, answered_on, source,
                              recorded_at, recorded_by)
        select c.*, $9, $10 from unnest($3::uuid[], $4::bigint[], $5::text[], $6::text[],
                                        $7::date[], $8::text[]) as c
        """,
        list(newest),
        list(newest.values()),
        [a.business.id for a in answers],
        [a.business.version for a in answers],
        [a.coverage.guided.value for a in answers],
        [a.coverage.by_office for a in answers],
        [a.coverage.answered_on for a in answers],
        [a.coverage.source.value for a in answers],
        tx.now,
        tx.actor.subject,
    )


def _columns(words: Sequence[Guidance]) -> list[list[Any]]:
    names = ("source", "guidance_ref", "business_id", "by_office", "guided", "since", "heard")
    return [[getattr(word, name) for word in words] for name in names]
