"""Batches that the client would stumble over for ever are read past, each record with its end."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.structs import ConsumerRecord, TopicPartition

from shared import odd_batches
from shared.cloudevents import Reader
from shared.contracts import office_feeds
from shared.parked import records
from shared.privacy import Keys

odd_batches.read_them()
KEYS = Keys({"test": bytes(32)})
FEED = office_feeds.RESIDENTS
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
every_codec = pytest.mark.parametrize("codec", CODECS)
packing = pytest.mark.parametrize("codec", ["gzip", "lz4", "zstd"])  # snappy packs to a twentieth


class NotUtf8(str):
    """A name as a client writes it that doesn't look at its bytes."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"ce_\xff"


def batch(
    first: int,
    names: Sequence[str] = ("a", "b"),
    *,
    codec: str = "none",
    producer: int = -1,
    padding: int = 0,
) -> bytes:
    """A batch of records from this offset on, one for each header name."""
    builder = _DefaultRecordBatchBuilderPy(2, CODECS[codec], producer >= 0, producer, 0, 0, 1 << 30)
    for n, name in enumerate(names):
        value = str(first + n).encode() + bytes(padding)
        builder.append(n, 1_000, b"key", value, headers=[(name, b"1")])
    return first.to_bytes(8) + bytes(builder.build())[8:]


def read(raw: bytes, aborted: list[tuple[int, int]] | None = None) -> list[ConsumerRecord]:
    place, fetched = TopicPartition(FEED.topic, 0), fetcher.MemoryRecords(raw)
    isolation = fetcher.READ_COMMITTED
    return list(fetcher.PartitionRecords(place, fetched, aborted, 0, None, None, True, isolation))


@every_codec
def test_each_record_of_each_batch_is_read_once_and_in_order(codec: str) -> None:
    found = read(batch(0, ["a", NotUtf8(), "b"], codec=codec) + batch(3, [NotUtf8(), "c"]))
    assert [(r.offset, r.value) for r in found] == [(n, str(n).encode()) for n in range(5)]
    assert [r.headers[0][0] for r in found] == ["a", "ce_\ufffd", "b", "ce_\ufffd", "c"]


def test_what_was_aborted_stays_unseen_when_a_batch_is_read_anew() -> None:
    raw = batch(0, ["a"], producer=7) + batch(1, [NotUtf8()]) + batch(2, ["b"], producer=8)
    raw += batch(3, ["c"], producer=9)
    assert [r.offset for r in read(raw, aborted=[(7, 0), (9, 3)])] == [1, 2]


@every_codec
def test_usual_batches_are_read_as_ever(codec: str) -> None:
    found = read(batch(0, codec=codec) + batch(2, codec=codec, padding=100_000))
    assert [r.headers for r in found] == [(("a", b"1"),), (("b", b"1"),)] * 2
    assert [len(r.value) for r in found] == [1, 1, 100_001, 100_001]


@packing
def test_a_batch_that_unpacks_to_too_much_is_not_unpacked(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odd_batches, "MOST", 1 << 20)
    raw = batch(0, codec=codec) + batch(2, codec=codec, padding=1 << 20) + batch(4, codec=codec)
    found = read(raw)
    assert [r.offset for r in found] == list(range(6))
    assert [type(r.value) is odd_batches.TooLarge for r in found] == [
        False, False, True, True, False, False,
    ]  # fmt: skip


def test_its_records_end_as_too_large_and_can_be_put_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(odd_batches, "MOST", 1 << 20)
    reader = Reader(FEED.facts, KEYS)
    for record in read(batch(0, codec="zstd", padding=1 << 20)):
        fault = reader.read(record).fault
        assert fault is not None
        assert (fault.code, fault.final) == ("too_large", True)
        assert len(records.seal(KEYS, record)) < 1_000


@packing
def test_of_one_fetch_no_more_is_unpacked_at_a_time_than_enough(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odd_batches, "ENOUGH", 1 << 20)
    raw = b"".join(batch(first, codec=codec, padding=400_000) for first in (0, 2, 4, 6))
    fetched = fetcher.MemoryRecords(raw)
    place = TopicPartition(FEED.topic, 0)
    given = fetcher.PartitionRecords(place, fetched, None, 0, None, None, True, 0)
    assert [r.offset for r in given] == [0, 1, 2, 3]  # two batches of 800 kB
    assert given.next_fetch_offset == 4  # from where it is fetched again


@packing
def test_what_cannot_be_unpacked_at_all_stops_nobody_either(codec: str) -> None:
    spoilt = bytearray(batch(0, codec=codec, padding=1_000))
    spoilt[61:71] = b"\xff" * 10  # behind the batch's own header
    place = TopicPartition(FEED.topic, 0)
    raw = bytes(spoilt) + batch(2)
    fetched = fetcher.MemoryRecords(raw)
    found = fetcher.PartitionRecords(place, fetched, None, 0, None, None, False, 0)
    assert [r.offset for r in found] == [0, 1, 2, 3]
