"""Whether a corrected field is one that the event's contract knows: another would change nothing.

Readers pass over unknown fields in silence, so a slip in a name would look like a correction.
"""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from aiokafka.structs import ConsumerRecord
from pydantic import BaseModel

from shared.contracts.fact import fact_for, unknown_fields
from shared.errors import Refusal
from shared.http import texts
from shared.parked.corrections import Correction, opened, steps, written


class FieldUnknown(Refusal):
    """Isian {place} tidak dikenal dalam kejadian ini. Isian yang ada: {known}."""

    kind = "unprocessable"
    code = "isian-tidak-dikenal"
    english = "This event knows no field {place}. The fields that there are: {known}."


def check(record: ConsumerRecord, correction: Correction) -> None:
    """Raises FieldUnknown. `record`: as it is once it was corrected.

    What its sender added is left alone, and so is a whole new body: it may hold the same.
    """
    attributes, content, _ = opened(record)
    kind = fact_for(attributes.get("type", ""))
    if kind is None or content is None:
        return
    unknown = list(unknown_fields(kind, written(content)))
    for number, change in reversed(list(enumerate(correction.changes))):
        changed = steps(change.pointer)
        for places in unknown:
            if ["data", *map(str, places)][: len(changed)] == changed:
                raise FieldUnknown(
                    pointer=f"/changes/{number}/pointer",
                    place="/data" + texts.pointer(places),
                    known=", ".join(_beside(kind, places)),
                )


def _beside(kind: type[BaseModel], places: Sequence[int | str]) -> list[str]:
    """The fields that the contract knows in the same part of the body."""
    model = kind
    for place in places[:-1]:
        if isinstance(place, str):
            model = next(_parts(model.model_fields[place].annotation))
    return list(model.model_fields)


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    """The groups of fields that a field may hold, below `| None` and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
