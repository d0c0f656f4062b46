"""The quality checklist of a product and the score of its packaging, each with its day."""

from dataclasses import dataclass, fields
from datetime import date

from services.marketing.domain.refusals import AssessedInFuture, NothingAssessed


@dataclass(frozen=True, slots=True)
class Quality:
    """What she has a standard for."""

    recipe: bool
    weight: bool
    shelf_life: bool
    hygiene: bool
    label: bool
    assessed_on: date

    @property
    def score(self) -> int:
        """How many of the five are met."""
        return sum(getattr(self, field.name) is True for field in fields(self))


@dataclass(frozen=True, slots=True)
class Packaging:
    """Points from 0 to 100: the first score ever, and the newest."""

    before: int
    before_on: date
    after: int
    after_on: date


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was looked at one day; None: not this time. The photo itself lies elsewhere."""

    quality: Quality | None
    packaging: int | None
    photo_reference: str | None
    assessed_on: date

    def check(self, today: date) -> None:
        """Raises NothingAssessed or AssessedInFuture."""
        if self.quality is None and self.packaging is None:
            raise NothingAssessed
        if self.assessed_on > today:
            raise AssessedInFuture(pointer="/assessed_on")


def packaged(known: Packaging | None, points: int | None, on: date) -> Packaging | None:
    """The packaging's first and newest score after one more; they may be told in any order."""
    if points is None:
        return known
    if known is None:
        return Packaging(points, on, points, on)
    before, before_on = known.before, known.before_on
    after, after_on = known.after, known.after_on
    if on < before_on:
        before, before_on = points, on
    if on >= after_on:
        after, after_on = points, on
    return Packaging(before, before_on, after, after_on)


def newest(known: Quality | None, told: Quality | None) -> Quality | None:
    """The checklist of the latest day; of one day, the one told last."""
    if told is None or (known is not None and known.assessed_on > told.assessed_on):
        return known
    return told
