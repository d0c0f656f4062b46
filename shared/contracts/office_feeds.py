"""The feeds of the offices around the programme: their forms, and who sends which.

An office has a principal and a source of its own, and a topic for each of its feeds. One service
owns a feed: it alone reads it, judges it, and tells the others what came of it under our ids. Most
forms name a person by her NIK, since that is what offices have in common: such a feed is the
registry's, and lies on a topic that nobody else may read. Key and subject are the office's own
reference, never the NIK.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.fact import Fact, Part, published
from shared.contracts.values import Code, Line, OfficeRef, Quantity

Nik = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
FamilyCard = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
Kbli = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class AreaReference(Part):
    """A place as the office knows it: a Kemendagri or BPS code, or both names, new or old ones.

    A kelurahan's name alone names no place: others may have the same. A code of a city (`32.71`)
    says that the place lies there.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9.]{3,12}$")] | None = None
    kelurahan: Line | None = None
    kecamatan: Line | None = None


class Resident(Fact):
    """A resident as the civil registry has her after the event."""

    resident_ref: OfficeRef
    nik: Nik = Field(repr=False)


class ResidentVerified(Resident):
    """The civil registry has looked: this NIK is hers, and she lives there."""

    area: AreaReference
    family_card: FamilyCard | None = Field(default=None, repr=False)


class ResidentMoved(Resident):
    """She lives elsewhere since `occurred_on`; `area` may lie in another city."""

    area: AreaReference
    family_card: FamilyCard | None = Field(default=None, repr=False)


class ResidentDied(Resident):
    """She died on `occurred_on`."""


class NikCorrected(Resident):
    """Her number was wrong or temporary: `nik` is the right one since `occurred_on`."""

    former_nik: Nik = Field(repr=False)


class AboutBusiness(Fact):
    """About a home business: its owner's NIK, and what tells it from others that she has."""

    nik: Nik = Field(repr=False)
    business_id: UUID | None = None  # ours, where the office was told it
    kbli: Kbli | None = None


class Guidance(AboutBusiness):
    """Whether the office guides a business, as it stands since `occurred_on`."""

    guidance_ref: OfficeRef


class BusinessGuided(Guidance):
    """The office guides the business since `occurred_on`."""


class BusinessReleased(Guidance):
    """The office guides it no more since `occurred_on`."""


class Licence(AboutBusiness):
    """A paper that an office gives, as it stands after the event. `occurred_on`: since when."""

    licence_ref: OfficeRef
    valid_until: date | None = None  # the last day


class MerekRecommended(Licence):
    """A letter that a small business needs to have its mark registered for less."""

    letter: Line
    mark_class: Annotated[int, Field(ge=1, le=45)]


class Nib(Licence):
    """The business identification number, 13 digits."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$")]


class NibIssued(Nib):
    """It was issued."""


class NibRevoked(Nib):
    """It holds no more."""


class Pirt(Licence):
    """The permit for food made at home (SPP-IRT), 15 digits, for one product."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{15}$")]
    product: Line


class PirtIssued(Pirt):
    """It was issued."""


class PirtExpired(Pirt):
    """Its time has run out."""


class PirtRevoked(Pirt):
    """It was taken away."""


class Halal(Licence):
    """A halal certificate for one product."""

    number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9./-]{3,39}$")]
    product: Line


class HalalIssued(Halal):
    """It was issued."""


class HalalExpired(Halal):
    """Its time has run out."""


class DecileUpdated(Fact):
    """The welfare decile (DTSEN) of a member's household, 1 the poorest, as of a day."""

    family_ref: OfficeRef
    nik: Nik = Field(repr=False)
    decile: Annotated[int, Field(ge=1, le=10)]
    as_of: date


class TrainingDelivered(Fact):
    """The office trained one person. `occurred_on`: the last day."""

    participation_ref: OfficeRef
    nik: Nik = Field(repr=False)
    title: Line
    topics: tuple[Code, ...] = ()
    began_on: date
    hours: Quantity
    area: AreaReference | None = None  # the venue


@dataclass(frozen=True)
class OfficeFeed:
    """One feed of one office. `facts`: its forms under the office's own types."""

    office: str  # `36.74-dukcapil`: the city's code, or 00 for the whole country, and its name
    name: str
    owner: str  # the service that alone reads it
    named: str  # the office's domain, reversed, without `id.`
    key: str
    facts: tuple[type[Fact], ...]

    @property
    def topic(self) -> str:
        """Its topic."""
        return f"office.{self.office}.{self.name}"

    @property
    def principal(self) -> str:
        """The login that alone may write it."""
        return f"office-{self.office}"

    @property
    def source(self) -> str:
        """The only `ce_source` that is taken."""
        return source_of_office(self.office)


def source_of_office(office: str) -> str:
    """The `ce_source` of an office."""
    city, _, name = office.partition("-")
    return f"urn:binaan:{city}:{name}"


_CITY = "go.tangerangselatankota"


def _feed(office: str, domain: str, name: str, key: str, **forms: type[Fact]) -> OfficeFeed:
    """A feed of the registry's. `forms`: by `<aggregate>__<past tense>`, dashes as underscores."""
    topic = f"office.{office}.{name}"
    facts: list[type[Fact]] = []
    for kind, form in forms.items():
        event = kind.replace("__", ".").replace("_", "-")
        own = type(form.__name__, (form,), {"__doc__": form.__doc__})
        facts.append(published(f"id.{domain}.{event}.v1", topic=topic, key=key)(own))
    return OfficeFeed(office, name, "registry", domain, key, tuple(facts))


RESIDENTS = _feed(
    "36.74-dukcapil",
    f"{_CITY}.dukcapil",
    "resident",
    "resident_ref",
    resident__verified=ResidentVerified,
    resident__moved=ResidentMoved,
    resident__died=ResidentDied,
    resident__nik_corrected=NikCorrected,
)
GUIDANCE = _feed(
    "36.74-koperasi-ukm",
    f"{_CITY}.koperasi",
    "guidance",
    "guidance_ref",
    business__guided=BusinessGuided,
    business__released=BusinessReleased,
)
MEREK = _feed(
    "36.74-koperasi-ukm",
    f"{_CITY}.koperasi",
    "merek",
    "licence_ref",
    merek__recommended=MerekRecommended,
)
NIB = _feed(
    "36.74-dpmptsp",
    f"{_CITY}.dpmptsp",
    "nib",
    "licence_ref",
    nib__issued=NibIssued,
    nib__revoked=NibRevoked,
)
PIRT = _feed(
    "36.74-kesehatan",
    f"{_CITY}.kesehatan",
    "pirt",
    "licence_ref",
    pirt__issued=PirtIssued,
    pirt__expired=PirtExpired,
    pirt__revoked=PirtRevoked,
)
HALAL = _feed(
    "00-bpjph",
    "go.bpjph",
    "halal",
    "licence_ref",
    halal__issued=HalalIssued,
    halal__expired=HalalExpired,
)
DECILE = _feed(
    "36.74-sosial", f"{_CITY}.sosial", "decile", "family_ref", decile__updated=DecileUpdated
)
TRAINING_PERINDAG = _feed(
    "36.74-perindag",
    f"{_CITY}.perindag",
    "training",
    "participation_ref",
    training__delivered=TrainingDelivered,
)
TRAINING_PENDIDIKAN = _feed(
    "36.74-pendidikan",
    f"{_CITY}.pendidikan",
    "training",
    "participation_ref",
    training__delivered=TrainingDelivered,
)

FEEDS: tuple[OfficeFeed, ...] = (
    RESIDENTS,
    GUIDANCE,
    MEREK,
    NIB,
    PIRT,
    HALAL,
    DECILE,
    TRAINING_PERINDAG,
    TRAINING_PENDIDIKAN,
)


def offices() -> Iterator[tuple[str, str, str]]:
    """(owner, office, domain) of everybody who is given receipts, once each."""
    return iter(dict.fromkeys((feed.owner, feed.office, feed.named) for feed in FEEDS))
