"""The forms that several commands share."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.marketing.domain.refusals import DayAhead

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


def on_paper(day: date | None, today: date, pointer: str) -> date:
    """The day that an entry is about: today, unless it was on paper earlier. Raises DayAhead."""
    if day is not None and day > today:
        raise DayAhead(pointer=pointer)
    return day or today
