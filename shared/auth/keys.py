"""The issuer's public keys: fetched, cached, and fetched again when a key id is unknown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from shared.logs import log

Fetch = Callable[[], Awaitable[bytes]]
RETRY_SECONDS = 30.0
MAX_AGE_SECONDS = 600.0
"""A key that the issuer has withdrawn is forgotten after this long."""
_CURVES = {"Ed25519", "P-256"}
_MIN_RSA_LETTERS = 342  # 2048 bits in base64url


class KeysUnavailable(Exception):
    """No public key could be fetched yet: nobody can be told from anybody else."""


def from_file(path: Path) -> Fetch:
    """JWKS from a file, read anew at each refresh."""

    async def fetch() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return fetch


class PublicKeys:
    """Keys by key id. `fetch` gives the JWKS document; a failing fetch keeps the keys we have."""

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._set = KeySet([])
        self._ids: frozenset[str] = frozenset()
        self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def having(self, kid: str) -> KeySet | None:
        """The set if it has this key id, else None. Raises KeysUnavailable when there is none.

        An unknown id asks the issuer again, at most every 30 seconds.
        """
        if self._is_due(kid):
            async with self._lock:
                if self._is_due(kid):
                    await self._refresh()
        if not self._ids:
            raise KeysUnavailable
        return self._set if kid in self._ids else None

    def _is_due(self, kid: str) -> bool:
        age = self._clock() - self._tried
        return age > MAX_AGE_SECONDS or (kid not in self._ids and age > RETRY_SECONDS)

    async def _refresh(self) -> None:
        try:
            keys = usable_keys(await self._fetch())
        except (OSError, ValueError, JoseError, TimeoutError) as error:
            log.warning("jwks_unavailable", error=error)
            return
        finally:
            self._tried = self._clock()
        if keys:
            self._set = KeySet(keys)
            self._ids = frozenset(key.kid for key in keys if key.kid)
        else:
            log.warning("jwks_has_no_usable_key")


def usable_keys(document: bytes) -> list[Key]:
    """The public signature keys in a JWKS; others are left out. Raises ValueError, JoseError."""
    try:
        entries = orjson.loads(document)["keys"]
        return [key for entry in entries if (key := _key(entry)) is not None]
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a JWKS document") from None


def _key(entry: dict[str, str | list[str]]) -> Key | None:
    if not entry.get("kid") or entry.get("use", "sig") != "sig" or "d" in entry:
        return None
    kind, curve = entry.get("kty"), entry.get("crv")
    if kind == "OKP" and curve in _CURVES:
        return OKPKey.import_key(entry)
    if kind == "EC" and curve in _CURVES:
        return ECKey.import_key(entry)
    if kind == "RSA" and len(entry.get("n", "")) >= _MIN_RSA_LETTERS:
        return RSAKey.import_key(entry)
    return None
