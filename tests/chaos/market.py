"""Marketing's part: brand, quality, licences, checks, stands with a promise, support, sales."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.chaos.ledger import Request

if TYPE_CHECKING:
    from tests.chaos.load import World

POINTS = ("recipe", "weight", "shelf_life", "hygiene", "label")
BUDGET = 400_000
DAYS_TO_2099 = 26_000
"""Fewer than there are to the contested events, more than half of them."""


async def set_budget(world: World, fair: str) -> None:
    """Enough for a few lines of support."""
    path = f"/v1/market-events/{fair}/budgets"
    await world.post("budget", fair, path, {"rupiah": BUDGET}, "marketing")


async def to_market(world: World, business: str) -> None:
    """A product, made ready as far as it goes, stands for it, and what it sells."""
    name = f"Produk uji {world.number()}"
    body = {"business_id": business, "name": name, "unit": "pack", "price_rupiah": 15_000}
    product = await world.post("product", name, "/v1/products", body, "marketing")
    if product.outcome != "accepted" or not await _made_ready(world, product.id):
        return
    await _sell(world, product.id, "online", None)
    if world.past_fairs and world.chance(0.4):
        await _past_event(world, product.id, business)
    if world.fairs:
        await _stands(world, product.id, business)


async def _made_ready(world: World, product: str) -> bool:
    """Each step at most once; False when one was left unanswered, since it may still happen."""
    path, number, version = f"/v1/products/{product}", world.number(), 1
    branded = world.chance(0.6)
    steps: list[tuple[float, str, str, str, dict[str, Any], bool]] = [
        (0.6, "assessment", f"foto-{number}", "assessments", _assessment(world, number), False),
        (0.3, "licence", f"{number:013}", "licences", _licence(number), False),
    ]
    if branded:
        applied = {"status": "applied", "number": f"JID{number:07}"}
        steps.append((1.0, "brand", f"JID{number:07}", "brand", applied, True))
        steps += [
            (1.0, "check", f"{product} 2020-03-0{day}", "checks", _check(world, day), False)
            for day in range(1, 1 + world.random.randrange(4))
        ]
    for share, op, mark, what, body, wants_version in steps:
        if not world.chance(share):
            continue
        if_match = version if wants_version else None
        told = await world.post(op, mark, f"{path}/{what}", body, "marketing", if_match)
        if told.outcome != "accepted":
            return False
        version = told.version
    return True


def _assessment(world: World, number: int) -> dict[str, Any]:
    """Mostly good. What is poor bars the stands."""
    poor = world.chance(0.15)
    return {
        "quality": dict.fromkeys(POINTS, not poor),
        "packaging": 60 + number % 40,
        "photo_reference": f"foto-{number}",
        "assessed_on": "2026-11-01",
    }


def _licence(number: int) -> dict[str, Any]:
    return {"kind": "nib", "number": f"{number:013}", "valid_from": "2020-01-01"}


def _check(world: World, day: int) -> dict[str, Any]:
    return {
        "available": world.chance(0.6),
        "quality_kept": True,
        "checked_on": f"2020-03-0{day}",
    }


async def _stands(world: World, product: str, business: str) -> None:
    """Stands at several events at once, each for almost half of what she can make until then."""
    status, known, _ = await world.caller.get("registry", f"/v1/businesses/{business}")
    if status != 200:
        return
    week = float(known["capacity"]["quantity"])
    promised = f"{min(0.9 * week / 7 * DAYS_TO_2099 / 2, 999_999):.0f}"
    chosen = world.random.sample(world.fairs, min(3, len(world.fairs)))
    asked = await asyncio.gather(
        *(_stand(world, fair, product, business, {"promised": promised}) for fair in chosen)
    )
    for stand in asked:
        if stand.outcome == "accepted":
            await _supported(world, stand.id)
            if world.chance(0.6):
                await _release(world, stand.id)


async def _stand(
    world: World, fair: str, product: str, business: str, more: dict[str, Any]
) -> Request:
    """A stand; what somebody found wanting is sometimes allowed by the head of section."""
    path, mark = f"/v1/market-events/{fair}/stands", f"{fair} {business}"
    body = {"product_id": product, **more}
    stand = await world.post("stand", mark, path, body, "marketing")
    if stand.code != "produk-belum-siap" or world.chance(0.5):
        return stand
    allowed = body | {"override_reason": "Didampingi sampai acara"}
    return await world.post("stand", mark, path, allowed, "marketing")


async def _release(world: World, stand: str) -> None:
    body, path = {"reason": "Produksi tidak cukup"}, f"/v1/stands/{stand}/release"
    await world.post("release", f"{stand} 2", path, body, "marketing", 1)


async def _supported(world: World, stand: str) -> None:
    """Planned by one, approved by another, paid: all of it until the budget is spent."""
    amount = 100_000 + world.number()
    body = {"kind": "transport", "planned_rupiah": amount}
    path = f"/v1/stands/{stand}/support"
    line = await world.post("support", str(amount), path, body, "marketing")
    if line.outcome != "accepted":
        return
    path = f"/v1/support/{line.id}"
    if world.chance(0.2):  # who planned it may not approve it
        mark = f"same hands {line.id}"
        await world.post("approval", mark, f"{path}/approval", {}, "marketing", 1)
    agreed = await world.post(
        "approval", line.id, f"{path}/approval", {}, "marketing", 1, "verifikator"
    )
    if agreed.outcome == "accepted" and world.chance(0.7):
        paid = {"actual_rupiah": amount + world.random.randrange(-20_000, 20_000)}
        await world.post("payment", line.id, f"{path}/payment", paid, "marketing", 2)


async def _past_event(world: World, product: str, business: str) -> None:
    """A stand that was on paper at an event that is over, and what was sold there."""
    fair = world.random.choice(world.past_fairs)
    if world.chance(0.1):
        await _sell(world, product, "event", fair, "no stand ")
    stand = await _stand(world, fair, product, business, {"confirmed_on": "2020-04-20"})
    if stand.outcome == "accepted":
        await _sell(world, product, "event", fair)
        if world.chance(0.5):
            await _release(world, stand.id)


async def _sell(world: World, product: str, channel: str, fair: str | None, how: str = "") -> None:
    """A month's sales through a channel, and now and then the report put right."""
    body = {
        "product_id": product,
        "channel": channel,
        "month": "2020-05",
        "quantity": "12",
        "rupiah": 180_000,
    }
    if fair is not None:
        body["market_event_id"] = fair
    mark = f"{how}{product} {channel} {fair or '-'}"
    sale = await world.post("sale", mark, "/v1/sales", body, "marketing")
    if sale.outcome == "accepted" and world.chance(0.4):
        none = world.chance(0.2)
        right = {"quantity": "0", "rupiah": 0} if none else {"rupiah": 170_000}
        why = {"correction": {"version": 1, "reason": "Salah ketik"}}
        mark = f"{sale.id} 2"
        await world.post("sale correction", mark, "/v1/sales", body | right | why, "marketing")
