"""The end of the demo: every number in it is asked from the running services."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from rich.table import Table

from deploy.local.demo import cast
from deploy.local.demo.chain import until
from deploy.local.demo.client import Client, Json
from deploy.local.progress import console

SERVICES = ("registry", "training", "marketing")
ROLES = ("kasi", "petugas", "fasilitator", "verifikator", "auditor", "operator")


async def show(client: Client, ids: Json, env: Mapping[str, str]) -> None:
    """What was registered, the journey of one business, and what to try next."""
    journey = await _whole_journey(client, ids["business"])
    await _counts(client, ids)
    _journey(journey)
    _next(ids, journey, env)


async def _whole_journey(client: Client, business: str) -> list[Json]:
    """The journey, once her stand is in it: the others' events need a moment."""

    async def asked() -> list[Json] | None:
        given = await client.get("registry", f"/v1/businesses/{business}/journey")
        steps: list[Json] = given.body["steps"]
        return steps if any("stand" in step["kind"] for step in steps) else None

    return await until(asked)


async def _counts(client: Client, ids: Json) -> None:
    businesses = [item async for item in client.pages("registry", "/v1/businesses")]
    sectors = Counter(item["sector"] for item in businesses)
    places = Counter(cast.place(item["kelurahan"]) for item in businesses)
    session = (await client.get("training", f"/v1/sessions/{ids['session']}")).body
    path = f"/v1/sessions/{ids['session']}/enrolments"
    seats = [item async for item in client.pages("training", path)]
    states = Counter(seat["state"] for seat in seats)
    seated = {seat["business_id"] for seat in seats}
    without = sum(business not in seated for business in ids["businesses"])
    elsewhere = sum(
        seat["kelurahan"] == cast.REMPOA for seat in seats if seat["state"] == "present"
    )
    event = (await client.get("marketing", f"/v1/market-events/{ids['market_event']}")).body
    console.rule("[bold]What the services say now[/]")
    rows = Table.grid(padding=(0, 2))
    rows.add_row("registry", f"{len(businesses)} home businesses: {_spoken(sectors)}")
    rows.add_row("", f"in {_spoken(places)}")
    rows.add_row(
        "training",
        f"“{session['title']}”, {session['held_on']}: {len(seats)} of {session['capacity']} seats "
        f"taken ({_spoken(states)}); {without} more asked and were refused",
    )
    rows.add_row("", f"{elsewhere} of those present came from Rempoa, in another kecamatan")
    rows.add_row(
        "marketing",
        f"“{event['name']}”, {event['place']}, {event['starts_on']} to {event['ends_on']}: "
        f"{event['confirmed']} of {event['stands']} stands confirmed",
    )
    console.print(rows)
    console.print(
        "[dim]Reported: the day, the places, about eighty women, the chocolate maker's three "
        "months and twenty jars.\nInvented: all names and numbers of persons, the other trades, "
        "prices, the fair.[/]"
    )


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
    for service in SERVICES:
        console.print(f"{service:10} {env[f'{service.upper()}_URL']}/docs")
    console.print("\nA token per role, for those pages:")
    for role in ROLES:
        console.print(f"[bold]{role}[/] [dim]{env[f'TOKEN_{role.upper()}']}[/]")
    console.print(
        '\nThe same in your shell:      eval "$(make -s env)"\n'
        'The journey again:           curl -H "Authorization: Bearer $TOKEN_KASI" '
        f"$REGISTRY_URL/v1/businesses/{ids['business']}/journey\n"
        f"One event's walk:            make trace ID={journey[-1]['event_id']}\n"
        "Read a topic:                make read TOPIC=registry.business\n"
        "Publish as Bogor's office:   make announce NAME='Pasar Rakyat Bogor' STANDS=5\n"
        "What runs, with its logs:    make status\n"
        "End it, keep the data:       make down      forget it all: make clean"
    )


def _spoken(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
