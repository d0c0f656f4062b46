"""The catalogue of topics: who owns each, who may write and read it, and how it is kept."""

from dataclasses import dataclass, replace

from shared.contracts import marketing, office_feeds, offices, receipts, registry, training
from shared.contracts.areas import CITY

MAX_RECORD_BYTES = 1_100_000  # a value of 1 MiB and its headers
FACT_PARTITIONS = 4
TRIAL = ".trial"
"""How the name of a trial topic ends, and that of the consumer which reads a service's trials."""


@dataclass(frozen=True)
class Topic:
    """One Kafka topic. Principals are names without `User:`; retention None is for ever."""

    name: str
    owner: str
    key: str  # the field of the facts that is the record's key
    partitions: int  # fixed: more would break the order of a key, so it would be a new topic
    retention_days: int | None
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    source: str  # the only `ce_source` allowed on it
    operations: bool = False  # carries our own summaries, no facts
    from_outside: bool = False  # written by an office: we can't ask for it again
    personal: bool = False  # its facts name people by their NIK: the registry alone reads it
    about_everybody: bool = False  # who isn't registered in time is forgotten, not worked on
    receipts: str = ""  # the topic on which the office is told what became of each event
    trial_of: str = ""  # of a trial topic: the feed that it is a trial of

    @property
    def feed(self) -> str:
        """The topic whose facts lie on it: itself, or the one that it is a trial of."""
        return self.trial_of or self.name

    @property
    def settings(self) -> dict[str, str]:
        """The topic's Kafka configuration."""
        kept = -1 if self.retention_days is None else self.retention_days * 86_400_000
        settings = {
            "cleanup.policy": "delete",  # compaction would lose first occurrences
            "retention.ms": str(kept),
            "retention.bytes": "-1",
            "max.message.bytes": str(MAX_RECORD_BYTES),
        }
        if self.from_outside:
            # by its own clock a record could be too old to be kept, or of no date at all
            settings["message.timestamp.type"] = "LogAppendTime"
        if self.from_outside and not self.trial_of:
            settings["flush.messages"] = "1"  # no outbox of ours could re-send it after power loss
        return settings


def source_of(service: str) -> str:
    """The `ce_source` of one of our services."""
    return f"urn:binaan:{CITY}:{service}"


def _facts(name: str, *, key: str, readers: tuple[str, ...]) -> Topic:
    owner = name.split(".", 1)[0]
    return Topic(name, owner, key, FACT_PARTITIONS, None, (owner,), readers, source_of(owner))


def _receipts(name: str, *, office: str) -> Topic:
    """What became of the events of an office: of nobody else, so nobody else reads it."""
    owner = name.split(".", 1)[0]
    days, source = 90, source_of(owner)
    return Topic(name, owner, "receipt_for", FACT_PARTITIONS, days, (owner,), (office,), source)


def _office_feed(feed: office_feeds.OfficeFeed) -> Topic:
    """What an office tells: read by the feed's owner alone.

    Written by the office alone, with its own hand or through the owner's `POST /v1/events`.
    """
    return Topic(
        feed.topic,
        feed.principal,
        feed.key,
        FACT_PARTITIONS,
        30,
        (feed.principal, feed.owner),
        (feed.owner,),
        feed.source,
        from_outside=True,
        personal=any("nik" in fact.model_fields for fact in feed.facts),
        about_everybody=feed is office_feeds.RESIDENTS,
        receipts=receipts.topic_of(feed.owner, feed.office),
    )


def _trial(feed: Topic) -> Topic:
    """Where the office tries its events: receipts as production would give them, no effect."""
    name = feed.name + TRIAL
    return replace(feed, name=name, partitions=1, retention_days=1, trial_of=feed.name)


def _feed(service: str) -> Topic:
    """Summaries of what each intake batch ended in, folded into feed health by the same worker."""
    name = f"{service}.feed"
    own = (service,)
    return Topic(name, service, "feed", 1, 1, own, own, source_of(service), operations=True)


_OFFICE_FEEDS = (
    Topic(
        offices.BOGOR_MARKET_EVENT,
        "office-32.71-perdagangan",
        "event_ref",
        FACT_PARTITIONS,
        30,
        ("office-32.71-perdagangan", "marketing"),
        ("marketing",),
        "urn:binaan:32.71:perdagangan",
        from_outside=True,
        receipts=receipts.BOGOR_TRADE,
    ),
    *(_office_feed(feed) for feed in office_feeds.FEEDS),
)

TOPICS: tuple[Topic, ...] = (
    _facts(registry.PERSON, key="person_id", readers=("training", "marketing")),
    _facts(registry.BUSINESS, key="business_id", readers=("registry", "training", "marketing")),
    _facts(registry.SITE, key="site_id", readers=("training", "marketing")),
    _facts(registry.OFFICE, key="office_id", readers=("training", "marketing")),
    _facts(registry.OPENING_BALANCE, key="balance_id", readers=("training", "marketing")),
    _facts(registry.LICENCE, key="licence_id", readers=("registry", "marketing")),
    _facts(registry.OUTSIDE_TRAINING, key="outside_training_id", readers=("training",)),
    _facts(training.ACTIVITY, key="activity_id", readers=("registry",)),
    _facts(training.COHORT, key="cohort_id", readers=("registry",)),
    _facts(training.SESSION, key="session_id", readers=("registry", "marketing")),
    _facts(training.ENROLMENT, key="enrolment_id", readers=("registry", "marketing")),
    _facts(training.CERTIFICATE, key="certificate_id", readers=("registry", "marketing")),
    _facts(marketing.MARKET_EVENT, key="market_event_id", readers=("registry", "training")),
    _facts(marketing.PRODUCT, key="product_id", readers=("registry", "training")),
    _facts(marketing.STAND, key="stand_id", readers=("registry", "training")),
    _facts(marketing.SUPPORT, key="support_id", readers=("registry",)),
    _facts(marketing.SALE, key="sale_id", readers=("registry",)),
    _receipts(receipts.BOGOR_TRADE, office="office-32.71-perdagangan"),
    *_OFFICE_FEEDS,
    *(_trial(feed) for feed in _OFFICE_FEEDS),
    *(
        _receipts(receipts.topic_of(owner, office), office=f"office-{office}")
        for owner, office, _ in office_feeds.offices()
    ),
    _feed("registry"),
    _feed("training"),
    _feed("marketing"),
)


def topic(name: str) -> Topic:
    """The topic of that name. KeyError when the catalogue has none."""
    return _BY_NAME[name]


_BY_NAME = {entry.name: entry for entry in TOPICS}
