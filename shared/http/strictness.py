"""Rules for a table of routes that are checked when the application is built, not when it runs."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from shared.http.types import Route

_REFERENCES = (UUID, int, bool, date, AwareDatetime, Decimal, NoneType)
_PLACES = re.compile(r"\{(\w+)\}")


def check_routes(routes: Sequence[Route]) -> None:
    """Raises ValueError with every broken rule of the table, in one message."""
    wrong = [f"{r.method} {r.path}: {complaint}" for r in routes for complaint in _complaints(r)]
    names = [(route.method, route.path) for route in routes]
    wrong += [f"{m} {p}: declared twice" for m, p in sorted(set(names)) if names.count((m, p)) > 1]
    if wrong:
        raise ValueError("\n".join(wrong))


def _complaints(route: Route) -> Iterator[str]:
    if not route.path.startswith("/v1/"):
        yield "the path must begin with /v1/"
    if route.method == "GET" and (route.body or route.if_match):
        yield "a GET takes neither a body nor If-Match"
    if route.unparsed and (route.method != "POST" or route.body is None or route.if_match):
        yield "an unparsed body is a POST's, is described, and changes no row"
    for model in filter(None, (None if route.unparsed else route.body, route.query)):
        yield from _input_complaints(model)
    for name in sorted(route.path_texts - set(_PLACES.findall(route.path))):
        yield f"there is no {name} in the path"
    if route.keyed:
        yield from _stored_complaints(route.answer)
    yield from _reach_complaints(route)


def _input_complaints(model: type[BaseModel]) -> Iterator[str]:
    for owner in models_in(model):
        if owner.model_config.get("extra") != "forbid":
            yield f"{owner.__name__} must forbid unknown fields"
        for name, field in owner.model_fields.items():
            leaves = list(_leaves(field.annotation))
            if datetime in leaves:
                yield f"{owner.__name__}.{name} must be an AwareDatetime"
            if time in leaves or float in leaves or Any in leaves:
                yield f"{owner.__name__}.{name} must not be a time, a float or Any"


def _stored_complaints(answer: type[BaseModel]) -> Iterator[str]:
    """The answer of a POST is stored for two days: references only, no personal data."""
    for owner in models_in(answer):
        for name, field in owner.model_fields.items():
            for leaf in _leaves(field.annotation):
                if not _is_reference(leaf):
                    yield f"{owner.__name__}.{name} is stored and must not be {leaf}"


def _is_reference(leaf: Any) -> bool:
    if get_origin(leaf) is Literal or leaf in _REFERENCES:
        return True
    return isinstance(leaf, type) and issubclass(leaf, enum.Enum | BaseModel)


def _reach_complaints(route: Route) -> Iterator[str]:
    reach = route.reach
    in_path = set(_PLACES.findall(route.path)) - route.path_texts
    if reach.how == "body" and (route.body is None or reach.field not in route.body.model_fields):
        yield f"reach: the body has no {reach.field}"
    if reach.how in ("answer", "filter") and route.method != "GET":
        yield "reach: only a GET may be checked by its answer, a POST has happened by then"
    if reach.how == "answer" and reach.field not in route.answer.model_fields:
        yield f"reach: the answer has no {reach.field}"
    if reach.how == "filter" and "items" not in route.answer.model_fields:
        yield "reach: a list's answer has `items`"
    if reach.how == "row":
        for argument in reach.arguments:
            source, _, name = argument.rpartition(".")
            known = in_path if not source else set(route.body.model_fields if route.body else ())
            if source not in ("", "body") or name not in known:
                yield f"reach: there is no {argument}"


def models_in(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and all models in its fields, each once."""
    seen: set[type[BaseModel]] = set()
    ahead = [model]
    while ahead:
        owner = ahead.pop()
        if owner in seen:
            continue
        seen.add(owner)
        yield owner
        for field in owner.model_fields.values():
            ahead += [
                leaf
                for leaf in _leaves(field.annotation)
                if isinstance(leaf, type) and issubclass(leaf, BaseModel)
            ]


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types inside unions, lists and Annotated; a Literal is a leaf."""
    if hasattr(annotation, "__value__"):
        annotation = annotation.__value__
    if get_origin(annotation) in (None, Literal) or annotation is AwareDatetime:
        yield annotation
        return
    arguments = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        arguments = arguments[:1]
    for argument in arguments:
        if argument is not Ellipsis:
            yield from _leaves(argument)
