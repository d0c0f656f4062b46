"""The types of values that facts are made of. None of them lets a NUL, a NaN or a naive time in."""

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

# A code of a vocabulary that grows by itself (units, sectors).
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$", max_length=64)]
# One line written by staff about an event or a place, never about a person. No control characters.
Line = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", min_length=1, max_length=200)
]
# Kemendagri codes: kelurahan `36.74.06.1005`, city or regency `36.74`.
KelurahanCode = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")
]
CityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}$")]
# A reference of an outside office's own: never a NIK, since keys lie in clear wherever events go.
OfficeRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
# A quantity without a unit, as a decimal string: floats lose cents and jars.
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$")]
# Indonesian rupiah, whole.
Rupiah = Annotated[int, Field(ge=0, le=1_000_000_000_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
# A moment with its offset (RFC 3339).
Instant = AwareDatetime


def quantity(value: Decimal) -> Quantity:
    """Render a decimal as facts carry it: fixed point, without trailing zeros or an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
