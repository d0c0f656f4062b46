"""Checks of the civil registry's resync: whom it is about is changed, about strangers it waits."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tests.chaos.check import Finding, Found, Kind
from tests.chaos.ledger import Ledger, content_of
from tests.chaos.observe import RESIDENTS, TOPICS_OF, is_receipts
from tests.chaos.picture import Event, Picture
from tests.chaos.registering import NAMED
from tests.chaos.residents import kelurahan_of, number_of, ref_of

ENDED, WAITING, CHANGED = "residents' news in the inbox", "strangers wait", "residents"
CHECKED = (ENDED, WAITING, CHANGED)
"""What the checks below are called."""
End = Literal["accepted", "waiting", "rejected"]
_IN_INBOX: Mapping[End, tuple[str, ...]] = {
    "accepted": ("done",),
    "waiting": ("waiting", "behind"),
    "rejected": ("rejected",),
}


def registered(picture: Picture) -> dict[int, str]:
    """The women whom the officers have registered: their number, and the registry's id."""
    return {
        int(name.removeprefix(NAMED)): person
        for person, name in picture.names.items()
        if name.startswith(NAMED)
    }


def ends(picture: Picture, ledger: Ledger) -> dict[str, End]:
    """What has to have become of each event, by its id: of the first record under it."""
    broken = {(s.id, s.content) for s in ledger.sent if s.fate == "broken"}
    here = registered(picture)
    found: dict[str, End] = {}
    for event in picture.first[RESIDENTS].values():
        if (event.id, content_of(event.body)) in broken:
            found[event.id] = "rejected"
        else:
            found[event.id] = "accepted" if number_of(event.key) in here else "waiting"
    return found


def met(picture: Picture, ledger: Ledger) -> dict[str, int]:
    """How many of its events met what: a run in which none waited in vain has shown nothing."""
    due = ends(picture, ledger)
    waited = {
        e.fact["event_id"]
        for topic in filter(is_receipts, TOPICS_OF["registry"])
        for e in picture.first[topic].values()
        if e.fact["outcome"] == "waiting"
    }
    accepted = {name for name, end in due.items() if end == "accepted"}
    return {
        "taken in at once": len(accepted - waited),
        "let go by a registration": len(accepted & waited),
        "wait": sum(end == "waiting" for end in due.values()),
        "rejected": sum(end == "rejected" for end in due.values()),
    }


async def residents_news_has_ended(picture: Picture, ledger: Ledger) -> Found:
    """The inbox agrees; an id that came again with other content is there by its place, once."""
    rows = await picture.rows(
        f"""select event_id, source, outcome from registry.inbox
            where topic = '{RESIDENTS}' and consumer = 'registry.residents'"""
    )
    due = ends(picture, ledger)
    others = {
        f"{e.topic}/{e.partition}/{e.offset}"
        for e in picture.events[RESIDENTS]
        if e.body != picture.first[RESIDENTS][e.id].body
    }
    for row in rows:
        name, outcome = row["event_id"], row["outcome"]
        if row["source"]:
            if (end := due.get(name)) and outcome not in _IN_INBOX[end]:
                yield Finding("differs", ENDED, f"{name} is {outcome}, should be {end}")
            continue
        place = name.rpartition("/")[0]
        if place not in others or outcome != "rejected":
            yield Finding("invented", ENDED, f"{name} is {outcome}")
        others.discard(place)
    for place in others:
        yield Finding("lost", ENDED, f"the record at {place} reused an id")


async def strangers_wait(picture: Picture, ledger: Ledger) -> Found:
    """Open is what is about somebody who isn't registered, under a name that tells nobody; and
    such residents' keys are held, and no others.
    """
    events, due = picture.first[RESIDENTS], ends(picture, ledger)
    want = {name for name, end in due.items() if end == "waiting"}
    rows = await picture.rows(
        f"""select event_id, key, state, detail from registry.parked
            where topic = '{RESIDENTS}' and ended_at is null"""
    )
    have: set[str] = set()
    for row in rows:
        told = f"{row['event_id']} about {row['key']} is {row['state']}"
        if row["event_id"] in have:
            yield Finding("twice", WAITING, told)
        have.add(row["event_id"])
        if row["event_id"] not in want:
            yield Finding("left over", WAITING, f"{told}, and she is registered")
        elif row["state"] == "waiting" and not row["detail"].startswith("until person "):
            yield Finding("rule", WAITING, f"{told} for {row['detail']}")
        elif row["state"] not in _IN_INBOX["waiting"]:
            yield Finding("differs", WAITING, told)
    for lost in want - have:
        yield Finding("lost", WAITING, f"{lost} about {events[lost].key} waits nowhere")
    held = await picture.rows(f"select key from registry.parked_key where topic = '{RESIDENTS}'")
    keys, strangers = {row["key"] for row in held}, {events[name].key for name in want}
    for lost in strangers - keys:
        yield Finding("lost", WAITING, f"{lost} waits, and isn't held")
    for extra in keys - strangers:
        yield Finding("left over", WAITING, f"{extra} is held")


async def residents_are_changed(picture: Picture, ledger: Ledger) -> Found:
    """Who is registered was changed by each news once, verified first: row, history and topic."""
    news = _accepted(picture, ledger)
    history = await _by(picture, "select * from registry.person_history order by version")
    heard = await _by(picture, "select * from registry.resident")
    people = await _by(picture, "select * from registry.person")
    told = _told(picture)
    for number, person in registered(picture).items():
        changes = news[number]
        want = [f"{_news(e)} {e.sequence} of {e.key}" for e in changes]
        have = [f"{r['kind']} {r['sequence']} of {r['resident_ref']}" for r in history[person]]
        for finding in _compared(f"{person} in the history", have, want):
            yield finding
        causes = [f"{_news(e)} by {e.id}" for e in changes]
        for finding in _compared(f"{person} on the topic", told[person], causes):
            yield finding
        newest = changes[-1].sequence if changes else 0
        card = newest if newest > 1 else 0  # she tells it when she has moved
        refs = [(r["resident_ref"], r["home"], r["away"], r["card"]) for r in heard[person]]
        if refs != ([(ref_of(number), newest, 0, card)] if newest else []):
            yield Finding("differs", CHANGED, f"{person} was heard of as {refs}, news {newest}")
        for finding in _as_told(people[person][0], person, number, newest):
            yield finding


def _as_told(row: Any, person: str, number: int, newest: int) -> Iterator[Finding]:
    """Her row: as her newest news says, one version a change."""
    home = kelurahan_of(number, newest) if newest else row["kelurahan"]
    verified = row["verified_on"] and row["verified_on"].isoformat()
    have = (row["version"], row["kelurahan"], verified, row["moved_away_on"], row["died_on"])
    want = (1 + newest, home, "2026-01-01" if newest else None, None, None)
    if have != want:
        yield Finding("differs", CHANGED, f"{person} is {have}, the civil registry said {want}")


def _accepted(picture: Picture, ledger: Ledger) -> dict[int, list[Event]]:
    """Of each registered woman: the first news of each sequence, in its order."""
    found: dict[int, dict[int, Event]] = defaultdict(dict)
    due = ends(picture, ledger)
    for event in picture.first[RESIDENTS].values():
        if due[event.id] == "accepted":
            found[number_of(event.key)].setdefault(event.sequence, event)
    return defaultdict(
        list, {number: [of[at] for at in sorted(of)] for number, of in found.items()}
    )


def _told(picture: Picture) -> dict[str, list[str]]:
    """Of each person: what the registry has told since she was registered, and because of what."""
    found: dict[str, list[str]] = defaultdict(list)
    for event in picture.first["registry.person"].values():
        if event.sequence > 1:
            found[event.key].append(f"{_news(event)} by {event.cause}")
    return found


async def _by(picture: Picture, query: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await picture.rows(query):
        found[str(row["person_id"])].append(row)
    return found


def _news(event: Event) -> str:
    return event.type.split(".")[-2]


def _compared(what: str, have: list[str], want: list[str]) -> Iterator[Finding]:
    if have == want:
        return
    kind: Kind = "invented"
    if sorted(have) == sorted(want):
        kind = "order"
    elif set(want) - set(have):
        kind = "lost"
    elif len(set(have)) < len(have):
        kind = "twice"
    yield Finding(kind, CHANGED, f"{what}: {have}, should be {want}")
