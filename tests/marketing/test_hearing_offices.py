"""What an office's feed does, on a real database: any order, any batch, the same end."""

import asyncio
from collections.abc import Sequence
from datetime import date
from itertools import permutations

import pytest
from aiokafka.structs import ConsumerRecord

from services.marketing.reactions import hear_offices
from shared.actor import service_actor
from shared.cloudevents import Reader
from shared.contracts.offices import (
    MarketEventAnnounced,
    MarketEventCancelled,
    MarketEventChanged,
)
from shared.db import Origin, transaction
from shared.ids import uuid7
from shared.parked.corrections import Correction
from shared.parked.replays import replay
from tests.marketing.scenes import FEED, ask, the_event, trained_product
from tests.training.doors import KASI, KEYS, Doors, record
from tests.training.facts import market_event

ANNOUNCED, CHANGED, CANCELLED = MarketEventAnnounced, MarketEventChanged, MarketEventCancelled


def life(ref: str, *, cancelled_first: bool = False) -> list[ConsumerRecord]:
    """An event that is announced, loses stands, and is called off.

    `cancelled_first`: the office corrects the details of what it has called off already.
    """
    changed = market_event(CHANGED, ref, stands=10, name="Pasar Baru Bogor")
    cancelled = market_event(CANCELLED, ref, stands=10, name="Pasar Baru Bogor")
    return [
        record(market_event(ANNOUNCED, ref), 1),
        record(changed, 3 if cancelled_first else 2),
        record(cancelled, 2 if cancelled_first else 3),
    ]


def cuts(records: Sequence[ConsumerRecord]) -> list[list[Sequence[ConsumerRecord]]]:
    """Every way to cut three records into batches."""
    first, second, third = records
    return [
        [[first, second, third]],
        [[first], [second, third]],
        [[first, second], [third]],
        [[first], [second], [third]],
    ]


async def test_every_order_and_every_cut_into_batches_ends_the_same(marketing: Doors) -> None:
    ends = set()
    n = 0
    for order in permutations(range(3)):
        for cut in range(4):
            n += 1
            ref = f"2099/pasar-{n}"
            records = life(ref)
            for batch in cuts([records[i] for i in order])[cut]:
                assert set(await marketing.hear(FEED, *batch)) == {"done"}
            event = await the_event(marketing, ref)
            ends.add((event["name"], event["stands"], event["status"], event["heard"]))
    assert n == 24
    assert ends == {("Pasar Baru Bogor", 10, "cancelled", 3)}


@pytest.mark.parametrize("cancelled_first", [False, True])
@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_stand_given_in_between_is_given_back_in_every_order(
    marketing: Doors, order: tuple[int, ...], cancelled_first: bool
) -> None:
    product = await trained_product(marketing)
    records = life("2099/pasar-1", cancelled_first=cancelled_first)
    for i in order:
        await marketing.hear(FEED, records[i])
        event = await the_event(marketing, "2099/pasar-1")
        answer = await ask(marketing, event["market_event_id"], product)
        assert answer.status == (409 if event["status"] == "cancelled" else 201) or (
            answer.code == "sudah-mendapat-stan"
        )
    assert await marketing.rows("select from stand where status = 'confirmed'") == []
    confirmed, released = await marketing.told("confirmed"), await marketing.told("released")
    assert [row["key"] for row in confirmed] == [row["key"] for row in released]
    assert all((row["sequence"], row["fact"]["status"]) == (2, "released") for row in released)


async def test_each_fact_that_changes_something_is_told_once_as_its_consequence(
    marketing: Doors,
) -> None:
    records = life("2099/pasar-1")
    await marketing.hear(FEED, *records)
    told = await marketing.told("market-event.listed")
    assert [row["sequence"] for row in told] == [1, 2, 3]
    assert [row["fact"]["status"] for row in told] == ["open", "open", "cancelled"]
    heard = [dict(r.headers) for r in records]
    assert [row["causation_id"] for row in told] == [h["ce_id"].decode() for h in heard]
    assert [row["correlation_id"] for row in told] == [
        h["ce_correlationid"].decode() for h in heard
    ]
    assert {row["fact"]["occurred_on"] for row in told} == {"2026-11-01"}


async def test_a_second_delivery_changes_nothing(marketing: Doors) -> None:
    records = life("2099/pasar-1")
    assert await marketing.hear(FEED, *records, records[0]) == ["done"] * 3 + ["duplicate"]
    assert set(await marketing.hear(FEED, *records)) == {"duplicate"}
    assert set(await marketing.hear(FEED, *reversed(records), partition=2)) == {"duplicate"}
    assert len(await marketing.told("market-event")) == 3
    assert (await the_event(marketing, "2099/pasar-1"))["version"] == 3


async def test_the_same_news_under_another_id_is_stale(marketing: Doors) -> None:
    await marketing.hear(FEED, *life("2099/pasar-1"))
    assert set(await marketing.hear(FEED, *life("2099/pasar-1"))) == {"done"}
    assert len(await marketing.told("market-event")) == 3


async def test_a_batch_has_the_same_number_of_round_trips_whatever_its_size(
    marketing: Doors,
) -> None:
    product = await trained_product(marketing)
    await marketing.hear(FEED, record(market_event(event_ref="with-a-stand"), 1))
    event = await the_event(marketing, "with-a-stand")
    assert (await ask(marketing, event["market_event_id"], product)).status == 201

    async def trips(records: list[ConsumerRecord]) -> int:
        reader = Reader((ANNOUNCED, CHANGED, CANCELLED), KEYS)
        events = [reader.read(r).event for r in records]
        asked: list[object] = []
        async with marketing.db.pool.acquire() as conn:
            origin = Origin(service_actor("marketing"), str(uuid7()))
            with conn.query_logger(asked.append):
                async with transaction(marketing.db, origin, conn=conn, consumer=FEED) as tx:
                    assert list(await hear_offices(tx, [e for e in events if e])) == []
        return len(asked)

    few = await trips([record(market_event(CANCELLED, "with-a-stand"), 2)])
    many = [r for n in range(500) for r in life(f"2099/pasar-{n}")]
    assert await trips(many) <= few
    assert few <= 8


async def test_two_workers_that_hear_of_the_same_events_do_not_block_each_other(
    marketing: Doors,
) -> None:
    lives = [life(f"2099/pasar-{n}") for n in range(40)]
    early = [record for one in lives for record in one[:2]]
    late = [record for one in reversed(lives) for record in one[1:]]
    for _ in range(3):
        ends = await asyncio.gather(
            marketing.hear(FEED, *early, partition=0), marketing.hear(FEED, *late, partition=1)
        )
        assert set(ends[0] + ends[1]) <= {"done", "duplicate"}
    rows = await marketing.rows("select distinct status, stands, heard from market_event")
    assert rows == [{"status": "cancelled", "stands": 10, "heard": 3}]
    assert await marketing.count("market_event") == 40


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"ends_on": date(2099, 1, 8)}, "tanggal-terbalik"),
        ({"time_zone": "Asia/Bogor"}, "zona-waktu-tidak-dikenal"),
    ],
)
async def test_what_cannot_be_true_is_parked_with_its_reason_and_the_rest_goes_on(
    marketing: Doors, bad: dict[str, object], code: str
) -> None:
    records = [
        record(market_event(event_ref="good-1")),
        record(market_event(event_ref="bad", **bad)),  # type: ignore[arg-type]
        record(market_event(CHANGED, event_ref="bad"), 2),
        record(market_event(event_ref="good-2")),
    ]
    assert await marketing.hear(FEED, *records) == ["done", "parked", "behind", "done"]
    assert await marketing.count("market_event") == 2
    rows = await marketing.rows("select code from parked where state = 'parked'")
    assert rows == [{"code": code}]


async def test_a_fact_without_a_sequence_of_its_own_is_parked(marketing: Doors) -> None:
    assert await marketing.hear(FEED, record(market_event(), 0)) == ["parked"]
    assert await marketing.rows("select code from parked") == [{"code": "urutan-tidak-sah"}]


async def test_a_corrected_fact_takes_effect_once_with_what_queued_behind_it(
    marketing: Doors,
) -> None:
    wrong, right = market_event(ends_on=date(2098, 1, 1)), market_event(stands=7)
    await marketing.hear(FEED, record(wrong, 1), record(market_event(CHANGED, stands=9), 2))
    (row,) = await marketing.rows("select parked_id from parked where state = 'parked'")
    async with marketing.db.pool.acquire() as conn:
        drained = await replay(
            marketing.writers[FEED],
            Reader((ANNOUNCED, CHANGED, CANCELLED), KEYS),
            conn,
            row["parked_id"],
            KASI,
            correction=Correction(value=right.model_dump_json().encode()),
            reason="Tanggal selesai tertukar",
        )
    assert len(drained.ended) == 2
    assert [row["fact"]["stands"] for row in await marketing.told("listed")] == [7, 9]


async def test_a_host_that_takes_stands_away_leaves_the_confirmed_ones_overbooked(
    marketing: Doors,
) -> None:
    await marketing.hear(FEED, record(market_event(stands=3), 1))
    event = (await the_event(marketing, "2099/pasar-1"))["market_event_id"]
    products = [await trained_product(marketing) for _ in range(4)]
    for product in products[:3]:
        assert (await ask(marketing, event, product)).status == 201
    await marketing.hear(FEED, record(market_event(CHANGED, stands=1), 2))
    view = (await marketing.get(f"/v1/market-events/{event}")).body
    assert (view["stands"], view["confirmed"], view["free"], view["overbooked"]) == (1, 3, 0, 2)
    assert (await ask(marketing, event, products[3])).code == "stan-habis"
    assert await marketing.told("released") == []
