"""What the views of marketing share."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.errors import Language, Needed


class View(BaseModel):
    """An answer: frozen."""

    model_config = ConfigDict(frozen=True)


class NeededView(View):
    """A fact that is missing: what, who can supply it, by when, about which row."""

    fact: str
    who: str
    by: date | None
    about: UUID | None
    detail: str


def needed_view(needed: Needed, language: Language) -> NeededView:
    """The fact in the reader's language."""
    return NeededView(
        fact=needed.fact,
        who=needed.who,
        by=needed.by,
        about=needed.about,
        detail=needed.text(language),
    )


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with decimals as the shortest string: '4.500' is shown as '4.5'."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in row.items()
    }
