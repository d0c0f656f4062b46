"""The forms that several commands share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Hours = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
Score = Annotated[int, Field(ge=1, le=5)]
# Free text of staff; it stays in training. Line breaks are fine, other control characters not.
Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class Command(BaseModel):
    """A wish, as it comes in: strict, whole, unchanging."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
