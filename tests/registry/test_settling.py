"""Staff settle events by HTTP: replayed once, as they are or corrected, or discarded."""

import asyncio
from typing import Any
from uuid import uuid4

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from services.registry.reactions import figures
from shared.contracts.training import EnrolmentMade
from shared.ids import reaction_id
from shared.parked.refusals import ParkedRefusal
from tests.registry.people import nik, registered_woman
from tests.registry.reports import RESIDENTS
from tests.registry.work import (
    REASON,
    VERIFIKATOR,
    ambiguous,
    discarded,
    items,
    moved,
    open_ids,
    receipts,
    replayed,
)
from tests.training.doors import KASI, Doors, Reply, record
from tests.training.facts import enrolment
from tests.training.texts import assert_both_languages_agree

HERE = {"pointer": "/data/area", "value": {"code": "36.74.01.1009"}}
HERE_TOO = {"pointer": "/data/area/code", "value": "36.74.01.1009"}
CLEAR = {"code": "36.74.06.1006"}


def structured(sent: ConsumerRecord) -> ConsumerRecord:
    """The same event in the other mode."""
    named = {n.removeprefix("ce_"): v.decode() for n, v in sent.headers if n.startswith("ce_")}
    body = named | {"data": orjson.loads(sent.value or b"")}
    fields = {name: getattr(sent, name) for name in ConsumerRecord.__dataclass_fields__}
    kind = (("content-type", b"application/cloudevents+json"),)
    return ConsumerRecord(**{**fields, "value": orjson.dumps(body), "headers": kind})


async def homes(registry: Doors) -> list[str]:
    """Where she lived, in the order in which it was told."""
    return [row["fact"]["kelurahan"] for row in await registry.told("person.moved")]


@pytest.mark.parametrize("change", [HERE, HERE_TOO], ids=["whole", "field"])
@pytest.mark.parametrize("form", [lambda sent: sent, structured], ids=["binary", "structured"])
async def test_a_suggestion_is_taken_and_what_queued_behind_follows(
    registry: Doors, change: dict[str, Any], form: Any
) -> None:
    await registered_woman(registry)
    sent = form(moved(1))
    assert await registry.hear(RESIDENTS, sent, moved(2, area=CLEAR)) == ["parked", "behind"]
    first, second = await open_ids(registry)
    answer = await replayed(registry, first, change)
    assert answer.status == 200, answer.body
    assert answer.body == {
        "parked_id": str(first),
        "ended": [str(first), str(second)],
        "stopped_at": None,
    }
    assert await homes(registry) == ["36.74.01.1009", CLEAR["code"]]
    assert await receipts(registry) == [
        ("waiting", "wilayah-bermakna-ganda"),
        ("waiting", "behind"),
        ("accepted_after_correction", ""),
        ("accepted", ""),
    ]
    assert await items(registry) == []
    assert await registry.count("parked_key") == 0


async def test_what_is_told_by_a_replay_has_the_id_that_the_worker_would_have_given_it(
    registry: Doors,
) -> None:
    parked_id = await ambiguous(registry)
    (row,) = await registry.rows("select source, event_id from parked")
    assert (await replayed(registry, parked_id, HERE)).status == 200
    (told,) = await registry.told("person.moved")
    assert told["event_id"] == reaction_id(RESIDENTS, row["source"], row["event_id"], 1)
    assert told["causation_id"] == row["event_id"]


async def test_the_audit_names_who_did_what_to_which_field_and_no_value(registry: Doors) -> None:
    parked_id = await ambiguous(registry)
    changes = (HERE, {"pointer": "/data/family_card", "value": "3674061234567899"})
    assert (await replayed(registry, parked_id, *changes, actor=KASI)).status == 200
    shown = (await registry.get(f"/v1/parked/{parked_id}", VERIFIKATOR)).body
    assert [(h["actor"], h["act"], h["pointer"], h["reason"]) for h in shown["history"]] == [
        (KASI.subject, "corrected", "/data/area", REASON),
        (KASI.subject, "corrected", "/data/family_card", REASON),
        (KASI.subject, "replayed", "", REASON),
        (VERIFIKATOR.subject, "shown", "", ""),
    ]
    assert (shown["state"], shown["ended_by"]) == ("replayed", KASI.subject)
    audit = await registry.rows("select * from parked_audit")
    assert "3674061234567899" not in str(audit)
    assert "36.74.01.1009" not in str(audit)


async def test_a_queue_stops_where_the_next_event_is_bad_and_the_answer_says_where(
    registry: Doors,
) -> None:
    first = await ambiguous(registry, moved(2, area=CLEAR), moved(3), moved(4, area=CLEAR))
    answer = (await replayed(registry, first, HERE)).body
    left = await items(registry)
    assert [len(answer["ended"]), answer["stopped_at"]] == [2, left[0]["parked_id"]]
    assert [(item["state"], item["sequence"]) for item in left] == [("parked", 3), ("behind", 4)]
    assert left[0]["suggestions"]
    answer = (await discarded(registry, left[0]["parked_id"])).body
    assert answer["ended"] == [item["parked_id"] for item in left]
    assert answer["stopped_at"] is None
    assert (await receipts(registry))[-2:] == [("discarded", "outdated"), ("accepted", "")]


async def test_an_event_whose_world_has_changed_is_replayed_as_it_is(registry: Doors) -> None:
    other = await registered_woman(registry, nik=nik(2), household_number="3674061234567891")
    assert await registry.hear(RESIDENTS, moved(1, area=CLEAR)) == ["waiting"]
    (waiting,) = await open_ids(registry)
    early = await replayed(registry, waiting)
    assert (early.status, early.code) == (422, "kejadian-masih-salah")
    assert "Menunggu sampai orang ini terdaftar dalam program." in early.body["detail"]
    await registered_woman(registry)
    assert (await replayed(registry, waiting)).status == 200
    assert await receipts(registry) == [("waiting", "waiting"), ("accepted", "")]
    assert str(other) not in str(await registry.told("person.moved"))


async def test_a_retried_request_is_one_act_and_one_answer(registry: Doors) -> None:
    first = await ambiguous(registry, moved(2))
    one, other = [await replayed(registry, first, HERE, key="k1") for _ in range(2)]
    assert (one.status, one.body) == (other.status, other.body)
    assert other.headers["Idempotency-Replayed"] == "true"
    second = (await items(registry))[0]["parked_id"]
    one, other = [await discarded(registry, second, key="k2") for _ in range(2)]
    assert (one.status, one.body, one.headers.get("Idempotency-Replayed")) == (
        200,
        other.body,
        None,
    )
    assert await registry.count("parked_audit where act <> 'corrected'") == 2
    assert len(await homes(registry)) == 1
    reused = await discarded(registry, second, code="test", key="k2")
    assert (reused.status, reused.code) == (422, "kunci-dipakai-ulang")


async def test_two_staff_at_once_settle_it_once(registry: Doors) -> None:
    first = await ambiguous(registry, *(moved(n, area=CLEAR) for n in range(2, 6)))
    answers = await asyncio.gather(
        *(replayed(registry, first, HERE, actor=who) for who in (VERIFIKATOR, KASI)),
        *(discarded(registry, first, actor=who) for who in (VERIFIKATOR, KASI)),
    )
    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404]
    ends = [outcome for outcome, _ in await receipts(registry) if outcome != "waiting"]
    assert len(ends) == 5
    assert len(await homes(registry)) in (1, 2)  # discarded, or corrected; 3 to 5 change nothing


async def refused(answer: Reply, status: int, code: str, pointer: str = "") -> None:
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.body["errors"][0]["pointer"] == pointer


async def test_each_no_says_why_and_changes_nothing(registry: Doors) -> None:
    first = await ambiguous(registry, moved(2, area=CLEAR))
    second = (await open_ids(registry))[1]
    before = await registry.rows("select * from parked order by parked_id")
    wrong = HERE | {"value": {"kelurahan": "Serpong"}}
    nobody = uuid4()
    await refused(await replayed(registry, nobody, HERE), 404, "kejadian-tidak-terbuka")
    await refused(await discarded(registry, nobody), 404, "kejadian-tidak-terbuka")
    behind = await replayed(registry, second)
    await refused(behind, 409, "kejadian-sebelumnya-belum-selesai")
    assert str(first) in behind.body["detail"]
    for answer in (await replayed(registry, first), await replayed(registry, first, wrong)):
        await refused(answer, 422, "kejadian-masih-salah", "/data/area")
        assert "wilayah-bermakna-ganda /data/area" in answer.body["detail"]
        assert "Wilayah ini dapat berarti lebih dari satu tempat." in answer.body["detail"]
    strange = HERE | {"value": nik(8), "pointer": "/data/nik"}
    await refused(await replayed(registry, first, HERE, strange), 422, "kejadian-masih-salah")
    no_reason = {"changes": [HERE], "reason": " "}
    path = f"/v1/parked/{first}/replay"
    await refused(await registry.post(path, no_reason, KASI), 422, "alasan-wajib", "/reason")
    await refused(await discarded(registry, first, reason=" "), 422, "alasan-wajib", "/reason")
    for pointer in ("/data/venue/code", "/nothing", "/data/area/kelurahan/0"):
        change = {"pointer": pointer, "value": "x"}
        answer = await replayed(registry, first, HERE, change)
        await refused(answer, 422, "isian-tidak-ada", "/changes/1/pointer")
        assert pointer in answer.body["detail"]
    answer = await replayed(registry, first, HERE, {"pointer": "/data/areas", "value": "x"})
    await refused(answer, 422, "isian-tidak-dikenal", "/changes/1/pointer")
    assert "Isian yang ada: occurred_on, resident_ref, nik, area" in answer.body["detail"]
    answer = await replayed(registry, first, {"pointer": "/subject", "value": 5})
    await refused(answer, 422, "nilai-bukan-teks", "/changes/0/pointer")
    assert await registry.rows("select * from parked order by parked_id") == before
    assert await registry.count("parked_audit") == 0
    assert len(await receipts(registry)) == 2
    assert (await replayed(registry, first, HERE)).status == 200
    await refused(await replayed(registry, first, HERE), 404, "kejadian-tidak-terbuka")
    await refused(await discarded(registry, first), 404, "kejadian-tidak-terbuka")


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("replay", {"changes": [{"pointer": "data", "value": 1}], "reason": "x"}),
        ("replay", {"changes": [{"pointer": "/data/a"}], "reason": "x"}),
        ("replay", {"changes": [{"pointer": "/data/a", "value": 1.5}], "reason": "x"}),
        ("replay", {"value": "{}"}),
        ("discard", {"code": "bored", "reason": "x"}),
        ("discard", {"code": "test"}),
        ("discard", {"reason": "x"}),
        ("discard", {"code": "test", "reason": "x" * 501}),
    ],
)
async def test_a_body_of_another_form_is_refused(
    registry: Doors, act: str, body: dict[str, Any]
) -> None:
    parked_id = await ambiguous(registry)
    assert (await registry.post(f"/v1/parked/{parked_id}/{act}", body, KASI)).status == 400
    assert len(await items(registry)) == 1


async def test_an_event_of_our_own_that_no_one_can_read_is_corrected_where_that_is_possible(
    registry: Doors,
) -> None:
    good = record(enrolment(EnrolmentMade, uuid4()))
    headers = [(n, b"one" if n == "ce_sequence" else v) for n, v in good.headers]
    fields = {name: getattr(good, name) for name in ConsumerRecord.__dataclass_fields__}
    bad = ConsumerRecord(**{**fields, "headers": tuple(headers)})
    torn = ConsumerRecord(**{**fields, "value": b"{", "headers": good.headers[2:]})
    consumer = figures.ENROLMENTS.name
    assert await registry.hear(consumer, bad, torn) == ["parked", "parked"]
    one, other = await items(registry)
    assert (one["consumer"], one["code"], one["pointer"]) == (consumer, "contract", "/sequence")
    assert (one["office"], one["office_name"]) == (None, None)
    change = {"pointer": "/sequence", "value": f"{1:020}"}
    assert (await replayed(registry, one["parked_id"], change)).status == 200
    assert await registry.count("known_enrolment") == 1
    answer = await replayed(registry, other["parked_id"], {"pointer": "/data/n", "value": 1})
    await refused(answer, 422, "isi-bukan-json", "/changes/0/pointer")
    shown = (await registry.get(f"/v1/parked/{other['parked_id']}", KASI)).body
    assert (shown["content"], shown["content_text"]) == (None, "{")
    assert (await discarded(registry, other["parked_id"])).status == 200


@pytest.mark.parametrize("code", ["not_ours", "wrong_person", "outdated", "test", "other"])
async def test_a_discarded_event_has_no_effect_and_its_sender_is_told_the_code_and_no_word(
    registry: Doors, code: str
) -> None:
    parked_id = await ambiguous(registry)
    answer = await discarded(registry, parked_id, code, "Dua orang, satu nama")
    assert answer.body == {
        "parked_id": str(parked_id),
        "ended": [str(parked_id)],
        "stopped_at": None,
    }
    assert await homes(registry) == []
    assert (await receipts(registry))[-1] == ("discarded", code)
    told = (await registry.told("receipt"))[-1]["fact"]
    assert "Dua orang" not in str(told)
    (kept,) = await registry.rows("select state, ended_by, reason from parked")
    assert list(kept.values()) == ["discarded", VERIFIKATOR.subject, "Dua orang, satu nama"]


async def test_a_key_that_another_holds_is_waited_for_and_then_the_client_comes_again(
    registry: Doors,
) -> None:
    parked_id = await ambiguous(registry)
    async with registry.db.pool.acquire() as conn, conn.transaction():
        await conn.execute("select from parked_key for update")
        asked = asyncio.create_task(replayed(registry, parked_id, HERE))
        await asyncio.sleep(0.2)
        assert not asked.done()
    assert (await asked).status == 200


@pytest.mark.parametrize("refusal", ParkedRefusal.__subclasses__(), ids=lambda kind: kind.__name__)
def test_both_languages_say_the_same(refusal: type[ParkedRefusal]) -> None:
    assert_both_languages_agree(refusal)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/id", "another"), ("/source", "urn:binaan:36.74:sosial"), ("/key", "DKC-9")],
)
async def test_what_an_event_is_known_by_is_not_corrected(
    registry: Doors, pointer: str, value: str
) -> None:
    first = await ambiguous(registry)
    changes: list[dict[str, Any]] = [{"pointer": pointer, "value": value}, HERE]
    if pointer == "/key":
        changes += [{"pointer": p, "value": value} for p in ("/subject", "/data/resident_ref")]
    await refused(await replayed(registry, first, *changes), 422, "kejadian-lain", pointer)
    assert await open_ids(registry) == [first]
    assert (await replayed(registry, first, HERE)).status == 200
