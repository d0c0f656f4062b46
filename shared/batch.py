"""One batch, to its end: every event of it done, parked, waiting or behind, in one transaction.

A batch that fails because of one event is halved until that event stands alone; the others are
done meanwhile. Nothing counts before COMMIT.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared import inbox, receipts
from shared.actor import service_actor
from shared.cloudevents import BEHIND, Fault, Item
from shared.consumers import Ending, ForStaff, Projection, Reaction, Received, Waiting
from shared.db import Connection, Database, Origin, Tx, alongside, transaction
from shared.errors import Refusal
from shared.inbox import ID_REUSED, REUSED, Place, Seen
from shared.logs import log
from shared.privacy import Keys
from shared.trouble import meaning_of

TRIES = 3
UNEXPECTED_IN_A_ROW = 20
"""So many events in a row that failed for no reason we know: it is us, not them."""


Endings = dict[tuple[str, str], Fault]
"""By (event id, source): how a reaction said that an event ends, where it isn't done."""


class Fenced(Exception):
    """The position in the database is not where this process left it."""


class Stopped(Exception):
    """A topic must not be read further until somebody has looked. `reason` is a code."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(reason)
        self.topic, self.reason = topic, reason


class _Again(Exception):
    """Some events were found to be not done; the batch runs again without them."""


@dataclass
class Writer:
    """What a consumer's batches are written with. `name` carries a projection's generation."""

    db: Database
    consumer: Reaction | Projection
    name: str
    keys: Keys
    table: inbox.Table | None = None
    waits: timedelta = inbox.DEADLINE
    """How long an event waits for what it is about, before it goes to staff."""
    positions: dict[Place, int] = field(default_factory=dict)
    unexpected_in_a_row: int = 0
    moved_at: float = field(default_factory=time.monotonic)
    """When something was last committed."""

    async def end(self, conn: Connection, items: Sequence[Item]) -> None:
        """Bring all items to an end, in order; each item's `ended` says which.

        Raises Fenced, Stopped, or the error itself when the world is down: what was committed
        until then is in `positions`, so the caller drops it by `left` and comes again.
        """
        for part in without_reuse(items):
            await self._end(conn, part)

    async def _end(self, conn: Connection, items: Sequence[Item]) -> None:
        tries = 0
        while True:
            try:
                await self._write(conn, items)
                return
            except Exception as error:  # noqa: BLE001 - sorted by meaning, never swallowed
                tries += 1
                if await self._after(error, items, tries, conn):
                    return

    @property
    def rows(self) -> inbox.Table:
        """The projection's table. Raises TypeError before a generation is known."""
        if self.table is None:
            raise TypeError(f"{self.name} has no generation yet")
        return self.table

    def left(self, items: Sequence[Item]) -> list[Item]:
        """The items that are still to be done."""
        return [i for i in items if i.offset >= self.positions.get((i.topic, i.partition), 0)]

    async def _after(
        self, error: Exception, items: Sequence[Item], tries: int, conn: Connection
    ) -> bool:
        """Decide what an error asks for; True when the items are at their end."""
        meaning = meaning_of(error)
        if meaning == "down" or conn.is_closed():
            raise error
        if meaning == "fenced":
            raise Fenced from error
        if meaning == "bug":
            log.error("our_sql_is_wrong", consumer=self.name, exc_info=error)
            raise Stopped(items[0].topic, "bug") from error
        if meaning == "again":
            await asyncio.sleep(random.uniform(0, min(0.05 * tries, 1)))
            return False
        if len(items) > 1:
            middle = len(items) // 2
            await self._end(conn, items[:middle])
            await self._end(conn, items[middle:])
            return True
        if meaning != "bad" and tries < TRIES:
            await asyncio.sleep(0.05 * tries)
            return False
        self._blame(items[0], error, meaning == "unexpected")
        return False

    def _blame(self, item: Item, error: Exception, unexpected: bool) -> None:
        """Write down why an event that stands alone can't be done, without any value of it."""
        found = fault_of(error, item)
        if item.fault is not None and (found is not REUSED or item.fault is REUSED):
            raise Stopped(item.topic, "cannot_park") from error  # it couldn't even be put aside
        item.fault = found
        log.warning(
            "event_failed", consumer=self.name, event_id=item.event_id, code=item.fault.code,
            **({"exc_info": error} if unexpected else {}),
        )  # fmt: skip
        self.unexpected_in_a_row = self.unexpected_in_a_row + 1 if unexpected else 0
        if self.unexpected_in_a_row > UNEXPECTED_IN_A_ROW:
            raise Stopped(item.topic, "unexpected_errors") from error

    async def _write(self, conn: Connection, items: Sequence[Item]) -> None:
        steps = inbox.moves(items, self.positions)
        match self.consumer:
            case Projection():
                await self._project(conn, steps, items)
            case Reaction() as reaction:
                await self._react(reaction, conn, steps, items)
        for step in steps:
            self.positions[step.topic, step.partition] = step.new
        self.moved_at = time.monotonic()
        if any(item.ended == "done" for item in items):
            self.unexpected_in_a_row = 0

    async def _project(
        self, conn: Connection, steps: Sequence[inbox.Move], items: Sequence[Item]
    ) -> None:
        table = self.rows
        if not any(item.fault for item in items):
            # One autocommit statement: it is the transaction, and leaves the loop free meanwhile.
            seen = await table.write(conn, self.name, steps, items)
            sort(items, seen, hold_keys=False)
            return
        async with conn.transaction():
            seen = await table.write(conn, self.name, steps, items)
            sorted_ = sort(items, seen, hold_keys=False)
            aside = await self._put_aside(sorted_, datetime.now(UTC), hold_keys=False)
            await inbox.park(conn, aside)

    async def _react(
        self,
        reaction: Reaction,
        conn: Connection,
        steps: Sequence[inbox.Move],
        items: Sequence[Item],
    ) -> None:
        endings: Endings = {}
        while True:
            try:
                async with transaction(
                    self.db, _origin(self.db), conn=conn, consumer=self.name
                ) as tx:
                    seen = await inbox.see(conn, self.name, steps, items)
                    sorted_ = sort(items, seen, hold_keys=True, endings=endings)
                    if sorted_.todo:
                        found = list(await reaction.react(tx, sorted_.todo))
                        sorted_ = _after(found, endings, items, seen, sorted_)
                    await self._say_ends(tx, sorted_, receipts.of_items(items))
                return
            except _Again:
                continue

    async def _say_ends(self, tx: Tx, sorted_: "Sorted", ended: Sequence[receipts.Ended]) -> None:
        """Give the receipts, and put aside what isn't done: what can go on side by side does."""
        if not ended and not sorted_.aside:
            return
        kept, aside = await alongside(
            receipts.keep(tx, ended), self._put_aside(sorted_, tx.now, hold_keys=True)
        )
        await alongside(inbox.park(tx.conn, aside), receipts.tell(tx, ended, kept))

    async def _put_aside(self, sorted_: "Sorted", now: datetime, *, hold_keys: bool) -> inbox.Aside:
        return await inbox.put_aside(
            self.keys, self.name, sorted_.aside, now, hold_keys=hold_keys, waits=self.waits
        )


@dataclass
class Sorted:
    """A batch after the inbox was asked: what is to be done, and what is put aside and why."""

    todo: list[Received] = field(default_factory=list)
    aside: list[tuple[Item, Fault]] = field(default_factory=list)


def sort(
    items: Sequence[Item],
    seen: Seen,
    *,
    hold_keys: bool,
    endings: Endings | None = None,
) -> Sorted:
    """Sort a batch, and note on each item how it ends if this transaction commits.

    With `hold_keys`, nothing of a key passes an event of it that is put aside.
    """
    sorted_, held = Sorted(), dict.fromkeys(seen.held, "")  # by key, the area of what holds it
    met: set[tuple[str | None, str | None]] = set()
    for item in items:
        if item.ignored:
            item.ended = "ignored"
            continue
        identity = (item.event_id, item.source)
        repeated = item.fault is not REUSED and item.event_id is not None and identity in met
        met.add(identity)
        if repeated or not seen.is_new(item):
            item.ended = "duplicate"
            continue
        key = None if item.key is None else (item.topic, item.key)
        fault = item.fault
        if fault is None and hold_keys and key in held:
            # Whatever its own end would be: not how batches are cut decides.
            fault = Fault(BEHIND, staff=ForStaff(area=held[key]))
        fault = fault or (endings or {}).get((item.event_id or "", item.source or ""))
        if fault is not None and fault.code == REUSED.code and item.receipts:
            fault = replace(fault, final=True)
        item.why = fault
        if fault is not None:
            item.ended = fault.state
            sorted_.aside.append((item, fault))
            if key is not None and not fault.final:
                held.setdefault(key, fault.staff.area)
        elif item.event is not None:
            item.ended = "done"
            sorted_.todo.append(item.event)
    return sorted_


def without_reuse(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    """The batch in parts in which no id stands for two contents.

    The inbox says which of them has the id: perhaps the later one, from a batch before.
    """
    met: dict[tuple[str, str], bytes] = {}
    start = 0
    for n, item in enumerate(items):
        if item.event_id and item.source and not item.ignored:
            name = item.event_id, item.source
            if met.setdefault(name, item.digest) != item.digest:
                yield items[start:n]
                start, met = n, {name: item.digest}
    yield items[start:]


def fault_of(error: Exception, item: Item) -> Fault:
    """The fault that an error of an event standing alone amounts to."""
    if isinstance(error, Refusal):
        if error.kind == "not_yet":
            return Fault(error.code, error.pointer, waits_for=f"{item.topic} {error.code}")
        said = ForStaff(english=error.message("en"))
        return Fault(error.code, error.pointer, error.message(), staff=said)
    state = getattr(error, "sqlstate", None)
    if state == ID_REUSED:
        return REUSED
    if state:
        constraint = getattr(error, "constraint_name", None) or ""
        return Fault("database", "", f"{state} {constraint}".strip())
    return Fault("unexpected", "", type(error).__name__)


def fault_in(ending: Ending) -> Fault:
    """The fault that an ending amounts to."""
    if isinstance(ending, Waiting):
        return Fault("waiting", waits_for=ending.for_, staff=ending.staff)
    return Fault(ending.code, ending.pointer, ending.detail, staff=ending.staff)


def _after(
    found: Sequence[Ending], endings: Endings, items: Sequence[Item], seen: Seen, before: Sorted
) -> Sorted:
    """The batch sorted with what the reaction found. Raises _Again when it has to run again.

    It needn't when events only wait and nothing follows them in their keys: an event that waits
    has had no effect. A civil registry's batch is mostly such, and would be done twice.
    """
    known = len(endings)
    for ending in found:
        endings[ending.event.id, ending.event.source] = fault_in(ending)
    learned = len(endings) - known
    if not learned:
        return before
    after = sort(items, seen, hold_keys=True, endings=endings)
    wait = all(isinstance(ending, Waiting) for ending in found)
    if not wait or len(after.todo) + learned != len(before.todo):
        raise _Again
    return after


def _origin(db: Database) -> Origin:
    return Origin(service_actor(db.service), correlation_id="")
