"""What names a person at rest: the one place that seals, finds and opens it.

Sealed bytes are bound to their row. A number is found again by its blind index, which says nothing
to whoever lacks the key.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from shared.privacy import Keys
from shared.resealing import SealedRows
from shared.settings import load_settings

_IDENTITY = "person.identity"
_HOUSEHOLD = "household.number"
_WAITED_FOR = "person.waited-for"
_PRIVATE = "person.private"


class Private(NamedTuple):
    """What else names a person or reaches her."""

    name: str
    birth_date: date
    phone: str | None


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


def waiting_indexes(digits: str) -> list[bytes]:
    """As `identity_indexes`, for what waits until the number is registered: nothing to join by."""
    return keys().blind_indexes(digits, _WAITED_FOR)


def seal_private(private: Private, person_id: UUID) -> bytes:
    """Name, birth date and phone as they lie in a person's row."""
    return _sealed_private(keys(), private, person_id)


def open_private(sealed: bytes, person_id: UUID) -> Private:
    """Name, birth date and phone of a person. Raises shared.privacy.Unreadable."""
    found = json.loads(keys().unseal(sealed, f"{_PRIVATE}:{person_id}"))
    return Private(found["name"], date.fromisoformat(found["birth_date"]), found["phone"])


def seal_household(number: str, household_id: UUID) -> bytes:
    """A family card's number as it lies in the household's row."""
    return keys().seal(number, f"{_HOUSEHOLD}:{household_id}")


def household_indexes(number: str) -> list[bytes]:
    """As `identity_indexes`, for a family card's number."""
    return keys().blind_indexes(number, _HOUSEHOLD)


def _sealed_private(keys: Keys, private: Private, person_id: UUID) -> bytes:
    plain = json.dumps(private._asdict() | {"birth_date": private.birth_date.isoformat()})
    return keys.seal(plain, f"{_PRIVATE}:{person_id}")


def _renewed_person(keys: Keys, row: Mapping[str, Any]) -> dict[str, object]:
    """What lies in clear from before 0004 is sealed here as well."""
    person_id, renewed = row["person_id"], dict[str, object]()
    about = f"{_IDENTITY}:{person_id}"
    if (identity := keys.resealed(row["identity"], about)) is not None:
        digits = keys.unseal(identity, about)
        renewed |= {"identity": identity, "identity_index": keys.blind_index(digits, _IDENTITY)}
    if row["private"] is None:
        private = Private(row["name"], row["birth_date"], row["phone"])
        renewed |= {"name": None, "birth_date": None, "phone": None}
        return renewed | {"private": _sealed_private(keys, private, person_id)}
    if (sealed := keys.resealed(row["private"], f"{_PRIVATE}:{person_id}")) is not None:
        renewed["private"] = sealed
    return renewed


def _renewed_household(keys: Keys, row: Mapping[str, Any]) -> dict[str, object]:
    about = f"{_HOUSEHOLD}:{row['household_id']}"
    if (number := keys.resealed(row["number"], about)) is None:
        return {}
    digits = keys.unseal(number, about)
    return {"number": number, "number_index": keys.blind_index(digits, _HOUSEHOLD)}


SEALED = (
    SealedRows("household", "household_id", _renewed_household),
    SealedRows("person", "person_id", _renewed_person),
)
"""What `registry reseal` goes over."""
