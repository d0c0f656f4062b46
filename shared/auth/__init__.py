"""Bearer tokens: JWTs of a configured issuer in, an Actor out."""

from shared.auth.keys import KeysUnavailable, PublicKeys, from_file
from shared.auth.tokens import TokenCheck, TokenRefused

__all__ = ["KeysUnavailable", "PublicKeys", "TokenCheck", "TokenRefused", "from_file"]
