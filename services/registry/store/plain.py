"""Values of the domain as JSON for a column."""

import json
from decimal import Decimal


def to_json(value: object) -> str:
    """Parts by their fields, decimals and dates as text."""
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    return str(value)
