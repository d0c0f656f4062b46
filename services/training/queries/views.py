"""What the views of training share."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """An answer: frozen."""

    model_config = ConfigDict(frozen=True)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with decimals as the shortest string: '4.50' is shown as '4.5'."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in row.items()
    }
