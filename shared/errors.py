"""A refusal is a business "no". It knows no HTTP and no Kafka; the edges translate it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Needed:
    """One fact that is missing for a yes: what, who can supply it, and by when.

    A rule gives the smallest set of them: with all of it the answer is yes, with less it isn't.
    """

    fact: str  # a code, "attendance"
    who: str  # a role, or an office's code
    indonesian: str
    english: str
    by: date | None = None  # None: at any time
    about: UUID | None = None  # the session, product, … that the fact is about

    def text(self, language: Language = "id") -> str:
        """What to do, in the reader's language."""
        return self.english if language == "en" else self.indonesian


def spoken(value: object, language: Language) -> object:
    """Numbers as people of that language write them; anything else as it is.

    Ten thousand and more in groups of three: a year and a count of seats stay as they are.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    exact = Decimal(value)
    text = f"{exact:,f}" if abs(exact) >= 10_000 else f"{exact:f}"
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    if language == "id":
        return whole.replace(",", ".") + (f",{part}" if part else "")
    return whole + (f".{part}" if part else "")


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

    def __init__(
        self, *, pointer: str = "", needed: Sequence[Needed] = (), **facts: object
    ) -> None:
        """`pointer`: JSON pointer into the request's body ("/kelurahan"), empty for the whole.

        `needed`: what would turn the answer; empty when nothing would, or when it is obvious.
        """
        super().__init__(self.code)
        self.pointer = pointer
        self.needed = tuple(needed)
        self.facts = facts

    def message(self, language: Language = "id") -> str:
        """The sentence for people, in their language."""
        template = self.english if language == "en" else (self.__doc__ or "")
        facts = {name: spoken(value, language) for name, value in self.facts.items()}
        return template.strip().format_map(facts)
