"""What training knows of a business's eligibility: enough to say "surely not", or "not known yet".

The rule itself is the registry's (`kelayakan`). Here only what somebody has answered bars a seat:
another office guides the business, or it has grown to micro scale. What nobody has asked yet is
shown to staff and bars nothing: rosters on paper come before the questions. The programme's sites
bar nothing either: attending from another kecamatan is legal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.training.domain.refusals import BusinessNotEligible
from shared.errors import Needed

OpenPoint = Literal["coverage", "assessment"]


@dataclass(frozen=True, slots=True)
class Known:
    """What registry told: None, nobody has said. `guided`: yes, no or unknown."""

    business_id: UUID
    guided: str | None
    guided_by: str | None
    business_class: str | None

    @property
    def barred(self) -> tuple[OpenPoint, ...]:
        """What somebody found, and bars a seat."""
        found: list[OpenPoint] = []
        if self.guided == "yes":
            found.append("coverage")
        if self.business_class == "mikro":
            found.append("assessment")
        return tuple(found)

    @property
    def open_points(self) -> tuple[OpenPoint, ...]:
        """All that isn't as the rule wants it: barred, or not known yet."""
        found: list[OpenPoint] = []
        if self.guided != "no":
            found.append("coverage")
        if self.business_class in (None, "mikro"):
            found.append("assessment")
        return tuple(found)


def missing(known: Known, *, allowed: bool) -> tuple[Needed, ...]:
    """The smallest set of facts with which it gets a seat; empty: it does."""
    if allowed:
        return ()
    return tuple(_NEEDED[point](known) for point in known.barred)


def admit(known: Known, *, allowed: bool) -> None:
    """Raises BusinessNotEligible, with what would change that."""
    needed: Sequence[Needed] = missing(known, allowed=allowed)
    if needed:
        points = ", ".join(known.barred)
        raise BusinessNotEligible(pointer="/business_id", needed=needed, points=points)


def _letter(known: Known) -> Needed:
    office = known.guided_by or "?"
    return Needed(
        fact="coverage",
        who=office,
        indonesian=f"Catat surat {office} bahwa usaha ini tidak lagi dibina di sana.",
        english=f"Record a letter of {office} that it no longer guides this business.",
        about=known.business_id,
    )


def _class(known: Known) -> Needed:
    return Needed(
        fact="assessment",
        who="fasilitator",
        indonesian="Penilaian baru di pendataan yang menempatkannya di bawah skala mikro.",
        english="A new assessment in the registry that places it below micro scale.",
        about=known.business_id,
    )


_NEEDED = {"coverage": _letter, "assessment": _class}
