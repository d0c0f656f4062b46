"""The last act: does the family earn more?"""

from deploy.local.demo import invented, reported
from deploy.local.demo.steps import INVENTED, Steps, together


async def play(steps: Steps, businesses: list[str]) -> None:
    """The baseline of the day of the training, and what was seen three months later."""
    with steps.act("Three months later"):
        there = [n for n in range(invented.SEATS) if n not in invented.AWAY]

        async def first(number: int) -> None:
            path = f"/v1/businesses/{businesses[number]}/follow-ups"
            seen = {"month": 0, "observed_on": reported.TRAINING_DAY, **invented.baseline(number)}
            await steps.post("registry", path, seen, f"baseline {number}", "fasilitator")

        await together(INVENTED, "households' income and output at the beginning", first, there)

        async def later(number: int) -> None:
            path = f"/v1/businesses/{businesses[number]}/follow-ups"
            found = {"month": 3, "observed_on": invented.FOLLOW_UP_ON}
            seen = found | (invented.follow_up(number) or {})
            await steps.post("registry", path, seen, f"follow-up {number}", "fasilitator")

        reached = [n for n in there if invented.follow_up(n)]
        title = f"of these {len(there)} reached again, in month 3"
        await together(INVENTED, title, later, reached)

        async def again(maker: invented.Maker) -> None:
            path = f"/v1/businesses/{businesses[maker.number]}/constraints"
            left = [{"kind": reported.HELD_BACK_BY, "severity": 1}] if maker.rank % 4 else []
            body = {"asked_on": invented.FOLLOW_UP_ON, "constraints": left}
            await steps.post("registry", path, body, f"asked again {maker.rank}", "fasilitator")

        await together(INVENTED, "asked again what holds them back", again, invented.makers())
