"""Who may call: a token, one of the route's roles, and an area that reaches what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from shared.actor import EVERYWHERE, Actor
from shared.auth import KeysUnavailable, TokenCheck, TokenRefused
from shared.http.problems import Fault, Problem
from shared.http.types import Call, Reach, Route

if TYPE_CHECKING:
    from shared.db import Connection

REASONS = {
    "missing": ("Sertakan Authorization: Bearer <token>.", "Send Authorization: Bearer <token>."),
    "malformed": ("Token ini tidak terbaca.", "The token is malformed."),
    "signature": ("Tanda tangan token salah.", "The token's signature is wrong."),
    "key": ("Kunci token tidak dikenal.", "The token's key is unknown."),
    "expired": ("Token sudah kedaluwarsa.", "The token has expired."),
    "early": ("Token belum berlaku.", "The token is not valid yet."),
    "issuer": ("Penerbit token bukan yang kami percaya.", "We don't trust the token's issuer."),
    "audience": ("Token ini bukan untuk layanan ini.", "The token is not for this service."),
    "claims": ("Isi token tidak lengkap atau salah.", "The token's claims are wrong."),
}


async def actor_of(header: str | None, tokens: TokenCheck) -> Actor:
    """The actor of an Authorization header. Raises Problem 401, or 503 while nobody can be told."""
    scheme, _, token = (header or "").partition(" ")
    if not token or scheme.lower() != "bearer":
        raise _unauthorised("perlu-token", "missing")
    known = tokens.remembered(token)
    if known is not None:
        return known
    try:
        return await tokens.check(token)
    except TokenRefused as refused:
        raise _unauthorised("token-tidak-sah", refused.reason) from None
    except KeysUnavailable:
        raise Problem("belum-siap", headers={"Retry-After": "30"}) from None


def check_role(route: Route, actor: Actor) -> None:
    """Raises Problem 403 unless the actor has one of the route's roles."""
    if route.allow.isdisjoint(actor.roles):
        may = ", ".join(sorted(route.allow))
        only = (f"Hanya untuk peran: {may}.", f"Only for the roles: {may}.")
        raise Problem("peran-tidak-cukup", [Fault("header:Authorization", "role", *only)])


async def check_reach(reach: Reach, call: Call) -> None:
    """Before the action: raises Problem 403 when what is asked for lies elsewhere."""
    if EVERYWHERE in call.actor.areas:
        return
    if reach.how == "body":
        place = str(getattr(call.body, reach.field))
        _check(call.actor, [place], f"/{reach.field}")
    elif reach.how == "row":
        given = [_argument(call, argument) for argument in reach.arguments]

        async def kelurahan(conn: Connection) -> list[str]:
            rows = await conn.fetch(reach.sql, *given)
            return [row[0] for row in rows if row[0] is not None]

        places = await call.read(kelurahan)
        if places:
            _check(call.actor, places, "")


def check_answer(reach: Reach, actor: Actor, body: BaseModel) -> None:
    """After the action: raises Problem 403, or AssertionError when a list forgot its filter."""
    if EVERYWHERE in actor.areas:
        return
    if reach.how == "answer":
        _check(actor, [str(getattr(body, reach.field))], "")
    elif reach.how == "filter":
        for item in getattr(body, "items"):  # noqa: B009 - lists are any model with `items`
            if not actor.reaches(str(getattr(item, reach.field))):
                raise AssertionError("a list holds what the caller may not see")


def _argument(call: Call, name: str) -> object:
    if name.startswith("body."):
        return getattr(call.body, name.removeprefix("body."))
    return call.path[name]


def _check(actor: Actor, places: Sequence[str], pointer: str) -> None:
    if not any(actor.reaches(place) for place in places):
        outside = Fault(
            pointer, "di-luar-wilayah", "Di luar wilayah kerja Anda.", "Outside your area of work."
        )
        raise Problem("di-luar-wilayah", [outside])


def _unauthorised(code: str, reason: str) -> Problem:
    challenge = 'Bearer realm="binaan"'
    if code == "token-tidak-sah":
        challenge += f', error="invalid_token", error_description="{REASONS[reason][1]}"'
    fault = Fault("header:Authorization", reason, *REASONS[reason])
    return Problem(code, [fault], {"WWW-Authenticate": challenge})
