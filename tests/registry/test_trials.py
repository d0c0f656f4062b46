"""An office tries its events: the receipts of production, and nothing else happens."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from services.registry.reactions import CONSUMERS
from shared import trial
from shared.actor import service_actor
from shared.cli import Service
from shared.cloudevents import Reader
from shared.consumers import Ending, Reaction, Received
from shared.contracts import office_feeds as feeds
from shared.contracts.fact import FACTS, Fact
from shared.contracts.topics import TOPICS, TRIAL, topic
from shared.db import Tx
from shared.parked.due import drain_due
from shared.trial import with_trial
from tests.registry.people import chocolate, nik, woman
from tests.registry.reports import report, resident
from tests.registry.trials import (
    SETU,
    answers,
    corpus,
    digests,
    like,
    saying,
    told_to_others,
    tried,
)
from tests.stack.databases import Database
from tests.training.doors import KEYS, Doors, record

TRIALS = "registry.trial"
OTHER, STRANGER = nik(7), nik(8)
BY_TOPIC = {
    name: consumer.name
    for consumer in CONSUMERS
    if isinstance(consumer, Reaction)
    for name in consumer.topics
}
PAPER = {"number": "206367401000118", "product": "Cokelat"}
FORMS: list[tuple[feeds.OfficeFeed, type[Fact], dict[str, Any]]] = [
    (feeds.RESIDENTS, feeds.ResidentVerified, {"area": {"code": "36.74.05.1005"}}),
    (feeds.RESIDENTS, feeds.ResidentMoved, {"area": {"code": "32.71"}}),
    (feeds.RESIDENTS, feeds.ResidentDied, {}),
    (feeds.RESIDENTS, feeds.NikCorrected, {"nik": nik(9), "former_nik": nik()}),
    (feeds.GUIDANCE, feeds.BusinessGuided, {}),
    (feeds.GUIDANCE, feeds.BusinessReleased, {}),
    (feeds.MEREK, feeds.MerekRecommended, {"letter": "500/1", "mark_class": 30}),
    (feeds.NIB, feeds.NibIssued, {"number": "9120001234567"}),
    (feeds.NIB, feeds.NibRevoked, {"number": "9120001234567"}),
    (feeds.PIRT, feeds.PirtIssued, PAPER),
    (feeds.PIRT, feeds.PirtExpired, PAPER),
    (feeds.PIRT, feeds.PirtRevoked, PAPER),
    (feeds.HALAL, feeds.HalalIssued, PAPER | {"number": "ID3611"}),
    (feeds.HALAL, feeds.HalalExpired, PAPER | {"number": "ID3611"}),
    (feeds.DECILE, feeds.DecileUpdated, {"decile": 2, "as_of": date(2026, 5, 4)}),
    *(
        (feed, feeds.TrainingDelivered, {"title": "Kemasan", "began_on": date(2026, 5, 3),
                                         "hours": "12"})
        for feed in (feeds.TRAINING_PERINDAG, feeds.TRAINING_PENDIDIKAN)
    ),
]  # fmt: skip


@pytest.fixture
async def her(registry: Doors) -> str:
    """A woman with a business, and another whose number is known."""
    person_id = str((await registry.post("/v1/people", woman())).body["person_id"])
    other = woman(nik=OTHER, household_number="3674061234567891")
    assert (await registry.post("/v1/people", other)).status == 201
    assert (await registry.post("/v1/businesses", chocolate(person_id))).status == 201
    return person_id


@pytest.mark.parametrize("cut", [1, 2, 100])
async def test_one_corpus_is_answered_alike_by_a_feed_and_by_its_trial_and_the_trial_does_nothing(
    registry: Doors, her: str, cut: int
) -> None:
    """However the feed's batches are cut."""
    sent = corpus(nik(), OTHER, STRANGER)
    before, told = await digests(registry), await told_to_others(registry)
    ends = await registry.hear(TRIALS, *map(tried, sent))
    assert await digests(registry) == before
    assert await told_to_others(registry) == told
    feed, in_earnest = BY_TOPIC[feeds.RESIDENTS.topic], []
    for at in range(0, len(sent), cut):
        in_earnest += await registry.hear(feed, *sent[at : at + cut])
    assert in_earnest == ends
    assert await digests(registry) != before
    trials = await answers(registry, trial=True)
    assert trials == await answers(registry, trial=False)
    assert len(trials) == len(sent)
    codes = {(outcome, code) for _, outcome, _, code, *_ in trials}
    assert {end for end, _ in codes} == {"accepted", "waiting", "rejected", "duplicate"}
    assert len(codes) > 18, codes


@pytest.mark.parametrize(("feed", "form", "said"), FORMS, ids=lambda v: getattr(v, "topic", ""))
async def test_each_form_of_each_feed_ends_in_a_trial_as_in_earnest_and_leaves_nothing(
    registry: Doors, her: str, feed: feeds.OfficeFeed, form: type[Fact], said: dict[str, Any]
) -> None:
    of_stranger = (
        said | {"nik": STRANGER} | ({"former_nik": nik(11)} if "former_nik" in said else {})
    )
    sent = [
        record(report(feed, form, "REF-1", **said)),
        record(report(feed, form, "REF-2", **of_stranger)),
        record(report(feed, form, "REF-2", **of_stranger), 2),
    ]
    before, told = await digests(registry), await told_to_others(registry)
    ends = await registry.hear(TRIALS, *map(tried, sent))
    assert ends[0] == "done"
    assert await digests(registry) == before
    assert await told_to_others(registry) == told
    assert await registry.hear(BY_TOPIC[feed.topic], *sent) == ends
    assert await digests(registry) != before
    assert await answers(registry, trial=True) == await answers(registry, trial=False)


def test_every_form_of_every_feed_is_tried_here() -> None:
    tried_forms = {
        fact.TYPE for feed, form, _ in FORMS for fact in feed.facts if issubclass(fact, form)
    }
    assert tried_forms == {fact.TYPE for feed in feeds.FEEDS for fact in feed.facts}


async def test_a_trial_and_the_same_event_in_earnest_are_no_duplicates_of_each_other(
    registry: Doors, her: str
) -> None:
    sent = record(resident(feeds.ResidentDied))
    feed = BY_TOPIC[feeds.RESIDENTS.topic]
    assert await registry.hear(TRIALS, tried(sent)) == ["done"]
    assert await registry.hear(feed, sent) == ["done"]
    other = record(resident(feeds.ResidentDied, "DKC-7", nik=STRANGER))
    assert await registry.hear(TRIALS, tried(other)) == ["waiting"]
    assert await registry.hear(feed, sent, other) == ["duplicate", "waiting"]
    assert await registry.hear(TRIALS, tried(sent)) == ["duplicate"]
    assert [a[1:3] for a in await answers(registry, trial=False)] == [
        ("accepted", None),
        ("duplicate", "accepted"),
        ("waiting", None),
    ]


async def test_who_is_registered_meanwhile_lets_a_trial_go_on_too(registry: Doors) -> None:
    sent = record(resident(feeds.ResidentVerified, nik=STRANGER))
    assert await registry.hear(TRIALS, tried(sent)) == ["waiting"]
    body = woman(nik=STRANGER, household_number="3674061234567892")
    assert (await registry.post("/v1/people", body)).status == 201
    before = await digests(registry)
    async with registry.db.pool.acquire() as conn:
        writer, reader = registry.writers[TRIALS], reader_of_trials(registry)
        await drain_due(writer, reader, conn, service_actor("registry"))
    assert [a[1] for a in await answers(registry, trial=True)] == ["waiting", "accepted"]
    assert await digests(registry) == before
    assert await registry.count("parked_key") == 0


def reader_of_trials(doors: Doors) -> Reader:
    return Reader(doors.consumers[TRIALS].facts, KEYS)


async def test_trials_that_are_a_day_old_are_forgotten_and_what_waits_behind_them_goes_on(
    registry: Doors, her: str
) -> None:
    sent = [
        record(resident(feeds.ResidentVerified, "DKC-2", nik=STRANGER), 1),
        record(resident(feeds.ResidentMoved, "DKC-3", area=SETU), 1),
        record(resident(feeds.ResidentDied, "DKC-3"), 2),
        like(record(resident(feeds.ResidentDied)), value=b"{"),
    ]
    ends = await registry.hear(TRIALS, *map(tried, sent))
    assert ends == ["waiting", "parked", "behind", "rejected"]
    await registry.hear(BY_TOPIC[feeds.RESIDENTS.topic], sent[0])
    trials = [(registry.writers[TRIALS], reader_of_trials(registry))]
    await trial.tidy(registry.db, trials)
    assert len(await answers(registry, trial=True)) == 4, "nothing is forgotten on its day"
    await grown(registry, "state <> 'behind'", trial.KEPT)
    await trial.tidy(registry.db, trials)
    assert [a[1:4:2] for a in await answers(registry, trial=True)][4:] == [
        ("discarded", "trial_over"),
        ("discarded", "trial_over"),
        ("accepted", ""),
    ]
    assert [row["topic"] for row in await registry.rows("select topic from parked_key")] == [
        feeds.RESIDENTS.topic
    ]
    held = "select count(*) as n from parked where consumer = 'registry.trial'"
    assert (await registry.rows(held))[0]["n"] == 4
    await grown(registry, "true", trial.BYTES_KEPT)
    await trial.tidy(registry.db, trials)
    assert (await registry.rows(held))[0]["n"] == 0
    assert await registry.count("parked") == 1, "what waits in earnest goes on waiting"
    await registry.hear(BY_TOPIC[feeds.RESIDENTS.topic], sent[0])
    [*_, (_, outcome, first, *_)] = await answers(registry, trial=False)
    assert (outcome, first) == ("duplicate", "waiting"), "its trial says nothing of it"


async def grown(doors: Doors, which: str, by: timedelta) -> None:
    """As if so much time had gone by for these."""
    await doors.db.pool.execute(
        f"update parked set parked_at = parked_at - $1::interval - interval '1 minute',"
        f" ended_at = ended_at - $1::interval - interval '1 minute' where {which}",
        by,
    )


async def test_what_production_finds_at_its_commit_a_trial_finds_too(
    registry: Doors, database: Database
) -> None:
    """A deferred constraint has not been looked at when the savepoint is rolled back."""
    owner = await asyncpg.connect(database.owner("registry"))
    await owner.execute("create table late (n int unique deferrable initially deferred)")
    await owner.execute("grant insert on late to registry_app")
    await owner.close()

    async def late(tx: Tx, received: Sequence[Received]) -> Iterable[Ending]:
        await tx.conn.executemany("insert into late values ($1)", [(1,), (1,)])
        return ()

    feed = Reaction("registry.late", (feeds.NIB.topic,), feeds.NIB.facts, late)
    registry.consumers = {c.name: c for c in with_trial("registry", (feed,))}
    sent = record(report(feeds.NIB, feeds.NibIssued, "NIB-1", number="9120001234567"))
    assert await registry.hear(TRIALS, tried(sent)) == ["parked"]
    assert await registry.hear("registry.late", sent) == ["parked"]
    trials = await answers(registry, trial=True)
    assert trials == await answers(registry, trial=False)
    assert trials[0][3] == "database"


def test_every_topic_of_an_office_is_read_by_a_feed_and_tried_by_its_services_trial() -> None:
    from services.marketing.reactions import CONSUMERS as MARKETING
    from services.training.reactions import CONSUMERS as TRAINING

    services = {"registry": CONSUMERS, "training": TRAINING, "marketing": MARKETING}
    read: dict[str, str] = {}
    for name, own in services.items():
        consumers = Service(name, __file__, tuple, own).consumers  # type: ignore[arg-type]
        for consumer in consumers:
            read |= {t: consumer.name for t in consumer.topics if topic(t).from_outside}
            for outside in (t for t in consumer.topics if topic(t).from_outside):
                wanted = {f.TYPE for f in FACTS.values() if topic(outside).feed == f.TOPIC}
                assert wanted <= {fact.TYPE for fact in consumer.facts}, outside
    assert read.keys() == {entry.name for entry in TOPICS if entry.from_outside}
    for name, consumer_name in read.items():
        assert consumer_name.endswith(TRIAL) == name.endswith(TRIAL)
        assert consumer_name.split(".")[0] in topic(name).readers


@pytest.mark.parametrize(
    ("form", "feed"), [(feeds.NibIssued, feeds.RESIDENTS), (feeds.MerekRecommended, feeds.NIB)]
)
async def test_a_type_of_another_feed_is_rejected_even_where_the_consumer_reads_both(
    registry: Doors, form: type[Fact], feed: feeds.OfficeFeed
) -> None:
    home = next(f for f in feeds.FEEDS for fact in f.facts if issubclass(fact, form))
    said = {"letter": "1", "mark_class": 3} if home is feeds.MEREK else {"number": "9120001234567"}
    original = record(report(home, form, "REF-1", **said))
    sent = saying(like(original, topic=feed.topic), ce_source=feed.source)
    assert await registry.hear(BY_TOPIC[feed.topic], sent) == ["rejected"]
    [(_, outcome, _, code, pointer, *_)] = await answers(registry, trial=False)
    assert (outcome, code, pointer) == ("rejected", "unknown_type", "/type")
