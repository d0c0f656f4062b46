"""NIK and family card numbers at rest: the one place that seals, finds and opens them.

Sealed bytes are bound to their row. A number is found again by its blind index, which says nothing
to whoever lacks the key.
"""

from functools import cache
from uuid import UUID

from shared.privacy import Keys
from shared.settings import load_settings

_IDENTITY = "person.identity"
_HOUSEHOLD = "household.number"


@cache
def keys() -> Keys:
    """The installation's keys. Raises SettingsError when the environment has none."""
    return Keys(load_settings("staff").secret_keys)


def seal_identity(digits: str, person_id: UUID) -> bytes:
    """A person's 16 digits as they lie in her row."""
    return keys().seal(digits, f"{_IDENTITY}:{person_id}")


def open_identity(sealed: bytes, person_id: UUID) -> str:
    """A person's 16 digits. Raises shared.privacy.Unreadable."""
    return keys().unseal(sealed, f"{_IDENTITY}:{person_id}")


def identity_indexes(digits: str) -> list[bytes]:
    """What to look for: under the current key first, then under older ones. The first is stored."""
    return keys().blind_indexes(digits, _IDENTITY)


def seal_household(number: str, household_id: UUID) -> bytes:
    """A family card's number as it lies in the household's row."""
    return keys().seal(number, f"{_HOUSEHOLD}:{household_id}")


def household_indexes(number: str) -> list[bytes]:
    """As `identity_indexes`, for a family card's number."""
    return keys().blind_indexes(number, _HOUSEHOLD)
