"""An issuer of the tests' own."""

from __future__ import annotations

from functools import cache

import orjson
from joserfc.jwk import OKPKey

from shared.auth.issuer import sign

ISSUER, AUDIENCE = "https://issuer.test", "binaan"


@cache
def issuer_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", parameters={"kid": "test", "use": "sig"})


@cache
def token(role: str, areas: str = "*", subject: str = "", office: str | None = None) -> str:
    """A good token; `role` and `areas` may name several, with commas."""
    return sign(
        issuer_key(),
        issuer=ISSUER,
        audience=AUDIENCE,
        subject=subject or f"test-{role}",
        roles=role.split(","),
        areas=areas.split(",") if areas else [],
        office=office,
    )


async def jwks() -> bytes:
    """The public half, as a JWKS document."""
    return orjson.dumps({"keys": [issuer_key().as_dict(private=False)]})
