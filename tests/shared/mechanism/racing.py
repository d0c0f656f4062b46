"""Rounds of a race for one key: `python -m tests.shared.mechanism.racing DSN --rounds N --seed S`.

In each, several events of a key are put aside. Then two members of staff settle them (one replays
with a correction, the other replays, or discards one or all), the worker drains, the intake brings
later events of the key, and one of the four is killed by SIGKILL at a random moment. Afterwards
everything is brought to its end, and what is there is held against what the source sent.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from shared.ids import reaction_id, uuid7
from tests.shared.mechanism import racers
from tests.shared.mechanism.racers import BAD, CONSUMER, ROLES, SILENT, STAFF, TELLS, Child, Line
from tests.shared.mechanism.things import source, thing_id

T = TypeVar("T")
USUAL = {"ok", "again", "kejadian-tidak-terbuka", "kejadian-sebelumnya-belum-selesai"}
DONE = ("taken", "drained")
STILL_BAD = "kejadian-masih-salah"
_DUE = "update parked set due_at = now() where state = 'waiting' and ended_at is null"
FINAL = ("accepted", "accepted_after_correction", "discarded")


class Violation(Exception):
    """Something is there that must not be, or isn't there that must."""


@dataclass
class Round:
    """One key's events, and how many of them are there before the race begins."""

    number: int
    lines: list[Line]
    before: int
    acts: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    caught: bool = False
    """Whether the one that was killed had still something to do."""

    @property
    def key(self) -> str:
        return str(thing_id(self.lines[0].key))

    @property
    def awaited(self) -> list[int]:
        return sorted({line.n for line in self.lines if line.n < BAD})


def made(number: int, offset: int, dice: random.Random) -> Round:
    """The first event can't be done at once; each later one is bad, or waits, now and then."""
    waits = BAD - 1 - number
    first = [dice.choice((BAD, waits))]
    others = dice.choices((SILENT, TELLS, BAD, waits), (4, 4, 2, 1), k=dice.randint(3, 7))
    lines = [
        Line(offset + place, f"key {number}", place + 1, n, str(uuid7()))
        for place, n in enumerate(first + others)
    ]
    return Round(number, lines, dice.randint(2, len(lines) - 1))


class Referee:
    """Has the four race, kills one of them, brings all to its end, and looks."""

    def __init__(self, dsn: str, dice: random.Random) -> None:
        self._dice, self._loop = dice, asyncio.new_event_loop()
        self._conn = self._wait(asyncpg.connect(dsn))
        if threading.active_count() != 1:
            raise RuntimeError("a process with threads can't be forked")
        self._all = {role: Child(role, dsn) for role in ROLES}
        self._longest = 0.02

    def end(self) -> None:
        for child in self._all.values():
            child.kill()
        self._wait(self._conn.close())

    def play(self, this: Round) -> None:
        """One round. Raises Violation."""
        self._ask("intake", act="take", log=_sent(this.lines[: this.before]), cuts=[])
        open_ = self._open(this)
        self._wait(
            self._conn.executemany("insert into known values ($1)", [(n,) for n in this.awaited])
        )
        self._wait(self._conn.execute(_DUE))
        this.acts = self._planned(this, open_)
        victim = self._dice.choice(ROLES)
        self._race(this, victim)
        self._all[victim] = self._all[victim].again()
        if victim in STAFF:  # its client asks again, with the same key
            this.told[victim] = [self._ask(victim, **this.acts[victim])]
        self._finish(this)
        self._wait(Findings(self._conn, this).look())

    def _planned(self, this: Round, open_: Sequence[asyncpg.Record]) -> dict[str, dict[str, Any]]:
        """Who does what. The correction is that of the first event, if it needs one."""
        dice, later = self._dice, this.lines[this.before :]
        head, other = open_[0], dice.choice(open_[1:] or open_)
        good = dice.choice((SILENT, TELLS))
        replay = {"act": "replay", "n": good if head["state"] == "parked" else None}
        second: dict[str, Any] = dice.choice(
            (
                {"act": "discard", "parked_id": str(head["parked_id"])},
                {"act": "discard", "parked_id": str(other["parked_id"])},
                {"act": "discard_many"},
                replay | {"parked_id": str(head["parked_id"])},
            )
        )
        cuts = sorted(dice.sample(range(1, len(later)), dice.randint(0, min(2, len(later) - 1))))
        return {
            "intake": {"act": "take", "log": _sent(later), "cuts": cuts},
            "worker": {"act": "drain", "times": dice.randint(1, 4)},
            "verifikator": replay | {"parked_id": str(head["parked_id"]), "key": f"v{this.number}"},
            "kasi": second | {"key": f"k{this.number}"},
        }

    def _race(self, this: Round, victim: str) -> None:
        began = time.monotonic()
        for role in self._dice.sample(ROLES, len(ROLES)):
            self._all[role].tell(**this.acts[role])
        time.sleep(self._dice.uniform(0, self._longest))
        self._all[victim].kill()
        this.caught = not self._all[victim].answer()
        for role in ROLES:
            if role != victim:
                this.told[role] = [self._all[role].answer()]
        self._longest += 0.1 * (time.monotonic() - began - self._longest)

    def _finish(self, this: Round) -> None:
        """Let the source's last events in, and settle whatever is still open."""
        self._ask("intake", act="take", log=_sent(this.lines[this.before :]), cuts=[])
        for _ in range(2 * len(this.lines)):
            open_ = self._open(this)
            if not open_:
                return
            if open_[0]["state"] == "parked":
                asked = {"parked_id": str(open_[0]["parked_id"]), "n": SILENT, "key": str(uuid7())}
                self._ask("verifikator", act="replay", **asked)
            else:
                self._wait(self._conn.execute(_DUE))
                self._ask("worker", act="drain", times=1)
        left = [(row["state"], row["sequence"]) for row in self._open(this)]
        raise Violation(f"never ends: {left}")

    def _ask(self, role: str, **what: Any) -> str:
        self._all[role].tell(**what)
        answer = self._all[role].answer()
        if role not in STAFF and answer not in DONE:
            raise Violation(f"{role}: {answer}")
        return answer

    def _open(self, this: Round) -> list[asyncpg.Record]:
        return self._wait(
            self._conn.fetch(
                "select parked_id, state, sequence from parked where key = $1 and ended_at is null"
                " order by sequence",
                this.key,
            )
        )

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)


class Findings:
    """What a round left in the database, held against what the source sent."""

    def __init__(self, conn: asyncpg.Connection, this: Round) -> None:
        self._conn, self._round = conn, this
        self._ids = [line.event_id for line in this.lines]

    async def look(self) -> None:
        """Raises Violation."""
        states = await self._ends()
        done = [i for i in self._ids if states.get(i) != "discarded"]
        await self._effects(done)
        await self._receipts(states)
        await self._told(done)
        await self._audit(states)
        for role, answers in self._round.told.items():
            for answer in answers:
                usual = answer in USUAL if role in STAFF else answer in DONE
                if not usual and answer != STILL_BAD:
                    raise Violation(f"{role} was told {answer}")

    async def _ends(self) -> dict[str, str]:
        """How each event that was put aside has ended."""
        rows = await self._conn.fetch("select * from parked where key = $1", self._round.key)
        states = {row["event_id"]: row["state"] for row in rows}
        self._same("events put aside", len(rows), len(states))
        for row in rows:
            ended = row["state"] in ("replayed", "discarded") and row["ended_at"] is not None
            self._same(f"end of {row['sequence']}", ended, True)
        inbox = await self._conn.fetch(
            "select event_id, outcome from inbox where event_id = any ($1::text[])", self._ids
        )
        told = {row["event_id"]: row["outcome"] for row in inbox}
        wanted = {i: "discarded" if states.get(i) == "discarded" else "done" for i in self._ids}
        self._same("inbox", told, wanted)
        held = "select count(*) from parked_key where key = $1"
        self._same("keys held", await self._conn.fetchval(held, self._round.key), 0)
        return states

    async def _effects(self, done: list[str]) -> None:
        rows = await self._conn.fetch(
            "select event_id from effect where key = $1 order by seq", self._round.key
        )
        self._same("order of effects", [row["event_id"] for row in rows], done)

    async def _receipts(self, states: dict[str, str]) -> None:
        rows = await self._conn.fetch(
            "select event_id, outcome from receipt where event_id = any ($1::text[])"
            " order by receipt_no",
            self._ids,
        )
        final = [row for row in rows if row["outcome"] in FINAL]
        self._same("receipts", sorted(r["event_id"] for r in final), sorted(self._ids))
        last = {row["event_id"]: row["outcome"] for row in rows}
        for row in final:
            self._same("last receipt", last[row["event_id"]], row["outcome"])
            gone = states.get(row["event_id"]) == "discarded"
            self._same("receipt", row["outcome"] == "discarded", gone)
        accepted = [r["event_id"] for r in final if r["outcome"] != "discarded"]
        self._same("order of receipts", accepted, [i for i in self._ids if i in set(accepted)])

    async def _told(self, done: list[str]) -> None:
        """What followed from each event that tells, under the id that derives from it."""
        effects = await self._conn.fetch(
            "select event_id, n from effect where key = $1", self._round.key
        )
        tell = [row["event_id"] for row in effects if row["n"] == TELLS]
        rows = await self._conn.fetch(
            "select event_id, causation_id from journal"
            " where topic = 'race.told' and causation_id = any ($1::text[])",
            self._ids,
        )
        wanted = {i: reaction_id(CONSUMER.name, source(racers.SERVICE), i, 1) for i in tell}
        self._same("told", {r["causation_id"]: UUID(str(r["event_id"])) for r in rows}, wanted)
        self._same("told events", set(wanted) <= set(done), True)

    async def _audit(self, states: dict[str, str]) -> None:
        rows = await self._conn.fetch(
            "select p.event_id, a.act from parked_audit a join parked p using (parked_id)"
            " where p.key = $1 and a.act in ('replayed', 'discarded')",
            self._round.key,
        )
        acts = [(row["event_id"], row["act"]) for row in rows]
        self._same("acts of staff", len(acts), len(set(acts)))
        gone = {i for i, state in states.items() if state == "discarded"}
        self._same("discards", {i for i, act in acts if act == "discarded"}, gone)

    def _same(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            raise Violation(f"{what}: {found}, and it should be {wanted}")


def _sent(lines: Sequence[Line]) -> list[list[Any]]:
    return [[x.offset, x.key, x.version, x.n, x.event_id] for x in lines]


def main() -> None:
    """Play; exit code 1 and a sentence at the first violation."""
    asked = argparse.ArgumentParser()
    asked.add_argument("dsn")
    asked.add_argument("--rounds", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    asked.add_argument("--unlocked", action="store_true", help="plants the mistake")
    told = asked.parse_args()
    if told.unlocked:
        racers.without_the_key_s_lock()
    dice, offset, began = random.Random(told.seed), 0, time.monotonic()
    referee = Referee(told.dsn, dice)
    answers: Counter[str] = Counter()
    caught = 0
    try:
        for number in range(told.rounds):
            this = made(number, offset, dice)
            offset += len(this.lines)
            try:
                referee.play(this)
            except Violation as violation:
                acts = {role: act["act"] for role, act in this.acts.items()}
                events = [line.n for line in this.lines]
                sys.exit(
                    f"seed {told.seed}, round {number}: {violation}\n{events} {acts} {this.told}"
                )
            caught += this.caught
            answers.update(answer for role in STAFF for answer in this.told.get(role, ()))
    finally:
        referee.end()
    seconds = time.monotonic() - began
    print(
        f"{told.rounds} rounds, seed {told.seed}, {seconds:.0f} s; {caught} were killed at work; "
        f"staff were told {dict(answers)}"
    )


if __name__ == "__main__":
    main()
