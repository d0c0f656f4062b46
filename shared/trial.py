"""Trials: what an office sends to its trial topic ends as it would in production, without effect.

One consumer of a service reads all its trial topics. Reading, duplicates, queueing and receipts are
the mechanism's own, under this consumer's name; the rules are those of the feed's own reaction,
run in a savepoint that is rolled back. So a trial meets production as it is, not as earlier trials
would have left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.actor import Actor, service_actor
from shared.batch import Writer
from shared.cloudevents import Reader
from shared.consumers import Consumer, Ending, Reaction, Received
from shared.contracts import topics
from shared.contracts.topics import TRIAL
from shared.db import Connection, Database, Tx
from shared.parked.desks import Desk, opened
from shared.parked.drain import end_without_effect, follow

EVENTS = 100
"""In a batch: each is tried alone, and nothing of the batch is answered before its end."""
KEPT = timedelta(days=1)
"""How long a trial may wait for something, or for an earlier one of its key."""
BYTES_KEPT = 2 * KEPT
"""When nothing is left of a trial but its receipts: its topic has forgotten it by then."""
OVER = "trial_over"
CHUNK = 1_000


def is_trial(consumer: Consumer) -> bool:
    """Whether it only tries: what it has open is nobody's work."""
    return consumer.name.endswith(TRIAL)


def with_trial(service: str, consumers: tuple[Consumer, ...]) -> tuple[Consumer, ...]:
    """These consumers, and the one that reads the trials of all feeds among them, if any."""
    feeds = {
        name: consumer
        for consumer in consumers
        if isinstance(consumer, Reaction)
        for name in consumer.topics
        if topics.topic(name).from_outside
    }
    if not feeds:
        return consumers
    facts = dict.fromkeys(
        fact for reaction in feeds.values() for fact in reaction.facts if fact.TOPIC in feeds
    )
    names = tuple(name + TRIAL for name in feeds)
    return (*consumers, Reaction(service + TRIAL, names, tuple(facts), Rehearsal(feeds).react))


@dataclass(frozen=True)
class Rehearsal:
    """Sends each event to its feed's own reaction. `feeds`: by the topic that is tried."""

    feeds: Mapping[str, Reaction]

    async def react(self, tx: Tx, received: Sequence[Received]) -> list[Ending]:
        """How each event would end. Raises what the feed's reaction raises."""
        endings: list[Ending] = []
        for event in received:
            feed = event.topic.removesuffix(TRIAL)
            endings += await _rehearsed(tx, self.feeds[feed], event._replace(topic=feed))
        return endings


async def _rehearsed(tx: Tx, reaction: Reaction, event: Received) -> list[Ending]:
    """What the reaction says about one event; what it wrote and told is gone."""
    apart = replace(tx, consumer=reaction.name, told=[], _cause=None, _causes={})
    await tx.conn.execute("savepoint rehearsal")
    try:
        endings = list(await reaction.react(apart, [event]))
        # what production would find out at its COMMIT
        await tx.conn.execute("set constraints all immediate")
    finally:
        if not tx.conn.is_closed():
            await tx.conn.execute("rollback to savepoint rehearsal; release savepoint rehearsal")
    return endings


# Keys are locked by one statement and read by the next: what was seen before the lock may be over.
_OLD_KEYS = """
select topic, key from parked_key
where consumer = $1 and (topic, key) in (
    select topic, key from parked
    where consumer = $1 and ended_at is null and parked_at < $2 limit $3
)
order by topic, key for update skip locked
"""
_OLD = """
select * from parked
where consumer = $1 and ended_at is null and parked_at < $4
  and (topic, key) in (select * from unnest($2::text[], $3::text[]))
order by topic, partition, record_offset
"""
_PURGE = """
delete from parked where parked_id in (
    select parked_id from parked p where consumer = $1 and ended_at < now() - $2::interval
      and not exists (select from parked_audit a where a.parked_id = p.parked_id)
    limit $3
)
"""


async def tidy(db: Database, trials: Sequence[tuple[Writer, Reader]]) -> None:
    """End the trials of yesterday, and delete what those of the days before held."""
    for writer, reader in trials:
        async with db.pool.acquire() as conn:
            while await forget(writer, reader, conn, service_actor(db.service)):
                pass
            await _purge(writer, conn)


async def forget(writer: Writer, reader: Reader, conn: Connection, actor: Actor) -> int:
    """End a chunk of the trials that are a day old; returns how many. What is left goes on.

    Any number of workers may do this at once: a key that another one holds is left to it.
    """
    async with opened(writer, conn, actor) as tx:
        before = tx.now - KEPT
        held = await conn.fetch(_OLD_KEYS, writer.name, before, CHUNK)
        if not held:
            return 0
        names, keys = [row["topic"] for row in held], [row["key"] for row in held]
        rows = await conn.fetch(_OLD, writer.name, names, keys, before)
        desk = Desk.of(writer, reader)
        await end_without_effect(tx, desk, rows, OVER, OVER)
        await follow(tx, desk, names, keys)
    return len(rows)


async def _purge(writer: Writer, conn: Connection) -> None:
    """Delete what ended trials held, a chunk at a time: it may name people."""
    await conn.execute(_PURGE, writer.name, BYTES_KEPT, CHUNK)
