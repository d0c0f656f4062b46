"""A fact that is told in two versions of its contract: one change, in order, applied once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from operator import attrgetter
from uuid import UUID

from shared.actor import service_actor
from shared.contracts.fact import Fact
from shared.db import Origin, transaction
from shared.relay import resend
from tests.shared.mechanism.ground import Ground, all_done, header, until
from tests.shared.mechanism.things import Thing, projection, reaction, thing_id, told_on

VERSIONS = range(1, 6)
NEWER = Thing.TYPE.replace(".v1", ".v2")


class Weighed(Fact):
    """The thing with its number under another name."""

    TYPE, TOPIC, KEY = NEWER, "", "thing_id"

    thing_id: UUID
    count: int

    def earlier(self) -> Fact | None:
        return told_on(self.TOPIC)(
            occurred_on=self.occurred_on, thing_id=self.thing_id, n=-self.count
        )


async def tell(ground: Ground, topic: str) -> None:
    fact = type("Weighed", (Weighed,), {"TOPIC": topic, "__doc__": Weighed.__doc__})
    async with transaction(ground.db, Origin(service_actor(ground.service), "c")) as tx:
        for name in ("a", "b"):
            for version in VERSIONS:
                told = fact(occurred_on=date(2026, 5, 1), thing_id=thing_id(name), count=version)
                tx.emit(told, key=thing_id(name), version=version)


async def test_who_reads_one_version_takes_each_change_once_and_who_reads_both_the_newer(
    ground: Ground,
) -> None:
    topic = ground.topic()
    told = 2 * 2 * len(VERSIONS)
    older = reaction(ground.service, topic)
    both = replace(
        projection(ground.service, topic),
        facts=(Weighed, Thing),
        columns={
            "thing_id": attrgetter("fact.thing_id"),
            "n": lambda e: getattr(e.fact, "count", None) or getattr(e.fact, "n", None),
        },
    )
    async with ground.relaying(), ground.consuming(older), ground.consuming(both) as projected:
        await tell(ground, topic)
        await until(lambda: all_done(ground, older.name, [told]))
        async with ground.pool.acquire() as conn:  # as if the broker had lost everything
            assert await resend(conn, timedelta(minutes=10)) == told
            await conn.execute("select pg_notify($1, '')", f"{ground.service}_outbox")
        await until(lambda: all_done(ground, older.name, [2 * told]))
        await until(lambda: all_done(ground, projected.writer.name, [2 * told]))
    records = await ground.on_topic(topic)
    for name in ("a", "b"):
        for times in (records[:told], records[told:]):
            lies = [
                (int(header(r, "ce_sequence")), header(r, "ce_type"))
                for r in times
                if r.key == str(thing_id(name)).encode()
            ]
            assert lies == [(v, form) for v in VERSIONS for form in (NEWER, Thing.TYPE)]
    key = str(thing_id("a"))
    assert [v for k, v in await ground.effects() if k == key] == list(VERSIONS)
    rows = await ground.rows("select n, version from thing")
    assert [tuple(row) for row in rows] == [(5, 5), (5, 5)]
