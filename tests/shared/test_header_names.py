"""A header name that isn't UTF-8 stops nobody: the record is read with what can be read of it."""

from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.structs import ConsumerRecord, TopicPartition

import shared.kafka  # noqa: F401  reads leniently from here on


class NotUtf8(str):
    """A name as a client writes it that doesn't look at its bytes."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"ce_\xff"


def batch(first: int, names: list[str], *, compression: int = 0, producer: int = -1) -> bytes:
    """A batch of records from this offset on, one for each header name."""
    transactional = producer >= 0
    builder = _DefaultRecordBatchBuilderPy(2, compression, transactional, producer, 0, 0, 1 << 20)
    for n, name in enumerate(names):
        builder.append(n, 1_000, b"key", str(first + n).encode(), headers=[(name, b"1")])
    return first.to_bytes(8) + bytes(builder.build())[8:]


def read(raw: bytes, aborted: list[tuple[int, int]] | None = None) -> list[ConsumerRecord]:
    place = TopicPartition("office", 0)
    records = fetcher.MemoryRecords(raw)
    found = fetcher.PartitionRecords(
        place, records, aborted, 0, None, None, True, fetcher.READ_COMMITTED
    )
    return list(found)


@pytest.mark.parametrize(
    "compression", [0, 1, 2, 3, 4], ids=["none", "gzip", "snappy", "lz4", "zstd"]
)
def test_each_record_of_each_batch_is_read_once_and_in_order(compression: int) -> None:
    raw = batch(0, ["a", NotUtf8(), "b"], compression=compression) + batch(3, [NotUtf8(), "c"])
    found = read(raw)
    assert [(r.offset, r.value) for r in found] == [(n, str(n).encode()) for n in range(5)]
    assert [r.headers[0][0] for r in found] == ["a", "ce_\ufffd", "b", "ce_\ufffd", "c"]


def test_what_was_aborted_stays_unseen_when_the_batches_are_read_anew() -> None:
    raw = batch(0, ["a"], producer=7) + batch(1, [NotUtf8()]) + batch(2, ["b"], producer=8)
    assert [r.offset for r in read(raw, aborted=[(7, 0)])] == [1, 2]


def test_without_such_a_name_nothing_is_read_twice() -> None:
    assert [r.headers for r in read(batch(0, ["a", "b"]))] == [(("a", b"1"),), (("b", b"1"),)]
