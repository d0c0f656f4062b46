"""What she says of herself: confidence before and after, and each topic. 1 not at all, 5 much."""

from dataclasses import dataclass, replace

from services.training.domain.enrolment import Enrolment, State
from services.training.domain.refusals import (
    AssessmentEmpty,
    NotPresent,
    TopicNotTaught,
    TopicTwice,
)
from services.training.domain.session import Session


@dataclass(frozen=True, slots=True)
class Assessment:
    """Her answers, from 1 to 5; None: not asked this time."""

    confidence_before: int | None
    confidence_after: int | None
    learning: tuple[tuple[str, int], ...]  # topic, score


def assess(enrolment: Enrolment, session: Session, told: Assessment) -> Enrolment:
    """The seat with the newest answers.

    Confidence before is asked of whoever has a seat; what came after, only of whoever was there.
    Raises AssessmentEmpty, NotPresent, TopicTwice or TopicNotTaught.
    """
    if told.confidence_before is None and told.confidence_after is None and not told.learning:
        raise AssessmentEmpty
    about_after = told.confidence_after is not None or told.learning
    if about_after and enrolment.state is not State.PRESENT:
        raise NotPresent
    topics = [topic for topic, _ in told.learning]
    if len(set(topics)) < len(topics):
        raise TopicTwice(pointer="/learning")
    for number, topic in enumerate(topics):
        if topic not in session.topics:
            raise TopicNotTaught(pointer=f"/learning/{number}/topic", topic=topic)
    return replace(
        enrolment,
        confidence_before=_newest(told.confidence_before, enrolment.confidence_before),
        confidence_after=_newest(told.confidence_after, enrolment.confidence_after),
        learning=tuple(sorted({**dict(enrolment.learning), **dict(told.learning)}.items())),
        version=enrolment.version + 1,
    )


def _newest(told: int | None, known: int | None) -> int | None:
    return known if told is None else told
