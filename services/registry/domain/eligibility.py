"""Whether the programme may guide a business, why, and what would turn a no into a yes.

Rule `kelayakan`, version 1: its kelurahan or its owner's is an active site of the year; no other
office guides it, as somebody has answered; an assessor found it below micro scale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.registry.domain.observations import Assessment, BusinessClass, Coverage, Guided
from services.registry.domain.programme import SiteStatus
from shared.errors import Language, Needed

RULE, VERSION = "kelayakan", 1
State = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a business on a day; None: nobody has said anything."""

    on: date
    site: SiteStatus | None
    coverage: Coverage | None
    assessment: Assessment | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of the rule: what is known of it, and since when."""

    condition: str
    state: State
    indonesian: str
    english: str
    known_on: date | None = None

    def text(self, language: Language) -> str:
        """In the reader's language."""
        return self.english if language == "en" else self.indonesian


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes when every condition is met. `needed`: the smallest set of facts that makes it one."""

    eligible: bool
    reasons: tuple[Reason, ...]
    needed: tuple[Needed, ...]


def decide(facts: Facts) -> Decision:
    """The rule. Each condition rests on a fact of its own, so what is unmet is what is needed."""
    looked = [condition(facts) for condition in _CONDITIONS]
    needed = tuple(need for _, need in looked if need is not None)
    return Decision(not needed, tuple(reason for reason, _ in looked), needed)


Looked = tuple[Reason, Needed | None]


def _site(facts: Facts) -> Looked:
    year = facts.on.year
    if facts.site is SiteStatus.ACTIVE:
        return (
            Reason(
                "site",
                "met",
                f"Kelurahannya lokasi program tahun {year}.",
                f"Its kelurahan is a site of the programme in {year}.",
            ),
            None,
        )
    return (
        Reason(
            "site",
            "unknown" if facts.site is None else "not_met",
            f"Kelurahannya bukan lokasi program yang berjalan pada tahun {year}.",
            f"Its kelurahan is no active site of the programme in {year}.",
        ),
        Needed(
            fact="site",
            who="kasi",
            indonesian=f"Tetapkan kelurahannya sebagai lokasi program tahun {year}.",
            english=f"Make its kelurahan an active site of the programme of {year}.",
            by=date(year, 12, 31),
        ),
    )


def _coverage(facts: Facts) -> Looked:
    answer = facts.coverage
    if answer is None or answer.guided is Guided.UNKNOWN:
        return (
            Reason(
                "not_guided_elsewhere",
                "unknown",
                "Belum diketahui apakah dinas lain membina usaha ini.",
                "It isn't known whether another office guides this business.",
                answer.answered_on if answer else None,
            ),
            Needed(
                fact="coverage",
                who="petugas",
                indonesian="Tanyakan apakah dinas lain membina usaha ini, lalu catat jawabannya.",
                english="Ask whether another office guides this business, and record the answer.",
                by=date(facts.on.year, 12, 31),
            ),
        )
    if answer.guided is Guided.YES:
        return (
            Reason(
                "not_guided_elsewhere",
                "not_met",
                f"Usaha ini sudah dibina {answer.by_office}.",
                f"{answer.by_office} guides this business already.",
                answer.answered_on,
            ),
            Needed(
                fact="coverage",
                who=str(answer.by_office),
                indonesian=f"Surat {answer.by_office} bahwa usaha ini tidak lagi dibina di sana.",
                english=f"A letter of {answer.by_office} that it no longer guides this business.",
                by=date(facts.on.year, 12, 31),
            ),
        )
    return (
        Reason(
            "not_guided_elsewhere",
            "met",
            "Tidak ada dinas lain yang membina usaha ini.",
            "No other office guides this business.",
            answer.answered_on,
        ),
        None,
    )


def _below_micro(facts: Facts) -> Looked:
    found = facts.assessment
    if found is not None and found.business_class is not BusinessClass.MIKRO:
        return (
            Reason(
                "below_micro",
                "met",
                f"Industri rumahan kelas {found.business_class.value}.",
                f"A home industry of class {found.business_class.value}.",
                found.assessed_on,
            ),
            None,
        )
    known = found is not None
    return (
        Reason(
            "below_micro",
            "not_met" if known else "unknown",
            "Sudah berskala mikro." if known else "Kelas usahanya belum dinilai.",
            "It has grown to micro scale." if known else "Its class hasn't been assessed yet.",
            found.assessed_on if found else None,
        ),
        Needed(
            fact="assessment",
            who="fasilitator",
            indonesian="Penilaian baru yang menempatkannya di bawah skala mikro.",
            english="A new assessment that places it below micro scale.",
            by=date(facts.on.year, 12, 31),
        ),
    )


_CONDITIONS: tuple[Callable[[Facts], Looked], ...] = (_site, _coverage, _below_micro)
