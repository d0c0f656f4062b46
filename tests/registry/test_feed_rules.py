"""The rules of what other offices report, without a database: every order, the same end."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest

from services.registry.domain import feed_refusals
from services.registry.domain.guidance import Guidance, answer, business_meant, hear
from services.registry.domain.observations import Coverage, CoverageSource, Guided
from services.registry.domain.resident import Civil, Heard, News, Told, possible
from services.registry.domain.resident import hear as hear_news
from services.registry.reactions.reported import where
from shared.contracts.office_feeds import AreaReference
from shared.errors import Language, Refusal
from tests.training.texts import assert_both_languages_agree

ID, HOME, NEW_HOME = UUID(int=1), UUID(int=2), UUID(int=3)
HER = Civil(ID, HOME, "wife", "36.74.06.1005")
A, B, C = UUID(int=10), UUID(int=11), UUID(int=12)


def day(n: int) -> date:
    return date(2026, 5, n)


def moved(sequence: int, to: str | None = None, city: str | None = None) -> Told:
    return Told(News.MOVED, sequence, day(sequence), to, city)


VERIFIED = Told(News.VERIFIED, 1, day(1), "36.74.06.1001", household_id=NEW_HOME)
DIED = Told(News.DIED, 9, day(9))
RIGHT = Told(News.IDENTITY_CORRECTED, 5, day(5))


@pytest.mark.parametrize(
    ("news", "kelurahan", "moved_to", "verified", "died"),
    [
        ((VERIFIED,), "36.74.06.1001", None, 1, None),
        ((VERIFIED, moved(2, "36.74.05.1005")), "36.74.05.1005", None, 1, None),
        ((VERIFIED, moved(2, city="32.71")), "36.74.06.1001", "32.71", 1, None),
        ((moved(2, city="32.71"), moved(3, "36.74.05.1005")), "36.74.05.1005", None, None, None),
        ((moved(2, "36.74.05.1005"), moved(3, city="32.71")), "36.74.05.1005", "32.71", None, None),
        ((moved(2, city="32.71"), moved(4, city="31.74")), "36.74.06.1005", "31.74", None, None),
        ((VERIFIED, DIED, moved(4, "36.74.05.1005")), "36.74.05.1005", None, 1, 9),
        ((DIED, Told(News.DIED, 10, day(8))), "36.74.06.1005", None, None, 8),
        ((VERIFIED, RIGHT, moved(4, city="32.71"), DIED), "36.74.06.1001", "32.71", 1, 9),
    ],
)
def test_news_in_every_order_leaves_her_the_same(
    news: tuple[Told, ...], kelurahan: str, moved_to: str | None, verified: int, died: int | None
) -> None:
    for order in permutations(news):
        person, heard = HER, Heard()
        for told in order:
            person, heard = hear_news(person, heard, told)
            assert hear_news(person, heard, told) == (person, heard)  # twice is once
        assert (person.kelurahan, person.moved_to) == (kelurahan, moved_to)
        assert person.verified_on == (day(verified) if verified else None)
        assert person.died_on == (day(died) if died else None)
        assert (person.moved_away_on is None) == (moved_to is None)


def test_a_report_that_changes_nothing_gives_no_new_version() -> None:
    person, heard = hear_news(HER, Heard(), VERIFIED)
    again, _ = hear_news(person, heard, VERIFIED)
    assert again is person
    assert (person.version, person.household_id) == (2, NEW_HOME)
    corrected, heard = hear_news(person, heard, RIGHT)
    assert (corrected.version, heard.identity) == (3, 5)


@pytest.mark.parametrize(
    ("sequence", "on", "refusal"),
    [(0, 1, feed_refusals.SequenceMissing), (1, 5, feed_refusals.ReportedInFuture)],
)
def test_what_cannot_be_true_is_refused(sequence: int, on: int, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        possible(sequence, day(on), day(4))
    possible(1, day(4), day(4))


def word(office: str, *, guided: bool = True, since: int = 1) -> Guidance:
    return Guidance(f"urn:{office}", "R", A, office, guided, day(since), 1)


NO = Coverage(Guided.NO, None, day(10), CoverageSource.OWNER_SAID)
YES = Coverage(Guided.YES, "koperasi", day(10), CoverageSource.OFFICE_EVENT)


@pytest.mark.parametrize(
    ("words", "last", "told_on", "guided", "by"),
    [
        ([word("koperasi")], None, 10, Guided.YES, "koperasi"),
        ([word("koperasi")], NO, 10, Guided.YES, "koperasi"),
        ([word("koperasi")], NO, 9, None, None),  # she has said something else since
        ([word("koperasi")], YES, 12, None, None),  # that is known
        ([word("koperasi", guided=False)], YES, 12, Guided.NO, None),
        ([word("koperasi", guided=False), word("perindag")], YES, 12, Guided.YES, "perindag"),
        ([word("koperasi", since=3), word("perindag", since=2)], None, 9, Guided.YES, "perindag"),
    ],
)
def test_it_is_guided_while_any_office_guides_it(
    words: list[Guidance], last: Coverage | None, told_on: int, guided: Guided | None, by: str
) -> None:
    found = answer(words, last, day(told_on))
    assert (found and found.guided, found and found.by_office) == (guided, by)
    assert answer(reversed(words), last, day(told_on)) == found


def test_an_older_word_of_an_office_changes_nothing() -> None:
    first = hear(word("koperasi"), 5, guided=False, since=day(5))
    assert hear(first, 5, guided=True, since=day(6)) is first
    assert hear(first, 4, guided=True, since=day(4)) is first
    assert hear(first, 6, guided=True, since=day(6)).guided


@pytest.mark.parametrize(
    ("owned", "business_id", "kbli", "meant"),
    [
        ([], None, None, ()),
        ([(A, None)], None, None, (A,)),
        ([(A, "10732")], None, "56290", (A,)),  # her only one, whatever its class here
        ([(A, "10732"), (B, "56290")], None, "56290", (B,)),
        ([(A, "10732"), (B, "10732")], None, "10732", (A, B)),
        ([(A, "10732"), (B, "10732"), (C, None)], None, "10732", (A, B)),
        ([(A, "10732"), (B, None)], None, "56290", (A, B)),  # said wrongly: staff see both
        ([(A, "10732"), (B, None)], None, None, (A, B)),
        ([(A, "10732"), (B, None)], B, "10732", (B,)),
        ([(A, "10732"), (B, None)], C, None, ()),
    ],
)
def test_a_business_is_meant_or_staff_choose(
    owned: list[tuple[UUID, str | None]],
    business_id: UUID | None,
    kbli: str | None,
    meant: tuple[UUID, ...],
) -> None:
    assert business_meant(owned, business_id, kbli) == meant


@pytest.mark.parametrize(
    ("said", "language", "words"),
    [
        ({"kelurahan": "Ciputat"}, "id", "Pilih salah satu: 36.74.04.1003 Ciputat, 36.74.04."),
        ({"kelurahan": "Ciputat"}, "en", "Choose one of: 36.74.04.1003 Ciputat, 36.74.04."),
        ({"code": "36.74.06"}, "id", "Pilih kelurahannya: 36.74.06.1001 "),
        ({"kelurahan": "Antah"}, "en", "It may be one of: -."),
    ],
)
def test_an_unclear_place_is_refused_with_codes_and_names_to_choose_from(
    said: dict[str, str], language: Language, words: str
) -> None:
    with pytest.raises(Refusal) as no:
        where(AreaReference(**said))
    assert words in no.value.message(language)


@pytest.mark.parametrize(
    "refusal",
    [
        r
        for r in vars(feed_refusals).values()
        if isinstance(r, type) and issubclass(r, Refusal) and r.__module__ == feed_refusals.__name__
    ],
)
def test_both_languages_use_the_same_facts_and_end_as_sentences(refusal: type[Refusal]) -> None:
    assert_both_languages_agree(refusal)
