"""The form of what comes in, and the checks that every command needs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from services.registry.domain.refusals import UnknownKelurahan
from shared.contracts.areas import area

# Free text of staff; it stays in the registry. Line breaks are fine, other control characters not.
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class Command(BaseModel):
    """A wish that may be refused. Unknown fields are."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def in_the_city(kelurahan: str) -> None:
    """Raises UnknownKelurahan for a code that the city doesn't have."""
    if area(kelurahan) is None:
        raise UnknownKelurahan(pointer="/kelurahan", kelurahan=kelurahan)
