"""A refusal is a business "no". It knows no HTTP and no Kafka; the edges translate it."""

from __future__ import annotations

from typing import ClassVar, Literal

Kind = Literal[
    "malformed",
    "unprocessable",
    "not_found",
    "conflict",
    "not_yet",
    "forbidden",
    "stale",
]
Language = Literal["id", "en"]


class Refusal(Exception):
    """Permintaan ini tidak dapat dipenuhi."""

    # The docstring of a subclass IS its Indonesian message and may use {facts}; `english` is the
    # same sentence. Facts are shown to the caller: ids, codes, counts and dates, never a person's
    # name, phone or NIK. str() is the code alone, so that a logged refusal carries no value.

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "ditolak"
    english: ClassVar[str] = "This request cannot be fulfilled."

    def __init_subclass__(cls, **rest: object) -> None:
        super().__init_subclass__(**rest)
        for needed in ("__doc__", "code", "english"):
            if not cls.__dict__.get(needed):
                raise TypeError(f"{cls.__name__} has no {needed} of its own")

    def __init__(self, *, pointer: str = "", **facts: object) -> None:
        """`pointer`: JSON pointer into the request's body ("/kelurahan"), empty for the whole."""
        super().__init__(self.code)
        self.pointer = pointer
        self.facts = facts

    def message(self, language: Language = "id") -> str:
        """The sentence for people, in their language."""
        template = self.english if language == "en" else (self.__doc__ or "")
        return template.strip().format_map(self.facts)
