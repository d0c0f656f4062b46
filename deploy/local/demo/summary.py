"""The end of the demo: every number in it is asked from the running services."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from rich.table import Table

from deploy.local.demo import invented, reported
from deploy.local.demo.client import Client, Json, tokens_of
from deploy.local.demo.steps import until
from deploy.local.progress import console

SERVICES = ("registry", "training", "marketing")
_BANDS = {
    "below_1m": "below Rp 1 million",
    "from_1m": "from Rp 1 million",
    "from_2m": "from Rp 2 million",
    "from_3m": "from Rp 3 million",
    "from_5m": "from Rp 5 million",
}
ASKED = {"year": str(reported.YEAR), "as_of": invented.YEAR_S_END}
STAGES = {  # the columns of the funnel, in few words
    "registered": "regist.",
    "trained": "trained",
    "certified": "certif.",
    "branded": "branded",
    "ready": "ready",
    "at_a_market": "market",
    "sold": "sold",
    "earning_more": "earning more",
}


async def show(
    client: Client, ids: Json, env: Mapping[str, str], draw: Callable[[Json], Path] | None
) -> None:
    """The year in figures, the journey of one business, and what to try next."""
    journey = await _whole_journey(client, ids["business"])
    await _caught_up(client)
    await _figures(client, draw)
    await _counted(client, ids)
    _journey(journey)
    _next(ids, journey, env)


async def _whole_journey(client: Client, business: str) -> list[Json]:
    """The journey, once its last steps are in it: the services' events need a moment."""

    async def asked() -> list[Json] | None:
        given = await client.get("registry", f"/v1/businesses/{business}/journey")
        steps: list[Json] = given.body["steps"]
        kinds = [step["kind"] for step in steps]
        last = kinds.count("sale.reported") >= 2 and "business.constraints-asked" in kinds
        return steps if last else None

    return await until(asked)


async def _caught_up(client: Client) -> None:
    """Waits until registry has heard of everything that the demo did in the other services."""
    makers = invented.makers()
    there = invented.SEATS - len(invented.AWAY)
    done = {
        "trained": there,
        "certified": there - len(invented.NOT_COLLECTED),
        "branded": sum(maker.applies for maker in makers),
        "at_a_market": sum(maker.goes_to_the_fair for maker in makers),
        "sold": sum(maker.sells for maker in makers),
    }

    async def heard() -> bool | None:
        figures = (await client.get("registry", "/v1/indicators", **ASKED)).body["figures"]
        values = {figure["figure"]: figure["value"] for figure in figures}
        return True if all(values[name] >= value for name, value in done.items()) else None

    await until(heard)


async def _figures(client: Client, draw: Callable[[Json], Path] | None) -> None:
    answer = (await client.get("registry", "/v1/indicators", **ASKED)).body
    console.rule(f"[bold]The programme's year {reported.YEAR} in ten figures[/]")
    figures = Table(box=None, padding=(0, 2), show_header=False)
    for figure in answer["figures"]:
        figures.add_row(
            f"[bold]{figure['value']:>4}[/]", figure["title"], f"[dim]{figure['definition']}[/]"
        )
    console.print(figures)
    funnel = Table(box=None, padding=(0, 1))
    funnel.add_column("by kelurahan")
    for title in STAGES.values():
        funnel.add_column(title, justify="right")
    for row in sorted(answer["items"], key=lambda row: -int(row["registered"])):
        place = reported.KELURAHAN.get(row["kelurahan"], row["kelurahan"])
        funnel.add_row(place, *(str(row[stage]) for stage in STAGES))
    console.print()
    console.print(funnel)
    balances = (await client.get("registry", "/v1/opening-balances")).body["items"]
    ours = [row for row in balances if row["source"] == invented.SOURCE]
    before, places = sum(row["businesses"] for row in ours), len(ours)
    console.print(
        f"\n  {before} more were helped before, in {places} kecamatan, by the office's old list. "
        "They are in none of these figures."
    )
    if draw is not None:
        indonesian = await client.get("registry", "/v1/indicators", language="id", **ASKED)
        console.print(f"  The funnel as a picture, from the same answer: {draw(indonesian.body)}")


async def _counted(client: Client, ids: Json) -> None:
    """What the services say of the training, the fair, and what it cost."""
    room = (await client.get("training", f"/v1/sessions/{ids['session']}/headcount")).body
    cohort = (await client.get("training", f"/v1/cohorts/{ids['cohort']}")).body
    event = f"/v1/market-events/{ids['market_event']}"
    fair = (await client.get("marketing", event)).body
    budget = (await client.get("marketing", f"{event}/budget")).body
    totals = (
        await client.get("marketing", "/v1/sales-totals", market_event_id=ids["market_event"])
    ).body["items"]
    sold, paid = sum(row["rupiah"] for row in totals), sum(b["paid"] for b in budget["by_kind"])
    elsewhere = sum(
        place["present"]
        for place in room["by_kecamatan"]
        if place["kecamatan"] != reported.KECAMATAN
    )
    console.rule("[bold]What the services say of it[/]")
    rows = Table.grid(padding=(0, 2))
    rows.add_row(
        "training",
        f"about {room['headcount']} in the room; {room['enrolled']} names: {room['present']} "
        f"present, {room['excused']} excused, {room['absent']} absent; {elsewhere} came from "
        "another kecamatan",
    )
    learned = ", ".join(f"{topic['topic']} {topic['mean']}" for topic in cohort["learning"])
    rows.add_row(
        "",
        f"confidence in her product, 1 to 5: {cohort['confidence_before']} before, "
        f"{cohort['confidence_after']} after; learned: {learned}; {cohort['certificates']} "
        "certificates",
    )
    rows.add_row(
        "marketing",
        f"“{fair['name']}”, {fair['place']}, {fair['starts_on']} to {fair['ends_on']}: "
        f"{fair['confirmed']} of {fair['stands']} stands confirmed",
    )
    rows.add_row(
        "",
        f"support: Rp {paid:,} paid of a budget of Rp {budget['rupiah']:,}; sold there: "
        f"Rp {sold:,}",
    )
    rows.add_row("registry", await _hers(client, ids["business"]))
    console.print(rows)


async def _hers(client: Client, business: str) -> str:
    path = f"/v1/businesses/{business}"
    seen = (await client.get("registry", f"{path}/observations")).body["follow_ups"]
    seen = sorted(seen, key=lambda row: int(row["month"]))
    told = [
        f"{row['output']['quantity']} jars a day, {row['helpers'] or 'no'} helper, household "
        f"income {_BANDS[row['income_band']]}"
        for row in (seen[0], seen[-1])
    ]
    return f"the chocolate maker's family: {told[0]}; three months later: {told[1]}"


def _journey(steps: list[Json]) -> None:
    console.rule("[bold]The journey of the chocolate maker's business[/]")
    table = Table("recorded", "told by", "happened", "what", box=None, padding=(0, 2))
    for step in sorted(steps, key=lambda step: str(step["recorded_at"])):
        recorded = datetime.fromisoformat(step["recorded_at"])
        time = f"{recorded.astimezone():%H:%M:%S.%f}"[:-3]
        table.add_row(time, step["service"], step["occurred_on"], step["text"])
    console.print(table)


def _next(ids: Json, journey: list[Json], env: Mapping[str, str]) -> None:
    console.rule("[bold]What to try next[/]")
    console.print(f"[bold]start here  {env['START_URL']}[/]")
    for service in SERVICES:
        console.print(f"{service:10}  {env[f'{service.upper()}_URL']}/docs")
    console.print("\nA token per role, for those pages:")
    for role, token in tokens_of(env).items():
        console.print(f"[bold]{role}[/] [dim]{token}[/]")
    console.print(
        '\nThe same in your shell:      eval "$(make -s env)"\n'
        'The journey again:           curl -H "Authorization: Bearer $TOKEN_KASI" '
        f"$REGISTRY_URL/v1/businesses/{ids['business']}/journey\n"
        'What waits for staff:        curl -H "Authorization: Bearer $TOKEN_VERIFIKATOR" '
        '"$REGISTRY_URL/v1/parked?state=parked"\n'
        f"One event's walk:            make trace ID={journey[-1]['event_id']}\n"
        "Read a topic:                make read TOPIC=registry.business\n"
        "Publish as Bogor's office:   make announce NAME='Pasar Rakyat Bogor' STANDS=5\n"
        "What runs, with its logs:    make status\n"
        "End it, keep the data:       make down      forget it all: make clean"
    )
