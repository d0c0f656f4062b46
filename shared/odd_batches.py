"""Batches that Kafka takes and that aiokafka would stumble over again and again, at every start.

- A header name that isn't UTF-8 says nothing to us: it is read with U+FFFD in its place.
- A batch that unpacks to more than `MOST` would take the process's memory: each of its records is
  read as one that is too large, with no key and no content. And of what one fetch brought, no more
  is unpacked at a time than `ENOUGH`: the rest is fetched again.

All other batches are read as ever; only these are read once more, here.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, SupportsIndex

import cramjam
from aiokafka.consumer import fetcher
from aiokafka.record import default_records
from aiokafka.record._crecords import default_records as in_c
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

MOST = 32 << 20
"""Bytes of an unpacked batch. Packed it has at most 1.1 MB, and JSON packs to a tenth or so."""
ENOUGH = 8 << 20


class Unpackable(Exception):
    """More than MOST, or nothing that can be unpacked."""


class TooLarge(bytes):
    """Stands for a value that nobody has seen; whoever asks is told that it is too large."""

    __slots__ = ()

    def __len__(self) -> int:
        return (1 << 20) + 1


@dataclass
class _Unpacked:
    """How many bytes this process has unpacked so far."""

    total: int = 0


_unpacked = _Unpacked()


def _gzip(packed: Any) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(packed, MOST + 1)
    except zlib.error:
        raise Unpackable from None
    if len(found) > MOST:
        raise Unpackable
    _unpacked.total += len(found)
    return found


def _zstd(packed: Any) -> bytes:
    return _into(cramjam.zstd.decompress_into, packed)


def _lz4(packed: Any) -> bytes:
    return _into(cramjam.lz4.decompress_into, packed)


def _into(unpack: Any, packed: Any) -> bytes:
    room = bytearray(MOST)  # pages that nothing is written to cost nothing
    try:
        size = unpack(bytes(packed), room)
    except (cramjam.DecompressionError, OSError):
        raise Unpackable from None
    _unpacked.total += size
    return bytes(memoryview(room)[:size])


class _Lenient(bytearray):
    """Bytes whose parts are decoded whatever they hold."""

    def __getitem__(self, place: SupportsIndex | slice) -> Any:
        part = super().__getitem__(place)
        return _Lenient(part) if isinstance(part, bytearray) else part

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]
    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _Lenient):
            self._buffer = _Lenient(self._buffer)

    def unseen(self) -> Iterator[Any]:
        """Each record's place, and that it is too large."""
        for offset in range(self.base_offset, self.next_offset):
            yield SimpleNamespace(
                offset=offset,
                timestamp=self.max_timestamp,
                timestamp_type=self.timestamp_type,
                key=None,
                value=TooLarge(),
                checksum=None,
                headers=(),
            )


class _Records(fetcher.MemoryRecords):  # type: ignore[misc]
    """As fetched, to be looked into once more. Ends early once enough was unpacked."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw, self._most = raw, -1

    def has_next(self) -> bool:
        return (self._most < 0 or _unpacked.total < self._most) and bool(super().has_next())

    def next_batch(self) -> Any:
        if self._most < 0:
            self._most = _unpacked.total + ENOUGH
        return super().next_batch()


class _Slices(_MemoryRecordsPy):  # type: ignore[misc]
    """The batches one by one, unread, each with what follows it."""

    _pos: int
    _next_slice: memoryview | None

    def batches(self, raw: bytes) -> Iterator[tuple[_Batch, bytes]]:
        while self._next_slice is not None:
            part, end = self._next_slice, self._pos
            self._cache_next()
            yield _Batch(part), raw[end:]


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    _records: _Records
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Any]:
        while True:
            try:
                yield from super()._unpack_records()
                return
            except (UnicodeDecodeError, Unpackable) as error:
                raw, at = self._records.raw, self.next_fetch_offset
                batch, rest = next(b for b in _Slices(raw).batches(raw) if b[0].next_offset > at)
                seen = batch if isinstance(error, UnicodeDecodeError) else batch.unseen()
            for record in seen:
                if record.offset >= self.next_fetch_offset:
                    self.next_fetch_offset = record.offset + 1
                    yield self._consumer_record(self._tp, record)
            self.next_fetch_offset = batch.next_offset
            self._records = _Records(rest)


def read_them() -> None:
    """From now on, for every consumer of this process."""
    fetcher.MemoryRecords, fetcher.PartitionRecords = _Records, _PartitionRecords
    for module in (in_c, default_records):
        module.gzip_decode, module.zstd_decode, module.lz4_decode = _gzip, _zstd, _lz4
