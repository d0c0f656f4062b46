"""Identifiers: time-ordered ids for what people start, derived ids for what events cause."""

import os
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from uuid import UUID
from zlib import crc32

SLOTS = 16
"""Key slots of the outbox. Written into each row: changing it needs an empty outbox."""

_FIXED = (0xF << 76) | (0x3 << 62)
_VERSION_7 = (0x7 << 76) | (0x2 << 62)
"""What every UUIDv7 has at the places of _FIXED: its version and its variant."""
_REACTIONS = UUID("5b1c0d0e-8f5a-5d8e-9d3c-7f1f3b0c2a11")


def uuid7() -> UUID:
    """Make a UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, the rest random."""
    milliseconds = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big") & ~_FIXED
    return UUID(int=(milliseconds << 80) | chance | _VERSION_7)


def uuid7s(count: int) -> list[UUID]:
    """So many of them at once, in order: what is made within a millisecond keeps its order, too."""
    chance, moment = os.urandom(10 * count), (time.time_ns() // 1_000_000) << 80
    return [
        UUID(int=value)
        for value in sorted(
            moment | (int.from_bytes(chance[at : at + 10], "big") & ~_FIXED) | _VERSION_7
            for at in range(0, 10 * count, 10)
        )
    ]


def made_at(identifier: UUID) -> datetime | None:
    """The moment in a UUIDv7, or None when the id is of another version."""
    if identifier.version != 7:
        return None
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def is_fresh(identifier: UUID, now: datetime, within: timedelta = timedelta(minutes=1)) -> bool:
    """Whether another service may simply not have heard of this id yet."""
    made = made_at(identifier)
    return made is not None and abs(now - made) <= within


def reaction_id(consumer: str, source: str, event_id: str, n: int) -> UUID:
    """The id of the n-th event that `consumer` emits on one event.

    Derived, so that handling the event again yields the same id and not a second event.
    """
    return named(_REACTIONS, f"{consumer}\n{source}\n{event_id}\n{n}")


def named(space: UUID, name: str) -> UUID:
    """What uuid5 makes, without its detours: the receipt of every event needs one."""
    return UUID(bytes=sha1(space.bytes + name.encode()).digest()[:16], version=5)  # noqa: S324


def slot_of(key: str) -> int:
    """The slot of a key: events of one key leave through one relay, in order."""
    return crc32(key.encode()) % SLOTS
