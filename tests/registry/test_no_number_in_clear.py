"""An office that puts a NIK where it would lie in clear: nothing of ours keeps it."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from shared.contracts.office_feeds import ResidentMoved, ResidentVerified
from shared.contracts.topics import TOPICS
from tests.registry.people import nik, woman
from tests.registry.reports import RESIDENTS, resident
from tests.training.doors import Doors, record

NUMBER = nik()
ATTRIBUTES = ("ce_id", "ce_correlationid", "ce_source", "ce_type", "ce_time")


def changed(
    original: ConsumerRecord, headers: Mapping[str, str] = {}, **fields: Any
) -> ConsumerRecord:
    named = {name: getattr(original, name) for name in ConsumerRecord.__dataclass_fields__}
    said = dict(original.headers) | {name: text.encode() for name, text in headers.items()}
    return ConsumerRecord(**named | {"headers": tuple(said.items())} | fields)


def bad() -> list[ConsumerRecord]:
    good = record(resident(ResidentVerified))
    return [
        *(changed(good, {name: f"x-{NUMBER}"}) for name in ATTRIBUTES),
        changed(good, {"ce_subject": NUMBER, "ce_partitionkey": NUMBER}, key=NUMBER.encode()),
        changed(good, key=NUMBER.encode()),
        changed(good, key=NUMBER.encode(), value=b"{"),
        changed(good, key=NUMBER.encode(), value=None),
        changed(good, {"ce_source": "", "ce_id": NUMBER}),
        changed(good, value=good.value.replace(b"36.74.06.1005", NUMBER.encode())),
        changed(good, value=f'{{"nik": {NUMBER}, "nik": {NUMBER}}}'.encode()),
    ]


async def dump(doors: Doors) -> str:
    """Every row of every table of the service, as text."""
    tables = await doors.rows("select tablename from pg_tables where schemaname = 'registry'")
    texts = []
    for table in tables:
        name = table["tablename"]
        texts += [str(row) for row in await doors.rows(f"select t::text from registry.{name} t")]
    return "\n".join(texts)


@pytest.mark.parametrize("registered", [True, False])
async def test_no_row_holds_a_number_that_an_office_sent(
    registry: Doors, caplog: pytest.LogCaptureFixture, *, registered: bool
) -> None:
    if registered:
        await registry.post("/v1/people", woman())
    ends = [await registry.hear(RESIDENTS, one) for one in bad()]
    assert ends == [["rejected"]] * len(ends)
    traced = changed(record(resident(ResidentVerified)), {"traceparent": f"x-{NUMBER}"})
    good = [traced, record(resident(ResidentMoved, "DKC-2"), 2)]
    ended = await registry.hear(RESIDENTS, *good)
    assert set(ended) == {"done"} if registered else {"waiting"}
    text = await dump(registry)
    assert "DKC-2" in text
    assert NUMBER not in text
    assert NUMBER.encode().hex() not in text
    assert NUMBER not in caplog.text


def test_every_feed_that_names_people_is_looked_at_so() -> None:
    assert {t.name.split(".")[0] for t in TOPICS if t.personal} == {"office"}
    assert len([t for t in TOPICS if t.personal and not t.trial_of]) == 9
