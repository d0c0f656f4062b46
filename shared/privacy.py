"""Personal data at rest: encryption with a key id, keyed blind indexes and keyed digests.

Nothing that can be enumerated (a NIK has few unknown digits) is ever hashed without a key. Every
use has a key of its own, derived by HKDF-SHA256 from the master key. Rotation: put the new key
first in BINAAN_SECRET_KEYS, restart, run over the rows with `resealed`, then drop the old key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORMAT = 1
_NONCE = 12
_SIXTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
# A UUID or a trace id as a machine writes it: of 250 such, one has sixteen digits in a row.
_MADE_AT_RANDOM = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{32}(?![0-9A-Za-z])")


class Unreadable(Exception):
    """Sealed bytes of a key we don't have, of another row, or changed. Names no value."""


class Keys:
    """The installation's secret keys by id; the first one is current.

    One process has one, from `settings.secret_keys`; tests make their own.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one secret key is needed")
        for key_id, key in keys.items():
            if len(key) != 32 or not 1 <= len(key_id) <= 32 or ":" in key_id:
                raise ValueError("a secret key is 32 bytes with an id of 1-32 characters")
        self._masters = dict(keys)
        self.current = next(iter(keys))
        self._derived = lru_cache(maxsize=256)(self._derive)

    def __repr__(self) -> str:
        return f"Keys({', '.join(self._masters)})"

    def seal(self, plain: str, about: str) -> bytes:
        """Encrypt with the current key. `about` binds the bytes to their row and column.

        Give `about` like "person.nik:<person_id>": moved elsewhere, the bytes can't be opened.
        """
        return self.seal_bytes(plain.encode(), about)

    def unseal(self, sealed: bytes, about: str) -> str:
        """Decrypt what `seal` gave for the same `about`. Raises Unreadable."""
        return self.unseal_bytes(sealed, about).decode()

    def seal_bytes(self, plain: bytes, about: str) -> bytes:
        """The same for raw bytes (a parked record)."""
        head = bytes((_FORMAT, len(self.current))) + self.current.encode()
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self._derived(self.current, "seal"))
        return head + nonce + cipher.encrypt(nonce, plain, head + about.encode())

    def unseal_bytes(self, sealed: bytes, about: str) -> bytes:
        """Decrypt what `seal_bytes` gave for the same `about`. Raises Unreadable."""
        key_id = sealed_by(sealed)
        if key_id not in self._masters:
            raise Unreadable("sealed with a key that is not configured")
        end = 2 + len(key_id)
        nonce, text = sealed[end : end + _NONCE], sealed[end + _NONCE :]
        cipher = AESGCM(self._derived(key_id, "seal"))
        try:
            return cipher.decrypt(nonce, text, sealed[:end] + about.encode())
        except (InvalidTag, ValueError):
            raise Unreadable("changed, or of another row") from None

    def resealed(self, sealed: bytes, about: str) -> bytes | None:
        """The same under the current key, or None when it already is. Raises Unreadable."""
        if sealed_by(sealed) == self.current:
            return None
        return self.seal_bytes(self.unseal_bytes(sealed, about), about)

    def blind_index(self, value: str, purpose: str) -> bytes:
        """What a unique constraint stands on: equal for equal values, says nothing without key."""
        return hmac.digest(
            self._derived(self.current, f"index {purpose}"), value.encode(), "sha256"
        )

    def blind_indexes(self, value: str, purpose: str) -> list[bytes]:
        """For look-ups while keys rotate: `where nik_index = any($1)`. The current one first."""
        return [
            hmac.digest(self._derived(key_id, f"index {purpose}"), value.encode(), "sha256")
            for key_id in self._masters
        ]

    def digest(self, content: bytes, purpose: str) -> bytes:
        """A keyed digest to compare contents with later. It carries its key's id."""
        key = self._derived(self.current, f"digest {purpose}")
        return self.current.encode() + b":" + hmac.digest(key, content, "sha256")

    def is_digest_of(self, stored: bytes, content: bytes, purpose: str) -> bool:
        """Whether `stored` is the digest of this content, under whichever key it was made.

        False as well when that key is gone.
        """
        key_id = stored[:-33].decode(errors="replace")
        if key_id not in self._masters:
            return False
        key = self._derived(key_id, f"digest {purpose}")
        return hmac.compare_digest(stored[-32:], hmac.digest(key, content, "sha256"))

    def derived(self, use: str) -> tuple[str, bytes]:
        """The current key's id and the 32-byte key derived from it for one use."""
        return self.current, self._derived(self.current, use)

    def _derive(self, key_id: str, use: str) -> bytes:
        hkdf = HKDF(SHA256(), 32, salt=hashlib.sha256(b"binaan").digest(), info=use.encode())
        return hkdf.derive(self._masters[key_id])


def names_a_person(text: str) -> bool:
    """Whether it holds what may be a NIK or a family card's number: sixteen digits in a row.

    Those inside 32 hexadecimal digits are chance.
    """
    if _SIXTEEN_DIGITS.search(text) is None:
        return False
    return _SIXTEEN_DIGITS.search(_MADE_AT_RANDOM.sub("", text)) is not None


def sealed_by(sealed: bytes) -> str:
    """The id of the key that sealed these bytes. Raises Unreadable."""
    if len(sealed) < 2 + _NONCE + 16 or sealed[0] != _FORMAT:
        raise Unreadable("not sealed by us")
    return sealed[2 : 2 + sealed[1]].decode(errors="replace")
