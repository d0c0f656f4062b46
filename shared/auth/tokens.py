"""From a bearer token to an Actor, or a reason why not."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeGuard

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from shared.actor import EVERYWHERE, ROLES, Actor
from shared.auth.keys import PublicKeys

ALGORITHMS = ("Ed25519", "EdDSA", "ES256", "RS256")
LEEWAY_SECONDS = 10
REMEMBER_SECONDS = 300
_REMEMBERED = 4096
_MAX_TOKEN = 8192
_AREA = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")

Reason = Literal[
    "missing", "malformed", "signature", "key", "expired", "early", "issuer", "audience", "claims"
]


class TokenRefused(Exception):
    """The token doesn't say who acts. `reason` is for the caller; no part of the token is kept."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class TokenCheck:
    """Checks tokens of one issuer for one audience, and remembers those that were right.

    A remembered token is not checked again until it expires, five minutes at most.
    """

    def __init__(
        self,
        keys: PublicKeys,
        issuer: str,
        audience: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys, self._issuer, self._audience, self._clock = keys, issuer, audience, clock
        self._known: dict[str, tuple[Actor, float]] = {}

    def remembered(self, token: str) -> Actor | None:
        """The actor of a token that was checked before and still holds."""
        known = self._known.get(token)
        if known is None or known[1] <= self._clock():
            return None
        return known[0]

    async def check(self, token: str) -> Actor:
        """The actor. Raises TokenRefused, or KeysUnavailable when the issuer can't be reached."""
        known = self.remembered(token)
        if known is not None:
            return known
        key_set = await self._keys.having(_key_id(token))
        if key_set is None:
            raise TokenRefused("key")
        claims = _verified(token, key_set)
        now = self._clock()
        expires = self._checked_times(claims, now)
        if claims.get("iss") != self._issuer:
            raise TokenRefused("issuer")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenRefused("audience")
        actor = actor_of(claims)
        if len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known.pop(token, None)
        self._known[token] = (actor, min(expires, now + REMEMBER_SECONDS))
        return actor

    @staticmethod
    def _checked_times(claims: Mapping[str, Any], now: float) -> float:
        expires, starts = claims.get("exp"), claims.get("nbf", 0)
        if not _is_number(expires) or not _is_number(starts):
            raise TokenRefused("claims")
        if expires + LEEWAY_SECONDS <= now:
            raise TokenRefused("expired")
        if starts - LEEWAY_SECONDS > now:
            raise TokenRefused("early")
        return float(expires + LEEWAY_SECONDS)


def actor_of(claims: Mapping[str, Any]) -> Actor:
    """Subject, roles, areas and office. Roles that we don't know count for nothing."""
    subject, office = claims.get("sub"), claims.get("office")
    roles, areas = claims.get("roles", []), claims.get("areas", [])
    if not isinstance(subject, str) or not 1 <= len(subject) <= 200 or "\0" in subject:
        raise TokenRefused("claims")
    if not _is_texts(roles) or not _is_texts(areas) or not isinstance(office, str | None):
        raise TokenRefused("claims")
    if not all(area == EVERYWHERE or _AREA.fullmatch(area) for area in areas):
        raise TokenRefused("claims")
    return Actor(subject, ROLES & set(roles), tuple(sorted(set(areas))), office)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _key_id(token: str) -> str:
    if len(token) > _MAX_TOKEN:
        raise TokenRefused("malformed")
    try:
        header = extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError):
        raise TokenRefused("malformed") from None
    kid = header.get("kid")
    if header.get("alg") not in ALGORITHMS or not isinstance(kid, str):
        raise TokenRefused("malformed")
    return kid


def _verified(token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        with warnings.catch_warnings():
            # Issuers still say "EdDSA" where RFC 9864 says "Ed25519"; on our keys it is the same.
            warnings.simplefilter("ignore")
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except BadSignatureError:
        raise TokenRefused("signature") from None
    except (JoseError, ValueError):
        raise TokenRefused("malformed") from None
