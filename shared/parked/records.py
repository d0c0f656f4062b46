"""A record of Kafka as bytes that can be kept, encrypted, and read again exactly as it came."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiokafka.structs import ConsumerRecord

from shared.privacy import Keys

_SEALED_FOR = "parked.record"


def seal(keys: Keys, record: ConsumerRecord) -> bytes:
    """The record's content, encrypted: a parked event may hold anything, a NIK too."""
    content = {
        "key": _hex(record.key),
        "value": _hex(record.value),
        # not by _hex: a dozen calls for each event that waits
        "headers": [[n, None if v is None else v.hex()] for n, v in record.headers],
        "timestamp": record.timestamp,
    }
    return keys.seal_bytes(orjson.dumps(content), _SEALED_FOR)


def unseal(keys: Keys, row: Mapping[str, Any]) -> ConsumerRecord:
    """The record of a row of `parked`. Raises privacy.Unreadable without its key."""
    content = orjson.loads(keys.unseal_bytes(row["record"], _SEALED_FOR))
    headers = [(name, _bytes(value)) for name, value in content["headers"]]
    return made(
        row, _bytes(content["key"]), _bytes(content["value"]), headers, content["timestamp"]
    )


def resealed(keys: Keys, row: Mapping[str, Any]) -> bytes | None:
    """The same under the current key, None when it is. Raises privacy.Unreadable."""
    return keys.resealed(row["record"], _SEALED_FOR)


def made(
    row: Mapping[str, Any],
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes | None]],  # a header may be without a value
    timestamp: int,
) -> ConsumerRecord:
    """A record at the place (topic, partition, offset) of a row of `parked`."""
    return ConsumerRecord(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["record_offset"],
        timestamp=timestamp,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value or b""),
        headers=tuple(headers),
    )


def _hex(raw: bytes | None) -> str | None:
    return None if raw is None else raw.hex()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
