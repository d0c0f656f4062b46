"""A local issuer for demo and tests. Refuses to work unless BINAAN_LOCAL_ISSUER is on."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.ids import uuid7

ALGORITHM = "Ed25519"


def make_keys(folder: Path) -> tuple[Path, Path]:
    """Write a new private key (mode 0600) and its jwks.json; returns both paths.

    Raises FileExistsError rather than replace a key whose tokens are in use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / "issuer.key.json", folder / "jwks.json"
    key = OKPKey.generate_key(
        "Ed25519", parameters={"kid": str(uuid7()), "use": "sig", "alg": ALGORITHM}
    )
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(key.as_dict(private=True)))
    public.write_bytes(orjson.dumps({"keys": [key.as_dict(private=False)]}))
    return private, public


def read_key(path: Path) -> OKPKey:
    """The private key that `make_keys` wrote. Raises OSError, ValueError."""
    return OKPKey.import_key(orjson.loads(path.read_bytes()))


def sign(
    key: OKPKey,
    *,
    issuer: str,
    audience: str,
    subject: str,
    roles: Sequence[str],
    areas: Sequence[str],
    office: str | None = None,
    seconds: int = 12 * 3600,
) -> str:
    """A bearer token for `subject`, valid from now for `seconds`."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "iat": now,
        "nbf": now,
        "exp": now + seconds,
        "jti": str(uuid7()),
        "roles": list(roles),
        "areas": list(areas),
    }
    if office is not None:
        claims["office"] = office
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])
