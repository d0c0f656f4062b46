"""The forms that several commands share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Amount = Annotated[int, Field(ge=0, le=1_000_000_000_000)]  # rupiah
# Free text of staff; it stays in marketing. Line breaks are fine, other control characters not.
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class Command(BaseModel):
    """A wish, as it comes in: strict, whole, unchanging."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
