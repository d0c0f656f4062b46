"""What the ten figures need of the others' facts, with its days."""

from datetime import date
from operator import attrgetter
from typing import cast

from shared.consumers import Projection, Received
from shared.contracts import marketing, training
from shared.contracts.fact import Fact

SESSIONS = Projection(
    name="registry.sessions",
    topics=(training.SESSION,),
    facts=(training.SessionScheduled, training.SessionHeadcountReported),
    table="known_session",
    key="session_id",
    columns={
        "session_id": attrgetter("fact.session_id"),
        "held_on": attrgetter("fact.held_on"),
    },
)

ENROLMENTS = Projection(
    name="registry.enrolments",
    topics=(training.ENROLMENT,),
    facts=(
        training.EnrolmentMade,
        training.EnrolmentAttended,
        training.EnrolmentMissed,
        training.AttendanceCorrected,
        training.EnrolmentAssessed,
    ),
    table="known_enrolment",
    key="enrolment_id",
    columns={
        "enrolment_id": attrgetter("fact.enrolment_id"),
        "session_id": attrgetter("fact.session_id"),
        "business_id": attrgetter("fact.business_id"),
        "state": attrgetter("fact.state"),
    },
)


def _revoked_on(event: Received) -> date | None:
    """The day since when the certificate holds no more."""
    fact: Fact = event.fact
    return fact.occurred_on if isinstance(fact, training.CertificateRevoked) else None


CERTIFICATES = Projection(
    name="registry.certificates",
    topics=(training.CERTIFICATE,),
    facts=(training.CertificateIssued, training.CertificateRevoked),
    table="known_certificate",
    key="certificate_id",
    columns={
        "certificate_id": attrgetter("fact.certificate_id"),
        "business_id": attrgetter("fact.business_id"),
        "issued_on": attrgetter("fact.issued_on"),
        "revoked_on": _revoked_on,
    },
)


def _product_version(event: Received) -> str:
    return f"{cast('marketing.Product', event.fact).product_id} {event.sequence}"


def _quality_on(event: Received) -> date | None:
    quality = cast("marketing.Product", event.fact).quality
    return quality.assessed_on if quality else None


def _packaging_score(event: Received) -> int | None:
    packaging = cast("marketing.Product", event.fact).packaging
    return packaging.after if packaging else None


def _month(event: Received) -> date:
    """The first day of the month that was reported."""
    return date.fromisoformat(f"{cast('marketing.Sale', event.fact).month}-01")


def _quality_score(event: Received) -> int | None:
    """How many of the five points of the checklist were met."""
    quality = cast("marketing.Product", event.fact).quality
    if quality is None:
        return None
    return sum((quality.recipe, quality.weight, quality.shelf_life, quality.hygiene, quality.label))


PRODUCTS = Projection(
    name="registry.products",
    topics=(marketing.PRODUCT,),
    facts=(
        marketing.ProductAdded,
        marketing.ProductBrandChanged,
        marketing.ProductAssessed,
        marketing.ProductLicensed,
        marketing.ProductChecked,
        marketing.ProductWarned,
        marketing.ProductSuspended,
        marketing.ProductReinstated,
    ),
    table="known_product",
    key="product_version",  # every version is kept: how it stood on an earlier day
    columns={
        "product_version": _product_version,
        "product_id": attrgetter("fact.product_id"),
        "business_id": attrgetter("fact.business_id"),
        "since": attrgetter("fact.occurred_on"),
        "brand_status": attrgetter("fact.brand_status"),
        "brand_expires_on": attrgetter("fact.brand_expires_on"),
        "quality_score": _quality_score,
        "quality_on": _quality_on,
        "packaging_score": _packaging_score,
        "status": attrgetter("fact.status"),
    },
)

STANDS = Projection(
    name="registry.stands",
    topics=(marketing.STAND,),
    facts=(marketing.StandConfirmed, marketing.StandReleased),
    table="known_stand",
    key="stand_id",
    columns={
        "stand_id": attrgetter("fact.stand_id"),
        "business_id": attrgetter("fact.business_id"),
        "starts_on": attrgetter("fact.starts_on"),
        "status": attrgetter("fact.status"),
    },
)

SALES = Projection(
    name="registry.sales",
    topics=(marketing.SALE,),
    facts=(marketing.SaleReported, marketing.SaleCorrected),
    table="known_sale",
    key="sale_id",
    columns={
        "sale_id": attrgetter("fact.sale_id"),
        "business_id": attrgetter("fact.business_id"),
        "month": _month,
        "rupiah": attrgetter("fact.rupiah"),
    },
)
