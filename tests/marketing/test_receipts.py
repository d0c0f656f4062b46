"""An office is told what became of each event that it sent, in the transaction that ends it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from services.marketing.reactions import MARKET_EVENTS
from shared.actor import Actor
from shared.cloudevents import Reader
from shared.contracts.offices import MarketEventChanged
from shared.feeds import fold
from shared.ids import uuid7
from shared.parked.corrections import Correction
from shared.parked.discards import discard
from shared.parked.replays import replay
from tests.marketing.scenes import FEED
from tests.training.doors import KASI, KEYS, Doors, person, record
from tests.training.facts import market_event

WRONG = {"ends_on": date(2098, 1, 1)}


async def receipts(marketing: Doors) -> list[tuple[str, str, str]]:
    """What was told so far: outcome, code and field, in order."""
    told = [row["fact"] for row in await marketing.told("receipt-kotabogor-perdagangan")]
    return [(fact["outcome"], fact["code"], fact["pointer"]) for fact in told]


def like(record: ConsumerRecord, **other: Any) -> ConsumerRecord:
    """The same record with other bytes."""
    fields = {name: getattr(record, name) for name in ConsumerRecord.__dataclass_fields__}
    return ConsumerRecord(**{**fields, **other})


def without_stands(sequence: int = 1) -> ConsumerRecord:
    """A record whose body lacks a field."""
    whole = record(market_event(), sequence)
    body = orjson.loads(whole.value or b"")
    del body["stands"]
    return like(whole, value=orjson.dumps(body))


async def ended(marketing: Doors, correction: bytes | None, code: str = "") -> None:
    """Staff end the one event that waits for them: corrected, or discarded with a code."""
    (row,) = await marketing.rows("select parked_id from parked where state = 'parked'")
    writer, reader = marketing.writers[FEED], Reader(MARKET_EVENTS.facts, KEYS)
    async with marketing.db.pool.acquire() as conn:
        if correction is None:
            await discard(writer, reader, conn, row["parked_id"], KASI, "Percobaan", code)
        else:
            await replay(
                writer, reader, conn, row["parked_id"], KASI,
                correction=Correction(value=correction), reason="Tanggal tertukar",
            )  # fmt: skip


async def test_an_event_that_is_taken_is_accepted_and_its_repetition_a_duplicate(
    marketing: Doors,
) -> None:
    sent = record(market_event())
    await marketing.hear(FEED, sent, sent)
    await marketing.hear(FEED, sent, partition=2)
    first, *repeated = [r["fact"] for r in await marketing.told("receipt-kotabogor")]
    assert (first["outcome"], first["first_outcome"], first["text"]) == ("accepted", None, None)
    assert first["event_id"] == dict(sent.headers)["ce_id"].decode()
    assert [(r["outcome"], r["first_outcome"]) for r in repeated] == [("duplicate", "accepted")] * 2
    assert {r["receipt_for"] for r in repeated} == {first["receipt_for"]}
    assert [r["partition"] for r in repeated] == [0, 2]


async def test_what_breaks_the_contract_is_rejected_with_the_field_and_holds_up_nothing(
    marketing: Doors,
) -> None:
    ends = await marketing.hear(FEED, without_stands(), record(market_event(), 2))
    assert ends == ["rejected", "done"]
    assert await receipts(marketing) == [
        ("rejected", "missing", "/data/stands"),
        ("accepted", "", ""),
    ]
    [put_aside] = await marketing.rows("select state, ended_at from parked")
    assert put_aside["state"] == "rejected"
    assert put_aside["ended_at"] is not None
    assert await marketing.count("parked_key") == 0


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"value": b"{"}, "not_json"),
        ({"value": None}, "empty"),
        ({"value": b'{"a": 1, "a": 2}'}, "duplicate_key"),
        ({"value": b'{"stands": NaN}'}, "not_a_number"),
        ({"value": b'"' + b"x" * 2**20 + b'"'}, "too_large"),
        ({"key": b"another"}, "key_differs_from_subject"),
        ({"key": None}, "key_missing"),
        ({"headers": ()}, "missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_read_is_rejected_and_its_content_is_not_repeated(
    marketing: Doors, spoilt: dict[str, Any], code: str
) -> None:
    await marketing.hear(FEED, like(record(market_event()), **spoilt))
    [told] = [r["fact"] for r in await marketing.told("receipt-kotabogor")]
    assert (told["outcome"], told["code"]) == ("rejected", code)
    assert told["text"]
    assert told["text_english"]
    assert "another" not in orjson.dumps(told).decode()


async def test_an_event_without_an_id_is_answered_by_its_place(marketing: Doors) -> None:
    bare = like(record(market_event()), headers=())
    await marketing.hear(FEED, bare, bare)
    told = [r["fact"] for r in await marketing.told("receipt-kotabogor")]
    assert [(r["event_id"], r["offset"]) for r in told] == [(None, 0), (None, 1)]
    assert told[0]["receipt_for"] != told[1]["receipt_for"]


async def test_an_id_that_comes_again_with_other_content_is_rejected_and_the_first_end_stays(
    marketing: Doors,
) -> None:
    name = uuid7()
    first = record(market_event(), event_id=name)
    other = record(market_event(stands=99), event_id=name)
    await marketing.hear(FEED, first)
    await marketing.hear(FEED, other)
    await marketing.hear(FEED, first)
    told = [r["fact"] for r in await marketing.told("receipt-kotabogor")]
    assert [(r["outcome"], r["code"], r["first_outcome"]) for r in told] == [
        ("accepted", "", None),
        ("rejected", "id_reused", None),
        ("duplicate", "", "accepted"),
    ]
    listed = await marketing.get("/v1/receipts", person("kasi"))
    shown = [(item["outcome"], item["first_outcome"]) for item in listed.body["items"]]
    assert shown == [("accepted", None), ("rejected", None), ("duplicate", "accepted")]
    assert (await marketing.rows("select stands from market_event"))[0]["stands"] != 99
    inbox = await marketing.rows("select source, outcome from inbox order by record_offset")
    assert [(bool(row["source"]), row["outcome"]) for row in inbox] == [
        (True, "done"),
        (False, "rejected"),  # by its place: the id is the first one's
    ]


async def test_whose_the_id_is_says_the_inbox_and_not_who_comes_first_in_a_batch(
    marketing: Doors,
) -> None:
    name = uuid7()
    first = record(market_event(), event_id=name)
    other = record(market_event(stands=99), event_id=name)
    assert await marketing.hear(FEED, first) == ["done"]
    ends = ["rejected", "duplicate", "rejected", "duplicate"]
    assert await marketing.hear(FEED, other, first, other, first) == ends
    told = [r["fact"] for r in await marketing.told("receipt-kotabogor")]
    again = [r["first_outcome"] for r in told if r["outcome"] == "duplicate"]
    assert again == ["accepted", "accepted"]


async def test_what_staff_must_settle_waits_and_is_accepted_after_their_correction(
    marketing: Doors,
) -> None:
    changed = record(market_event(MarketEventChanged, stands=9), 2)
    await marketing.hear(FEED, record(market_event(**WRONG), 1), changed)  # type: ignore[arg-type]
    assert await receipts(marketing) == [
        ("waiting", "tanggal-terbalik", "/data/ends_on"),
        ("waiting", "behind", ""),
    ]
    await ended(marketing, market_event(stands=7).model_dump_json().encode())
    assert (await receipts(marketing))[2:] == [
        ("accepted_after_correction", "", ""),
        ("accepted", "", ""),
    ]


async def test_what_staff_discard_is_told_with_a_code_and_without_their_words(
    marketing: Doors,
) -> None:
    await marketing.hear(FEED, record(market_event(**WRONG), 1))  # type: ignore[arg-type]
    await ended(marketing, None, code="test")
    assert (await receipts(marketing))[1:] == [("discarded", "test", "")]
    told = [r["body"] for r in await marketing.told("receipt-kotabogor")]
    assert not [body for body in told if b"Percobaan" in body]


async def test_receipts_do_not_depend_on_how_events_are_cut_into_batches(marketing: Doors) -> None:
    def sent(ref: str) -> list[ConsumerRecord]:
        one = record(market_event(event_ref=ref), 1)
        return [
            one,
            record(market_event(MarketEventChanged, event_ref=ref, **WRONG), 2),  # type: ignore[arg-type]
            one,
            like(record(market_event(event_ref=ref), 3), value=b"{"),
            record(market_event(MarketEventChanged, event_ref=ref, stands=4), 4),
        ]

    async def outcomes(batches: Sequence[Sequence[ConsumerRecord]]) -> list[tuple[str, str, str]]:
        before = len(await receipts(marketing))
        for batch in batches:
            await marketing.hear(FEED, *batch)
        return (await receipts(marketing))[before:]

    whole = await outcomes([sent("whole")])
    assert [outcome for outcome, _, _ in whole] == [
        "accepted",
        "waiting",
        "duplicate",
        "rejected",
        "waiting",
    ]
    assert await outcomes([[each] for each in sent("single")]) == whole
    pair = sent("pairs")
    assert await outcomes([pair[:2], pair[2:4], pair[4:]]) == whole


async def test_the_receipts_of_an_event_are_kept_in_their_order(marketing: Doors) -> None:
    await marketing.hear(FEED, record(market_event(**WRONG), 1))  # type: ignore[arg-type]
    await ended(marketing, market_event().model_dump_json().encode())
    kept = await marketing.rows("select receipt_for, outcome from receipt order by receipt_no")
    assert [row["outcome"] for row in kept] == ["waiting", "accepted_after_correction"]
    told = await marketing.told("receipt-kotabogor")
    assert {UUID(row["key"]) for row in told} == {UUID(str(row["receipt_for"])) for row in kept}
    assert [row["sequence"] for row in told] == sorted(row["sequence"] for row in told)


BOGOR_TRADE = Actor("perdagangan-bogor", frozenset({"dinas"}), office="32.71-perdagangan")
ANOTHER_OFFICE = Actor("perdagangan-depok", frozenset({"dinas"}), office="32.76-perdagangan")


async def test_an_office_can_ask_for_its_receipts_and_nobody_elses(marketing: Doors) -> None:
    sent = record(market_event())
    await marketing.hear(FEED, sent, without_stands(2))
    own = (await marketing.get("/v1/receipts", BOGOR_TRADE)).body["items"]
    assert [(r["outcome"], r["code"], r["pointer"]) for r in own] == [
        ("accepted", "", ""),
        ("rejected", "missing", "/data/stands"),
    ]
    assert own[1]["text"].startswith("Isian wajib ini")
    assert (await marketing.get("/v1/receipts", KASI)).body["items"] == own
    assert (await marketing.get("/v1/receipts", ANOTHER_OFFICE)).body["items"] == []
    assert (await marketing.get("/v1/receipts", person("petugas", "36.74"))).status == 403


async def test_receipts_are_found_by_when_they_were_given(marketing: Doors) -> None:
    sent = record(market_event())
    await marketing.hear(FEED, sent, record(market_event(event_ref="2099/pasar-2")))
    found = (await marketing.get("/v1/receipts", BOGOR_TRADE)).body["items"][0]
    moment = found["given_at"].replace("+", "%2B")
    later = await marketing.get(f"/v1/receipts?since={moment}", BOGOR_TRADE)
    assert len(later.body["items"]) == 2
    assert (await marketing.get(f"/v1/receipts?until={moment}", BOGOR_TRADE)).body["items"] == []
    first = await marketing.get("/v1/receipts?limit=1", BOGOR_TRADE)
    assert 'rel="next"' in first.headers["Link"]


(FEED_TOPIC,) = MARKET_EVENTS.topics


def told(worker: str, at: datetime, lag: int = 0, **ended: int) -> bytes:
    """What a worker reports of Bogor's feed."""
    report = {
        "topic": FEED_TOPIC,
        "source": "urn:binaan:32.71:perdagangan",
        "worker": worker,
        "last_event_at": (at - timedelta(minutes=5)).isoformat(),
        "ended": ended,
        "lag": lag,
        "at": at.isoformat(),
    }
    return orjson.dumps(report)


async def feed(marketing: Doors) -> dict[str, Any]:
    found = (await marketing.get("/v1/feeds", person("operator"))).body["items"]
    (one,) = (entry for entry in found if entry["topic"] == FEED_TOPIC)
    return dict(one)


async def test_a_feeds_health_tells_how_much_of_it_was_rejected_and_since_when_it_is_silent(
    marketing: Doors,
) -> None:
    now = datetime.now(UTC)
    for report in (
        told("a:1", now, 7, done=6, rejected=1, duplicate=3),
        told("b:2", now, 1, done=2, rejected=1, duplicate=3),
    ):
        await fold(marketing.db.pool, report)
        await fold(marketing.db.pool, report)  # a report that comes twice changes nothing
    found = await feed(marketing)
    assert (found["done"], found["rejected"], found["duplicate"]) == (8, 2, 6)
    assert (found["rejected_share"], found["lag"], found["last_hour"]) == (0.2, 8, 16)
    assert 299 <= found["silent_seconds"] <= 360


def test_what_an_office_sends_counts_to_its_feed_whatever_it_says_of_itself() -> None:
    reader = Reader(MARKET_EVENTS.facts, KEYS)
    sent = record(market_event())
    unreadable = replace(sent, value=b"{")
    forged = replace(sent, headers=[*sent.headers, ("ce_source", b"urn:binaan:36.74:dukcapil")])
    assert {reader.read(one).feed for one in (unreadable, forged)} == {
        "urn:binaan:32.71:perdagangan"
    }


async def test_a_feed_that_was_never_heard_is_among_them_and_comes_first(
    marketing: Doors,
) -> None:
    items = (await marketing.get("/v1/feeds", person("operator"))).body["items"]
    assert (items[0]["last_event_at"], items[0]["silent_seconds"]) == (None, None)
    assert FEED_TOPIC in {entry["topic"] for entry in items}
    assert not [entry for entry in items if entry["topic"].endswith(".trial")]


async def test_a_worker_that_starts_anew_under_its_name_takes_nothing_back(
    marketing: Doors,
) -> None:
    now = datetime.now(UTC)
    for n, done in enumerate((6, 8, 1, 2)):  # of the third the count begins anew
        await fold(marketing.db.pool, told("a:1", now + timedelta(seconds=n), done=done))
    assert (await feed(marketing))["done"] == 10


async def test_what_a_worker_that_is_gone_had_not_read_is_anothers(marketing: Doors) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    await fold(marketing.db.pool, told("a:1", long_ago, 500, done=3))
    found = await feed(marketing)
    assert (found["lag"], found["done"], found["last_hour"]) == (0, 0, 0)
