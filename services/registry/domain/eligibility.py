"""Whether the programme may guide a business, why, and what would turn a no into a yes.

Rule `kelayakan`, version 1: its kelurahan or its owner's is an active site of the year; no other
office guides it, as somebody has answered; an assessor found it below micro scale.

What offices report besides is shown with its day and bars nothing: whether a welfare decile should,
or what others taught her, is for the programme to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from services.registry.domain.observations import Assessment, BusinessClass, Coverage, Guided
from services.registry.domain.programme import SiteStatus
from shared.errors import Language, Needed

RULE, VERSION = "kelayakan", 1
State = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class Decile:
    """The welfare decile of her household as of a day, as an office says: 1 the poorest."""

    decile: int
    as_of: date
    by_office: str


@dataclass(frozen=True, slots=True)
class Word:
    """An office's own word about whether it guides the business, since a day."""

    by_office: str
    guided: bool
    since: date


@dataclass(frozen=True, slots=True)
class Taught:
    """What another office taught the owner. `ended_on`: the last day."""

    by_office: str
    title: str
    ended_on: date
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a business for a day; None: nobody has said anything."""

    on: date
    site: SiteStatus | None
    coverage: Coverage | None
    assessment: Assessment | None
    decile: Decile | None = None
    words: tuple[Word, ...] = ()
    taught: tuple[Taught, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of the rule: what is known of it, since when, and who says so.

    `source`: how we know, as it was recorded; `by_office`: the office that it names.
    """

    condition: str
    state: State
    indonesian: str
    english: str
    known_on: date | None = None
    source: str | None = None
    by_office: str | None = None

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


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that an office reported, which decides nothing by itself."""

    fact: Literal["guidance", "decile", "outside_training"]
    by_office: str
    on: date
    indonesian: str
    english: str

    def text(self, language: Language) -> str:
        """In the reader's language."""
        return self.english if language == "en" else self.indonesian


def shown(facts: Facts) -> tuple[Shown, ...]:
    """What offices reported for the day and before, and where staff know it otherwise."""
    found = [_word(word, facts.coverage) for word in facts.words]
    if facts.decile is not None:
        found.append(_decile(facts.decile))
    return (*found, *(_taught(training) for training in facts.taught))


def _word(word: Word, answer: Coverage | None) -> Shown:
    indonesian = f"{word.by_office} menyatakan {'' if word.guided else 'tidak lagi '}membina usaha"
    english = f"{word.by_office} says that it {'guides' if word.guided else 'no longer guides'}"
    indonesian, english = f"{indonesian} ini.", f"{english} this business."
    if word.guided and answer is not None and answer.guided is Guided.NO:
        day = answer.answered_on
        indonesian += f" Jawaban yang dicatat petugas per {day} berbeda: tidak dibina."
        english += f" The answer that staff recorded for {day} differs: not guided."
    return Shown("guidance", word.by_office, word.since, indonesian, english)


def _decile(told: Decile) -> Shown:
    return Shown(
        "decile",
        told.by_office,
        told.as_of,
        f"Desil kesejahteraan (DTSEN) rumah tangganya {told.decile}; tidak menentukan kelayakan.",
        f"The welfare decile (DTSEN) of her household is {told.decile}; it decides nothing.",
    )


def _taught(told: Taught) -> Shown:
    hours = f"{told.hours.normalize():f}"
    return Shown(
        "outside_training",
        told.by_office,
        told.ended_on,
        f"Dilatih {told.by_office}: “{told.title}”, {hours.replace('.', ',')} jam.",
        f"Trained by {told.by_office}: “{told.title}”, {hours} hours.",
    )


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
                answer.source.value if answer else None,
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
                answer.source.value,
                answer.by_office,
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
            answer.source.value,
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
