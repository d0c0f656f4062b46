"""The third and fourth acts: what changed, and the other city's fair."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from deploy.local.demo import invented, learning, office, reported
from deploy.local.demo.client import Json
from deploy.local.demo.invented import Maker
from deploy.local.demo.steps import INVENTED, REPORTED, Steps, done, no, together, until

POINTS = ("brand", "quality", "packaging", "capacity", "certificate")


async def change(steps: Steps, businesses: list[str]) -> dict[int, str]:
    """What changed after the training. The products' ids by the rank of their makers."""
    with steps.act("What changed: brand, quality, packaging, licences, production"):
        products = await _products(steps, businesses)
        await _ready(steps, products[0], "before", invented.PRODUCTS_ON)
        await _better(steps, businesses, products)
        await learning.known_to_marketing(steps, products[0])
        await _ready(steps, products[0], "after", invented.STANDS_ON)
    return products


async def _products(steps: Steps, businesses: list[str]) -> dict[int, str]:
    async def one(maker: Maker) -> str:
        body = {**maker.product, "business_id": businesses[maker.number]}
        saved = await steps.post("marketing", "/v1/products", body, f"product {maker.rank}")
        return str(saved["product_id"])

    makers = invented.makers()
    title = "products, all without a brand"
    ids = await together(f"{REPORTED}{INVENTED}", title, one, makers)
    return {maker.rank: product for maker, product in zip(makers, ids, strict=True)}


async def _ready(steps: Steps, product: str, name: str, on: str) -> None:
    """The five points of readiness for the chocolate, as they stood on a day."""
    path = f"/v1/products/{product}/readiness"
    view = await steps.asked(f"readiness {name}", "marketing", path, on=on)
    sign = {"met": "[green]yes[/]", "not_met": "[red]no[/]", "unknown": "[yellow]?[/]"}
    told = "  ".join(f"{p['point']} {sign[p['state']]}" for p in view["points"])
    ready = "ready" if view["ready"] else "not ready"
    done(INVENTED, f"her chocolate on {on}: {ready}    {told}")


async def _better(steps: Steps, businesses: list[str], products: Mapping[int, str]) -> None:
    async def one(maker: Maker) -> None:
        path = f"/v1/products/{products[maker.rank]}"
        rank = maker.rank
        first, second = maker.looked_at
        looks = ((first, invented.FIRST_LOOK, "first"), (second, invented.SECOND_LOOK, "second"))
        await _brand(steps, path, maker)
        for look, day, name in looks:
            body = {**look, "assessed_on": day, "photo_reference": f"contoh-{rank}-{name}"}
            where, who = f"{path}/assessments", "fasilitator"
            await steps.post("marketing", where, body, f"{name} look {rank}", who)
        if maker.applies:
            await _licences(steps, path, maker)
        if maker.mode != reported.MODE:
            await _production(steps, businesses[maker.number], maker)

    title = "brand, quality and packaging before and after, licences, production"
    await together(INVENTED, title, one, invented.makers())


async def _brand(steps: Steps, path: str, maker: Maker) -> None:
    name = {"status": "name_only", "changed_on": invented.NAMED_ON}
    named = await steps.post("marketing", f"{path}/brand", name, f"name {maker.rank}", version=1)
    if maker.applies:
        number = f"JID2017{900_000 + maker.rank}"
        applied = {"status": "applied", "number": number, "changed_on": invented.APPLIED_ON}
        where, version = f"{path}/brand", named["version"]
        await steps.post("marketing", where, applied, f"mark {maker.rank}", version=version)


async def _licences(steps: Steps, path: str, maker: Maker) -> None:
    papers: list[Json] = [
        {"kind": "nib", "number": f"9120{900_000_000 + maker.rank}", "valid_from": "2017-08-28"}
    ]
    if maker.food:
        pirt = f"2063674{90_000_000 + maker.rank}"
        days = {"valid_from": "2017-09-04", "valid_until": "2022-09-03"}
        papers.append({"kind": "pirt", "number": pirt, **days})
    for paper in papers:
        name = f"{paper['kind']} {maker.rank}"
        await steps.post("marketing", f"{path}/licences", paper, name)


async def _production(steps: Steps, business: str, maker: Maker) -> None:
    path = f"/v1/businesses/{business}"
    wish = {
        "production_mode": maker.mode,
        "capacity": maker.capacity,
        "effective_on": invented.PRODUCTION_ON,
    }
    where, name = f"{path}/production-changes", f"production {maker.rank}"
    await steps.change("registry", path, where, wish, name)


async def visit(steps: Steps, products: Mapping[int, str], env: Mapping[str, str]) -> Json:
    """The fair of another city: heard of, stands, support, sales. Its ids."""
    with steps.act("At the fair of another city's government"):
        event = await _hear(steps, env)
        stands = await _stands(steps, event, products)
        await _support(steps, event, stands)
        await _sales(steps, event, products)
    return {"market_event": event, "stand": stands[0]}


async def _hear(steps: Steps, env: Mapping[str, str]) -> str:
    """Kota Bogor's trade office announces two fairs on Kafka; marketing lists them."""
    coming = office.announcement(date.today())  # noqa: DTZ011 - a person's day
    for name, fact in (("announcement", office.FAIR), ("invitation", coming)):

        async def announce(fact: Json = fact) -> str:
            return await office.announce(env, fact)

        await steps.ledger.once(name, announce)

    async def found() -> Any:
        starts = {"starts_from": office.FAIR["starts_on"]}
        listed = (await steps.client.get("marketing", "/v1/market-events", **starts)).body
        ours = [e for e in listed["items"] if e["name"] == office.NAME]
        days = {str(event["starts_on"]): event["market_event_id"] for event in ours}
        both = office.FAIR["starts_on"] in days and coming["starts_on"] in days
        return days[office.FAIR["starts_on"]] if both else None

    event = await steps.ledger.once("market event", lambda: until(found))
    done(REPORTED, "another city's government holds a market event")
    done(INVENTED, "Kota Bogor's trade office announced it over Kafka, under a login of its own")
    return str(event)


async def _stands(steps: Steps, event: str, products: Mapping[int, str]) -> dict[int, str]:
    path, day = f"/v1/market-events/{event}/stands", {"confirmed_on": invented.STANDS_ON}
    hers = {"product_id": products[0], **day}
    too_much = {**hers, "promised": invented.TOO_MUCH}
    answer = await steps.refused("marketing", path, too_much, "too much promised")
    no(f"a stand with {invented.TOO_MUCH} jars promised", answer)
    stands = {}
    for maker in (m for m in invented.makers() if m.goes_to_the_fair):
        rank, product = maker.rank, products[maker.rank]
        wish = {"product_id": product, "promised": invented.PROMISED} if rank == 0 else {
            "product_id": product
        }  # fmt: skip
        given = await steps.post("marketing", path, wish | day, f"stand {rank}")
        stands[rank] = str(given["stand_id"])
    done(INVENTED, f"{len(stands)} stands confirmed; hers with {invented.PROMISED} jars promised")
    return stands


async def _support(steps: Steps, event: str, stands: Mapping[int, str]) -> None:
    """Planned by an officer, approved by the head of section, paid; never above the budget."""
    budget = {"rupiah": invented.BUDGET}
    where = f"/v1/market-events/{event}/budgets"
    await steps.post("marketing", where, budget, "budget", "kasi")
    for rank, stand in stands.items():
        for kind in reported.SUPPORT:
            cost, name = invented.COSTS[kind], f"support {rank} {kind}"
            plan = {"kind": kind, "planned_rupiah": cost}
            line = await steps.post("marketing", f"/v1/stands/{stand}/support", plan, name)
            path = f"/v1/support/{line['support_id']}"
            approved = await steps.post(
                "marketing", f"{path}/approval", {}, f"approve {name}", "kasi", line["version"]
            )
            actual = {"actual_rupiah": cost - invented.SAVED}
            version = approved["version"]
            await steps.post("marketing", f"{path}/payment", actual, f"pay {name}", version=version)
    done(REPORTED, "stand, transport and lodging for each of them (○ amounts)")
    done(INVENTED, "planned by the officer, approved by the head of section, then paid")
    plan = {"kind": "other", "planned_rupiah": invented.TOO_DEAR}
    line = await steps.post("marketing", f"/v1/stands/{stands[0]}/support", plan, "too dear")
    path = f"/v1/support/{line['support_id']}/approval"
    answer = await steps.refused("marketing", path, {}, "over budget", "kasi", line["version"])
    no(f"one more line of Rp {invented.TOO_DEAR:,}", answer)


async def _sales(steps: Steps, event: str, products: Mapping[int, str]) -> None:
    for maker in (m for m in invented.makers() if m.sells):
        rank, price = maker.rank, maker.product["price_rupiah"]
        sold = {"product_id": products[rank]}
        if maker.goes_to_the_fair:
            quantity = 180 if rank == 0 else 20 + rank
            there = {"channel": "event", "market_event_id": event, "month": "2017-10"}
            amount = {"quantity": str(quantity), "rupiah": quantity * price}
            await steps.post("marketing", "/v1/sales", sold | there | amount, f"fair sale {rank}")
        quantity, channel = (240, "online") if rank == 0 else (15 + rank, "home")
        amount = {"quantity": str(quantity), "rupiah": quantity * price}
        wish = sold | {"channel": channel, "month": "2017-09"} | amount
        await steps.post("marketing", "/v1/sales", wish, f"sale {rank}")
    done(INVENTED, "sales reported, at the fair and from home; she sold 180 jars there")
