"""What became of one event is at its id, and an office's id may hold any visible character."""

from dataclasses import replace
from urllib.parse import urljoin

import orjson
from aiokafka.structs import ConsumerRecord
from yarl import URL

from services.marketing.reactions import CONSUMERS
from shared.actor import Actor
from shared.http.addresses import segment
from shared.http.offices import NoReceipt, office_routes
from tests.marketing.scenes import FEED
from tests.shared.tokens import token
from tests.training.doors import KASI, Doors, Reply, person, record
from tests.training.facts import market_event
from tests.training.texts import assert_both_languages_agree

BOGOR_TRADE = Actor("perdagangan-bogor", frozenset({"dinas"}), office="32.71-perdagangan")
OTHERS = (replace(BOGOR_TRADE, office="32.76-perdagangan"), replace(BOGOR_TRADE, office=None))


def under(event_id: str, n: int = 1) -> ConsumerRecord:
    """An event with an id of its office's choice."""
    told = record(market_event(event_ref=f"2099/{n}"))
    others = [(name, text) for name, text in told.headers if name != "ce_id"]
    return replace(told, headers=(*others, ("ce_id", event_id.encode())))


async def asked(marketing: Doors, path: str, actor: Actor = BOGOR_TRADE) -> Reply:
    """GET of a path as it stands: most clients would resolve `..` in it."""
    url = URL(f"{marketing.client.make_url('/')}{path.removeprefix('/')}", encoded=True)
    bearer = token(",".join(actor.roles), ",".join(actor.areas), actor.subject, actor.office)
    headers = {"Authorization": f"Bearer {bearer}", "Accept-Language": "en"}
    async with marketing.client.session.get(url, headers=headers) as answer:
        return Reply(answer.status, orjson.loads(await answer.read()), answer.headers)


async def test_the_receipts_of_an_event_are_at_its_id_whatever_characters_it_has(
    marketing: Doors,
) -> None:
    odd = "a/b //x /a/ %2F %252F %zz {id} .. ../../v1/feeds %2E%2E é 😀 ?limit=1 a+b;c#d=& 一"
    names = [*odd.split(), *map(chr, range(33, 127)), "a\u00a0b", "x" * 200, "/." * 100]
    await marketing.hear(FEED, *(under(name, n) for n, name in enumerate(names)))
    for name in names:
        there = f"http://x/v1/receipts/{segment(name)}"
        assert urljoin("http://x/v1/events", there.removeprefix("http://x")) == there
        every_byte = "".join(f"%{byte:02x}" for byte in name.encode())
        for path in (segment(name), every_byte):
            answer = await asked(marketing, f"/v1/receipts/{path}")
            assert answer.status == 200, (name, path, answer.body)
            assert [r["event_id"] for r in answer.body["items"]] == [name], path


async def test_the_receipts_of_one_event_are_in_order_and_its_offices_own(
    marketing: Doors,
) -> None:
    sent, path = under("BGR/2099/é"), f"/v1/receipts/{segment('BGR/2099/é')}"
    await marketing.hear(FEED, sent, under("another", 2), sent)
    own = (await asked(marketing, path)).body["items"]
    assert [r["outcome"] for r in own] == ["accepted", "duplicate"]
    assert {r["receipt_for"] for r in own} == {own[0]["receipt_for"]}
    assert (await asked(marketing, path, KASI)).body["items"] == own
    listed = (await asked(marketing, "/v1/receipts")).body["items"]
    assert [r for r in listed if r["receipt_for"] == own[0]["receipt_for"]] == own
    for other in OTHERS:
        answer = await asked(marketing, path, other)
        assert (answer.status, answer.code) == (404, "tanda-terima-tidak-ada")
    assert (await asked(marketing, path, person("petugas", "36.74"))).status == 403


async def test_an_event_with_many_receipts_has_them_on_pages(marketing: Doors) -> None:
    sent, path = under("BGR/2099/é"), f"/v1/receipts/{segment('BGR/2099/é')}"
    await marketing.hear(FEED, sent, sent, sent)
    found, following = [], f"{path}?limit=1"
    while following:
        answer = await asked(marketing, following)
        assert answer.status == 200, answer.body
        found += [r["outcome"] for r in answer.body["items"]]
        following = answer.headers.get("Link", "").removeprefix("<").partition(">")[0]
    assert found == ["accepted", "duplicate", "duplicate"]


async def test_that_there_is_no_receipt_is_said_in_a_sentence(marketing: Doors) -> None:
    await marketing.hear(FEED, under("one"))
    for path, status, code in (
        ("other", 404, "tanda-terima-tidak-ada"),
        ("One", 404, "tanda-terima-tidak-ada"),
        ("one%00", 400, "isian-tidak-sah"),
        ("one/", 404, "alamat-tidak-ada"),
        ("?event_id=one", 404, "alamat-tidak-ada"),
    ):
        answer = await asked(marketing, f"/v1/receipts/{path}")
        assert (answer.status, answer.code) == (status, code), path
    assert (await asked(marketing, "/v1/receipts?event_id=one")).status == 400
    assert (await asked(marketing, "/v1/receipts/other")).body["detail"] == NoReceipt.english
    assert_both_languages_agree(NoReceipt)


async def test_the_examples_of_what_offices_ask_run_as_shown(marketing: Doors) -> None:
    await marketing.hear(FEED, under("{odd}/100%"))
    for route in office_routes(CONSUMERS):
        shown = await marketing.shown(route)
        assert shown.status == 200, (route.path, shown.body)
