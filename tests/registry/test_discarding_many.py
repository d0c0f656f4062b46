"""After a full resync: thousands of events about people who are nobody's concern here."""

from typing import Any

from shared.parked import discards
from tests.registry.people import nik, registered_woman
from tests.registry.reports import RESIDENTS
from tests.registry.work import (
    FEED,
    OF_PAMULANG,
    OF_SERPONG,
    REASON,
    VERIFIKATOR,
    ambiguous,
    items,
    moved,
    receipts,
    strangers,
)
from tests.training.doors import Doors, Reply

HOME = {"code": "36.74.06.1005"}


async def discard(
    registry: Doors, limit: int = 1_000, actor: Any = VERIFIKATOR, **other: Any
) -> Reply:
    body = {
        "topic": FEED,
        "of_code": "waited_too_long",
        "code": "not_ours",
        "reason": REASON,
        "limit": limit,
    }
    key = other.pop("key", None)
    return await registry.post("/v1/parked/discard", body | other, actor, key=key)


async def groups(registry: Doors, query: str = "", actor: Any = VERIFIKATOR) -> list[Any]:
    found: list[Any] = (await registry.get(f"/v1/parked/groups{query}", actor)).body["items"]
    return found


async def test_groups_count_what_the_caller_may_see(registry: Doors) -> None:
    await strangers(registry, 3)
    await ambiguous(registry, moved(2))
    large, *small = await groups(registry)
    assert (large["code"], large["state"], large["events"]) == ("waited_too_long", "parked", 3)
    assert (large["topic"], large["office"]) == (FEED, "36.74-dukcapil")
    assert large["office_name"].startswith("Dinas Kependudukan")
    assert large["oldest"] <= large["newest"]
    assert [(g["code"], g["state"], g["events"]) for g in small] == [
        ("behind", "behind", 1),
        ("wilayah-bermakna-ganda", "parked", 1),
    ]
    assert [g["events"] for g in await groups(registry, "?state=behind")] == [1]
    assert await groups(registry, "?office=36.74-sosial") == []
    in_serpong = [g["code"] for g in await groups(registry, actor=OF_SERPONG)]
    assert in_serpong == ["behind", "wilayah-bermakna-ganda"]
    assert [g["events"] for g in await groups(registry, actor=OF_PAMULANG)] == [3]


async def test_many_are_discarded_at_once_each_with_its_receipt_and_audit(registry: Doors) -> None:
    await strangers(registry, 7)
    await ambiguous(registry)
    answer = await discard(registry, 5)
    assert (answer.status, answer.body) == (200, {"discarded": 5, "followed": 0, "left": 2})
    assert [item["key"] for item in await items(registry)] == ["S-6", "S-7", "DKC-1"]
    assert (await discard(registry)).body == {"discarded": 2, "followed": 0, "left": 0}
    assert (await discard(registry)).body == {"discarded": 0, "followed": 0, "left": 0}
    told = [end for end in await receipts(registry) if end[0] == "discarded"]
    assert told == [("discarded", "not_ours")] * 7
    assert (
        len([t for t in await registry.told("receipt") if t["fact"]["outcome"] == "discarded"]) == 7
    )
    audit = await registry.rows("select distinct parked_id, actor, act, reason from parked_audit")
    assert len(audit) == 7
    assert {(a["actor"], a["act"], a["reason"]) for a in audit} == {
        (VERIFIKATOR.subject, "discarded", REASON)
    }
    ends = await registry.rows(
        """
        select state, ended_by, outcome from parked join inbox using (consumer, event_id, source)
        where ended_at is not null
        """
    )
    assert {tuple(row.values()) for row in ends} == {
        ("discarded", VERIFIKATOR.subject, "discarded")
    }
    assert await registry.count("parked_key") == 1


async def test_what_queued_behind_them_goes_on_in_order(registry: Doors) -> None:
    await strangers(registry, 2)
    later = [moved(n, "S-1", nik=nik(1), area=HOME | {"code": f"36.74.06.100{n}"}) for n in (2, 3)]
    assert await registry.hear(RESIDENTS, *later) == ["behind", "behind"]
    await registered_woman(registry, nik=nik(1))
    assert (await discard(registry)).body == {"discarded": 2, "followed": 2, "left": 0}
    told = [row["fact"]["kelurahan"] for row in await registry.told("person.moved")]
    assert told == ["36.74.06.1002", "36.74.06.1003"]
    assert await registry.count("parked_key") == 0


async def test_only_those_of_the_callers_areas_end(registry: Doors) -> None:
    await strangers(registry, 2)
    assert (await discard(registry, actor=OF_SERPONG)).body["discarded"] == 0
    await registry.db.pool.execute("update parked set area = null where key = 'S-2'")
    assert (await discard(registry, actor=OF_PAMULANG)).body == {
        "discarded": 1, "followed": 0, "left": 0,
    }  # fmt: skip
    assert (await discard(registry)).body["discarded"] == 1


async def test_a_key_that_somebody_holds_is_left_to_him(registry: Doors) -> None:
    await strangers(registry, 3)
    async with registry.db.pool.acquire() as conn, conn.transaction():
        await conn.execute("select from parked_key where key = 'S-2' for update")
        assert (await discard(registry)).body == {"discarded": 2, "followed": 0, "left": 1}
    assert (await discard(registry)).body["discarded"] == 1


async def test_a_thousand_end_in_one_request_of_a_few_statements(registry: Doors) -> None:
    await strangers(registry, 1_050)
    answer = await discard(registry, key="once")
    assert answer.body == {"discarded": discards.MOST, "followed": 0, "left": 50}
    assert (await discard(registry, key="once")).body == answer.body
    assert len(await items(registry, "?limit=200")) == 50


async def test_what_is_no_reason_no_code_or_too_many_is_refused(registry: Doors) -> None:
    await strangers(registry, 1)
    assert (await discard(registry, reason=" ")).code == "alasan-wajib"
    for other in ({"code": "bored"}, {"limit": 1_001}, {"limit": 0}, {"topic": ""}):
        assert (await discard(registry, **other)).status == 400
    assert (await discard(registry, topic="registry.business")).body["left"] == 0
    assert len(await items(registry)) == 1
