"""One run: start, load and faults, heal, wait until it is quiet, the verdict, the plants."""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.chaos import check, civil, receipts, rules, views, wishes
from tests.chaos.breaking import Breaking
from tests.chaos.check import Finding
from tests.chaos.faults import FAULTS, heal
from tests.chaos.hitting import Scene
from tests.chaos.http import Caller
from tests.chaos.ledger import Ledger
from tests.chaos.load import World
from tests.chaos.observe import AWAY, CONSUMERS, OFFICE, RESIDENTS, TOPICS_OF, Outside
from tests.chaos.office import Office
from tests.chaos.options import SIX, Options
from tests.chaos.picture import take
from tests.chaos.plants import PLANTS
from tests.chaos.residents import CivilRegistry
from tests.chaos.spoils import SPOILS
from tests.chaos.stack import SERVICES, Stack, Stop, do

CHECKS = (
    check.journal_is_topic,
    check.first_occurrences_in_order,
    check.inbox_has_all,
    wishes.accepted_once,
    wishes.versions_accepted_once,
    check.rows_are_told,
    check.acked_is_there,
    check.nothing_left,
    views.views_are_their_source,
    views.products_keep_each_version,
    views.journey_is_the_events,
    views.office_is_heard,
    receipts.receipts_are_given,
    civil.residents_news_has_ended,
    civil.strangers_wait,
    civil.residents_are_changed,
    rules.all_are_kept,
    rules.promises_can_be_kept,
    rules.certificates_are_numbered,
    rules.readiness_is_told,
)
RESYNC = 0.6
"""Share of the time in which the civil registry tells all that it has to tell."""
QUIET_SECONDS = 240
SHOWN = 8
HELD, BROKEN, NOT_TRIED = 0, 1, 2


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


async def play(options: Options) -> int:
    """Run it all; 0 the promises held, 1 they did not, 2 the run could not prove it."""
    for noisy in ("aiokafka", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # a broker that is away is the point
    say(f"seed {options.seed}: python -m tests.chaos --seed {options.seed} repeats the choices")
    stack = Stack(options.instance)
    code = NOT_TRIED
    try:
        began = time.monotonic()
        await do(stack.up)
        say(f"the product is up with two workers a service, {time.monotonic() - began:.0f} s")
        ledger = Ledger(stack.folder / "ledger.jsonl")
        code = await _run(options, stack, ledger)
        ledger.close()
    except (RuntimeError, Stop, *AWAY) as error:
        say(f"NOT TRIED: {type(error).__name__} {error}")
    finally:
        await do(stack.down)
        if code == HELD and not options.keep:
            await do(stack.clean)
        else:
            say(f"ledger, logs and data are kept in {stack.folder}")
    return code


async def _run(options: Options, stack: Stack, ledger: Ledger) -> int:
    chance = random.Random(options.seed)
    outside = Outside(stack.env)
    async with Caller(stack.env, ledger, random.Random(chance.random())) as caller:
        refs = max(50, options.events // 25)
        office = Office(stack.env, ledger, random.Random(chance.random()), refs)
        residents = random.Random(chance.random())
        civil_registry = CivilRegistry(stack.env, ledger, residents, options.residents)
        scene = Scene(stack, outside, ledger, office, random.Random(chance.random()))
        await outside.learn()
        async with _going_on(outside.read()):
            world = World(caller, random.Random(chance.random()))
            observed = await _load_and_faults(options, scene, world, civil_registry)
            await heal(scene, SERVICES)
            await outside.learn()
            await do(stack.wait_ready)
            await _quiet(outside)
            code = await _verdict(options, scene, observed, civil_registry.left)
            if code == HELD and options.plants:
                code = await _plants(options, scene, world)
        await outside.close()
    return code


async def _load_and_faults(
    options: Options, scene: Scene, world: World, civil_registry: CivilRegistry
) -> Counter[str]:
    number = min(80, max(6, options.events // 1000))
    past = [f"LALU-{n}" for n in range(number // 2)]
    await scene.office.open_contested([*past, *(f"REBUTAN-{n}" for n in range(number))])
    await world.find_fairs(number)
    began = time.monotonic()
    workers = [asyncio.create_task(world.officer()) for _ in range(options.officers)]
    workers.append(asyncio.create_task(scene.office.run(options.events, options.seconds * 0.9)))
    workers.append(asyncio.create_task(civil_registry.run(options.seconds * RESYNC)))
    async with _going_on(_progress(scene.ledger, began, options)):
        observed = await Breaking(options, scene, began + options.seconds, say).run()
        while _left(options, began) > 0:
            if scene.ledger.events >= options.events and not civil_registry.left:
                break
            await asyncio.sleep(0.5)
    world.caller.closing = True
    scene.office.close()
    civil_registry.close()
    say(f"load ends after {time.monotonic() - began:.0f} s; the last answers are waited for")
    await asyncio.gather(*workers)
    return observed


async def _progress(ledger: Ledger, began: float, options: Options) -> None:
    while True:
        await asyncio.sleep(15)
        counts = ledger.outcomes()
        say(
            f"{time.monotonic() - began:.0f} of {options.seconds:.0f} s, {ledger.events} of "
            f"{options.events} events; requests: {_counts(counts)}"
        )


async def _quiet(outside: Outside) -> None:
    """Wait until nothing is on its way; what still is after that is a finding of the checks."""
    began = time.monotonic()
    quiet, left = 0, {"?": 1}
    while quiet < 2 and time.monotonic() - began < QUIET_SECONDS:
        await asyncio.sleep(0.5)
        with contextlib.suppress(*AWAY):
            left = {c: len(places) for c in CONSUMERS if (places := await outside.lag(c))}
            left |= {f"{s} waits": n for s in TOPICS_OF if (n := await outside.waiting(s))}
            left |= {s: len(ids) for s in TOPICS_OF if (ids := await outside.outbox(s))}
            quiet = 0 if left else quiet + 1  # what left one while we looked has come to the next
    say(f"quiet after {time.monotonic() - began:.0f} s" if not left else f"NOT QUIET: {left}")


async def findings(scene: Scene) -> list[Finding]:
    """Everything that is wrong, and how much was compared."""
    picture = await take(scene.stack.env)
    try:
        found = await check.run(picture, scene.ledger, CHECKS)
    finally:
        await picture.conn.close()
    records = sum(len(e) for e in picture.events.values())
    distinct = sum(len(e) for e in picture.first.values())
    say(
        f"compared {distinct} events ({records - distinct} repeated on the topics), of them "
        f"{len(picture.first[OFFICE])} of the trade office, {len(picture.first[RESIDENTS])} of the "
        f"civil registry, {len(scene.ledger.requests)} requests"
    )
    residents = civil.met(picture, scene.ledger)
    say(f"of the civil registry's: {', '.join(f'{n} {what}' for what, n in residents.items())}")
    if unmarked := scene.ledger.unmarked:
        times = Counter(e.id for events in picture.events.values() for e in events)
        again = sum(times[event] > 1 for event in unmarked)
        say(f"of {len(unmarked)} events published and not marked at a kill, {again} came again")
    return found


async def _verdict(
    options: Options, scene: Scene, observed: Counter[str], residents_left: int
) -> int:
    found = await findings(scene)
    say(f"requests: {_counts(scene.ledger.outcomes())}")
    for name in options.faults:
        say(f"  {observed[name]:3} observed: {FAULTS[name][1]}")
    if left := {name: times for name, times in scene.stack.left.items() if times}:
        say(f"  ended by themselves and were started again: {left}")
        for words in scene.stack.last_words:
            say(f"    {words}")
    if found:
        for kind, times in Counter(f.kind for f in found).items():
            say(f"BROKEN: {times} {kind}")
            for finding in [f for f in found if f.kind == kind][:SHOWN]:
                say(f"  {finding}")
        for finding in found:
            scene.ledger.note(finding=str(finding))
        return BROKEN
    short = [n for n in options.faults if n in SIX and observed[n] < options.times]
    few = [*short, *(["events"] if scene.ledger.events < options.events else [])]
    few += ["residents"] if residents_left else []
    if few:
        say(f"NOT PROVEN: nothing wrong, but too little tried: {', '.join(few)}")
        return NOT_TRIED
    say("HELD: nothing lost, nothing twice, in order, views equal to their source")
    return HELD


async def _plants(options: Options, scene: Scene, world: World) -> int:
    """Plant all, then look once: each has to be among the findings."""
    await world.enough()
    about = {name: await PLANTS[name][0](scene, world) for name in options.plants}
    await _quiet(scene.outside)
    found, missed = await findings(scene), 0
    for name, what in about.items():
        by = SPOILS[name].check if name in SPOILS else ""
        its = [f for f in found if f.kind == PLANTS[name][1] and what in f.what and by in f.check]
        say(f"planted {name}: " + (f"found as “{its[0]}”" if its else f"NOT FOUND: {what}"))
        missed += not its
    return NOT_TRIED if missed else HELD


def _left(options: Options, began: float) -> float:
    return options.seconds - (time.monotonic() - began)


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


@asynccontextmanager
async def _going_on(work) -> AsyncIterator[None]:  # type: ignore[no-untyped-def]
    """Something that runs beside the rest and ends with it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
