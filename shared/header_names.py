"""Header names that aren't UTF-8: Kafka takes them, and aiokafka would raise at them for ever.

Such a name says nothing to us, so it is read with U+FFFD in its place, and the record ends like any
other. Only the batch in which one was met is read like this, in Python.
"""

from collections.abc import Iterator
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class _Lenient(bytearray):
    """Bytes whose parts are decoded whatever they hold."""

    def __getitem__(self, place: SupportsIndex | slice) -> Any:
        part = super().__getitem__(place)
        return _Lenient(part) if isinstance(part, bytearray) else part

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _Lenient):
            self._buffer = _Lenient(self._buffer)


class _LenientRecords(_MemoryRecordsPy):  # type: ignore[misc]
    def next_batch(self) -> _LenientBatch | None:
        part = self._next_slice
        if part is None:
            return None
        self._cache_next()
        return _LenientBatch(part)


class _Records(fetcher.MemoryRecords):  # type: ignore[misc]
    """As fetched, to be read once more."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = raw


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    _records: Any
    _aborted_transactions: list[tuple[int, int]]
    _aborted_producers: set[int]

    def _unpack_records(self) -> Iterator[Any]:
        aborted = list(self._aborted_transactions)
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            # from the beginning: what was given already lies before `next_fetch_offset`
            self._records = _LenientRecords(self._records.raw)
            self._aborted_transactions, self._aborted_producers = aborted, set()
            yield from super()._unpack_records()


def read_leniently() -> None:
    """From now on, for every consumer of this process."""
    fetcher.MemoryRecords, fetcher.PartitionRecords = _Records, _PartitionRecords
