"""What a published fact is, the registry of all of them, and how others read them.

Published strictly: unknown fields and codes are refused. Read openly: an unknown field is ignored
and an enumeration is any code, so that yesterday's reader survives today's writer.
"""

import types
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from shared.contracts.values import Code


class Part(BaseModel):
    """A group of fields inside a fact."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Fact(Part):
    """Something that happened, told in past tense: the full state of one aggregate, ids and codes.

    Never a name, a telephone number, a NIK or free text about a person.
    """

    TYPE: ClassVar[str]  # the CloudEvents type, `<reverse-dns>.<service>.<aggregate>.<past>.v<n>`
    TOPIC: ClassVar[str]
    KEY: ClassVar[str]  # the field that holds the aggregate's id: subject, partitionkey, record key
    BESIDE: "ClassVar[type[Fact] | None]" = None  # the version before, while it is told as well

    occurred_on: date  # the business date in the city's zone; when it was recorded is `ce_time`

    @property
    def key(self) -> str:
        """The aggregate's id as text, as it stands in `ce_subject` and in the record's key."""
        return str(getattr(self, self.KEY))

    def earlier(self) -> "Fact | None":
        """The same news in the form of `BESIDE`; None where there is none, as nearly always."""
        return None


FACTS: dict[str, type[Fact]] = {}

F = TypeVar("F", bound=Fact)
M = TypeVar("M", bound=BaseModel)


def published(
    fact_type: str, *, topic: str, key: str, beside: type[Fact] | None = None
) -> Callable[[type[F]], type[F]]:
    """Register a fact under its CloudEvents type. ValueError when the type is taken.

    `beside`: the version before, which is told as well until nobody reads it (decision 0021).
    """

    def register(fact: type[F]) -> type[F]:
        if fact_type in FACTS:
            raise ValueError(f"two facts are named {fact_type}")
        fact.TYPE, fact.TOPIC, fact.KEY, fact.BESIDE = fact_type, topic, key, beside
        FACTS[fact_type] = fact
        return fact

    return register


def later(fact: type[Fact]) -> type[Fact] | None:
    """The version beside which this one is still told; None: it is the newest."""
    return next((newer for newer in FACTS.values() if newer.BESIDE is fact), None)


def fact_for(fact_type: str) -> type[Fact] | None:
    """The fact of a CloudEvents type; None when nobody has declared it."""
    return FACTS.get(fact_type)


@cache
def read_model(model: type[M]) -> type[M]:
    """The reader's form of a fact: a subclass that ignores unknown fields and takes any code."""
    fields: dict[str, Any] = {
        name: (opened, field)
        for name, field in model.model_fields.items()
        if (opened := _opened(field.annotation)) is not field.annotation
    }
    return create_model(
        model.__name__, __base__=model, __cls_kwargs__={"extra": "ignore"}, **fields
    )


def unknown_fields(model: type[Fact], body: bytes) -> Iterator[tuple[int | str, ...]]:
    """Where in a body fields stand that the contract doesn't know: readers pass over them."""
    try:
        model.model_validate_json(body)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            if problem["type"] == "extra_forbidden":
                yield problem["loc"]


def _opened(annotation: Any) -> Any:
    """The annotation with any code for each enumeration and the reader's form for each part."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return read_model(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Code if all(isinstance(value, str) for value in arguments) else annotation
    if origin is Annotated:
        return Annotated[_opened(arguments[0]), *arguments[1:]]
    opened = tuple(_opened(argument) for argument in arguments)
    if opened == arguments:
        return annotation
    if origin in (Union, types.UnionType):
        return Union[opened]  # noqa: UP007  a union made at run time
    return origin[opened]
